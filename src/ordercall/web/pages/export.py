"""Orders as CSV: those of a list, or those that were ticked in it. docs/operations.md explains the columns.

In a courier's columns (docs/couriers.md) they are walked twice: first for those that do not fit, which are named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal
from itertools import batched

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from ordercall.domain.activity import Event
from ordercall.domain.orders.bulk import ItemState
from ordercall.domain.parcels.courier_values import to_collect
from ordercall.domain.parcels.parcel import ParcelLine, grams_of, in_words, parcel_lines
from ordercall.domain.people import Permission
from ordercall.errors import UnknownRun
from ordercall.storage.engine.database import Database
from ordercall.storage.reads import order_lists, search
from ordercall.storage.reads.order_filter import OrderFilter
from ordercall.storage.reads.order_lists import Anchor, Sort
from ordercall.storage.records import activity, bulk, calls, orders
from ordercall.storage.records.calls import Call
from ordercall.storage.records.stored_order import StoredOrder
from ordercall.web.access.doors import current_actor, needs
from ordercall.web.choices import read_choice
from ordercall.web.context import context
from ordercall.web.ids import read_id
from ordercall.web.pages import courier_export
from ordercall.web.view import chips, page_numbers, reading
from ordercall.web.view.csv_text import BYTE_ORDER_MARK, csv_lines, plain
from ordercall.web.view.filters import ListQuery
from ordercall.web.view.periods import PERIODS

PLAIN = "plain"
SLICE = 500
"""Orders that are read at a time: half a megabyte, and a read that is no longer than a page's."""

bp = Blueprint("export", __name__)


@bp.route("/orders.csv", methods=["GET", "POST"], endpoint="csv")
@needs(Permission.EXPORT)
def orders_csv() -> ResponseReturnValue:
    """Send the orders with the ids of the request, or without any those of the list in its URL.

    Who exported them is logged before the first of them is sent. ``format=plain`` is for programs: each value as it is.
    """
    columns = courier_export.chosen_columns()
    db, seen, zone = context().db, reading.as_seen(), context().settings.display_timezone
    taken, slices = _taken(db, seen)
    is_plain = read_choice(request.values.get("format"), [PLAIN]) is not None
    if columns is None:
        _log(f"Exported as CSV: {taken}.")
        return _answer(_for_programs(slices, zone) if is_plain else _as_csv(slices, zone))
    left_out = courier_export.look_for_misfits(slices, columns)
    if left_out.number and request.values.get("left_out") != courier_export.TOLD:
        return courier_export.page(columns, left_out)
    _log(f"Exported as CSV for {columns.name}: {taken}.{left_out.words}")
    return _answer(courier_export.as_csv(_taken(db, seen)[1], columns, context().settings, is_plain=is_plain))


def _log(message: str) -> None:
    with context().db.begin() as tx:
        activity.record(tx, None, Event.ORDERS_EXPORTED, message, now=reading.now(), actor=current_actor())


def _answer(written: Iterator[str]) -> Response:
    answer = Response(written, mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="orders-{reading.now():%Y-%m-%d}.csv"'
    return answer


def _taken(db: Database, seen: datetime) -> tuple[str, Iterator[list[Exported]]]:
    """Return the orders of the request, in words and in slices.

    Args:
        seen: the present as it was for the page with the list.
    """
    query, ids, part = ListQuery.read(request.values), ticked(), part_of_run()
    if part is not None:
        with db.read() as tx:
            return part.described, _slices_of(db, bulk.ids_in(tx, part.run_id, part.state))
    if ids is not None:
        return described(query, ids, seen), _slices_of(db, ids)
    with db.read() as tx:
        wanted = search.look_up_all(tx, query.filter(seen))
    return described(query, None, seen), _slices_in(db, wanted)


Value = str | int | bool | Decimal | datetime | None


def _for_spreadsheet(value: Value, zone: tzinfo) -> str:
    return plain(value) if isinstance(value, str) else _written(value, zone)


def _written(value: Value, zone: tzinfo) -> str:
    """Return a value as a text."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.astimezone(zone).isoformat("T", "seconds")
    if isinstance(value, Decimal):
        return f"{value:f}"
    return "" if value is None else str(value)


type Exported = tuple[StoredOrder, Call | None]
"""An order and its last call."""

COLUMNS: dict[str, Callable[[StoredOrder], Value]] = {
    "order": lambda order: order.order_name,
    "shopify_id": lambda order: order.shopify_id,
    "placed_at": lambda order: order.placed_at,
    "status": lambda order: order.status_word,
    "status_changed_at": lambda order: order.status_changed_at,
    "status_changed_by": lambda order: order.status_changed_by,
    "calling": lambda order: order.calling_state,
    "calling_reason": lambda order: order.calling_reason,
    "cancel": lambda order: order.cancel_state,
    "first_name": lambda order: order.first_name,
    "last_name": lambda order: order.last_name,
    "phone": lambda order: order.customer_phone,
    "email": lambda order: order.customer_email,
    "address": lambda order: order.address,
    "city": lambda order: order.city,
    "state": lambda order: order.state,
    "product": lambda order: order.product_title,
    "items": lambda order: order.item_count,
    "total": lambda order: order.total_price,
    "currency": lambda order: order.currency,
    "cash_on_delivery": lambda order: order.is_cod,
    "test": lambda order: order.is_test,
    "to_collect": to_collect,
    "zip": lambda order: order.zip,
    "address2": lambda order: order.address2,
    "lines": lambda order: _of_parcel(order, in_words),
    "weight": lambda order: _of_parcel(order, grams_of),
}


def _of_parcel(order: StoredOrder, told: Callable[[list[ParcelLine]], Value]) -> Value:
    """Return something of what goes into an order's parcel, nothing where nobody has told its lines yet."""
    lines = parcel_lines(order)
    return None if lines is None else told(lines)


CALL_COLUMNS: dict[str, Callable[[Call], Value]] = {
    "call": lambda call: call.state,
    "call_answer": lambda call: call.answer,
    "call_attempt": lambda call: call.attempt,
    "call_not_before": lambda call: call.not_before,
    "call_window_end": lambda call: call.window_end,
}
"""Of an order's last call; empty where it has none."""


def ticked() -> list[int] | None:
    """Return the ids that the request names, each once, the newest order's first; None for a whole list."""
    if "id" not in request.values or "all" in request.values:
        return None
    found = {read_id(text) for text in request.values.getlist("id")}
    return sorted((one for one in found if one is not None), reverse=True)


@dataclass(frozen=True, slots=True)
class PartOfRun:
    """The orders that a bulk run left in one state."""

    run_id: int
    state: ItemState

    @property
    def described(self) -> str:
        return f"the {self.words} orders of run {self.run_id}"

    @property
    def words(self) -> str:
        return "unfinished" if self.state is ItemState.FAILED else str(self.state)


def part_of_run() -> PartOfRun | None:
    """Return the part of a bulk run whose orders the request is about, or None where it is not about a run.

    Raises:
        UnknownRun: there is no such run, or it knows no such state.
    """
    if not {"run", "all"} <= set(request.values):
        return None
    named, state = request.values["run"], read_choice(request.values.get("state"), ItemState)
    run_id = read_id(named)
    with context().db.read() as tx:
        if run_id is None or bulk.find(tx, run_id) is None or state is None:
            raise UnknownRun(named[:40])
    return PartOfRun(run_id, state)


def described(query: ListQuery, ids: list[int] | None, seen: datetime) -> str:
    """Return which orders were chosen, in words, of a list as it was at this time.

    The search text stays out of the log: it may be a name or a phone.
    """
    if ids is not None:
        return f"{len(ids)} chosen order{'s' if len(ids) != 1 else ''}"
    hour = f", {query.hour_named}" if query.hour_named else ""
    narrowed = f" ({', '.join(chips.in_words(query))})" if query.facets else ""
    search = ", what a search found" if query.q else ""
    returned = ", by the day they came back" if query.by_change else ""
    period = page_numbers.period_name(query.span, PERIODS.get(query.span, "").lower(), seen)
    return f"{query.status or 'all'}{narrowed} orders, {period}{hour}{returned}{search}"


def _slices_in(db: Database, wanted: OrderFilter) -> Iterator[list[Exported]]:
    """Yield the list's orders in slices. Each has a transaction of its own, so a slow reader holds none open.

    The list goes on behind where the last one stood, also where that has moved meanwhile.
    """
    last: Anchor | None = None
    sort = Sort.usual(to_ship=wanted.to_ship)
    while True:
        with db.read() as tx:
            rows, last = order_lists.walk(tx, wanted, sort, behind=last, limit=SLICE)
            found = _with_calls(tx, rows)
        if not found:
            return
        yield found


def _slices_of(db: Database, ids: list[int]) -> Iterator[list[Exported]]:
    for some in batched(ids, SLICE):
        with db.read() as tx:
            rows = sorted(orders.find_all(tx, some), key=lambda order: order.shopify_id, reverse=True)
            found = _with_calls(tx, rows)
        yield found


def _with_calls(tx: Connection, found: list[StoredOrder]) -> list[Exported]:
    last = calls.latest_of(tx, [order.shopify_id for order in found])
    return [(order, last.get(order.shopify_id)) for order in found]


def _as_csv(slices: Iterable[list[Exported]], zone: tzinfo) -> Iterator[str]:
    yield BYTE_ORDER_MARK + csv_lines([[*COLUMNS, *CALL_COLUMNS]])
    for rows in slices:
        yield csv_lines([_for_spreadsheet(value, zone) for value in _values(*one)] for one in rows)


def _for_programs(slices: Iterable[list[Exported]], zone: tzinfo) -> Iterator[str]:
    yield csv_lines([[*COLUMNS, *CALL_COLUMNS]])
    for rows in slices:
        yield csv_lines([_written(value, zone) for value in _values(*one)] for one in rows)


def _values(order: StoredOrder, last: Call | None) -> Iterator[Value]:
    yield from (column(order) for column in COLUMNS.values())
    yield from (column(last) if last else None for column in CALL_COLUMNS.values())
