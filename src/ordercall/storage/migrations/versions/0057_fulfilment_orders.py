"""Keep of which order a fulfilment order is: webhooks about one do not name it.

What is held already is filled in when its hold is looked at next.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0057"
down_revision = "0056"

ID: sa.types.TypeEngine[int] = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "fulfilment_orders",
        sa.Column("id", ID, primary_key=True, autoincrement=False),
        sa.Column("shopify_id", ID, sa.ForeignKey("orders.shopify_id"), nullable=False),
        if_not_exists=True,
    )
    op.create_index("fulfilment_orders_by_order", "fulfilment_orders", ["shopify_id"], if_not_exists=True)
