"""What was kept long enough: orders whose customers are forgotten, timelines and webhooks that are deleted."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, func, or_, select

from ordercall.domain.calls.calling import CallingState
from ordercall.domain.orders.order import CANCEL_ENDS, Fulfilment, Status
from ordercall.storage import call_tables, hold_tables, write_back_tables
from ordercall.storage.tables import call_orders, deliveries, logs, order_holds, orders, write_backs

LOOKED_AT = 2_000
"""Rows that one slice reads; those that it changes are fewer."""

MOVED = (orders.c.placed_at, orders.c.webhook_timestamp, orders.c.status_changed_at, orders.c.calling_changed_at)

UNDER_WAY: ColumnElement[bool] = or_(
    orders.c.calling_state.in_([state for state in CallingState if state.on_its_way]),
    and_(orders.c.cancel_state.is_not(None), orders.c.cancel_state.not_in(CANCEL_ENDS)),
    orders.c.address_waits == 1,
    exists().where(call_orders.c.shopify_id == orders.c.shopify_id, call_tables.LIVE),
    exists().where(order_holds.c.shopify_id == orders.c.shopify_id, hold_tables.LIVE),
    exists().where(write_backs.c.shopify_id == orders.c.shopify_id, write_back_tables.DUE),
    and_(
        orders.c.confirmation_status == Status.PLACED,
        orders.c.fulfillment_status.is_distinct_from(Fulfilment.ALL),
        orders.c.closed_at.is_(None),
        orders.c.shopify_cancelled_at.is_(None),
        orders.c.shopify_deleted_at.is_(None),
    ),
)
"""The orders with which something is still done, or to be done: nothing of theirs is touched, however old they are."""


def _is_old(before: datetime) -> ColumnElement[bool]:
    moment = before.timestamp()
    stood_still = (or_(column.is_(None), column < moment) for column in (*MOVED, orders.c.shopify_updated_at))
    return and_(orders.c.erased_at.is_(None), *stood_still, ~UNDER_WAY)


def settled_orders(tx: Connection, *, before: datetime, after: int) -> tuple[list[int], int | None]:
    """Return, of the next orders by their ids, those that are settled since then and have their customer.

    Returns:
        They, and behind which id it goes on; None: it is the end.
    """
    some = select(orders.c.shopify_id).where(orders.c.shopify_id > after).order_by(orders.c.shopify_id).limit(LOOKED_AT)
    ids = list(tx.execute(some).scalars())
    if not ids:
        return [], None
    between = orders.c.shopify_id > after, orders.c.shopify_id <= ids[-1]
    found = select(orders.c.shopify_id).where(*between, _is_old(before)).order_by(orders.c.shopify_id)
    return list(tx.execute(found).scalars()), ids[-1] if len(ids) == LOOKED_AT else None


def settled_of(tx: Connection, shopify_ids: list[int], *, before: datetime) -> list[int]:
    """Return those of the orders that are settled since then, of which the caller has the locks."""
    mine = select(orders.c.shopify_id).where(orders.c.shopify_id.in_(shopify_ids), _is_old(before))
    return list(tx.execute(mine).scalars()) if shopify_ids else []


def count_settled(tx: Connection, *, before: datetime) -> int:
    return tx.execute(select(func.count()).select_from(orders).where(_is_old(before))).scalar_one()


def _old_lines(before: datetime) -> ColumnElement[bool]:
    settled = exists().where(orders.c.shopify_id == logs.c.shopify_id, orders.c.erased_at.is_not(None))
    return and_(logs.c.timestamp < before.astimezone(UTC).isoformat(), or_(logs.c.shopify_id.is_(None), settled))


def drop_lines(tx: Connection, *, before: datetime, after: int) -> tuple[int, int | None]:
    """Delete the lines of orders without a customer, and of none, among the next ones; as :func:`settled_orders`."""
    some = select(logs.c.id, logs.c.timestamp).where(logs.c.id > after).order_by(logs.c.id).limit(LOOKED_AT)
    rows = tx.execute(some).all()
    if not rows:
        return 0, None
    between = logs.c.id > after, logs.c.id <= rows[-1].id
    gone = tx.execute(delete(logs).where(*between, _old_lines(before))).rowcount
    is_old = rows[-1].timestamp < before.astimezone(UTC).isoformat()  # ids grow as time does
    return gone, rows[-1].id if is_old and len(rows) == LOOKED_AT else None


def count_lines(tx: Connection, *, before: datetime) -> int:
    return tx.execute(select(func.count()).select_from(logs).where(_old_lines(before))).scalar_one()


def _old_deliveries(before: datetime) -> ColumnElement[bool]:
    return and_(deliveries.c.received_at < before.timestamp(), deliveries.c.body.is_(None))


def drop_deliveries(tx: Connection, *, before: datetime, after: int) -> tuple[int, int | None]:
    """Delete webhooks of before whose bodies are empty; as :func:`settled_orders`, from the oldest each time."""
    some = select(deliveries.c.id).where(_old_deliveries(before)).order_by(deliveries.c.received_at).limit(LOOKED_AT)
    gone = tx.execute(delete(deliveries).where(deliveries.c.id.in_(some))).rowcount
    return gone, after if gone == LOOKED_AT else None


def count_deliveries(tx: Connection, *, before: datetime) -> int:
    return tx.execute(select(func.count()).select_from(deliveries).where(_old_deliveries(before))).scalar_one()
