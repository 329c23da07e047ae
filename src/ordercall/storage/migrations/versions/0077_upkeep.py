"""Keep how far the work on the data itself has come: what is forgotten by its age, and backups."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0077"
down_revision = "0076"

NUMBER: sa.types.TypeEngine[float] = sa.Double().with_variant(sa.REAL, "sqlite")


def upgrade() -> None:
    op.create_table(
        "upkeep",
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("began_at", NUMBER, nullable=False),
        sa.Column("ended_at", NUMBER),
        sa.Column("after", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False),
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False),
        sa.Column("fault", sa.Text),
        if_not_exists=True,
    )
