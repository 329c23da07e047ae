"""What agents report: every report is kept and answered, and changes an order only where nothing else can be meant."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from api_calls import error_code, set_status
from reporting import PHONE, fate, report, ring, status, stored

from ordercall.domain.calls.call import CallState
from ordercall.storage.records import calls
from ringing import rung
from web_app import Shop, send_form

HOUR = timedelta(hours=1)
LATER = "2036-11-24T13:00:00+05:30"
APPLIED = ("applied", "said")
STALE = ("needs_a_person", "stale_card")


# -- what it does


@pytest.mark.parametrize(
    ("answer", "becomes", "events"),
    [
        ("confirmed", "Success", ["Order_Status_Updated"]),
        ("refused", "Failed", ["Order_Status_Updated", "Shopify_Cancel_Requested"]),
    ],
)
def test_a_clear_answer_changes_its_order(shop: Shop, answer: str, becomes: str, events: list[str]) -> None:
    order_id = ring(shop)

    said = report(shop, contact_id="card", answer=answer, connection="connected")

    assert said == {
        "success": True,
        "report": 1,
        "fate": "applied",
        "why": "said",
        "message": "The customer's answer was set.",
        "shopify_ids": [order_id],
        "repeated": False,
    }
    assert status(shop, order_id) == becomes
    assert set(events) <= set(shop.events(order_id))


def test_the_call_is_answered_by_its_report(shop: Shop) -> None:
    order_id = ring(shop)

    report(shop, shopify_id=order_id, answer="confirmed")

    [call] = shop.rows("SELECT state, answer FROM calls JOIN call_orders USING (call_id)")
    assert tuple(call) == ("answered", "confirmed")


def test_the_timeline_tells_what_was_heard_and_nothing_personal(shop: Shop) -> None:
    order_id = ring(shop)

    report(shop, phone=PHONE, connection="connected", answer="confirmed", quote="haan, bhej do", note="Meera")

    [told] = shop.rows("SELECT message, actor FROM logs WHERE event_type = 'Call_Reported'")
    assert tuple(told) == ("Report 1: connected, confirmed. The customer's answer was set.", "API")
    assert order_id


def test_a_call_that_reached_nobody_is_over_and_may_still_be_answered(shop: Shop) -> None:
    order_id = ring(shop)

    assert fate(report(shop, phone=PHONE, connection="no_answer")) == ("kept", "nobody_reached")
    assert tuple(shop.rows("SELECT state, reason FROM calls")[0]) == ("unanswered", "no_answer")
    assert fate(report(shop, phone=PHONE, answer="confirmed")) == ("applied", "said")
    assert status(shop, order_id) == "Success"


def test_an_attempt_that_is_not_the_last_leaves_its_call_open(shop: Shop) -> None:
    ring(shop)

    report(shop, phone=PHONE, connection="busy", final=False)

    assert shop.rows("SELECT state FROM calls")[0].state == "placed"


def test_somebody_who_is_not_to_be_called_is_not_rung_again_by_this_call(shop: Shop) -> None:
    order_id = ring(shop)

    assert fate(report(shop, phone=PHONE, do_not_call=True)) == ("needs_a_person", "do_not_call")
    assert status(shop, order_id) == "Placed"
    assert shop.rows("SELECT state FROM calls")[0].state == "answered"


def test_a_confirmation_with_another_address_is_applied_and_shown(shop: Shop) -> None:
    order_id = ring(shop)

    said = report(shop, phone=PHONE, answer="confirmed", address={"zip": "380015"})

    assert (fate(said), status(shop, order_id)) == (("needs_a_person", "address"), "Success")


# -- whose it is


def returning_customer(shop: Shop) -> tuple[int, int]:
    """Return an order that was confirmed days ago, and one that is rung by the first one's contact and card."""
    first = ring(shop, 1001)
    report(shop, shopify_id=first, answer="confirmed")
    shop.pass_time(days=3)
    return first, ring(shop, 1002, on_card=False)


@pytest.mark.parametrize("by", ["order", "call", "contact", "phone"])
def test_a_returning_customers_refusal_cancels_neither_order_by_itself(shop: Shop, by: str) -> None:
    first, second = returning_customer(shop)
    [call_id] = [row.call_id for row in shop.rows("SELECT call_id FROM call_orders WHERE shopify_id = ?", first)]
    ids = {"order": {"shopify_id": first}, "call": {"call_id": call_id}, "contact": {"contact_id": "card"}}

    said = report(shop, **ids.get(by, {"phone": PHONE}), answer="refused")

    assert said["fate"] == "needs_a_person"
    assert set(said["shopify_ids"]) == {first, second}
    assert (status(shop, first), status(shop, second)) == ("Success", "Placed")


def test_the_same_refusal_as_a_status_is_409_and_kept(shop: Shop) -> None:
    first, second = returning_customer(shop)

    answer = set_status(shop.client(), first, "Failed")

    assert (answer.status_code, error_code(answer)) == (409, "NeedsAPerson")
    assert (status(shop, first), status(shop, second)) == ("Success", "Placed")
    assert (stored(shop)[-1].fate, stored(shop)[-1].door) == ("needs_a_person", "status")


def test_an_agent_that_looks_up_what_is_open_is_believed_about_it(shop: Shop) -> None:
    first, second = returning_customer(shop)

    found = shop.client().get("/api/orders", query_string={"phone": PHONE, "waiting": "1"}).json["orders"]
    said = report(shop, phone=PHONE, answer="refused")

    assert [order["shopify_id"] for order in found] == [second]
    assert fate(said) == ("applied", "said")
    assert (status(shop, first), status(shop, second)) == ("Success", "Failed")


def an_order_beside_one_that_rings(shop: Shop) -> tuple[int, int]:
    """Return an order for which nobody answered, and one that is rung by its card."""
    first = ring(shop, 1001)
    report(shop, shopify_id=first, connection="no_answer")
    return first, ring(shop, 1002, on_card=False)


def cancel_in_shopify(shop: Shop) -> None:
    shop.receive(1002, topic="orders/cancelled", phone=PHONE, cancelled_at=LATER, updated_at=LATER)
    assert [row.state for row in shop.rows("SELECT state FROM calls ORDER BY call_id")] == ["unanswered", "overtaken"]


def test_the_refusal_of_an_order_that_was_cancelled_while_it_rings_is_not_its_neighbours(shop: Shop) -> None:
    first, _ = an_order_beside_one_that_rings(shop)
    cancel_in_shopify(shop)

    assert fate(report(shop, shopify_id=first, contact_id="card", answer="refused")) == STALE
    assert set_status(shop.client(), first, "Failed").status_code == 409
    assert status(shop, first) == "Placed"


def test_nor_is_that_of_an_order_that_a_person_decided_while_it_rings(shop: Shop) -> None:
    first, second = an_order_beside_one_that_rings(shop)
    send_form(shop.person(), f"/orders/{second}/status", status="Success")

    assert fate(report(shop, shopify_id=first, contact_id="card", answer="refused")) == STALE
    assert status(shop, first) == "Placed"


def test_a_settled_order_is_no_rival_once_its_phone_is_silent(shop: Shop) -> None:
    first, _ = an_order_beside_one_that_rings(shop)
    cancel_in_shopify(shop)
    shop.pass_time(hours=2, minutes=16)

    assert fate(report(shop, shopify_id=first, contact_id="card", answer="refused")) == ("applied", "said")


OLD_NUMBER = "+919876543299"


def corrected(shop: Shop) -> tuple[int, str]:
    """Return an order whose phone was corrected while it was rung, and the call that rang the old one."""
    order_id = shop.receive(1001, phone=OLD_NUMBER)
    with shop.db.begin() as tx:
        old = rung(tx, order_id, now=shop.now, contact="old")
    shop.receive(1001, topic="orders/updated", phone=PHONE, updated_at=LATER)
    with shop.db.begin() as tx:
        assert [call.state for call in calls.of_order(tx, order_id)] == [CallState.PLANNED, CallState.OVERTAKEN]
        told = {"phone": PHONE, "contact_id": "new", "window_start": shop.now.timestamp()}
        calls.move(tx, [order_id], CallState.PLACING, now=shop.now, changes=told)
        calls.mark_on_card(tx, calls.live_of(tx, [order_id]))
    return order_id, old


@pytest.mark.parametrize("by", ["contact", "contact and order", "call"])
def test_whoever_has_the_old_number_refuses_nothing_once_it_was_corrected(shop: Shop, by: str) -> None:
    order_id, old = corrected(shop)
    ids: dict[str, dict[str, Any]] = {
        "contact": {"contact_id": "old"},
        "contact and order": {"contact_id": "old", "shopify_id": order_id},
        "call": {"call_id": old},
    }

    assert fate(report(shop, **ids[by], answer="refused")) == ("needs_a_person", "other_number")
    assert status(shop, order_id) == "Placed"


def test_the_same_as_a_status_is_409_and_kept(shop: Shop) -> None:
    order_id, _ = corrected(shop)

    answer = shop.client().post(f"/api/orders/{order_id}/status", json={"status": "Failed", "contact_id": "old"})

    assert (answer.status_code, error_code(answer)) == (409, "NeedsAPerson")
    assert (status(shop, order_id), stored(shop)[-1].why) == ("Placed", "other_number")


def test_the_corrected_number_answers_for_its_order(shop: Shop) -> None:
    order_id, _ = corrected(shop)

    assert fate(report(shop, contact_id="new", phone=PHONE, shopify_id=order_id, answer="refused")) == APPLIED


def test_a_number_that_was_never_rung_answers_for_no_order(shop: Shop) -> None:
    order_id = ring(shop, phone=OLD_NUMBER)
    shop.change(order_id, customer_phone=PHONE)

    assert fate(report(shop, phone=PHONE, answer="refused")) == ("needs_a_person", "other_number")


def test_a_look_up_of_before_the_call_says_nothing_of_it(shop: Shop) -> None:
    first, _ = returning_customer(shop)
    shop.client().get("/api/orders", query_string={"phone": PHONE, "waiting": "1"})
    shop.pass_time(hours=3)
    later = ring(shop, 1003, on_card=False)
    shop.change(later, webhook_timestamp=shop.now.timestamp())

    assert report(shop, phone=PHONE, answer="refused")["why"] == "several_orders"
    assert status(shop, first) == "Success"


def test_a_report_that_comes_before_the_add_is_stored_is_believed(shop: Shop) -> None:
    order_id = ring(shop, state=CallState.PLACING)

    assert fate(report(shop, contact_id="card", answer="confirmed")) == ("applied", "said")
    assert status(shop, order_id) == "Success"


@pytest.mark.parametrize("state", [CallState.IN_DOUBT, CallState.UNANSWERED, CallState.ENDED_UNKNOWN])
def test_a_call_that_is_over_or_in_doubt_may_still_be_answered(shop: Shop, state: CallState) -> None:
    order_id = ring(shop, state=state, began=71 * HOUR)

    report(shop, shopify_id=order_id, answer="confirmed")

    assert status(shop, order_id) == "Success"


def test_silence_of_more_than_three_days_is_answered_by_a_person(shop: Shop) -> None:
    order_id = ring(shop, state=CallState.UNANSWERED, began=73 * HOUR)

    assert fate(report(shop, shopify_id=order_id, answer="confirmed")) == ("needs_a_person", "not_waiting")
    assert status(shop, order_id) == "Placed"


def test_two_orders_of_one_phone_are_told_apart_by_contact_and_order(shop: Shop) -> None:
    first, second = ring(shop, 1001, contact="one"), ring(shop, 1002, contact="two")

    assert report(shop, phone=PHONE, answer="refused")["why"] == "several_orders"
    report(shop, contact_id="two", answer="refused")
    report(shop, shopify_id=first, phone=PHONE, answer="confirmed")

    assert (status(shop, first), status(shop, second)) == ("Success", "Failed")


def test_a_joint_call_is_confirmed_for_all_its_orders(shop: Shop) -> None:
    both = [ring(shop, number, call_id="joint") for number in (1001, 1002)]

    assert fate(report(shop, contact_id="card", answer="confirmed")) == ("applied", "said")
    assert [status(shop, order) for order in both] == ["Success", "Success"]


def test_a_refusal_in_a_joint_call_is_that_of_the_named_order_or_a_persons(shop: Shop) -> None:
    first, second = (ring(shop, number, call_id="joint") for number in (1001, 1002))

    report(shop, shopify_id=first, answer="refused")
    assert report(shop, contact_id="card", answer="refused")["fate"] == "needs_a_person"

    assert (status(shop, first), status(shop, second)) == ("Failed", "Placed")


def test_the_second_of_two_reports_finds_what_the_first_did(shop: Shop) -> None:
    order_id = ring(shop)

    first, second = report(shop, phone=PHONE, answer="confirmed"), report(shop, phone=PHONE, answer="refused")

    assert (first["fate"], fate(second)) == ("applied", ("needs_a_person", "decided"))
    assert status(shop, order_id) == "Success"


# -- repeats


def test_a_repeat_is_counted_and_answered_as_the_first_time(shop: Shop) -> None:
    order_id = ring(shop)
    first = report(shop, phone=PHONE, connection="busy")

    again = report(shop, phone=PHONE, connection="busy")

    assert again == first | {"repeated": True}
    assert [(row.repeats, row.fate) for row in stored(shop)] == [(1, "kept")]
    assert shop.events(order_id).count("Call_Reported") == 1


def test_an_answer_that_comes_again_after_its_call_is_kept_and_changes_nothing(shop: Shop) -> None:
    order_id = ring(shop)
    report(shop, phone=PHONE, answer="confirmed")

    assert fate(report(shop, phone=PHONE, answer="confirmed")) == ("kept", "same")
    assert shop.events(order_id).count("Order_Status_Updated") == 1


@pytest.mark.parametrize("minutes", [1, 4 * 24 * 60])
def test_an_answer_in_the_words_of_an_earlier_orders_is_no_repeat_of_it(shop: Shop, minutes: int) -> None:
    said = {"contact_id": "card", "connection": "connected", "completion": "completed", "answer": "confirmed"}
    ring(shop, 1001)
    report(shop, **said)
    shop.pass_time(minutes=minutes)
    second = ring(shop, 1002, on_card=False)

    again = report(shop, **said)

    assert (again["fate"], again["repeated"], again["report"]) == ("needs_a_person", False, 2)
    assert second in again["shopify_ids"]
    assert status(shop, second) == "Placed"


def test_what_is_in_doubt_and_comes_again_at_once_is_shown_once(shop: Shop) -> None:
    ring(shop, 1001, contact="one")
    ring(shop, 1002, contact="two")
    first = report(shop, phone=PHONE, answer="refused")

    assert report(shop, phone=PHONE, answer="refused") == first | {"repeated": True}


@pytest.mark.parametrize("then", ["handled", "later", "another order"])
def test_a_doubtful_report_is_shown_anew_where_it_may_be_another_answer(shop: Shop, then: str) -> None:
    ring(shop, 1001, contact="one")
    ring(shop, 1002, contact="two")
    report(shop, phone=PHONE, answer="refused")

    if then == "handled":
        assert shop.app.extensions["ordercall"].reports.mark_handled(1, by="Asha")
    elif then == "later":
        shop.pass_time(minutes=11)
    else:
        ring(shop, 1003, contact="three")
    again = report(shop, phone=PHONE, answer="refused")

    assert (fate(again), again["repeated"]) == (("needs_a_person", "several_orders"), False)
    assert [row.repeats for row in stored(shop)] == [0, 0]


def test_a_report_with_an_id_of_its_own_is_repeated_whatever_became_of_its_call(shop: Shop) -> None:
    ring(shop)
    first = report(shop, phone=PHONE, answer="confirmed", report_id="r-1")

    assert report(shop, phone=PHONE, answer="confirmed", report_id="r-1") == first | {"repeated": True}


def test_the_same_words_about_another_call_are_another_report(shop: Shop) -> None:
    first = ring(shop, 1001)
    report(shop, phone=PHONE, answer="confirmed")
    second = ring(shop, 1002, contact="other")

    assert report(shop, phone=PHONE, answer="confirmed")["repeated"] is False
    assert (status(shop, first), status(shop, second)) == ("Success", "Success")


def test_a_report_that_came_too_early_is_not_a_repeat_of_itself(shop: Shop) -> None:
    assert fate(report(shop, phone=PHONE, answer="confirmed")) == ("needs_a_person", "unknown_ids")

    ring(shop)

    assert fate(report(shop, phone=PHONE, answer="confirmed")) == ("applied", "said")
