"""Forget tokens that stand in clear: from now on they are sealed, and another is asked for."""

from __future__ import annotations

from alembic import op

revision = "0081"
down_revision = "0080"


def upgrade() -> None:
    op.execute("UPDATE access_tokens SET token = NULL")
