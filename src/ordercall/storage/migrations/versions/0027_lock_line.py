"""An index on Postgres that finds whether an earlier job of a phone waits; a file has had its own from the first."""

from __future__ import annotations

from alembic import op

from ordercall.jobs.schemas import LOCK_LINE

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(LOCK_LINE)
