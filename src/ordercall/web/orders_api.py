"""The API of what is known: a list of orders by the filters of the dashboard, one order, its timeline, calls, holds."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal, TypedDict

from flask import Blueprint, current_app, jsonify, request
from flask.typing import ResponseReturnValue
from itsdangerous import BadSignature, URLSafeSerializer
from msgspec import Meta
from sqlalchemy import Connection
from werkzeug.datastructures import MultiDict

from ordercall.domain.calls.call import Answer
from ordercall.domain.calls.calling import Language, Reason
from ordercall.domain.people import Permission
from ordercall.domain.phones.choosing import to_e164
from ordercall.errors import InvalidRequest, UnknownOrder
from ordercall.storage.reads import order_lists, search
from ordercall.storage.reads.facets import Payment
from ordercall.storage.reads.order_lists import Anchor, Sort
from ordercall.storage.records import activity, calls, holds, orders
from ordercall.storage.records.activity import StoredEntry
from ordercall.storage.records.stored_order import StoredOrder
from ordercall.web.access.doors import PROGRAMS, THIS_MACHINE, needs
from ordercall.web.context import context
from ordercall.web.declared import Before, Id, Time, Told, asked, tells
from ordercall.web.ids import order_id
from ordercall.web.view.contacts import contacts_open, text_seen
from ordercall.web.view.filters import LONGEST_FACET, LONGEST_SEARCH, ListQuery
from ordercall.web.view.format import day, money
from ordercall.web.view.order_json import (
    HoldJson,
    OrderJson,
    WholeCallJson,
    hold_to_json,
    order_to_json,
    whole_call_to_json,
)
from ordercall.web.view.periods import FIRST_YEAR, LAST_YEAR
from ordercall.web.view.reading import now

MOST = 100
"""Orders in one answer: 120 KB, and a read of some 20 ms."""

bp = Blueprint("orders_api", __name__, url_prefix="/api")

Fact = Annotated[str, Meta(max_length=LONGEST_FACET)]
Cursor = Annotated[str, Meta(description="next of the answer before, as it came.")]
OrdersAsked = TypedDict(
    "OrdersAsked",
    {
        "phone": Annotated[str, Meta(description="With waiting=1, what an agent looks up. The plus is written %2B.")],
        "waiting": Annotated[str, Meta(description="1: the orders of this phone that wait for an answer, in words.")],
        "status": Literal["Placed", "Success", "Returned", "Failed", "off-campaign", "to-ship"],
        "state": Annotated[Fact, Meta(description="The province, as the order has it.")],
        "payment": Payment,
        "language": Language,
        "reason": Annotated[Reason, Meta(description="Why it is not called.")],
        "attempt": Annotated[int, Meta(ge=1, le=99, description="The number of its last call.")],
        "answer": Annotated[Answer, Meta(description="What its customer said last.")],
        "agent": Annotated[Fact, Meta(description="The id of the voice agent of its last call.")],
        "product": Annotated[Fact, Meta(description="What it is called by, its first line.")],
        "pincode": Fact,
        "q": Annotated[
            str,
            Meta(max_length=LONGEST_SEARCH, description="Part of a name, phone, order number, city or e-mail address."),
        ],
        "range": Literal["today", "yesterday", "7d", "14d", "30d", "all"],
        "from": Annotated[date, Meta(description="The first day, in DISPLAY_TIMEZONE; wins over range.")],
        "to": Annotated[date, Meta(description="The last day.")],
        "sort": Annotated[Sort, Meta(description="A minus: the largest first. Else the newest come first.")],
        "cursor": Cursor,
        "limit": Annotated[int, Meta(ge=1, le=MOST, description="25, where it is left out.")],
    },
    total=False,
)
"""What a list of orders is asked for. Without a period it is about all dates."""

A_FILTER = frozenset(OrdersAsked.__annotations__) - {"phone", "waiting", "cursor", "limit"}


class OrderList(TypedDict):
    """Some orders of a list.

    ``next`` is null at its end. A list that is narrowed looks through the latest 50,000 orders of its period, 10,000
    where it asks for a call: ``searched_from`` is the time of the first of them where there are earlier ones. A search
    finds the latest 1,000; ``found_more`` tells that there are more. Ask for a period before (``to``) to have those.
    """

    success: Literal[True]
    orders: list[OrderJson]
    next: str | None
    searched_from: Time | None
    found_more: bool


class ToSay(TypedDict):
    """An order as an agent may speak of it: no address, and no name that somebody else would hear."""

    shopify_id: Id
    order_name: str | None
    product_title: str | None
    total_price: float | None
    currency: str | None
    words: str


class Waiting(TypedDict):
    """The orders of a phone that wait for an answer."""

    success: Literal[True]
    orders: list[ToSay]


class OneOrder(TypedDict):
    """An order."""

    success: Literal[True]
    order: OrderJson


class EntryJson(TypedDict):
    """Something that happened. ``detail`` is the request to Kalimera or Shopify behind it, masked; not for viewers."""

    id: Id
    at: str | None
    event: str | None
    message: str | None
    actor: str | None
    detail: Any


class Timeline(TypedDict):
    """What happened to an order, the newest first. ``before`` leads on; null: there is nothing older."""

    success: Literal[True]
    shopify_id: Id
    entries: list[EntryJson]
    before: Id | None


class CallsOfOrder(TypedDict):
    """The calls of an order, the newest first."""

    success: Literal[True]
    shopify_id: Id
    calls: list[WholeCallJson]


class HoldList(TypedDict):
    """Parcels that are held, or are to be. ``before`` leads on; null: there are no more."""

    success: Literal[True]
    holds: list[HoldJson]
    before: Id | None


@bp.get("/orders")
@needs(Permission.SEE, THIS_MACHINE)
@tells(Told(asks=OrdersAsked, gives={200: (OrderList, Waiting)}))
def list_orders() -> ResponseReturnValue:
    """List orders by the filters of the dashboard, or look up which orders of a phone wait for an answer.

    Pages are cut by key: orders that arrive meanwhile shift nothing, and the last page costs what the first does.
    """
    wanted = asked(OrdersAsked)
    if "phone" in wanted or "waiting" in wanted:
        return _look_up(wanted)
    query = _list_query(wanted)
    with context().db.read() as tx:
        filtered = search.look_up(tx, query.filter(now()))
        behind, limit = _anchor(wanted.get("cursor"), query.sort), wanted.get("limit", order_lists.PAGE)
        found, last = order_lists.walk(tx, filtered, query.sort, behind=behind, limit=limit)
        shown = _shown(tx, found)
    return jsonify(
        success=True,
        orders=shown,
        next=_cursor(last, query.sort) if last and len(found) == limit else None,
        searched_from=_time(filtered.start) if filtered.cut else None,
        found_more=filtered.found_more,
    )


@bp.get("/orders/<order:shopify_id>")
@needs(Permission.SEE, PROGRAMS)
@tells(Told(gives={200: OneOrder}))
def one_order(shopify_id: str) -> ResponseReturnValue:
    """Show one order with its last call and its hold."""
    with context().db.read() as tx:
        [shown] = _shown(tx, [_found(tx, shopify_id)])
    return jsonify(success=True, order=shown)


@bp.get("/orders/<shopify_id>/timeline")
@needs(Permission.SEE, PROGRAMS)
@tells(Told(asks=Before, gives={200: Timeline}))
def timeline(shopify_id: str) -> ResponseReturnValue:
    """Tell what happened to an order, fifty entries at a time."""
    before = asked(Before).get("before")
    with context().db.read() as tx:
        order = _found(tx, shopify_id)
        number = order.shopify_id
        rows = activity.of_order(tx, number, before=before, limit=activity.PAGE + 1)
    shown = rows[: activity.PAGE]
    older = shown[-1].id if len(rows) > len(shown) else None
    return jsonify(success=True, shopify_id=number, entries=[_entry(row, order) for row in shown], before=older)


@bp.get("/orders/<shopify_id>/calls")
@needs(Permission.SEE, PROGRAMS)
@tells(Told(gives={200: CallsOfOrder}))
def calls_of_order(shopify_id: str) -> ResponseReturnValue:
    """List the calls of an order."""
    with context().db.read() as tx:
        number = _found(tx, shopify_id).shopify_id
        found = calls.of_order(tx, number)
    return jsonify(success=True, shopify_id=number, calls=[whole_call_to_json(call) for call in found])


@bp.get("/holds")
@needs(Permission.SEE, PROGRAMS)
@tells(Told(asks=Before, gives={200: HoldList}))
def list_holds() -> ResponseReturnValue:
    """List the parcels that are held in Shopify, or are to be, those of the latest orders first."""
    before = asked(Before).get("before")
    with context().db.read() as tx:
        found = holds.newest_live(tx, before=before, limit=order_lists.PAGE + 1)
    shown = found[: order_lists.PAGE]
    older = shown[-1].shopify_id if len(found) > len(shown) else None
    return jsonify(success=True, holds=[hold_to_json(hold) for hold in shown], before=older)


def _found(tx: Connection, shopify_id: str) -> StoredOrder:
    number = order_id(shopify_id)
    found = orders.find(tx, number)
    if found is None:
        raise UnknownOrder(number)
    return found


def _shown(tx: Connection, found: list[StoredOrder]) -> list[OrderJson]:
    ids = [order.shopify_id for order in found]
    last_calls, of_orders = calls.latest_of(tx, ids), holds.of_orders(tx, ids)
    return [order_to_json(order, last_calls, of_orders) for order in found]


def _list_query(wanted: OrdersAsked) -> ListQuery:
    """Return what the dashboard would make of it, but for the period: no days is all days.

    A day that no order can be of is moved to the nearest that one can, or the dashboard would take it for none.
    """
    args = MultiDict({name: value for name, value in request.args.items() if name in A_FILTER})
    for name in ("from", "to"):
        if name in wanted:
            args[name] = min(max(wanted[name], date(FIRST_YEAR, 1, 1)), date(LAST_YEAR, 12, 31)).isoformat()
    if "from" not in args and "to" not in args:
        args.setdefault("range", "all")
    return ListQuery.read(args)


def _anchor(cursor: str | None, sort: Sort) -> Anchor | None:
    """Return where the list goes on.

    Raises:
        InvalidRequest: the cursor is not ours, or one of a list in another order.
    """
    if cursor is None:
        return None
    try:
        sorted_by, key, shopify_id = _signer().loads(cursor)
    except BadSignature:
        sorted_by = None
    if sorted_by != sort:
        message = "The cursor is none of this list; send next as it came, with the same sort, or none to begin."
        raise InvalidRequest(message, code="InvalidCursor")
    return Anchor(key, shopify_id)


def _cursor(last: Anchor, sort: Sort) -> str:
    return str(_signer().dumps([sort, last.key, last.shopify_id]))


def _signer() -> URLSafeSerializer:
    """Return what signs cursors: a key of another kind than its column's would be a fault of the database."""
    return URLSafeSerializer(current_app.secret_key or "", salt=__name__)


def _time(seconds: float | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat()


def _entry(row: StoredEntry, order: StoredOrder) -> EntryJson:
    detail = json.loads(row.detail) if row.detail and contacts_open() else None
    return {
        "id": row.id,
        "at": row.timestamp,
        "event": row.event_type,
        "message": text_seen(row.message, order) if row.message else row.message,
        "actor": row.actor,
        "detail": detail,
    }


def _look_up(wanted: OrdersAsked) -> ResponseReturnValue:
    phone = to_e164(wanted.get("phone"))
    if phone is None or wanted.get("waiting") != "1":
        message = "Ask with ?phone=…&waiting=1, the plus of the number written as %2B."
        raise InvalidRequest(message, code="InvalidPhone")
    return jsonify(success=True, orders=[_to_say(order) for order in context().reports.look_up(phone)])


def _to_say(order: StoredOrder) -> ToSay:
    total = money(order.total_price, order.currency)
    paid = "to pay at the door" if order.is_cod else "in all"
    ordered = f", ordered on {day(order.placed_at)}" if order.placed_at else ""
    return {
        "shopify_id": order.shopify_id,
        "order_name": order.name,
        "product_title": order.product_title,
        "total_price": None if order.total_price is None else float(order.total_price),
        "currency": order.currency,
        "words": f"Order {order.name}: {order.product_title or 'unknown'}, {total} {paid}{ordered}.",
    }
