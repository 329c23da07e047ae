"""An order's call, from its receipt to its end: what is written down when, and by whom it is ended."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from house import House
from ordercall.domain.calls.call import GRACE, Answer, CallState, Waits
from ordercall.domain.calls.calling import Language
from ordercall.domain.orders.order import Status
from ordercall.errors import ProviderBusy
from ordercall.sandbox.orders import make_order
from ordercall.sandbox.provider import Call, Mode
from ordercall.services.policy_service import policy_of
from ordercall.storage.records import calls, campaigns
from ordercall.storage.records.calls import Terms
from ordercall.storage.records.campaigns import CampaignSettings, ListingState

CAMPAIGN = "sandbox-campaign"
LATER = "2026-11-24T13:00:00+05:30"


@pytest.fixture
def shopify_settings() -> dict[str, str]:
    return {"CALLING_HOURS": "09:00-21:00"}


def states(house: House, order_id: int) -> list[CallState]:
    return [call.state for call in house.calls_of(order_id)]


def synced(house: House, number: int = 1, **changes: Any) -> int:
    """Return the id of an order that waits for its campaign."""
    order_id = house.receive(make_order(number, **changes))
    house.sync.sync(order_id)
    return order_id


def placed(house: House, number: int = 1, **changes: Any) -> int:
    """Return the id of an order whose customer is rung."""
    order_id = synced(house, number, **changes)
    house.campaigns.flush(CAMPAIGN)
    return order_id


def in_doubt(house: House) -> int:
    """Return the id of an order of which a person must say whether its customer is rung."""
    order_id = synced(house)
    house.kalimera.campaign_lookup = False
    house.kalimera.fail_next(1, Mode.NORMAL)
    house.kalimera.fail_next(1, Mode.LOST)
    house.campaigns.flush(CAMPAIGN)
    return order_id


def window_is_over(house: House, order_id: int) -> None:
    """Let the time pass until the order's last call may be over."""
    (call, *_) = house.calls_of(order_id)
    assert call.window_end
    house.now = call.window_end + GRACE + timedelta(seconds=1)


# On the way out


def test_a_new_order_has_its_call_planned_with_its_receipt(house: House) -> None:
    order_id = house.receive(make_order(1))

    assert [(call.state, call.attempt) for call in house.calls_of(order_id)] == [(CallState.PLANNED, 1)]


def test_an_order_that_is_not_called_has_no_call(house: House) -> None:
    assert house.calls_of(house.receive(make_order(1, test=True))) == []


def test_a_placed_call_says_by_whom_until_when_and_where_it_rings(house: House) -> None:
    order_id = placed(house, state="Gujarat")

    (call,) = house.calls_of(order_id)
    assert (call.state, call.campaign_id, call.language) == (CallState.PLACED, CAMPAIGN, Language.HINDI)
    assert (call.agent_id, call.contact_id) == ("sandbox-agent-hindi", house.order(order_id).contact_id)
    assert (call.window_end, call.may_ring_until) == (house.now + timedelta(hours=2),) * 2


def test_a_call_that_waits_for_the_morning_says_so(house: House) -> None:
    house.now = house.now.replace(hour=23)

    (call,) = house.calls_of(synced(house))

    morning = house.now.replace(hour=9) + timedelta(days=1)
    assert (call.state, call.not_before, call.waits) == (CallState.PLANNED, morning, Waits.HOURS)


def test_only_a_card_that_was_made_for_the_order_bears_it(house: House) -> None:
    first = synced(house, 1, phone="+915550000001")
    second = synced(house, 2, phone="+915550000001")

    with house.db.read() as tx:
        rows = tx.exec_driver_sql("SELECT shopify_id, on_card FROM call_orders")
        assert {row[0]: row[1] for row in rows} == {first: 1, second: 0}


def test_the_call_is_under_way_before_the_request_leaves(house: House) -> None:
    order_id, seen = synced(house), list[list[CallState]]()

    def look(call: Call) -> None:
        if call.path.endswith("/campaign/contacts") and call.method == "POST":
            seen.append(states(house, order_id))

    house.kalimera.on_call.append(look)
    house.campaigns.flush(CAMPAIGN)

    assert seen == [[CallState.PLACING]]


def while_it_is_added(house: House, happens: Callable[[], object], mode: Mode) -> None:
    """Let something happen in the middle of the next request that adds to the list, which is answered so."""

    def once(call: Call) -> None:
        if call.path.endswith("/campaign/contacts") and call.method == "POST":
            house.kalimera.on_call.remove(once)
            happens()
            call.mode = mode

    house.kalimera.on_call.append(once)


def test_a_busy_kalimera_leaves_the_call_planned(house: House) -> None:
    order_id = synced(house)
    while_it_is_added(house, lambda: None, Mode.BUSY)

    house.campaigns.flush(CAMPAIGN)

    assert states(house, order_id) == [CallState.PLANNED]


def test_a_refused_contact_ends_its_call(house: House) -> None:
    order_id = house.receive(make_order(1))
    setattr(house.kalimera, "refusal", lambda: ({"message": "The phone is not valid"}, 400))  # noqa: B010 - a method
    house.sync.sync(order_id)

    (call,) = house.calls_of(order_id)
    assert (call.state, call.reason) == (CallState.REJECTED, "kalimera_refused")


def test_a_refused_addition_ends_its_call(house: House) -> None:
    order_id = synced(house)
    house.kalimera.forget_contact(house.order(order_id).customer_phone)

    house.campaigns.flush(CAMPAIGN)

    assert states(house, order_id) == [CallState.REJECTED]


def test_a_lost_answer_is_settled_by_the_list(house: House) -> None:
    order_id = synced(house)
    while_it_is_added(house, lambda: None, Mode.LOST)

    house.campaigns.flush(CAMPAIGN)

    assert states(house, order_id) == [CallState.PLACED]


def test_a_lost_answer_leaves_the_call_in_doubt_where_the_list_is_not_shown(house: House) -> None:
    assert states(house, in_doubt(house)) == [CallState.IN_DOUBT]


def test_a_person_who_syncs_what_is_in_doubt_plans_a_second_call(house: House) -> None:
    order_id = in_doubt(house)

    house.orders.request_sync(order_id, by="Asha")

    (second, first) = house.calls_of(order_id)
    assert (first.state, second.state) == (CallState.OVERTAKEN, CallState.PLANNED)
    assert (second.attempt, second.asked_by) == (2, "Asha")


# Ended by others


def test_a_decided_order_withdraws_what_was_planned(house: House) -> None:
    order_id = synced(house)

    house.orders.change_status(order_id, Status.SUCCESS, by="Asha")

    (call,) = house.calls_of(order_id)
    assert (call.state, call.reason) == (CallState.WITHDRAWN, "already_decided")


def test_a_persons_decision_overtakes_the_call(house: House) -> None:
    order_id = placed(house)

    house.orders.change_status(order_id, Status.SUCCESS, by="Asha")

    assert states(house, order_id) == [CallState.OVERTAKEN]


@pytest.mark.parametrize(
    ("word", "state", "answer"),
    [
        (Status.SUCCESS, CallState.ANSWERED, Answer.CONFIRMED),
        (Status.FAILED, CallState.ANSWERED, Answer.REFUSED),
        (Status.RETURNED, CallState.OVERTAKEN, None),
        (Status.PLACED, CallState.PLACED, None),
    ],
)
def test_a_reported_word_answers_the_call(house: House, word: Status, state: CallState, answer: Answer | None) -> None:
    order_id = placed(house)

    house.orders.change_status(order_id, word, by="API", reported=True)

    (call,) = house.calls_of(order_id)
    assert (call.state, call.answer) == (state, answer)


def test_a_late_report_is_believed_before_silence(house: House) -> None:
    order_id = placed(house)
    window_is_over(house, order_id)
    house.calls.see_silence()

    house.orders.change_status(order_id, Status.SUCCESS, by="API", reported=True)

    assert states(house, order_id) == [CallState.ANSWERED]


@pytest.mark.parametrize(
    "change",
    [{"fulfillment_status": "fulfilled"}, {"cancelled_at": LATER}, {"phone": "+915550000042"}, {"phone": None}],
    ids=["shipped", "cancelled", "another phone", "no phone"],
)
def test_a_change_in_shopify_overtakes_the_call(house: House, change: dict[str, Any]) -> None:
    order_id = placed(house)

    house.receive(make_order(1, updated_at="2036-11-24T13:00:00+05:30", **change), "orders/updated")

    assert states(house, order_id) == [CallState.OVERTAKEN]


def test_a_corrected_phone_leaves_a_planned_call(house: House) -> None:
    order_id = synced(house)

    house.receive(make_order(1, updated_at="2036-11-24T13:00:00+05:30", phone="+915550000042"), "orders/updated")

    assert states(house, order_id) == [CallState.PLANNED]


def test_a_phone_that_is_corrected_while_kalimera_is_too_busy_is_the_one_that_rings(house: House) -> None:
    order_id = synced(house)
    corrected = make_order(1, updated_at="2036-11-24T13:00:00+05:30", phone="+915550000042")
    while_it_is_added(house, lambda: house.receive(corrected, "orders/updated"), Mode.BUSY)
    with suppress(ProviderBusy):
        house.campaigns.flush(CAMPAIGN)

    house.sync.sync(order_id)
    house.campaigns.flush(CAMPAIGN)

    assert [entry.phone for entry in house.kalimera.listings] == ["+915550000042"]
    assert states(house, order_id) == [CallState.PLACED, CallState.OVERTAKEN]


def test_a_phone_that_is_corrected_while_the_earlier_one_is_added_waits_for_a_person(house: House) -> None:
    order_id = synced(house)
    corrected = make_order(1, updated_at="2036-11-24T13:00:00+05:30", phone="+915550000042")
    while_it_is_added(house, lambda: house.receive(corrected, "orders/updated"), Mode.NORMAL)

    house.campaigns.flush(CAMPAIGN)

    assert len(house.kalimera.listings) == 1
    assert states(house, order_id) == [CallState.OVERTAKEN]
    assert house.states()[order_id] == ("failed", "phone_changed")


def test_an_erased_customer_leaves_nothing_in_the_calls(house: House) -> None:
    order_id = placed(house)

    house.request_erasure(order_id)
    house.do_erasures()

    with house.db.read() as tx:
        kept = tx.exec_driver_sql("SELECT state, phone, contact_id, detail FROM calls").all()
    assert [tuple(row) for row in kept] == [("overtaken", None, None, None)]


# Silence


def test_a_call_that_nobody_reports_is_unanswered_after_its_own_window_and_grace(house: House) -> None:
    order_id = placed(house)
    house.pass_time(hours=2, minutes=14)
    house.calls.see_silence()
    assert states(house, order_id) == [CallState.PLACED]

    house.pass_time(minutes=1, seconds=1)
    house.calls.see_silence()

    assert states(house, order_id) == [CallState.UNANSWERED]
    assert house.messages(order_id)[-1].endswith("was to ring until 24 Nov, 14:00 India time.")
    assert house.states()[order_id] == ("on_campaign", None)


def test_silence_is_told_once(house: House) -> None:
    order_id = placed(house)
    window_is_over(house, order_id)

    house.calls.see_silence()
    house.calls.see_silence()

    assert house.events(order_id).count("Call_Unanswered") == 1


def test_a_later_order_moves_on_how_long_a_call_may_ring_and_not_when_it_is_unanswered(house: House) -> None:
    first = placed(house, 1)
    house.pass_time(minutes=30)
    second = placed(house, 2)

    (earlier,), (later,) = house.calls_of(first), house.calls_of(second)
    assert earlier.may_ring_until == later.window_end == house.now + timedelta(hours=2)
    window_is_over(house, first)
    house.calls.see_silence()
    assert (states(house, first), states(house, second)) == ([CallState.UNANSWERED], [CallState.PLACED])


def test_a_campaign_that_gets_the_other_agent_makes_the_agent_of_an_open_call_unsure(house: House) -> None:
    hindi, english = placed(house, 1, state="Gujarat"), placed(house, 2, state="Kerala")

    assert [house.calls_of(one)[0].agent_unsure for one in (hindi, english)] == [True, False]


def test_doubt_ends_with_the_window_and_is_left_to_a_person(house: House) -> None:
    order_id = in_doubt(house)
    window_is_over(house, order_id)

    house.calls.see_silence()

    assert states(house, order_id) == [CallState.ENDED_UNKNOWN]
    assert house.states()[order_id] == ("failed", "outcome_unknown")


def test_a_request_that_was_cut_off_and_never_settled_ends_in_doubt_and_with_a_person(house: House) -> None:
    order_id = synced(house)
    terms = CampaignSettings("sandbox-agent-english", policy_of(house.settings).when.window_from(house.now))
    with house.db.begin() as tx:  # as far as a worker comes that is killed before its request leaves
        campaigns.claim(tx, campaigns.in_state(tx, CAMPAIGN, ListingState.WAITING), now=house.now)
        calls.begin(tx, [order_id], Terms(CAMPAIGN, Language.ENGLISH, terms), now=house.now)
    window_is_over(house, order_id)

    house.calls.see_silence()
    house.campaigns.flush(CAMPAIGN)

    assert states(house, order_id) == [CallState.ENDED_UNKNOWN]
    assert house.states()[order_id] == ("failed", "outcome_unknown")
    assert len(house.kalimera.listings) == 0


# What it costs


def test_forty_calls_are_written_down_with_the_statements_of_one(house: House) -> None:
    def about_calls(numbers: range) -> int:
        for number in numbers:
            synced(house, number, state="Kerala")
        seen: list[str] = []
        listen = lambda *arguments: seen.append(arguments[2])  # noqa: E731
        event.listen(house.db.engine, "before_cursor_execute", listen)
        house.campaigns.flush(CAMPAIGN)
        event.remove(house.db.engine, "before_cursor_execute", listen)
        return sum("call" in statement.replace("calling", "").replace("do_not_call", "") for statement in seen)

    alone = about_calls(range(1, 2))
    house.pass_time(minutes=5)

    assert about_calls(range(2, 42)) == alone <= 10
