"""Let lists be filtered by what orders are: on SQLite an index of all of it, and the views that people keep.

Postgres has no such index: an entry of it must be shorter than three texts of an order may be together.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0065"
down_revision = "0064"

ID: sa.types.TypeEngine[int] = sa.BigInteger().with_variant(sa.Integer, "sqlite")
NUMBER: sa.types.TypeEngine[float] = sa.Double().with_variant(sa.REAL, "sqlite")
FACTS = (
    *("placed_at", "shopify_id", "confirmation_status", "state", "zip", "language", "calling_reason", "is_cod"),
    *("product_title", "calling_state", "is_test", "currency", "total_price"),
)


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.create_index("orders_by_facts", "orders", list(FACTS), if_not_exists=True)
    op.create_table(
        "saved_views",
        sa.Column("id", ID, primary_key=True, autoincrement=True),
        sa.Column("name", sa.Text, nullable=False, unique=True),
        sa.Column("query", sa.Text, nullable=False),
        sa.Column("made_by", sa.Text, nullable=False),
        sa.Column("made_at", NUMBER, nullable=False),
        if_not_exists=True,
        sqlite_autoincrement=True,
    )
