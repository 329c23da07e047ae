"""What is decided about calls, and the policy by which it is decided."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"

ID: sa.types.TypeEngine[int] = sa.BigInteger().with_variant(sa.Integer, "sqlite")
NUMBER: sa.types.TypeEngine[float] = sa.Double().with_variant(sa.REAL, "sqlite")


def upgrade() -> None:
    op.create_table(
        "decisions",
        sa.Column("id", ID, primary_key=True, autoincrement=True),
        sa.Column("shopify_id", ID, sa.ForeignKey("orders.shopify_id"), nullable=False),
        sa.Column("taken_at", NUMBER, nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("not_before", NUMBER),
        sa.Column("window_start", NUMBER),
        sa.Column("window_end", NUMBER),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("agent_id", sa.Text),
        sa.Column("campaign_id", sa.Text),
        sa.Column("policy", sa.Integer, nullable=False),
        sa.Column("asked", sa.Integer, nullable=False),
        sa.Column("because", sa.Text, nullable=False),
        sqlite_autoincrement=True,
        if_not_exists=True,
    )
    op.create_index("decisions_by_order", "decisions", ["shopify_id", "id"], if_not_exists=True)
    op.create_table(
        "policies",
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("locks", sa.Text, nullable=False),
        sa.Column("published_at", NUMBER, nullable=False),
        sa.Column("published_by", sa.Text, nullable=False),
        sa.Column("changed", sa.Text, nullable=False),
        if_not_exists=True,
    )
