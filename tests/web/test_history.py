"""The page of what people did, and the undo of each deed."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from ordercall.domain.activity import Event
from ordercall.domain.orders.order import Status
from ordercall.services import bulk_service
from ordercall.storage.records import activity
from reading import decide, fields, look
from waiting import LONG
from web_app import Element, Shop, csrf_token, send_form


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk_service, "WORKING_SECONDS", LONG)


def lines(person: FlaskClient, show: str = "") -> list[Element]:
    return look(person, f"/history?show={show}").one("main").one("section").all("li")


def told(person: FlaskClient, show: str = "") -> list[str]:
    """Return what was done, from the top, without its time."""
    return [line.all("p")[1].text for line in lines(person, show)]


def stays(line: Element) -> str:
    return line.all("p")[-1].text


def press(person: FlaskClient, line: Element) -> Any:
    form = line.one("form")
    return send_form(person, form.attrs["action"], **fields(form))


def set_status(person: FlaskClient, order_id: int, status: str) -> None:
    assert send_form(person, f"/orders/{order_id}/status", status=status).status_code == 303


def test_a_status_that_i_set_is_taken_back_long_after_its_message_is_gone(shop: Shop, person: FlaskClient) -> None:
    order_id = shop.receive(1001)
    set_status(person, order_id, "Returned")
    shop.pass_time(hours=5)

    answer = press(person, lines(person)[0])

    assert answer.location == "/history"
    assert shop.order(order_id).confirmation_status == "Placed"
    assert told(person) == ["Returned → Placed", "Placed → Returned"]


def test_what_was_changed_since_says_by_whom_and_is_left_alone(shop: Shop, person: FlaskClient) -> None:
    order_id = shop.receive(1001)
    set_status(person, order_id, "Success")
    shop.pass_time(minutes=3)
    decide(shop, order_id, "Returned", by="Ravi")
    shop.pass_time(minutes=5)

    line = lines(person)[0]

    assert not line.has("form")
    assert stays(line) == "Ravi set this order to Returned 5 min ago."


def test_an_undo_from_a_page_that_is_behind_overrules_nobody(shop: Shop, person: FlaskClient) -> None:
    order_id = shop.receive(1001)
    set_status(person, order_id, "Success")
    line = lines(person)[0]
    shop.pass_time(minutes=3)
    decide(shop, order_id, "Returned", by="Ravi")

    assert press(person, line).status_code == 409
    assert shop.order(order_id).confirmation_status == "Returned"


@pytest.mark.parametrize(
    ("cancel_state", "why"),
    [
        ("done", "Cancelled in Shopify: it is not taken back."),
        ("refused", "Not cancelled in Shopify: it is not taken back."),
    ],
)
def test_a_cancellation_is_not_taken_back(shop: Shop, person: FlaskClient, cancel_state: str, why: str) -> None:
    order_id = shop.receive(1001)
    shop.settles_at_once("cancel_state", cancel_state=cancel_state)
    set_status(person, order_id, "Failed")

    line = lines(person)[0]

    assert not line.has("form")
    assert stays(line) == why


def test_what_was_failed_before_is_not_made_so_again(shop: Shop, person: FlaskClient) -> None:
    order_id = shop.receive(1001)
    shop.change(order_id, confirmation_status="Failed", cancel_state="done")
    set_status(person, order_id, "Placed")

    assert stays(lines(person)[0]) == "It was Failed before, which would have Shopify cancel it."


def test_others_stand_beside_me_and_programs_do_not(shop: Shop, person: FlaskClient) -> None:
    mine, ravis, agents = (shop.receive(number) for number in (1001, 1002, 1003))
    set_status(person, mine, "Success")
    shop.context.orders.change_status(ravis, Status.RETURNED, by="Ravi")
    shop.context.orders.change_status(agents, Status.SUCCESS, by="API")

    assert told(person) == ["Placed → Success"]
    assert told(person, "all") == ["Placed → Returned", "Placed → Success"]
    assert "by Ravi" in lines(person, "all")[0].text


def test_a_bulk_run_is_one_entry_and_taken_back_as_one(shop: Shop, person: FlaskClient) -> None:
    ids = [shop.receive(number) for number in (1001, 1002, 1003)]
    person.post("/bulk", data={"id": ids, "action": "Success", "csrf_token": csrf_token(person)})
    under_way = stays(lines(person)[0])
    shop.context.bulk.work(1)

    answer = press(person, lines(person, "runs")[0])
    shop.context.bulk.work(2)

    assert under_way == "It is still under way."
    assert answer.location == "/bulk/2?from=history"
    assert [shop.order(one).confirmation_status for one in ids] == ["Placed"] * 3
    assert told(person) == told(person, "runs") == told(person, "all")
    assert told(person) == [
        "Run 2, undo: what run 1 changed. Done: 3.",
        "Run 1, Success: 3 chosen orders. Done: 3.",
    ]
    assert [stays(line) for line in lines(person)] == [
        "Calls, cancellations in Shopify and an undo are not taken back.",
        "Taken back by run 2.",
    ]


def test_whatever_was_done_says_why_it_stays(shop: Shop, person: FlaskClient) -> None:
    order_id = shop.receive(1001)
    send_form(person, f"/orders/{order_id}/notes", note="Ring after six.")
    send_form(person, f"/orders/{order_id}/do-not-call", wish="no calls")

    assert [stays(line) for line in lines(person)] == ["Allow calls again on the order's page.", "A note stays."]
    assert told(person)[1] == "Ring after six."


def test_a_long_history_is_shown_in_parts(shop: Shop, person: FlaskClient) -> None:
    order_id = shop.receive(1001)
    with shop.db.begin() as tx:
        for number in range(60):
            activity.record(tx, order_id, Event.NOTE_ADDED, f"Note {number}.", now=shop.now, actor="admin")

    page = look(person, "/history")
    older = look(person, page.one("a", text="Older").attrs["href"])

    assert [len(each.one("main").one("section").all("li")) for each in (page, older)] == [50, 10]
    assert not older.has("a", text="Older")


def test_nothing_done_says_so(shop: Shop, person: FlaskClient) -> None:
    assert look(person, "/history").has("p", text="Nothing yet")
