"""Cards when something comes between: whose order a card tells of is known all the same, or is left to a person."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from belting import say
from house import House
from ordercall.domain.orders.order import Status
from ordercall.domain.reports.fates import Fate
from ordercall.errors import InvalidRequest, ProviderError
from ordercall.providers import outgoing
from ordercall.sandbox.orders import make_order
from ordercall.sandbox.provider import Mode
from ordercall.storage.tables import call_orders
from properties import few
from rounds import CAMPAIGN, at, go_on, last, placed, report

PHONE = make_order(1)["phone"]
CONTACT = "/kalimera/contact"


@pytest.fixture
def shopify_settings() -> dict[str, str]:
    return {"CALLING_HOURS": "09:00-21:00"}


def again(house: House, number: int = 2, **changes: object) -> int:
    """Return the next order of the customer of order 1, which waits."""
    return house.receive(make_order(number, **({"phone": PHONE, "state": "Kerala"} | changes)))


def is_on_card(house: House, order_id: int) -> bool:
    with house.db.read() as tx:
        mine = select(call_orders.c.on_card).where(call_orders.c.shopify_id == order_id, call_orders.c.is_live == 1)
        return bool(tx.execute(mine).scalar_one())


def refuse_the_addition(house: House) -> None:
    house.gate.answers_once("POST", "/kalimera/campaign/contacts", {"error": "This contact is invalid"}, 422)


def made(house: House, order_id: int) -> None:
    """Have a worker die that has made a card and stored nothing of it."""
    with house.db.begin() as tx:
        [ready] = house.sync.prepare(tx, [order_id])
    outgoing.run(house.sync.contact_for(ready))


def test_nobody_is_rung_by_the_card_of_a_cancelled_order_that_a_dead_worker_had_made(house: House) -> None:
    house.kalimera.several_contacts = True
    order = make_order(1, state="Kerala")
    house.receive(order)
    made(house, order["id"])
    house.receive(order | {"cancelled_at": house.now.isoformat()}, "orders/cancelled")

    second = again(house)
    go_on(house, second)

    assert house.kalimera.card(house.order(second).contact_id)["shopify_id"] == second
    assert report(house, second, shopify_id=None, phone=PHONE, answer="confirmed")[0] is Fate.APPLIED


def test_nobody_is_rung_by_the_card_of_who_had_this_phone_by_mistake(house: House) -> None:
    house.kalimera.several_contacts = True
    order = make_order(1, state="Kerala")
    placed(house)
    house.receive(order | {"phone": "+915550000192", "updated_at": "2036-11-24T13:00:00+05:30"}, "orders/updated")
    second = again(house)
    with house.db.begin() as tx:
        house.sync.prepare(tx, [second])

    go_on(house, second)

    assert house.kalimera.card(house.order(second).contact_id)["shopify_id"] == second


def test_a_card_of_before_is_not_the_orders_own_where_its_newest_was_refused(house: House) -> None:
    house.kalimera.several_contacts = True
    first = placed(house)
    second = again(house)
    house.sync.sync(second)
    mine = house.order(second).contact_id
    refuse_the_addition(house)
    house.campaigns.flush(CAMPAIGN)
    house.kalimera.contacts = {key: one for key, one in house.kalimera.contacts.items() if key != mine}
    house.orders.request_sync(second, by="Asha")
    house.gate.answers_once("POST", CONTACT, "Bad gateway", 500)

    go_on(house, second)

    assert house.order(second).contact_id != house.order(first).contact_id or not is_on_card(house, second)


def test_a_card_made_before_the_phone_was_corrected_makes_no_other_card_the_orders_own(house: House) -> None:
    first = placed(house)
    second = again(house, phone="+91 98765 00002", updated_at=house.now.isoformat())
    house.sync.sync(second)
    assert is_on_card(house, second)
    later = (house.now + timedelta(minutes=1)).isoformat()
    house.receive(make_order(2, phone=PHONE, state="Kerala", updated_at=later), "orders/updated")

    go_on(house, second)

    assert house.order(second).contact_id == house.order(first).contact_id
    assert not is_on_card(house, second)


def test_an_order_keeps_its_card_where_the_campaign_refused_its_first_call(house: House) -> None:
    order_id = again(house)
    house.sync.sync(order_id)
    house.gate.answers_once("PUT", f"/kalimera/campaign/{CAMPAIGN}", {"error": "No such agent"}, 422)
    house.campaigns.flush(CAMPAIGN)
    house.orders.request_sync(order_id, by="Asha")

    go_on(house, order_id)

    assert is_on_card(house, order_id)
    contact_id = last(house, order_id).contact_id
    fate, _ = report(house, order_id, contact_id=contact_id, shopify_id=None, answer="confirmed")
    assert (fate, house.order(order_id).confirmation_status) == (Fate.APPLIED, Status.SUCCESS)


def test_a_contact_of_an_earlier_order_is_no_card_of_the_third_whatever_its_answer_says(house: House) -> None:
    house.kalimera.several_contacts = True
    first, second = placed(house), again(house)
    go_on(house, second)
    third = again(house, 3)
    house.gate.answers_once("POST", CONTACT, {"id": house.order(first).contact_id})

    house.sync.sync(third)

    assert house.order(third).contact_id == house.order(first).contact_id
    assert not is_on_card(house, third)


@pytest.mark.parametrize("status", [200, 400])
def test_the_contact_of_another_number_rings_nobody(house: House, status: int) -> None:
    first = placed(house)
    order_id = again(house, phone="+919876500002")
    body = {"id": house.order(first).contact_id} | ({"error": "It exists already"} if status == 400 else {})
    house.gate.answers_once("POST", CONTACT, body, status)

    go_on(house, order_id)

    assert house.states()[order_id] == ("failed", "kalimera_refused")
    assert (len(house.kalimera.listings), house.order(order_id).contact_id) == (1, None)
    house.orders.request_sync(order_id, by="Asha")
    go_on(house, order_id)
    assert len(house.kalimera.listings) == 2


ACTIONS = (
    "sync",
    "sync",
    "flush",
    "lost",
    "down",
    "busy",
    "one",
    "several",
    "refused",
    "corrected",
    "moved",
    "asked",
    "over",
)


@pytest.mark.parametrize("rewrites", [False, True])
@few(25)
@given(steps=st.lists(st.tuples(st.sampled_from(ACTIONS), st.integers(0, 2)), min_size=4, max_size=14))
def test_whoever_counts_as_on_a_card_is_on_it(house: House, steps: list[tuple[str, int]], *, rewrites: bool) -> None:
    if rewrites and not house.settings.kalimera_contact_update_url:
        update = f"{house.settings.kalimera_contact_url}/<contact id>"
        house.settings = replace(house.settings, kalimera_contact_update_url=update)
        house.restart_worker()
    house.run_until(at(house, 10, days=1))
    number = len(house.states())
    phones = [f"+9190{number + each:08}" for each in range(2)]
    bodies = [{"number": number + 1 + each, "phone": phones[each == 2], "state": "Kerala"} for each in range(3)]
    for body in bodies:
        body["created_at"] = house.now.isoformat()
    ids = [house.receive(make_order(**body, updated_at=house.now.isoformat())) for body in bodies]
    house.kalimera.several_contacts = False
    for action, which in [("sync", 0), *steps]:
        house.pass_time(minutes=1)
        take(house, action, ids, which, bodies[which], phones)
        for order_id in ids:
            tell_the_truth(house, order_id)


def take(house: House, action: str, ids: list[int], which: int, body: dict[str, Any], phones: list[str]) -> None:
    order_id = ids[which]
    with suppress(ProviderError, InvalidRequest):
        match action:
            case "sync":
                for each in sorted(ids, key=order_id.__eq__):
                    house.sync.sync(each)
            case "flush":
                house.campaigns.flush(CAMPAIGN)
            case "lost" | "down" | "busy":
                house.kalimera.fail_next(1, Mode(action))
            case "one" | "several":
                house.kalimera.several_contacts = action == "several"
            case "refused":
                refuse_the_addition(house)
            case "corrected" | "moved":
                change = (
                    {"phone": phones[body["phone"] == phones[0]]} if action == "corrected" else {"state": "Gujarat"}
                )
                body |= change
                house.receive(make_order(**body, updated_at=house.now.isoformat()), "orders/updated")
            case "asked":
                house.orders.request_sync(order_id, by="Asha")
            case "over":
                say(house, order_id, status="Success")
                house.pass_time(minutes=150)


def tell_the_truth(house: House, order_id: int) -> None:
    """See that an order's contact has its card where that is believed, and is rung at the order's phone."""
    order = house.order(order_id)
    if order.contact_id is None:
        return
    with house.db.read() as tx:
        mine = select(call_orders.c.on_card).where(call_orders.c.shopify_id == order_id, call_orders.c.is_live == 1)
        on_card = tx.execute(mine).scalar()
    if on_card:
        card = house.kalimera.card(order.contact_id)
        assert order_id in [one["shopify_id"] for one in card.get("orders", [card])]
