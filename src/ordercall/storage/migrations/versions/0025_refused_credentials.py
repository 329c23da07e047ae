"""What a provider does not accept of this installation, for the pages and the doctor to tell."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    op.create_table(
        "refused_credentials",
        sa.Column("provider", sa.Text, primary_key=True),
        sa.Column("setting", sa.Text, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("since", sa.Double().with_variant(sa.REAL, "sqlite"), nullable=False),
    )
