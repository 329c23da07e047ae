"""What waits for a person is found without reading all orders, and an unreadable delivery can be ticked off."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

NUMBER: sa.types.TypeEngine[Any] = sa.Double().with_variant(sa.REAL, "sqlite")

NEEDS_A_PERSON = sa.text(
    "((confirmation_status = 'Placed' AND is_test = 0"
    " AND (calling_state = 'failed' OR calling_reason IN ('no_phone', 'too_old')))"
    " OR (confirmation_status = 'Failed' AND cancel_state = 'refused'))"
)
UNHANDLED = sa.text("outcome = 'unreadable' AND handled_at IS NULL")


def upgrade() -> None:
    op.add_column("deliveries", sa.Column("handled_at", NUMBER))
    op.add_column("deliveries", sa.Column("handled_by", sa.Text))
    for name, table, columns, wanted in (
        ("orders_needing_a_person", "orders", ["shopify_id"], NEEDS_A_PERSON),
        ("deliveries_unhandled", "deliveries", ["id"], UNHANDLED),
    ):
        op.create_index(name, table, columns, sqlite_where=wanted, postgresql_where=wanted)
