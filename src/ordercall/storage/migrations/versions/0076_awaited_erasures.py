"""Keep which orders are to be stored without their customers, should they come after they were to be erased."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0076"
down_revision = "0073"


def upgrade() -> None:
    op.create_table(
        "awaited_erasures",
        sa.Column(
            "shopify_id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=False
        ),
        sa.Column("asked_at", sa.Double().with_variant(sa.REAL, "sqlite"), nullable=False),
        if_not_exists=True,
    )
