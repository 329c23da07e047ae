"""An index of the log entries that mean trouble: the page of an order that was tried for days shows them alone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

A_PROBLEM = sa.text(
    "event_type IN ('Kalimera_Call_Not_Stopped', 'Kalimera_Sync_Error', 'Order_Not_Called', 'Shopify_Cancel_Error')"
)


def upgrade() -> None:
    columns = ["shopify_id", "id"]
    op.create_index("logs_of_problems", "logs", columns, sqlite_where=A_PROBLEM, postgresql_where=A_PROBLEM)
