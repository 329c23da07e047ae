"""What the pages say of a parcel that is held in Shopify, and how a person lets it go."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from ordercall.domain.parcels.holds import Why
from ordercall.storage.records import holds
from reading import look, names, row, tabs
from web_app import Shop, send_form

REFUSAL = "Shopify offers no hold for what is IN_PROGRESS."


@pytest.fixture
def held(shop: Shop) -> Callable[..., int]:
    """Store an order with a hold as the worker would."""

    def store(number: int = 1001, *, others: bool = False, **after: Any) -> int:
        order_id, now = shop.receive(number), shop.now
        with shop.db.begin() as tx:
            holds.want(tx, [order_id], now=now)
            if after.get("made", True):
                holds.seen(
                    tx,
                    order_id,
                    ["gid://shopify/FulfillmentOrder/1"],
                    by_others="Wait for the gift." if others else None,
                )
                holds.made(tx, order_id, now=now)
            if words := after.get("refused"):
                holds.refuse(tx, order_id, words, now=now)
            if why := after.get("let_go"):
                holds.let_go(tx, order_id, why)
            if after.get("released"):
                holds.release(tx, order_id, now=now)
        return order_id

    return store


def badges(person: FlaskClient, order_id: int) -> list[list[str]]:
    """Return what is said of the hold on the list and on the order's page."""
    shown = (row(look(person), "#1001"), look(person, f"/orders/{order_id}"))
    return [[one.text for one in page.all("span", css="bdg") if "old" in one.text] for page in shown]


@pytest.mark.parametrize(
    ("after", "badge"),
    [
        ({}, ["On hold"]),
        ({"others": True, "released": True}, ["On hold by others"]),
        ({"released": True}, []),
        ({"made": False}, []),
        ({"made": False, "refused": REFUSAL}, ["Hold refused"]),
    ],
)
def test_an_order_wears_its_hold(
    person: FlaskClient, held: Callable[..., int], after: dict[str, Any], badge: list[str]
) -> None:
    order_id = held(**after)

    assert badges(person, order_id) == [badge, badge]


def test_what_others_hold_is_not_ready_to_ship_and_the_list_says_so(
    shop: Shop, person: FlaskClient, held: Callable[..., int]
) -> None:
    order_id, free = held(others=True, released=True), held(1002, released=True)
    for each in (order_id, free):
        shop.change(each, confirmation_status="Success")

    page = look(person, "/?status=to-ship")

    assert (names(page), tabs(page)["Ready to ship"]) == (["#1002"], 1)
    assert "1 confirmed order is on hold by others in Shopify and not in this list." in page.text
    shown = look(person, f"/orders/{order_id}")
    assert not shown.has("span", css="bdg", text="Ready to ship")
    assert "On hold by others: Wait for the gift." in shown.text
    assert "on hold by others" not in look(person).one(id="list").text.partition("#1001")[0]


def test_the_orders_page_tells_how_long_it_could_have_been_packed(
    shop: Shop, person: FlaskClient, held: Callable[..., int]
) -> None:
    order_id = held()
    shop.change(order_id, placed_at=shop.now.timestamp() - 7)

    card = look(person, f"/orders/{order_id}").one("section", aria_labelledby="item-title")

    assert "On hold by us since" in card.text
    assert "held 7 s after it was placed" in card.text


def test_an_order_without_a_hold_says_nothing_of_one(shop: Shop, person: FlaskClient) -> None:
    order_id = shop.receive(1001)

    assert not look(person, f"/orders/{order_id}").has("button", text="Let the parcel go")


def test_a_person_lets_a_parcel_go(shop: Shop, person: FlaskClient, held: Callable[..., int]) -> None:
    order_id = held()

    answer = send_form(person, f"/orders/{order_id}/let-go")

    assert answer.status_code == 303
    assert [task for (task,) in shop.rows("SELECT task_name FROM procrastinate_jobs WHERE priority = 1")] == [
        "align_hold"
    ]
    with shop.db.read() as tx:
        found = holds.find(tx, order_id)
    assert found
    assert found.let_go is Why.PERSON
    assert not look(person, f"/orders/{order_id}").has("button", text="Let the parcel go")


def test_what_is_not_held_cannot_be_let_go(person: FlaskClient, held: Callable[..., int]) -> None:
    order_id = held(released=True)

    assert send_form(person, f"/orders/{order_id}/let-go").status_code == 409


def test_a_hold_that_is_refused_waits_for_a_person_with_shopifys_words(
    person: FlaskClient, held: Callable[..., int]
) -> None:
    order_id = held(made=False, refused=REFUSAL)

    needs = look(person, "/needs-you").one("section", aria_labelledby="held-title")

    assert REFUSAL in needs.text
    assert needs.has("a", href=f"/orders/{order_id}")
    assert REFUSAL in look(person, f"/orders/{order_id}").text


@pytest.mark.parametrize("why", [Why.TOO_LONG, Why.OTHERS])
def test_what_was_let_go_without_an_answer_waits_for_a_person_until_one_comes(
    shop: Shop, person: FlaskClient, held: Callable[..., int], why: Why
) -> None:
    order_id = held(let_go=why, released=True)
    before = look(person, "/needs-you").one("section", aria_labelledby="held-title").text

    shop.change(order_id, confirmation_status="Success")

    assert why.sentence in before
    assert not look(person, "/needs-you").has("section", aria_labelledby="held-title")


def test_the_settings_tell_how_long_orders_could_be_packed_before_they_were_held(
    shop: Shop, person: FlaskClient, held: Callable[..., int]
) -> None:
    words = "held in the last 14 days"
    assert not look(person, "/settings/calling").has("p", text=words)
    order_id = held()
    with shop.db.begin() as tx:
        placed_at = shop.now.timestamp() - 12
        tx.exec_driver_sql(f"UPDATE orders SET placed_at = {placed_at} WHERE shopify_id = {order_id}")  # noqa: S608
    held(1002, made=False)

    shown = look(person, "/settings/calling").one("p", text=words).text

    assert shown == f"1 {words}: half of them within 12 s after they were placed, nine of ten within 12 s."
