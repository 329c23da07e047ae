"""The indexes of what waits for a person and of trouble, made anew with cancellations of which nobody knows the end."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"

NEEDS_A_PERSON = sa.text(
    "((confirmation_status = 'Placed' AND is_test = 0"
    " AND (calling_state = 'failed' OR calling_reason IN ('no_phone', 'too_old')))"
    " OR (confirmation_status = 'Failed' AND cancel_state IN ('refused', 'unclear')))"
)
A_PROBLEM = sa.text(
    "event_type IN ('Kalimera_Call_Not_Stopped', 'Kalimera_Sync_Error', 'Order_Not_Called', 'Shopify_Cancel_Error',"
    " 'Shopify_Cancel_Unclear', 'Shopify_Tag_Error')"
)


def upgrade() -> None:
    for name, table, columns, wanted in (
        ("orders_needing_a_person", "orders", ["shopify_id"], NEEDS_A_PERSON),
        (
            "orders_needing_a_person_by_kind",
            "orders",
            ["confirmation_status", "calling_state", "calling_reason"],
            NEEDS_A_PERSON,
        ),
        ("logs_of_problems", "logs", ["shopify_id", "id"], A_PROBLEM),
    ):
        op.drop_index(name, table)
        op.create_index(name, table, columns, sqlite_where=wanted, postgresql_where=wanted)
