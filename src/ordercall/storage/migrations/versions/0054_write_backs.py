"""Keep what is written back to the orders in Shopify."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0054"
down_revision = "0053"

ID: sa.types.TypeEngine[int] = sa.BigInteger().with_variant(sa.Integer, "sqlite")
NUMBER: sa.types.TypeEngine[float] = sa.Double().with_variant(sa.REAL, "sqlite")
INDEXES = {
    "due": (["place", "due_at", "shopify_id"], "due_at IS NOT NULL"),
    "refused": (["shopify_id"], "refused <> ''"),
}
"""By the end of its name, the columns of an index and which rows it holds."""


def upgrade() -> None:
    op.create_table(
        "write_backs",
        sa.Column("shopify_id", ID, sa.ForeignKey("orders.shopify_id"), primary_key=True, autoincrement=False),
        sa.Column("due_at", NUMBER),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("said", sa.Text),
        sa.Column("word", sa.Text, nullable=False),
        sa.Column("tag", sa.Text, nullable=False),
        sa.Column("adding", sa.Text, nullable=False),
        sa.Column("fields", sa.Text, nullable=False),
        sa.Column("refused", sa.Text),
        if_not_exists=True,
    )
    for name, (columns, rows) in INDEXES.items():
        where = sa.text(rows)
        full_name = f"write_backs_{name}"
        op.create_index(
            full_name, "write_backs", columns, sqlite_where=where, postgresql_where=where, if_not_exists=True
        )
