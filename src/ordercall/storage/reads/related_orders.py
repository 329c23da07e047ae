"""The orders that a report may be about: those with one of its ids, and those that share a phone or a contact."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BindParameter, Connection, Row, Select, bindparam, func, select

from ordercall.domain.calls.call import MAY_RING, CallState, silent_since
from ordercall.domain.contact_ids import shown, spellings
from ordercall.domain.orders.order import Status
from ordercall.domain.reports.matching import LATEST, Related, WaitingCall
from ordercall.domain.reports.report import Report
from ordercall.storage.call_tables import SHARED_CARD
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
_WITH_CALLS: Select[Any] = (
    select(*_COLUMNS)
    .select_from(orders)
    .outerjoin(call_orders, call_orders.c.shopify_id == orders.c.shopify_id)
    .outerjoin(calls, calls.c.call_id == call_orders.c.call_id)
    .outerjoin(look_ups, look_ups.c.shopify_id == orders.c.shopify_id)
    .where(orders.c.shopify_id.in_(bindparam("ids", expanding=True)))
    .order_by(orders.c.shopify_id, call_orders.c.is_live, calls.c.call_id)
)
_LOCK = (
    select(orders.c.shopify_id)
    .where(orders.c.shopify_id.in_(bindparam("ids", expanding=True)))
    .order_by(orders.c.shopify_id)
    .with_for_update()
)
_KEYS: BindParameter[Any] = bindparam("keys", expanding=True)
_with_call = call_orders.join(calls, calls.c.call_id == call_orders.c.call_id)
_in_line = func.row_number().over(
    partition_by=orders.c.customer_phone,
    order_by=(orders.c.confirmation_status != Status.PLACED, orders.c.placed_at.desc()),
)
_of_phones = (
    select(orders.c.customer_phone, orders.c.shopify_id, _in_line.label("place"))
    .where(orders.c.customer_phone.in_(_KEYS))
    .subquery()
)
_BY = {
    "call": select(call_orders.c.call_id, call_orders.c.shopify_id).where(call_orders.c.call_id.in_(_KEYS)),
    "together": select(calls.c.rings_with, call_orders.c.shopify_id)
    .select_from(_with_call)
    .where(calls.c.rings_with.in_(_KEYS)),
    "contact": select(calls.c.contact_id, call_orders.c.shopify_id)
    .select_from(_with_call)
    .where(calls.c.contact_id.in_(_KEYS)),
    "phone": select(_of_phones.c.customer_phone, _of_phones.c.shopify_id).where(_of_phones.c.place <= MOST_OF_A_PHONE),
}
"""The orders that have one of some keys, by the kind of key."""

type _Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Around:
    """What is known around a report. ``erased``: those of the orders whose customer's data was erased."""

    orders: list[Related] = field(default_factory=list)
    erased: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Asked:
    """A report, and the order at whose address it came."""

    report: Report
    at_address: int | None


class _Found:
    """What was read so far: the orders of each key, and the rows of each order, each read once."""

    def __init__(self, tx: Connection) -> None:
        self._tx = tx
        self._orders: dict[_Key, set[int]] = {}
        self._rows: dict[int, list[Row[Any]]] = {}

    def orders_of(self, wanted: Sequence[set[_Key]]) -> list[set[int]]:
        """Return, for each set of keys, the orders that have one of them."""
        news = set().union(*wanted) - self._orders.keys()
        self._orders |= {key: set() for key in news}
        for kind in {kind for kind, _ in news}:
            keys = sorted(word for known, word in news if known == kind)
            for word, shopify_id in self._tx.execute(_BY[kind], {"keys": keys}):
                self._orders[kind, word].add(shopify_id)
        return [set().union(*(self._orders[key] for key in mine)) for mine in wanted]

    def rows_of(self, wanted: Sequence[set[int]]) -> list[list[Row[Any]]]:
        """Return, for each set of orders, a row for each call of each of them."""
        news = sorted(set().union(*wanted) - self._rows.keys())
        self._rows |= {shopify_id: [] for shopify_id in news}
        for row in self._tx.execute(_WITH_CALLS, {"ids": news}) if news else ():
            self._rows[row.shopify_id].append(row)
        return [[row for shopify_id in sorted(mine) for row in self._rows[shopify_id]] for mine in wanted]


def around(tx: Connection, report: Report, *, at_address: int | None, now: datetime) -> Around:
    """Return every order that a report may be about.

    Args:
        at_address: the order at whose address it came.
    """
    [found] = around_all(tx, [Asked(report, at_address)], now=now)
    return found


def around_all(tx: Connection, asked: Sequence[Asked], *, now: datetime, to_change: bool = False) -> list[Around]:
    """Return what is around each of some reports, by as many statements as for one.

    Args:
        to_change: the orders that have an id of a report are locked before anything is read of them.
    """
    found = _Found(tx)
    named = [{number for number in (one.report.shopify_id, one.at_address) if number is not None} for one in asked]
    near = [ids | more for ids, more in zip(named, found.orders_of([_keys(one.report) for one in asked]), strict=True)]
    if to_change and (mine := sorted(set().union(*near))):
        tx.execute(_LOCK, {"ids": mine})
    rows = found.rows_of(near)
    sharing = _without(found.orders_of([_keys_of(mine) for mine in rows]), near)
    rows = _joined(rows, found.rows_of(sharing))
    joint = [{("together", row.rings_with) for row in mine if row.rings_with} for mine in rows]
    beside = _without(_without(found.orders_of(joint), near), sharing)
    rows = _joined(rows, found.rows_of(beside))
    erased = [frozenset(row.shopify_id for row in mine if row.erased_at is not None) for mine in rows]
    return [Around(_related(mine, now), gone) for mine, gone in zip(rows, erased, strict=True)]


def _without(found: Sequence[set[int]], known: Sequence[set[int]]) -> list[set[int]]:
    return [mine - others for mine, others in zip(found, known, strict=True)]


def _joined(rows: Sequence[list[Row[Any]]], more: Sequence[list[Row[Any]]]) -> list[list[Row[Any]]]:
    return [[*mine, *others] for mine, others in zip(rows, more, strict=True)]


def of_phone(tx: Connection, phone: str, *, now: datetime) -> list[Related]:
    """Return the orders of a phone that wait for an answer, as an agent asks for them."""
    found = _Found(tx)
    [rows] = found.rows_of(found.orders_of([{("phone", phone)}]))
    return [order for order in _related(rows, now) if order.call]


def _keys(report: Report) -> set[_Key]:
    contacts = spellings(report.contact_id) if report.contact_id else ()
    calls_named = {(kind, report.call_id) for kind in ("call", "together") if report.call_id}
    phone = {("phone", report.phone)} if report.phone else set()
    return calls_named | phone | {("contact", contact) for contact in contacts}


def _keys_of(rows: Sequence[Row[Any]]) -> set[_Key]:
    phones = {("phone", row.customer_phone) for row in rows if row.customer_phone}
    return phones | {("contact", row.contact_id) for row in rows if row.contact_id}


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
        shares_card=row.on_card == SHARED_CARD,
        looked_up=looked_up is not None and since is not None and looked_up >= since,
        rings_from=None if since is None else datetime.fromtimestamp(since, UTC),
        rings_until=None if row.may_ring_until is None else datetime.fromtimestamp(row.may_ring_until, UTC),
    )
