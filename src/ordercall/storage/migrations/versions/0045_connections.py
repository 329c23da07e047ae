"""Keep what the last check of the connections found, and since when a provider does not answer."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"

NUMBER: sa.types.TypeEngine[float] = sa.Double().with_variant(sa.REAL, "sqlite")


def upgrade() -> None:
    op.create_table(
        "connection_checks",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("ended_at", NUMBER, nullable=False),
        sa.Column("findings", sa.Text, nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        "silent_providers",
        sa.Column("provider", sa.Text, primary_key=True),
        sa.Column("since", NUMBER, nullable=False),
        if_not_exists=True,
    )
