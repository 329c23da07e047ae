"""What keeps pages quick at a million orders: counters, an index for the search, and one for each way to sort.

The counters are filled here. The search index is filled by the worker afterwards, in slices: for a million orders that
takes minutes, and no program waits for its database that long.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from ordercall.storage.reads import postgres_triggers, sqlite_triggers
from ordercall.storage.reads.recount import counted_anew

revision = "0020"
down_revision = "0019"

ID: sa.types.TypeEngine[Any] = sa.BigInteger().with_variant(sa.Integer, "sqlite")

OFF_CAMPAIGN = sa.text("(confirmation_status = 'Placed' AND is_test = 0 AND calling_state IN ('failed', 'not_called'))")
NEEDS_A_PERSON = sa.text(
    "((confirmation_status = 'Placed' AND is_test = 0"
    " AND (calling_state = 'failed' OR calling_reason IN ('no_phone', 'too_old')))"
    " OR (confirmation_status = 'Failed' AND cancel_state = 'refused'))"
)
FROM_KALIMERA = sa.text(
    "event_type IN ('Kalimera_Call_Not_Stopped', 'Kalimera_Campaign_Updated', 'Kalimera_Contact_Added_To_List',"
    " 'Kalimera_Contact_Created', 'Kalimera_Contact_Reused', 'Kalimera_Sync_Deferred', 'Kalimera_Sync_Error',"
    " 'Kalimera_Sync_Success')"
)
BY_SHOPIFY = sa.text("secret_name <> ''")


def upgrade() -> None:
    _add_indexes()
    tx = op.get_bind()
    if tx.dialect.name == "sqlite":
        _create_counters()
        tx.exec_driver_sql(f"INSERT INTO order_counts {counted_anew()}")
        _run(*sqlite_triggers.SEARCH_TABLES, *sqlite_triggers.statements())
        tx.exec_driver_sql("INSERT INTO search_waiting SELECT shopify_id FROM orders")
    else:
        _run(*postgres_triggers.COUNTS)
        tx.exec_driver_sql(f"INSERT INTO order_counts_settled {counted_anew()}")
        _run(*postgres_triggers.SEARCH, *postgres_triggers.statements())


def _run(*statements: str) -> None:
    for statement in statements:
        op.get_bind().exec_driver_sql(statement)


def _create_counters() -> None:
    op.create_table(
        "order_counts",
        sa.Column("span", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("slot", ID, primary_key=True, autoincrement=False),
        sa.Column("status", sa.Text, primary_key=True),
        sa.Column("currency", sa.Text, primary_key=True),
        *[
            sa.Column(name, ID, nullable=False)
            for name in ("orders", "on_campaign", "off_campaign", "paid_orders", "thousandths")
        ],
        sqlite_with_rowid=False,
    )


def _add_indexes() -> None:
    for name, table, columns in (
        ("orders_by_total", "orders", ["total_price", "shopify_id", "confirmation_status", "placed_at"]),
        ("orders_by_name", "orders", ["order_name", "shopify_id", "confirmation_status", "placed_at"]),
    ):
        op.create_index(name, table, columns)
    for name, table, columns, wanted in (
        ("orders_off_campaign", "orders", ["placed_at", "shopify_id", "calling_reason"], OFF_CAMPAIGN),
        (
            "orders_needing_a_person_by_kind",
            "orders",
            ["confirmation_status", "calling_state", "calling_reason"],
            NEEDS_A_PERSON,
        ),
        ("logs_of_kalimera", "logs", ["id"], FROM_KALIMERA),
        ("deliveries_by_shopify", "deliveries", ["received_at"], BY_SHOPIFY),
    ):
        op.create_index(name, table, columns, sqlite_where=wanted, postgresql_where=wanted)
