"""Keep the addresses that customers give in calls, and ship no order that waits for its address."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0055"
down_revision = "0054"

ID: sa.types.TypeEngine[int] = sa.BigInteger().with_variant(sa.Integer, "sqlite")
NUMBER: sa.types.TypeEngine[float] = sa.Double().with_variant(sa.REAL, "sqlite")
OPEN = "state IN ('approved', 'changed', 'proposed', 'refused', 'sent')"
TO_SHIP = (
    "(confirmation_status = 'Success' AND coalesce(fulfillment_status, '') NOT IN ('fulfilled', 'restocked')"
    " AND coalesce(units_left, 1) <> 0 AND is_test = 0 AND shopify_cancelled_at IS NULL"
    " AND shopify_deleted_at IS NULL AND closed_at IS NULL AND coalesce(cancel_state, '') NOT IN"
    " ('delayed', 'done', 'frozen', 'queued', 'sending', 'unclear', 'unknown', 'working') AND address_waits = 0)"
)
PROBLEMS = (
    "event_type IN ('Kalimera_Call_Not_Stopped', 'Kalimera_Sync_Error', 'Order_Not_Called', 'Shopify_Address_Error', "
    "'Shopify_Cancel_Error', 'Shopify_Cancel_Unclear', 'Shopify_Hold_Error', 'Shopify_Tag_Error')"
)
"""The log entries that mean trouble, an address that was not corrected among them from here on."""


def upgrade() -> None:
    present = {column["name"] for column in sa.inspect(op.get_bind()).get_columns("orders")}
    if "address_waits" not in present:
        op.add_column("orders", sa.Column("address_waits", sa.Integer, nullable=False, server_default=sa.text("0")))
    op.create_table(
        "address_proposals",
        sa.Column("id", ID, primary_key=True, autoincrement=True),
        sa.Column("shopify_id", ID, sa.ForeignKey("orders.shopify_id"), nullable=False),
        sa.Column("report", ID),
        sa.Column("said", sa.Text, nullable=False),
        sa.Column("said_at", NUMBER, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("changed_at", NUMBER, nullable=False),
        sa.Column("before", sa.Text),
        sa.Column("after", sa.Text),
        sa.Column("decided_by", sa.Text),
        sa.Column("note", sa.Text),
        sa.Column("sent_at", NUMBER),
        sa.Column("refused", sa.Text),
        if_not_exists=True,
        sqlite_autoincrement=True,
    )
    op.create_index("address_proposals_by_order", "address_proposals", ["shopify_id", "id"], if_not_exists=True)
    _index_anew("address_proposals_open", "address_proposals", ["shopify_id"], OPEN)
    _index_anew("orders_to_ship", "orders", ["status_changed_at", "shopify_id"], TO_SHIP)
    _index_anew("logs_of_problems", "logs", ["shopify_id", "id"], PROBLEMS)


def _index_anew(name: str, table: str, columns: Sequence[str], rows: str) -> None:
    where = sa.text(rows)
    op.drop_index(name, table, if_exists=True)
    op.create_index(name, table, list(columns), sqlite_where=where, postgresql_where=where)
