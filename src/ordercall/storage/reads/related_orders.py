"""The orders that a report may be about: those with one of its ids, and those that share a phone or a contact."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from ordercall.domain.calls.call import MAY_RING, CallState, silent_since
from ordercall.domain.contact_ids import shown, spellings
from ordercall.domain.orders.order import Status
from ordercall.domain.reports.matching import LATEST, Related, WaitingCall
from ordercall.domain.reports.report import Report
from ordercall.storage.tables import call_orders, calls, look_ups, orders

MOST_OF_A_PHONE = 50
"""Orders: those that wait first, then the newest. A phone of which more wait says nothing by itself anyway."""

_OVER = (CallState.UNANSWERED, CallState.ENDED_UNKNOWN)
_LEFT = (*MAY_RING, *_OVER, CallState.OVERTAKEN)
"""The calls that Kalimera may have on its list, and that nobody is known to have answered."""

# Made once, as what every order runs in ``orders``.
_COLUMNS = (
    *(orders.c.shopify_id, orders.c.customer_phone, orders.c.confirmation_status, orders.c.erased_at),
    *(calls.c.call_id, calls.c.rings_with, calls.c.state, calls.c.changed_at, calls.c.contact_id),
    *(calls.c.phone, calls.c.window_start, calls.c.may_ring_until, call_orders.c.on_card, look_ups.c.looked_up_at),
)
_WITH_CALLS = (
    select(*_COLUMNS)
    .select_from(orders)
    .outerjoin(call_orders, call_orders.c.shopify_id == orders.c.shopify_id)
    .outerjoin(calls, calls.c.call_id == call_orders.c.call_id)
    .outerjoin(look_ups, look_ups.c.shopify_id == orders.c.shopify_id)
    .where(orders.c.shopify_id.in_(bindparam("ids", expanding=True)))
    .order_by(orders.c.shopify_id, call_orders.c.is_live, calls.c.call_id)
)
_BY_CALL = select(call_orders.c.shopify_id).where(call_orders.c.call_id == bindparam("call"))
_TOGETHER = (
    select(call_orders.c.shopify_id)
    .join(calls, calls.c.call_id == call_orders.c.call_id)
    .where(calls.c.rings_with == bindparam("call"))
)
_BY_CONTACT = (
    select(call_orders.c.shopify_id)
    .join(calls, calls.c.call_id == call_orders.c.call_id)
    .where(calls.c.contact_id == bindparam("contact"))
)
_BY_PHONE = (
    select(orders.c.shopify_id)
    .where(orders.c.customer_phone == bindparam("phone"))
    .order_by(orders.c.confirmation_status != Status.PLACED, orders.c.placed_at.desc())
    .limit(MOST_OF_A_PHONE)
)


@dataclass(frozen=True, slots=True)
class Around:
    """What is known around a report. ``erased``: those of the orders whose customer's data was erased."""

    orders: list[Related] = field(default_factory=list)
    erased: frozenset[int] = frozenset()


def around(tx: Connection, report: Report, *, at_address: int | None, now: datetime) -> Around:
    """Return every order that a report may be about.

    Args:
        at_address: the order at whose address it came.
    """
    contacts, phones = spellings(report.contact_id) if report.contact_id else set(), {report.phone} - {None}
    ids = {report.shopify_id, at_address} - {None} | _ids(tx, contacts, phones)
    if report.call_id:
        ids |= {found for by in (_BY_CALL, _TOGETHER) for found in tx.execute(by, {"call": report.call_id}).scalars()}
    rows = _rows(tx, ids)
    more_phones = {row.customer_phone for row in rows} - phones - {None}
    more_contacts = {row.contact_id for row in rows} - contacts - {None}
    more = _ids(tx, more_contacts, more_phones) - ids
    rows += _rows(tx, more)
    joint = {row.rings_with for row in rows} - {None}
    beside = {found for call_id in joint for found in tx.execute(_TOGETHER, {"call": call_id}).scalars()}
    rows += _rows(tx, beside - ids - more)
    return Around(_related(rows, now), frozenset(row.shopify_id for row in rows if row.erased_at is not None))


def of_phone(tx: Connection, phone: str, *, now: datetime) -> list[Related]:
    """Return the orders of a phone that wait for an answer, as an agent asks for them."""
    return [order for order in _related(_rows(tx, _ids(tx, (), [phone])), now) if order.call]


def _ids(tx: Connection, contacts: Iterable[Any], phones: Iterable[Any]) -> set[Any]:
    """Return the orders that have one of these contacts or phones."""
    ids: set[Any] = set()
    for contact in contacts:
        ids |= set(tx.execute(_BY_CONTACT, {"contact": contact}).scalars())
    for phone in phones:
        ids |= set(tx.execute(_BY_PHONE, {"phone": phone}).scalars())
    return ids


def _rows(tx: Connection, ids: set[Any]) -> list[Row[Any]]:
    return list(tx.execute(_WITH_CALLS, {"ids": sorted(ids)})) if ids else []


def _related(rows: Iterable[Row[Any]], now: datetime) -> list[Related]:
    """Return an order for each that has rows, one a call; the newest call that waits is the order's."""
    of_order: dict[int, dict[Any, Row[Any]]] = defaultdict(dict)
    for row in rows:
        of_order[row.shopify_id][row.call_id] = row
    return [_order(shopify_id, list(mine.values()), now) for shopify_id, mine in of_order.items()]


def _order(shopify_id: int, rows: list[Row[Any]], now: datetime) -> Related:
    waits = [row for row in rows if _waits(row, now)]
    return Related(
        shopify_id=shopify_id,
        phone=rows[0].customer_phone,
        contact_ids=frozenset(shown(row.contact_id) for row in rows if row.contact_id),
        call_ids=frozenset(_known_as(row) for row in rows if row.call_id and row.on_card),
        call=_waiting_call(waits[-1]) if waits else None,
        joint=frozenset((row.rings_with, shown(row.contact_id)) for row in rows if row.rings_with and row.contact_id),
        elsewhere=_elsewhere(rows),
        rings=tuple(_waiting_call(row) for row in rows if _may_still_ring(row, now) and not row.on_card),
    )


def _elsewhere(rows: list[Row[Any]]) -> frozenset[str]:
    """Return the ids by which an order's customer was last rung at another number than it has now."""
    now, rang = rows[0].customer_phone, [row for row in rows if row.phone]
    last = {
        named: row.phone for row in rang for named in (row.call_id and _known_as(row), shown(row.contact_id or ""), now)
    }
    return frozenset(named for named, phone in last.items() if named and phone != now)


def _known_as(row: Row[Any]) -> str:
    known_as: str = row.rings_with or row.call_id
    return known_as


def _waits(row: Row[Any], now: datetime) -> bool:
    if row.confirmation_status != Status.PLACED or row.call_id is None:
        return False
    over = row.state in _OVER and row.changed_at >= (now - LATEST).timestamp()
    return row.state in MAY_RING or over


def _may_still_ring(row: Row[Any], now: datetime) -> bool:
    """Return whether a call left and is not over, whatever became of its order."""
    if row.state not in _LEFT:
        return False
    return row.may_ring_until is None or row.may_ring_until >= silent_since(now).timestamp()


def _waiting_call(row: Row[Any]) -> WaitingCall:
    looked_up, since = row.looked_up_at, row.window_start
    return WaitingCall(
        call_id=_known_as(row),
        contact_id=shown(row.contact_id) if row.contact_id else None,
        on_card=bool(row.on_card),
        looked_up=looked_up is not None and since is not None and looked_up >= since,
        rings_from=None if since is None else datetime.fromtimestamp(since, UTC),
        rings_until=None if row.may_ring_until is None else datetime.fromtimestamp(row.may_ring_until, UTC),
    )
