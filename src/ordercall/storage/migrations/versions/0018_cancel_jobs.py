"""Which job of Shopify's is at an order's cancellation, and when Shopify was first asked for it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

NUMBER: sa.types.TypeEngine[Any] = sa.Double().with_variant(sa.REAL, "sqlite")


def upgrade() -> None:
    op.add_column("orders", sa.Column("cancel_job", sa.Text))
    op.add_column("orders", sa.Column("cancel_asked_at", NUMBER))
