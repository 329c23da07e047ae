"""An index that finds a body which was delivered before, under whatever id."""

from __future__ import annotations

from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    op.create_index("deliveries_by_body", "deliveries", ["body_digest"], if_not_exists=True)
