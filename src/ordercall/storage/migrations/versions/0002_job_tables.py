"""The job engine's tables, beside the orders so that an order and its job are one commit."""

from __future__ import annotations

from alembic import op

from ordercall.jobs.sqlite_connector import SCHEMA_STATEMENTS

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    for statement in SCHEMA_STATEMENTS:
        op.get_bind().exec_driver_sql(statement)
