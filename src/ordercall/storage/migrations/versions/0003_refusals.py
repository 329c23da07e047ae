"""How many webhooks were refused, and which secret the others were signed with."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

ID: sa.types.TypeEngine[Any] = sa.BigInteger().with_variant(sa.Integer, "sqlite")
NUMBER: sa.types.TypeEngine[Any] = sa.Double().with_variant(sa.REAL, "sqlite")


def upgrade() -> None:
    op.create_table(
        "refusals",
        sa.Column("hour", ID, primary_key=True, autoincrement=False),
        sa.Column("cause", sa.Text, primary_key=True),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("last_at", NUMBER, nullable=False),
    )
    # The secret that is set as SHOPIFY_SHARED_SECRET was called "current" while there were only two.
    op.execute("UPDATE deliveries SET secret_name = 'shared' WHERE secret_name = 'current'")
