"""What is still to be paid for an order, beside how it is paid, and the postal code of where it ships."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0022"

NUMBER: sa.types.TypeEngine[Any] = sa.Double().with_variant(sa.REAL, "sqlite")


def upgrade() -> None:
    op.add_column("orders", sa.Column("total_outstanding", NUMBER))
    op.add_column("orders", sa.Column("zip", sa.Text))
