"""Keep which orders are held in Shopify until their customers have answered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0042"

ID: sa.types.TypeEngine[int] = sa.BigInteger().with_variant(sa.Integer, "sqlite")
NUMBER: sa.types.TypeEngine[float] = sa.Double().with_variant(sa.REAL, "sqlite")
INDEXES = {"live": ("wanted_at", "released_at IS NULL"), "refused": ("refused_at", "refused IS NOT NULL")}
"""By the end of its name, the first column of an index, and which rows it holds."""


def upgrade() -> None:
    op.create_table(
        "order_holds",
        sa.Column("shopify_id", ID, sa.ForeignKey("orders.shopify_id"), primary_key=True, autoincrement=False),
        sa.Column("wanted_at", NUMBER, nullable=False),
        sa.Column("held_at", NUMBER),
        sa.Column("held", sa.Text, nullable=False),
        sa.Column("by_others", sa.Integer, nullable=False),
        sa.Column("again", sa.Integer, nullable=False),
        sa.Column("let_go", sa.Text),
        sa.Column("refused", sa.Text),
        sa.Column("refused_at", NUMBER),
        sa.Column("released_at", NUMBER),
        if_not_exists=True,
    )
    for name, (column, rows) in INDEXES.items():
        op.create_index(
            f"order_holds_{name}",
            "order_holds",
            [column, "shopify_id"],
            sqlite_where=sa.text(rows),
            postgresql_where=sa.text(rows),
            if_not_exists=True,
        )
