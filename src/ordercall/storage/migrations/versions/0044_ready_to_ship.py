"""Find the orders that wait for their parcel without reading the others."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"

TO_SHIP = (
    "(confirmation_status = 'Success' AND coalesce(fulfillment_status, '') NOT IN ('fulfilled', 'restocked')"
    " AND coalesce(units_left, 1) <> 0 AND is_test = 0 AND shopify_cancelled_at IS NULL"
    " AND shopify_deleted_at IS NULL AND closed_at IS NULL AND coalesce(cancel_state, '') NOT IN"
    " ('delayed', 'done', 'frozen', 'queued', 'sending', 'unclear', 'unknown', 'working'))"
)


def upgrade() -> None:
    where = sa.text(TO_SHIP)
    op.create_index(
        "orders_to_ship",
        "orders",
        ["status_changed_at", "shopify_id"],
        sqlite_where=where,
        postgresql_where=where,
        if_not_exists=True,
    )
