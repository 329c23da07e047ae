"""Find the orders that wait for their parcel without reading the others."""

from __future__ import annotations

from alembic import op

from ordercall.storage.tables import orders

revision = "0044"
down_revision = "0043"


def upgrade() -> None:
    next(index for index in orders.indexes if index.name == "orders_to_ship").create(op.get_bind(), checkfirst=True)
