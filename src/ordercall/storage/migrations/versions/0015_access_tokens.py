"""The token that a Dev Dashboard app was granted, and whose turn it is to get the next one."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

NUMBER: sa.types.TypeEngine[Any] = sa.Double().with_variant(sa.REAL, "sqlite")


def upgrade() -> None:
    op.create_table(
        "access_tokens",
        sa.Column("app", sa.Text, primary_key=True),
        sa.Column("token", sa.Text),
        sa.Column("scopes", sa.Text),
        sa.Column("ends_at", NUMBER),
        sa.Column("turn_until", NUMBER),
    )
