"""What the shop tells about itself and its customers: the app was uninstalled, data is asked for or to be erased."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

ID: sa.types.TypeEngine[Any] = sa.BigInteger().with_variant(sa.Integer, "sqlite")
NUMBER: sa.types.TypeEngine[Any] = sa.Double().with_variant(sa.REAL, "sqlite")


def upgrade() -> None:
    op.add_column("orders", sa.Column("erased_at", NUMBER))
    op.create_table(
        "disconnections",
        sa.Column("id", ID, primary_key=True, autoincrement=True),
        sa.Column("shop", sa.Text, nullable=False),
        sa.Column("happened_at", NUMBER, nullable=False),
        sa.Column("ended_at", NUMBER),
        sa.Column("ended_by", sa.Text),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "privacy_requests",
        sa.Column("id", ID, primary_key=True, autoincrement=True),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("shop", sa.Text, nullable=False),
        sa.Column("reference", sa.Text),
        sa.Column("received_at", NUMBER, nullable=False),
        sa.Column("named", sa.Text, nullable=False),
        sa.Column("report", sa.Text),
        sa.Column("done_at", NUMBER),
        sa.Column("done_by", sa.Text),
        sqlite_autoincrement=True,
    )
