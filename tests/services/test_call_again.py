"""*Call again*: a further call of an order goes the whole way out, once, and only where it may."""

from __future__ import annotations

from typing import Any

import pytest

from databases import ask
from house import House
from ordercall.domain.calls.call import CallState, Follows, Waits
from ordercall.domain.orders.bulk import BulkAction
from ordercall.domain.orders.order import Status
from ordercall.errors import InvalidRequest
from ordercall.sandbox.orders import make_order
from ordercall.sandbox.provider import Call
from ordercall.services.call_again import ASKS_FIRST, NEVER
from ordercall.storage.records import bulk
from ordercall.storage.records.calls import Call as StoredCall
from rounds import CAMPAIGN, at, go_on, placed, silence, states, unanswered

LATER = "2036-11-24T13:00:00+05:30"


@pytest.fixture
def shopify_settings() -> dict[str, str]:
    return {"CALLING_HOURS": "09:00-21:00"}


def again(house: House, order_id: int, **options: Any) -> StoredCall:
    return house.again.request(order_id, by="Asha", **options).call


def refused(house: House, order_id: int, **options: Any) -> InvalidRequest:
    with pytest.raises(InvalidRequest) as refusal:
        again(house, order_id, **options)
    return refusal.value


# The whole way out


def test_a_call_that_is_over_is_followed_by_one_that_rings_the_same_contact_again(house: House) -> None:
    order_id = unanswered(house)

    call = again(house, order_id)
    go_on(house, order_id)

    first, second = house.calls_of(order_id)[::-1]
    assert (call.call_id, call.state) == (second.call_id, CallState.PLANNED)
    assert (first.state, second.state) == (CallState.UNANSWERED, CallState.PLACED)
    assert (second.attempt, second.asked_by, second.follows) == (2, "Asha", Follows.ASKED)
    assert second.contact_id == first.contact_id
    assert [entry.contact_id for entry in house.kalimera.listings] == [first.contact_id] * 2
    assert len(house.kalimera.contacts) == 1
    assert house.states()[order_id] == ("on_campaign", None)


def test_a_further_call_bears_the_card_of_the_first(house: House) -> None:
    order_id = unanswered(house)

    again(house, order_id)
    go_on(house, order_id)

    with house.db.read() as tx:
        rows = ask(tx, "SELECT on_card FROM call_orders WHERE shopify_id = ?", order_id)
        assert list(rows.scalars()) == [1, 1]


def test_a_corrected_phone_is_the_one_that_is_called_again(house: House) -> None:
    order_id = placed(house)
    house.receive(make_order(1, updated_at=LATER, phone="+915550000042"), "orders/updated")
    house.pass_time(hours=3)

    again(house, order_id)
    go_on(house, order_id)

    assert [entry.phone for entry in house.kalimera.listings] == ["+915550000001", "+915550000042"]


def test_an_order_that_was_never_called_is_called(house: House) -> None:
    order_id = house.receive(make_order(1, created_at="2026-11-20T12:00:00+05:30"))
    assert house.states()[order_id] == ("not_called", "too_old")

    again(house, order_id)
    go_on(house, order_id)

    assert [call.state for call in house.calls_of(order_id)] == [CallState.PLACED]


# Once


def test_who_asks_twice_within_a_minute_has_one_call(house: House) -> None:
    order_id = unanswered(house)
    first = again(house, order_id)
    go_on(house, order_id)
    house.pass_time(seconds=59)

    second = again(house, order_id)
    go_on(house, order_id)

    assert second.call_id == first.call_id
    assert len(house.kalimera.listings) == 2


def test_the_same_key_is_the_same_call_whenever_it_comes(house: House) -> None:
    order_id = unanswered(house)
    first = again(house, order_id, key="a key")
    go_on(house, order_id)
    house.pass_time(hours=5)
    house.calls.see_silence()

    assert again(house, order_id, key="a key").call_id == first.call_id
    assert len(house.calls_of(order_id)) == 2


def test_a_call_that_is_planned_anyway_is_the_one_that_was_asked_for(house: House) -> None:
    order_id = house.receive(make_order(1))

    assert again(house, order_id).call_id == house.calls_of(order_id)[0].call_id
    assert len(house.calls_of(order_id)) == 1


# Never


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"fulfillment_status": "partial"}, "parcel has left"),
        ({"phone": None}, "no usable phone"),
        ({"cancelled_at": "2026-11-24T13:00:00+05:30"}, "cancelled"),
    ],
    ids=["shipped", "no phone", "cancelled"],
)
def test_what_is_never_called_is_not_called_again(house: House, change: dict[str, Any], word: str) -> None:
    order_id = unanswered(house)
    house.receive(make_order(1, updated_at=LATER, **change), "orders/updated")

    refusal = refused(house, order_id, confirmed=True)

    assert (refusal.status, refusal.code) == (409, NEVER)
    assert word in str(refusal)
    assert len(house.calls_of(order_id)) == 1


def test_a_deleted_order_is_not_called_again(house: House) -> None:
    order_id = unanswered(house)
    house.receive({"id": order_id}, "orders/delete")

    assert refused(house, order_id, confirmed=True).code == NEVER


@pytest.mark.parametrize("happens", ["fulfilled", "cancelled"])
def test_what_is_shipped_or_cancelled_meanwhile_is_not_added(house: House, happens: str) -> None:
    order_id = unanswered(house)
    again(house, order_id)
    house.sync.sync(order_id)
    change = {"fulfillment_status": happens} if happens == "fulfilled" else {"cancelled_at": LATER}
    house.receive(make_order(1, updated_at=LATER, **change), "orders/updated")

    house.campaigns.flush(CAMPAIGN)

    assert len(house.kalimera.listings) == 1
    assert states(house, order_id) == [CallState.WITHDRAWN, CallState.UNANSWERED]
    assert house.states()[order_id] == ("on_campaign", None)


# Later


def test_outside_the_calling_hours_the_call_is_planned_for_the_opening(house: House) -> None:
    order_id = unanswered(house)
    house.now = house.now.replace(hour=22)

    again(house, order_id)
    go_on(house, order_id)

    assert len(house.kalimera.listings) == 1
    call, _ = house.calls_of(order_id)
    assert (call.state, call.waits, call.not_before) == (
        CallState.PLANNED,
        Waits.HOURS,
        at(house, 9, days=1),
    )
    house.now = at(house, 9, 1, days=1)
    go_on(house, order_id)
    assert len(house.kalimera.listings) == 2


def test_a_paused_call_is_planned_until_calling_goes_on(house: House) -> None:
    order_id = unanswered(house)
    house.pauses.pause(by="Asha")

    again(house, order_id)
    go_on(house, order_id)

    assert (states(house, order_id)[0], len(house.kalimera.listings)) == (CallState.PLANNED, 1)


# Asked first


def test_a_decided_order_is_called_again_only_once_that_is_confirmed(house: House) -> None:
    order_id = unanswered(house)
    house.orders.change_status(order_id, Status.SUCCESS, by="Asha")

    refusal = refused(house, order_id)
    assert (refusal.status, refusal.code) == (409, ASKS_FIRST)
    assert "is Success already" in str(refusal)

    again(house, order_id, confirmed=True)
    go_on(house, order_id)
    assert (states(house, order_id)[0], len(house.kalimera.listings)) == (CallState.PLACED, 2)
    assert house.order(order_id).confirmation_status == "Success"


def test_a_decision_that_comes_after_the_confirmation_withdraws_the_call(house: House) -> None:
    order_id = unanswered(house)
    house.orders.change_status(order_id, Status.SUCCESS, by="Asha")
    again(house, order_id, confirmed=True)
    house.orders.change_status(order_id, Status.RETURNED, by="Asha")

    go_on(house, order_id)

    assert len(house.kalimera.listings) == 1


def test_a_call_that_may_still_ring_is_asked_about_and_says_until_when(house: House) -> None:
    order_id = placed(house)

    refusal = refused(house, order_id)
    assert (refusal.code, "until 24 Nov, 14:00 India time" in str(refusal)) == (ASKS_FIRST, True)

    again(house, order_id, confirmed=True)
    go_on(house, order_id)
    assert states(house, order_id) == [CallState.PLACED, CallState.OVERTAKEN]


def test_a_campaign_that_rings_on_is_asked_about_after_the_calls_own_window(house: House) -> None:
    order_id = placed(house, 1)
    house.pass_time(hours=1)
    placed(house, 2)
    house.pass_time(hours=1, minutes=20)
    house.calls.see_silence()
    assert states(house, order_id) == [CallState.UNANSWERED]
    placed(house, 3)

    assert "until 24 Nov, 16:20 India time" in str(refused(house, order_id))


def test_a_call_asked_for_while_the_one_before_is_being_added_is_one_more_and_no_third(house: House) -> None:
    order_id = house.receive(make_order(1))
    house.sync.sync(order_id)

    def meanwhile(call: Call) -> None:
        if call.path.endswith("/campaign/contacts") and call.method == "POST":
            house.kalimera.on_call.remove(meanwhile)
            again(house, order_id, confirmed=True)

    house.kalimera.on_call.append(meanwhile)
    house.campaigns.flush(CAMPAIGN)
    go_on(house, order_id)
    go_on(house, order_id)

    assert states(house, order_id) == [CallState.PLACED, CallState.OVERTAKEN]
    assert len(house.kalimera.listings) == 2


# The sync beside it


def test_a_sync_of_an_order_that_was_called_says_since_when_and_calls_nobody(house: House) -> None:
    order_id = unanswered(house)

    answer = house.orders.request_sync(order_id, by="API")
    go_on(house, order_id)

    assert (answer.synced, len(house.kalimera.listings)) == (True, 1)
    assert answer.message == "The order is on the campaign since 24 Nov 2026, 12:00 India time."


# Many at once


def test_a_run_calls_again_and_leaves_out_what_is_to_be_confirmed(house: House) -> None:
    silent = unanswered(house, 1)
    ringing = placed(house, 2)
    run = house.bulk.prepare(BulkAction.CALL, bulk.chosen([silent, ringing], "two"), by="Asha")
    house.bulk.start(run, by="Asha")

    house.bulk.work(run)
    go_on(house, silent)
    house.bulk.work(run)

    with house.db.read() as tx:
        items = dict(ask(tx, "SELECT shopify_id, state FROM bulk_items").all())
    assert items == {silent: "done", ringing: "skipped"}
    assert len(house.calls_of(silent)) == 2
    assert len(house.calls_of(ringing)) == 1


def test_a_run_of_syncs_leaves_out_what_was_called_as_often_as_the_policy_says(house: House) -> None:
    house.publish("attempts", number=2)
    order_id = unanswered(house)
    house.pass_time(hours=1, seconds=1)
    go_on(house, order_id)
    silence(house, order_id)
    assert house.states()[order_id] == ("failed", "not_reached")
    run = house.bulk.prepare(BulkAction.SYNC, bulk.chosen([order_id], "one"), by="Asha")
    house.bulk.start(run, by="Asha")

    house.bulk.work(run)

    with house.db.read() as tx:
        assert ask(tx, "SELECT state FROM bulk_items").scalars().all() == ["skipped"]
    assert house.states()[order_id] == ("failed", "not_reached")
