"""The job engine's tables, beside the orders so that an order and its job are one commit."""

from __future__ import annotations

from alembic import op

from ordercall.jobs.schemas import create_job_tables

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    create_job_tables(op.get_bind())
