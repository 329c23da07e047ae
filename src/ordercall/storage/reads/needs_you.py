"""What waits for a person: orders that nothing else brings on, and deliveries that nobody could read."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, TextClause, exists, func, or_, select, update
from sqlalchemy.sql.elements import ColumnElement

from ordercall.domain.calls.calling import CallingState, Reason
from ordercall.domain.orders.order import LARGEST_ID, Fulfilment, Status
from ordercall.domain.reports.fates import Fate
from ordercall.storage.engine.index_hints import by_index
from ordercall.storage.reads.counters import number_up_to
from ordercall.storage.reads.order_filter import OrderFilter, conditions
from ordercall.storage.reads.order_lists import COUNTED, PAGE, Page, cut_page
from ordercall.storage.records import addresses, holds, write_backs
from ordercall.storage.records.addresses import Proposal
from ordercall.storage.records.deliveries import LISTED, Outcome, StoredDelivery
from ordercall.storage.records.holds import StoredHold
from ordercall.storage.records.orders import find_all
from ordercall.storage.records.stored_order import StoredOrder, stored_order
from ordercall.storage.report_tables import reports
from ordercall.storage.tables import (
    NEEDS_A_PERSON,
    UNHANDLED,
    address_proposals,
    deliveries,
    logs,
    order_holds,
    orders,
    program_cancels,
)

MOST_COUNTED = 1_000
"""A larger number helps nobody, and each page counts anew."""
DELIVERIES_SHOWN = 10
"""They are shown above the orders; the next ones appear as these are handled."""
SHOWN = 25
"""Holds and addresses: as many as orders on a page; the next ones appear as these are dealt with."""

REFUSALS_SHOWN = 5
"""Different words: mostly one cause has them all."""

_BY_INDEX = "orders_needing_a_person"
"""SQLite would rather walk the table by its key: it does not know how few rows that are."""

_BY_KIND = "orders_needing_a_person_by_kind"
"""The same for those of one kind."""


_MAY_BE_THERE = (
    *(Reason.OUTCOME_UNKNOWN, Reason.PHONE_CHANGED, Reason.ALREADY_LISTED),
    *(Reason.NOT_REACHED, Reason.PASSED_OVER, Reason.CANCEL_UNDONE, Reason.NOT_HEARD),
)
"""Who may be on the campaign already, or was: a person looks first."""

_FIRST_SOMETHING_ELSE = (
    *(Reason.NO_PHONE, Reason.PHONE_HIDDEN, Reason.PARTLY_KNOWN, Reason.DO_NOT_CALL),
    *(Reason.DISCONNECTED, Reason.ERASED),
)
"""What no sync gets past before something else is put right."""


@dataclass(frozen=True, slots=True)
class WaitingCounts:
    """How many orders, deliveries, holds and addresses wait for a person, each counted up to 1,000.

    ``refusals``: 1 where Shopify did not take what was written to orders, to however many.
    """

    orders: int
    deliveries: int
    holds: int
    addresses: int
    refusals: int

    @property
    def all(self) -> int:
        return self.orders + self.deliveries + self.holds + self.addresses + self.refusals


@dataclass(frozen=True, slots=True)
class Refusal:
    """Words of Shopify's against what was written: of how many orders, up to 1,000, and of which one last."""

    words: str
    number: int
    order: StoredOrder


def count(tx: Connection, now: datetime) -> WaitingCounts:
    unread = select(deliveries.c.id).where(UNHANDLED)
    waiting = (_waiting(orders.c.shopify_id), unread, holds.in_trouble(), addresses.to_decide(now))
    numbers = [number_up_to(tx, rows, MOST_COUNTED) for rows in waiting]
    return WaitingCounts(*[*numbers, number_up_to(tx, write_backs.refused(), 1)])


def count_reports(tx: Connection) -> int:
    """Return how many reports of calls need a person and nobody has dealt with, up to 1,000."""
    waiting = select(reports.c.id).where(reports.c.fate == Fate.NEEDS_A_PERSON, reports.c.handled_at.is_(None))
    return number_up_to(tx, waiting, MOST_COUNTED)


def held(tx: Connection) -> list[tuple[StoredOrder, StoredHold]]:
    """Return the latest orders of which a person must look at the hold, each with it."""
    latest = holds.in_trouble().order_by(order_holds.c.shopify_id.desc()).limit(SHOWN)
    found = holds.of_orders(tx, list(tx.execute(latest).scalars()))
    return [(order, found[order.shopify_id]) for order in find_all(tx, found)]


def with_addresses(tx: Connection, now: datetime) -> list[tuple[StoredOrder, Proposal]]:
    """Return the latest orders of which a person must look at the address of a call, each with it."""
    latest = addresses.to_decide(now).order_by(address_proposals.c.shopify_id.desc()).limit(SHOWN)
    found = addresses.of_orders(tx, list(tx.execute(latest).scalars()))
    return [(order, found[order.shopify_id]) for order in find_all(tx, found)]


def not_written(tx: Connection) -> list[Refusal]:
    """Return what Shopify has against what was written to orders, the commonest first."""
    found = write_backs.refusals(tx, most=REFUSALS_SHOWN, among=MOST_COUNTED)
    latest = {order.shopify_id: order for order in find_all(tx, [shopify_id for _, _, shopify_id in found])}
    return [Refusal(words, number, latest[shopify_id]) for words, number, shopify_id in found]


def touched_since(tx: Connection, log_id: int) -> bool:
    """Return whether something happened after this log entry to an order that waits now.

    It looks at the first 1,000 entries after it.
    """
    newer = select(logs.c.shopify_id).where(logs.c.id > log_id, logs.c.shopify_id.is_not(None))
    latest = newer.order_by(logs.c.id).limit(1_000).subquery()
    waiting = select(orders.c.shopify_id).where(NEEDS_A_PERSON, orders.c.shopify_id.in_(select(latest.c.shopify_id)))
    return tx.execute(waiting.limit(1)).first() is not None


def page(tx: Connection, *, before: int | None, after: int | None) -> Page:
    """Return one page of the orders that wait, the latest first: Shopify's ids grow with time.

    Args:
        before: the page begins behind this order, also when it has stopped waiting meanwhile.
        after: the page ends in front of this order.

    What was dealt with is gone: a page before the first or after the last is the first one.
    """
    backwards = after is not None and before is None
    query = _waiting(orders)
    if backwards:
        query = query.where(orders.c.shopify_id > after).order_by(orders.c.shopify_id)
    else:
        query = query.where(orders.c.shopify_id < (before or LARGEST_ID)).order_by(orders.c.shopify_id.desc())
    rows = [stored_order(row) for row in tx.execute(query.limit(PAGE + 1))]
    return cut_page(rows, anchored=before is not None, backwards=backwards) or page(tx, before=None, after=None)


def next_after(tx: Connection, shopify_id: int | None) -> int | None:
    """Return the order that waits behind this one on the page, behind the last or none the first; None: none waits."""
    waiting = _waiting(orders.c.shopify_id).order_by(orders.c.shopify_id.desc()).limit(1)
    behind = tx.execute(waiting.where(orders.c.shopify_id < shopify_id)).scalar() if shopify_id else None
    first: int | None = behind or tx.execute(waiting).scalar()
    return first


def count_of(tx: Connection, demanded: list[ColumnElement[bool] | TextClause]) -> tuple[int, float | None]:
    """Count those of the waiting orders that fulfil this too, up to 1,000, and return when the oldest was placed."""
    some = by_index(select(orders.c.placed_at).where(*demanded, NEEDS_A_PERSON), orders, _BY_KIND)
    few = some.limit(MOST_COUNTED).subquery()
    number, oldest = tx.execute(select(func.count(), func.min(few.c.placed_at)).select_from(few)).one()
    return number, oldest


def count_unheard(tx: Connection) -> int:
    """Return how many orders wait, up to 1,000, because their calls ended while no report could be heard."""
    return count_of(tx, [_is(Status.PLACED), orders.c.calling_reason == Reason.NOT_HEARD])[0]


def late(tx: Connection, before: datetime, limit: int = MOST_COUNTED) -> tuple[int, float]:
    """Return how many orders have been on their way to Kalimera since before this time, and since when the first.

    Of the oldest 1,000 that are on their way; those of unknown time come last.
    """
    since = func.coalesce(orders.c.calling_changed_at, orders.c.webhook_timestamp, 0).label("since")
    queued = select(since).where(orders.c.calling_state == CallingState.QUEUED)
    few = queued.order_by(orders.c.placed_at.nulls_last()).limit(limit).subquery()
    kept = select(func.count(), func.min(few.c.since)).where(few.c.since < before.timestamp())
    number, first = tx.execute(kept).one()
    return number, first or 0.0


def count_to_sync(tx: Connection, period: OrderFilter, *, missing: bool) -> int:
    """Return how many orders of a period may be synced again, up to 1,000."""
    return count_of(tx, [*to_sync(missing=missing), *conditions(period)])[0]


def why_off_campaign(tx: Connection, wanted: OrderFilter, limit: int = COUNTED) -> list[tuple[Reason, int]]:
    """Return why orders of the filter are not on their campaign, the commonest reason first.

    Of the latest 10,000. Those of unknown time come last and have a query of their own: Postgres sorts NULL first, and
    has no index that has it last.
    """
    off = replace(wanted, status=None, off_campaign=True)
    some = by_index(select(orders.c.calling_reason), orders, "orders_off_campaign")
    some = some.where(*conditions(off)).order_by(orders.c.placed_at.desc(), orders.c.shopify_id.desc())
    counted: Counter[str] = Counter()
    left = limit
    for latest in (some.where(orders.c.placed_at.is_not(None)), some.where(orders.c.placed_at.is_(None))):
        few = latest.limit(left).subquery()
        for reason, number in tx.execute(select(few.c.calling_reason, func.count()).group_by(few.c.calling_reason)):
            counted[reason] += number
            left -= number
    known = [(reason, number) for word, number in counted.items() if (reason := Reason.of(word))]
    return sorted(known, key=lambda one: (-one[1], one[0]))


def to_sync(*, missing: bool) -> list[ColumnElement[bool] | TextClause]:
    """Match what may be synced again without a look at Kalimera: nobody can have been put on the campaign.

    Args:
        missing: whether settings for calls are missing.
    """
    failed = orders.c.calling_state == CallingState.FAILED
    return [NEEDS_A_PERSON, failed, _is(Status.PLACED), *sync_may_help(missing=missing)]


def sync_may_help(*, missing: bool) -> list[ColumnElement[bool] | TextClause]:
    """Match the orders that nothing keeps from their campaign, as far as it is known without asking Kalimera."""
    hopeless = [*_MAY_BE_THERE, *_FIRST_SOMETHING_ELSE, *([Reason.SETTINGS_MISSING] if missing else [])]
    clear = or_(orders.c.calling_reason.is_(None), orders.c.calling_reason.not_in(hopeless))
    return [orders.c.customer_phone.is_not(None), clear]


def to_cancel() -> list[ColumnElement[bool] | TextClause]:
    """Match the Failed orders that Shopify did not cancel, and of which it may still do so: nothing has left.

    What the belt held back is left out: each of those is a person's to decide, and no failure to be repeated.
    """
    held_back = exists().where(
        program_cancels.c.shopify_id == orders.c.shopify_id, program_cancels.c.held_at.is_not(None)
    )
    return [NEEDS_A_PERSON, _is(Status.FAILED), still_here(), ~held_back]


def still_here() -> ColumnElement[bool]:
    """Match the orders of which no parcel has left: of any other Shopify cancels nothing."""
    left = [one for one in Fulfilment if one.has_left]
    return or_(orders.c.fulfillment_status.is_(None), orders.c.fulfillment_status.not_in(left))


def unhandled(tx: Connection) -> list[StoredDelivery]:
    """Return the newest deliveries that nobody could read and no person has dealt with."""
    newest = LISTED.where(UNHANDLED).order_by(deliveries.c.id.desc())
    return [StoredDelivery(*row) for row in tx.execute(newest.limit(DELIVERIES_SHOWN))]


def mark_handled(tx: Connection, delivery_id: int, *, by: str, now: datetime) -> bool:
    """Store that a person has dealt with this delivery; return whether that is news."""
    mine = update(deliveries).where(deliveries.c.id == delivery_id, UNHANDLED)
    return bool(tx.execute(mine.values(handled_at=now.timestamp(), handled_by=by)).rowcount)


def find_unreadable(tx: Connection, delivery_id: int) -> StoredDelivery | None:
    """Return this delivery if nobody could read it, whether it was handled or not."""
    mine = deliveries.c.id == delivery_id, deliveries.c.outcome == Outcome.UNREADABLE
    row = tx.execute(LISTED.where(*mine)).first()
    return StoredDelivery(*row) if row else None


def _waiting(*columns: Any) -> Select[Any]:
    return by_index(select(*columns).where(NEEDS_A_PERSON), orders, _BY_INDEX)


def _is(status: Status) -> ColumnElement[bool]:
    return orders.c.confirmation_status == status
