"""The idempotency keys of requests that were carried out, so that none is carried out twice."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

NUMBER: sa.types.TypeEngine[Any] = sa.Double().with_variant(sa.REAL, "sqlite")


def upgrade() -> None:
    op.create_table(
        "answered_requests",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("answered_at", NUMBER, nullable=False),
    )
    op.create_index("answered_requests_by_time", "answered_requests", ["answered_at"])
