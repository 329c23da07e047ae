"""The domains of the shop: webhooks name it by one of them, and after a renaming by another."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0027"


def upgrade() -> None:
    op.create_table(
        "shop_names",
        sa.Column("domain", sa.Text, primary_key=True),
        sa.Column("shop_id", sa.Text, nullable=False),
        sa.Column("seen_at", sa.Double().with_variant(sa.REAL, "sqlite"), nullable=False),
    )
