"""One action for many orders: done order by order, each once, and never to an order that changed meanwhile."""

from __future__ import annotations

from collections import Counter

import pytest
from sqlalchemy.exc import IntegrityError

from databases import ask, forget_triggers, refuse
from house import House
from ordercall.domain.calls.calling import CallingState
from ordercall.domain.orders.bulk import BulkAction, ItemState
from ordercall.domain.orders.order import CancelChoices, CancelReason, Status
from ordercall.errors import InvalidRequest
from ordercall.sandbox.orders import make_order
from ordercall.services import bulk_service
from ordercall.storage.reads.order_filter import OrderFilter
from ordercall.storage.records import bulk, orders
from waiting import LONG


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a worker go on until there is nothing to do, however slow the machine is."""
    monkeypatch.setattr(bulk_service, "WORKING_SECONDS", LONG)


@pytest.fixture
def three(house: House) -> list[int]:
    """The ids of three Placed orders."""
    made = [make_order(number) for number in (1001, 1002, 1003)]
    for order in made:
        house.shopify.add(order)
    return [house.receive(order) for order in made]


def begin(house: House, action: BulkAction, ids: list[int], choices: CancelChoices | None = None) -> int:
    run_id = house.bulk.prepare(action, bulk.chosen(ids, "some orders"), by="Asha")
    house.bulk.start(run_id, by="Asha", choices=choices)
    return run_id


def items(house: House, run_id: int) -> dict[int, tuple[str, str | None]]:
    """Return state and message of each order of a run."""
    with house.db.read() as tx:
        query = "SELECT shopify_id, state, message FROM bulk_items WHERE run_id = ? ORDER BY shopify_id"
        return {row[0]: (row[1], row[2]) for row in ask(tx, query, run_id)}


def states(house: House, run_id: int) -> Counter[str]:
    return Counter(state for state, _ in items(house, run_id).values())


def statuses(house: House, ids: list[int]) -> list[str]:
    return [house.order(shopify_id).confirmation_status for shopify_id in ids]


def finished(house: House, run_id: int) -> bool:
    with house.db.read() as tx:
        run = bulk.find(tx, run_id)
    return run is not None and run.finished_at is not None


def test_a_run_does_each_of_its_orders_and_no_other(house: House, three: list[int]) -> None:
    run_id = begin(house, BulkAction.SUCCESS, three[:2])

    house.bulk.work(run_id)

    assert statuses(house, three) == ["Success", "Success", "Placed"]
    assert (states(house, run_id), finished(house, run_id)) == ({"done": 2}, True)
    assert house.events(three[0]).count("Order_Status_Updated") == 1
    assert house.order(three[0]).status_changed_by == f"Asha, run {run_id}"


def test_a_run_that_is_not_started_changes_nothing(house: House, three: list[int]) -> None:
    run_id = house.bulk.prepare(BulkAction.FAILED, bulk.chosen(three, "some orders"), by="Asha")

    house.bulk.work(run_id)

    assert statuses(house, three) == ["Placed"] * 3
    assert house.jobs("run_bulk") == []


def test_a_list_is_frozen_when_the_run_is_made(house: House, three: list[int]) -> None:
    with house.db.read() as tx:
        placed = bulk.listed(tx, OrderFilter(status=Status.PLACED), "placed orders")
    run_id = house.bulk.prepare(BulkAction.SUCCESS, placed, by="Asha")
    house.pass_time(seconds=1)
    late = house.receive(make_order(1004))
    house.bulk.start(run_id, by="Asha")

    house.bulk.work(run_id)

    assert statuses(house, [*three, late]) == ["Success", "Success", "Success", "Placed"]


def test_an_order_that_somebody_changed_meanwhile_is_left_alone(house: House, three: list[int]) -> None:
    run_id = house.bulk.prepare(BulkAction.FAILED, bulk.chosen(three[:1], "an order"), by="Asha")
    house.orders.change_status(three[0], Status.SUCCESS, by="Ravi")
    house.bulk.start(run_id, by="Asha")

    house.bulk.work(run_id)

    assert statuses(house, three[:1]) == ["Success"]
    assert items(house, run_id)[three[0]] == ("skipped", "Ravi set this order to Success 0 s ago.")


def test_the_same_request_makes_one_run(house: House, three: list[int]) -> None:
    chosen = bulk.chosen(three, "some orders")
    first = house.bulk.prepare(BulkAction.SYNC, chosen, by="Asha", key="a form")
    again = house.bulk.prepare(BulkAction.SYNC, chosen, by="Asha", key="a form")
    for run_id in (first, again):
        house.bulk.start(run_id, by="Asha")

    assert first == again
    assert len(house.jobs("run_bulk")) == 1


def test_a_worker_that_dies_goes_on_behind_the_last_order(house: House, three: list[int]) -> None:
    run_id = begin(house, BulkAction.RETURNED, three)
    with house.db.begin() as tx:
        refuse(tx, "BEFORE UPDATE ON orders", f"NEW.shopify_id = {three[1]}")
    with pytest.raises(IntegrityError, match="not this one"):
        house.bulk.work(run_id)
    half = states(house, run_id)
    with house.db.begin() as tx:
        forget_triggers(tx, "orders")

    house.bulk.work(run_id)

    assert half == {"done": 1, "waiting": 2}
    assert statuses(house, three) == ["Returned"] * 3
    assert [house.events(shopify_id).count("Order_Status_Updated") for shopify_id in three] == [1, 1, 1]


def test_a_long_run_lets_other_jobs_have_their_turn(
    house: House, three: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_service, "WORKING_SECONDS", 0.0)
    run_id = begin(house, BulkAction.SUCCESS, three)

    house.bulk.work(run_id)

    assert not finished(house, run_id)
    assert len(house.jobs("run_bulk")) == 1


def test_orders_are_cancelled_one_by_one_with_what_was_chosen(house: House, three: list[int]) -> None:
    choices = CancelChoices(reason=CancelReason.CUSTOMER, restock=False, email=False)
    run_id = begin(house, BulkAction.FAILED, three, choices)

    house.bulk.work(run_id)
    asked = [house.order(shopify_id).cancel_state for shopify_id in three]
    house.bulk.work(run_id)
    still = [house.order(shopify_id).cancel_state for shopify_id in three]
    house.cancels.cancel(three[0])
    house.bulk.work(run_id)

    assert asked == still == ["queued", None, None]
    assert [house.order(shopify_id).cancel_state for shopify_id in three] == ["done", "queued", None]
    assert house.order(three[0]).cancel_reason == "customer"
    assert states(house, run_id) == {"done": 1, "under_way": 1, "waiting": 1}


def test_what_shopify_refuses_is_told_and_can_be_tried_again(house: House, three: list[int]) -> None:
    house.shopify.ship(three[0])
    run_id = begin(house, BulkAction.FAILED, three[:1])
    house.bulk.work(run_id)
    house.cancels.cancel(three[0])
    house.bulk.work(run_id)

    again = house.bulk.again(run_id, by="Asha")
    house.bulk.work(again)

    assert items(house, run_id)[three[0]] == ("failed", "The parcel has left already; Shopify keeps the order.")
    assert house.order(three[0]).cancel_state == "queued"
    assert states(house, again) == {"under_way": 1}


def test_who_stops_a_run_stops_all_but_the_order_that_is_under_way(house: House, three: list[int]) -> None:
    run_id = begin(house, BulkAction.FAILED, three)
    house.bulk.work(run_id)

    house.bulk.stop(run_id, by="Ravi")
    house.bulk.work(run_id)
    waits = finished(house, run_id)
    house.cancels.cancel(three[0])
    house.bulk.work(run_id)

    assert (waits, finished(house, run_id)) == (False, True)
    assert statuses(house, three) == ["Failed", "Placed", "Placed"]
    assert items(house, run_id)[three[1]] == ("skipped", "Stopped by Ravi before its turn.")


def test_a_stop_that_was_cut_off_is_taken_up_by_the_worker(
    house: House, three: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "SLICE", 2)  # no transaction writes more orders, so that no webhook waits for them
    run_id = begin(house, BulkAction.SUCCESS, three)
    with house.db.begin() as tx:
        bulk.mark(tx, run_id, stopped_at=house.now.timestamp(), stopped_by="Ravi")
        assert bulk.move_some(tx, run_id, ItemState.WAITING, ItemState.SKIPPED, "Stopped by Ravi before its turn.")
    half_way = states(house, run_id)

    house.bulk.work(run_id)

    assert half_way == {"skipped": 2, "waiting": 1}
    assert set(items(house, run_id).values()) == {("skipped", "Stopped by Ravi before its turn.")}
    assert (finished(house, run_id), statuses(house, three)) == (True, ["Placed"] * 3)


def test_a_sync_tells_what_came_of_each_order(house: House, three: list[int]) -> None:
    no_phone = house.receive(make_order(1004, phone=None))
    decided = house.receive(make_order(1005))
    house.orders.change_status(decided, Status.SUCCESS, by="Ravi")
    with house.db.begin() as tx:
        orders.move_calling(tx, three[:1], CallingState.FAILED, now=house.now)
    run_id = begin(house, BulkAction.SYNC, [three[0], no_phone, decided])
    house.bulk.work(run_id)

    house.sync.sync(three[0])
    house.campaigns.flush("sandbox-campaign")
    house.bulk.work(run_id)

    assert items(house, run_id) == {
        three[0]: ("done", None),
        no_phone: ("skipped", "The order has no usable phone number."),
        decided: ("skipped", "Its status was set before the call."),
    }
    assert finished(house, run_id)


def test_an_undone_run_gives_back_only_what_is_still_as_the_run_left_it(house: House, three: list[int]) -> None:
    house.orders.change_status(three[2], Status.RETURNED, by="Ravi")
    run_id = begin(house, BulkAction.SUCCESS, three)
    house.bulk.work(run_id)
    house.pass_time(seconds=5)
    house.orders.change_status(three[0], Status.PLACED, by="Ravi")
    house.orders.change_status(three[0], Status.SUCCESS, by="Ravi")

    undone = house.bulk.undo(run_id, by="Asha")
    house.bulk.work(undone)

    assert statuses(house, three) == ["Success", "Placed", "Returned"]
    assert states(house, undone) == {"done": 2, "skipped": 1}


def test_an_undone_run_leaves_alone_what_had_another_status_than_the_four(house: House, three: list[int]) -> None:
    with house.db.begin() as tx:
        ask(tx, "UPDATE orders SET confirmation_status = 'Confirmed' WHERE shopify_id = ?", three[0])
    run_id = begin(house, BulkAction.SUCCESS, three)
    house.bulk.work(run_id)

    undone = house.bulk.undo(run_id, by="Asha")
    house.bulk.work(undone)

    assert statuses(house, three) == ["Success", "Placed", "Placed"]
    said = "It was Confirmed before, which is none of the four statuses: set it by hand."
    assert items(house, undone)[three[0]] == ("skipped", said)


def test_an_undo_that_kept_crashing_the_worker_can_be_tried_again(house: House, three: list[int]) -> None:
    run_id = begin(house, BulkAction.SUCCESS, three)
    house.bulk.work(run_id)
    undone = house.bulk.undo(run_id, by="Asha")
    house.bulk.give_up(undone)

    again = house.bulk.again(undone, by="Asha")
    house.bulk.work(again)

    assert (statuses(house, three), states(house, again)) == (["Placed"] * 3, {"done": 3})


@pytest.mark.parametrize("action", [BulkAction.FAILED, BulkAction.SYNC])
def test_what_shopify_and_kalimera_did_cannot_be_undone(house: House, three: list[int], action: BulkAction) -> None:
    run_id = begin(house, action, three)

    with pytest.raises(InvalidRequest, match="cannot be taken back"):
        house.bulk.undo(run_id, by="Asha")


def test_a_run_that_keeps_crashing_the_worker_is_ended(house: House, three: list[int]) -> None:
    run_id = begin(house, BulkAction.SUCCESS, three)

    house.bulk.give_up(run_id)
    house.bulk.work(run_id)

    assert (states(house, run_id), finished(house, run_id)) == ({"failed": 3}, True)
    assert statuses(house, three) == ["Placed"] * 3


def test_old_runs_are_forgotten_slice_by_slice(house: House, three: list[int]) -> None:
    begin(house, BulkAction.SUCCESS, three)
    with house.db.begin() as tx:
        kept = bulk.forget(tx, before=house.now)
        house.pass_time(days=31)
        gone = bulk.forget(tx, before=house.now)
        left = bulk.forget(tx, before=house.now)

    assert (kept, gone, left) == (0, 3, 0)
