"""Keep which cancels no person asked for, and which orders were changed after their agent was told of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"

ID: sa.types.TypeEngine[int] = sa.BigInteger().with_variant(sa.Integer, "sqlite")
NUMBER: sa.types.TypeEngine[float] = sa.Double().with_variant(sa.REAL, "sqlite")
INDEXES = {"waiting": ("due_at", "due_at"), "frozen": ("shopify_id", "frozen_at"), "sent": ("sent_at", "sent_at")}
"""By the end of its name, the column of an index, and the one that is not null in its rows."""


def upgrade() -> None:
    op.create_table(
        "program_cancels",
        _of_an_order(),
        sa.Column("asked_at", NUMBER, nullable=False),
        sa.Column("before", sa.Text, nullable=False),
        sa.Column("forced", sa.Integer, nullable=False),
        sa.Column("quoted", sa.Integer, nullable=False),
        sa.Column("undone", sa.Integer, nullable=False),
        sa.Column("phone", sa.Text),
        sa.Column("due_at", NUMBER),
        sa.Column("frozen_at", NUMBER),
        sa.Column("held_at", NUMBER),
        sa.Column("released_at", NUMBER),
        sa.Column("sent_at", NUMBER),
        sa.Column("person", sa.Text),
        if_not_exists=True,
    )
    for name, (column, known) in INDEXES.items():
        where = sa.text(f"{known} IS NOT NULL")
        op.create_index(
            f"program_cancels_{name}",
            "program_cancels",
            [column],
            sqlite_where=where,
            postgresql_where=where,
            if_not_exists=True,
        )
    op.create_table("card_edits", _of_an_order(), sa.Column("contact_id", sa.Text, nullable=False), if_not_exists=True)


def _of_an_order() -> sa.Column[int]:
    return sa.Column("shopify_id", ID, sa.ForeignKey("orders.shopify_id"), primary_key=True, autoincrement=False)
