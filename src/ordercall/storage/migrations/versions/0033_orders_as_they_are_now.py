"""Keep what is still ordered and owed of an order, where it was sold, and whether it is archived or deleted.

Of the orders that may still be rung it is read from the bodies that are kept, so that nobody is rung for one that the
shop has put away. The others tell it with their next change.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from ordercall.domain.calls.calling import CallingState
from ordercall.domain.orders.order import Status
from ordercall.domain.topics import CARRY_THE_ORDER, Topic
from ordercall.providers.shopify.notices import read_deletion
from ordercall.providers.shopify.order_body import UnreadableBody
from ordercall.providers.shopify.payload import read_order_if_any
from ordercall.storage.records.deliveries import DELETION
from ordercall.storage.records.stored_order import facts

revision = "0033"
down_revision = "0031"

NUMBER: Any = sa.Double().with_variant(sa.REAL, "sqlite")
COLUMNS: dict[str, Any] = {
    "items": sa.Text,
    "units_left": sa.Integer,
    "current_total_price": NUMBER,
    "current_outstanding": NUMBER,
    "presentment_currency": sa.Text,
    "closed_at": sa.Text,
    "source_name": sa.Text,
}
DELETED_AT = "shopify_deleted_at"
BODIES = sa.text(
    "SELECT deliveries.shopify_id, body FROM deliveries JOIN orders ON orders.shopify_id = deliveries.shopify_id"
    " WHERE body IS NOT NULL AND topic IN :topics AND confirmation_status = :placed AND erased_at IS NULL"
    " AND coalesce(calling_state, '') <> :listed ORDER BY deliveries.shopify_id, deliveries.id"
).bindparams(sa.bindparam("topics", expanding=True))
DELETIONS = sa.text("SELECT id, body, received_at FROM deliveries WHERE body IS NOT NULL AND topic = :topic")


def upgrade() -> None:
    tx = op.get_bind()
    present = {column["name"] for column in sa.inspect(tx).get_columns("orders")}
    for name, kind in {**COLUMNS, DELETED_AT: NUMBER}.items():
        if name not in present:
            op.add_column("orders", sa.Column(name, kind))
    _fill_from_bodies(tx)
    _fill_deletions(tx)


def _fill_from_bodies(tx: sa.Connection) -> None:
    newest: dict[int, Any] = {}
    topics = sorted({*CARRY_THE_ORDER, Topic.FOUND, Topic.READ_AGAIN})
    asked = {"topics": topics, "placed": Status.PLACED, "listed": CallingState.ON_CAMPAIGN}
    for shopify_id, body in tx.execute(BODIES, asked):
        order, before = read_order_if_any(bytes(body)), newest.get(shopify_id)
        if order and (before is None or _age(order) >= _age(before)):
            newest[shopify_id] = order
    values = ", ".join(f"{name} = :{name}" for name in COLUMNS)
    statement = sa.text(f"UPDATE orders SET {values} WHERE shopify_id = :shopify_id")  # noqa: S608 - our own names
    rows = [facts(order) | {"shopify_id": number} for number, order in newest.items()]
    if rows:
        tx.execute(statement, rows)


def _age(order: Any) -> float:
    return order.shopify_updated_at.timestamp() if order.shopify_updated_at else 0.0


def _fill_deletions(tx: sa.Connection) -> None:
    """An earlier version kept what it did not use."""
    for delivery_id, body, received_at in tx.execute(DELETIONS, {"topic": Topic.DELETED}).all():
        try:
            shopify_id, is_one = read_deletion(bytes(body))
        except UnreadableBody:
            continue
        if is_one:
            named = {"id": shopify_id, "at": received_at, "delivery": delivery_id, "reason": DELETION}
            tx.execute(sa.text("UPDATE deliveries SET shopify_id = :id, reason = :reason WHERE id = :delivery"), named)
            tx.execute(sa.text(f"UPDATE orders SET {DELETED_AT} = :at WHERE shopify_id = :id"), named)  # noqa: S608
