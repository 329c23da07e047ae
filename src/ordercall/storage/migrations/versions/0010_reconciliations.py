"""How far the shop's orders were read, and what its webhooks had missed."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

ID: sa.types.TypeEngine[Any] = sa.BigInteger().with_variant(sa.Integer, "sqlite")
NUMBER: sa.types.TypeEngine[Any] = sa.Double().with_variant(sa.REAL, "sqlite")


def upgrade() -> None:
    op.create_index("deliveries_by_topic", "deliveries", ["topic", "received_at"])
    op.create_table(
        "reconciliations",
        sa.Column("id", ID, primary_key=True, autoincrement=True),
        sa.Column("asked_by", sa.Text, nullable=False),
        sa.Column("started_at", NUMBER, nullable=False),
        sa.Column("since", NUMBER, nullable=False),
        sa.Column("read_to", NUMBER),
        sa.Column("ended_at", NUMBER),
        sa.Column("seen", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("missed_orders", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("missed_changes", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("unreadable", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("silent", sa.Text),
        sa.Column("fault", sa.Text),
        sqlite_autoincrement=True,
    )
