"""Keep the calls to numbers of one's own that are asked for on the page of the first real call."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0050"

ID: sa.types.TypeEngine[int] = sa.BigInteger().with_variant(sa.Integer, "sqlite")
NUMBER: sa.types.TypeEngine[float] = sa.Double().with_variant(sa.REAL, "sqlite")


def upgrade() -> None:
    op.create_table(
        "first_calls",
        sa.Column("id", ID, primary_key=True, autoincrement=True),
        sa.Column("under_way", sa.Integer, unique=True),
        sa.Column("made_at", NUMBER, nullable=False),
        sa.Column("made_by", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("agent_id", sa.Text, nullable=False),
        sa.Column("campaign_id", sa.Text, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("phone", sa.Text),
        sa.Column("order_number", ID, nullable=False),
        sa.Column("last_report", ID, nullable=False),
        sa.Column("contact_id", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("confirmed", sa.Text, nullable=False),
        sa.Column("stage", sa.Text, nullable=False),
        sa.Column("since", NUMBER, nullable=False),
        sa.Column("doing", sa.Text),
        sa.Column("steps", sa.Text, nullable=False, server_default=sa.text("'[]'")),
        sa.Column("found_out", sa.Text, nullable=False, server_default=sa.text("'[]'")),
        sa.Column("rings_until", NUMBER),
        sa.Column("rang", sa.Text),
        sa.Column("report", ID),
        sa.Column("ended_by", sa.Text),
        if_not_exists=True,
        sqlite_autoincrement=True,
    )
