"""The index of log entries that mean trouble, made anew with those about tags."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

A_PROBLEM = sa.text(
    "event_type IN ('Kalimera_Call_Not_Stopped', 'Kalimera_Sync_Error', 'Order_Not_Called', 'Shopify_Cancel_Error',"
    " 'Shopify_Tag_Error')"
)


def upgrade() -> None:
    op.drop_index("logs_of_problems", "logs")
    op.create_index(
        "logs_of_problems", "logs", ["shopify_id", "id"], sqlite_where=A_PROBLEM, postgresql_where=A_PROBLEM
    )
