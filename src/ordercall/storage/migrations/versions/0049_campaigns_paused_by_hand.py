"""Keep which campaigns a person has paused at Kalimera."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"

NUMBER: sa.types.TypeEngine[float] = sa.Double().with_variant(sa.REAL, "sqlite")


def upgrade() -> None:
    op.create_table(
        "paused_campaigns",
        sa.Column("campaign_id", sa.Text, primary_key=True),
        sa.Column("since", NUMBER, nullable=False),
        sa.Column("looked_at", NUMBER, nullable=False),
        if_not_exists=True,
    )
