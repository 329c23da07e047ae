"""One action for many orders: the runs, and each order of a run with what came of it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

ID: sa.types.TypeEngine[Any] = sa.BigInteger().with_variant(sa.Integer, "sqlite")
NUMBER: sa.types.TypeEngine[Any] = sa.Double().with_variant(sa.REAL, "sqlite")


def upgrade() -> None:
    op.create_table(
        "bulk_runs",
        sa.Column("id", ID, primary_key=True, autoincrement=True),
        sa.Column("key", sa.Text, unique=True),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("described", sa.Text, nullable=False),
        sa.Column("made_by", sa.Text, nullable=False),
        sa.Column("made_at", NUMBER, nullable=False),
        sa.Column("collected_at", NUMBER),
        sa.Column("started_at", NUMBER),
        sa.Column("stopped_at", NUMBER),
        sa.Column("stopped_by", sa.Text),
        sa.Column("finished_at", NUMBER),
        sa.Column("cancel_reason", sa.Text),
        sa.Column("cancel_restock", sa.Integer),
        sa.Column("cancel_email", sa.Integer),
        sa.Column("undoes", ID),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "bulk_items",
        sa.Column("run_id", ID, sa.ForeignKey("bulk_runs.id"), primary_key=True, autoincrement=False),
        sa.Column("shopify_id", ID, sa.ForeignKey("orders.shopify_id"), primary_key=True, autoincrement=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("seen", sa.Text, nullable=False),
        sa.Column("wanted", sa.Text),
        sa.Column("previous", sa.Text),
        sa.Column("left_as", sa.Text),
        sa.Column("message", sa.Text),
    )
    op.create_index("bulk_items_by_state", "bulk_items", ["run_id", "state", "shopify_id"])
