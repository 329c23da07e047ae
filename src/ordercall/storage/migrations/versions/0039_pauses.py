"""When calling was paused, by whom and why."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"

ID: sa.types.TypeEngine[int] = sa.BigInteger().with_variant(sa.Integer, "sqlite")
NUMBER: sa.types.TypeEngine[float] = sa.Double().with_variant(sa.REAL, "sqlite")


def upgrade() -> None:
    op.create_table(
        "pauses",
        sa.Column("id", ID, primary_key=True, autoincrement=True),
        sa.Column("began_at", NUMBER, nullable=False),
        sa.Column("began_by", sa.Text, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("ends_at", NUMBER),
        sa.Column("ended_at", NUMBER),
        sa.Column("ended_by", sa.Text),
        sqlite_autoincrement=True,
        if_not_exists=True,
    )
