"""Keep what Shopify shows of the parcels of an order after they left."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0056"
down_revision = "0055"

ID: sa.types.TypeEngine[int] = sa.BigInteger().with_variant(sa.Integer, "sqlite")
NUMBER: sa.types.TypeEngine[float] = sa.Double().with_variant(sa.REAL, "sqlite")


def upgrade() -> None:
    op.create_table(
        "order_parcels",
        sa.Column("shopify_id", ID, sa.ForeignKey("orders.shopify_id"), primary_key=True, autoincrement=False),
        sa.Column("looked_at", NUMBER, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("came_back", sa.Text),
        if_not_exists=True,
    )
