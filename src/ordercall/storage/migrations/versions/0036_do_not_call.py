"""The list of the numbers that must not be called."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"

ID: sa.types.TypeEngine[int] = sa.BigInteger().with_variant(sa.Integer, "sqlite")
NUMBER: sa.types.TypeEngine[float] = sa.Double().with_variant(sa.REAL, "sqlite")


def upgrade() -> None:
    op.create_table(
        "do_not_call",
        sa.Column("id", ID, primary_key=True, autoincrement=True),
        sa.Column("number_hash", sa.Text, nullable=False, unique=True),
        sa.Column("mark", sa.Text, nullable=False),
        sa.Column("listed_at", NUMBER, nullable=False),
        sa.Column("listed_by", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("ends_at", NUMBER),
        sqlite_autoincrement=True,
        if_not_exists=True,
    )
    op.create_index("do_not_call_by_mark", "do_not_call", ["mark"], if_not_exists=True)
