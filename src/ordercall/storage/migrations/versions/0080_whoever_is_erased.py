"""Find what an erasure empties without reading whole tables: the webhooks that have a body, an order's bulk runs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0080"
down_revision = "0079"

WITH_A_BODY = sa.text("body IS NOT NULL")


def upgrade() -> None:
    op.create_index(
        "deliveries_with_a_body",
        "deliveries",
        ["received_at"],
        if_not_exists=True,
        sqlite_where=WITH_A_BODY,
        postgresql_where=WITH_A_BODY,
    )
    op.create_index("bulk_items_by_order", "bulk_items", ["shopify_id"], if_not_exists=True)
