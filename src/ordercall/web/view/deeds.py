"""What people did, each with its undo while it can be undone, or why it cannot."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import url_for
from sqlalchemy import Connection

from ordercall.domain.activity import Event, read_run, read_status_change
from ordercall.domain.orders.bulk import ItemState
from ordercall.domain.orders.order import Status
from ordercall.services.order_rules import who_changed
from ordercall.services.status_changes import is_undoable
from ordercall.storage.records import activity, bulk, orders
from ordercall.storage.records.activity import StoredEntry
from ordercall.storage.records.bulk import Run
from ordercall.storage.records.stored_order import StoredOrder
from ordercall.web.view import reading, timeline
from ordercall.web.view.format import local, number
from ordercall.web.view.timeline import Words

AS_LOGGED = timedelta(milliseconds=10)
"""How far the time of a status and that of its entry may lie apart: entries are told apart by their times."""

STAYS = {
    Event.NOTE_ADDED: "A note stays.",
    Event.SYNC_REQUESTED: "A call that was asked for is not taken back. Set the status, and nobody rings any more.",
    Event.NUMBER_LISTED: "Allow calls again on the order's page.",
    Event.NUMBER_UNLISTED: "Have the number left alone again on the order's page.",
    Event.CANCEL_WITHDRAWN: "Set the order to Failed to have it cancelled all the same.",
    Event.HOLD_RELEASED: "The parcel may have left.",
    Event.ADDRESS_DECIDED: "Shopify may have it already: correct the address there.",
    Event.DELIVERY_HANDLED: "It stays on the list of webhooks without an order.",
    Event.BULK_STARTED: "Its orders were kept for 30 days.",
    Event.ORDERS_EXPORTED: "It changed nothing.",
    Event.DEMO_REMOVED: "The sandbox places new ones.",
}


@dataclass(frozen=True, slots=True)
class Undo:
    """The form that takes a deed back: its address, and what it sends beside the key of the request."""

    address: str
    fields: dict[str, str]


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that a person did.

    Attributes:
        order: that it was done to; None: to none, to many, or to one that is gone.
        run: the bulk run that it began, while that is kept.
        text: what was done, in words, beyond the title.
        undo: None: it cannot be taken back, and ``stays`` says why.
    """

    words: Words
    at: str
    actor: str
    order: StoredOrder | None
    run: Run | None
    text: str
    undo: Undo | None
    stays: str

    @property
    def day(self) -> str:
        here = local(self.at)
        return here.date().isoformat() if here else ""


@dataclass(frozen=True, slots=True)
class _Around:
    """What is known around some entries: the orders, the runs, their numbers, and which were taken back by which."""

    orders: dict[int, StoredOrder]
    runs: dict[int, Run]
    numbers: dict[int, dict[ItemState, int]]
    undoing: dict[int, int]
    now: datetime


def deeds(
    tx: Connection, *, actor: str | None, event: Event | None, before: int | None
) -> tuple[list[Deed], int | None]:
    """Return a page of what people did, newest first, and the cursor of what is older."""
    found = activity.by_hand(tx, actor=actor, event=event, before=before)
    shown = found[: activity.PAGE]
    runs = bulk.find_all(tx, {number for entry in shown if (number := read_run(entry.message or ""))})
    touched = orders.find_all(tx, {entry.shopify_id for entry in shown if entry.shopify_id is not None})
    around = _Around(
        {order.shopify_id: order for order in touched},
        runs,
        bulk.numbers_of(tx, runs),
        bulk.undoing(tx, runs),
        reading.now(),
    )
    return [_deed(entry, around) for entry in shown], shown[-1].id if len(found) > len(shown) else None


def _deed(entry: StoredEntry, around: _Around) -> Deed:
    order = around.orders.get(entry.shopify_id or 0)
    run = around.runs.get(read_run(entry.message or "") or 0)
    text, undo, stays = entry.message or "", None, STAYS.get(Event(entry.event_type or ""), "")
    change = read_status_change(text)
    if run:
        done = around.numbers[run.id][ItemState.DONE]
        text = f"Run {run.id}, {run.action}: {run.described}. Done: {number(done)}."
        undo, stays = _of_run(run, done, around.undoing.get(run.id))
    elif change and order:
        text = f"{change[0]} \N{RIGHTWARDS ARROW} {change[1]}"
        undo, stays = _of_status(entry, *change, order, around.now)
    words = timeline.words_of(entry.event_type)
    return Deed(words, entry.timestamp or "", entry.actor or "", order, run, text, undo, stays)


def _of_run(run: Run, done: int, undone_by: int | None) -> tuple[Undo | None, str]:
    if undone_by:
        return None, f"Taken back by run {undone_by}."
    if not run.finished_at:
        return None, "It is still under way."
    if not run.action.undoable:
        return None, "Calls, cancellations in Shopify and an undo are not taken back."
    if not done:
        return None, "It changed nothing."
    address = url_for("bulk.undo", run_id=run.id)
    return Undo(f"{address}?from=history", {"request": str(run.id)}), ""


def _of_status(
    entry: StoredEntry, previous: str, new: str, order: StoredOrder, now: datetime
) -> tuple[Undo | None, str]:
    """Return the form that gives an order its status back: the same as the one that is offered for some seconds."""
    written = local(entry.timestamp)
    since = order.status_changed_at
    is_last = written is not None and since is not None and abs(written - since) < AS_LOGGED
    if not is_last or order.status_word != new:
        return None, who_changed(order, now)
    fields = {"seen": order.version, "back": "history"}
    if order.cancel_waits:
        return Undo(url_for("order.undo_cancel", shopify_id=order.shopify_id), fields), ""
    if is_undoable(previous, new):
        address = url_for("order.change_status", shopify_id=order.shopify_id)
        return Undo(address, fields | {"status": previous}), ""
    if new == Status.FAILED:
        state = order.cancel_state
        return None, f"{state.short}: it is not taken back." if state else "Its cancellation is not taken back."
    if previous == Status.FAILED:
        return None, "It was Failed before, which would have Shopify cancel it."
    return None, f"It was {previous} before, which is none of the four statuses."
