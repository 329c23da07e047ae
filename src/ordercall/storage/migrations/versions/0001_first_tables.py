"""The first tables: made new, or grown around the two of the original program.

A file that the original program wrote holds ``orders`` and ``logs`` only. They keep every row; our columns are
added behind theirs. An order that was stored there is never called by us of our own accord: nobody can tell
whether its customer was already rung.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

ID: sa.types.TypeEngine[Any] = sa.BigInteger().with_variant(sa.Integer, "sqlite")
NUMBER: sa.types.TypeEngine[Any] = sa.Double().with_variant(sa.REAL, "sqlite")


def upgrade() -> None:
    found = set(sa.inspect(op.get_bind()).get_table_names())
    if "orders" in found:
        _add_missing("orders", _own_order_columns())
    else:
        op.create_table("orders", *_original_order_columns(), *_own_order_columns())
    if "logs" in found:
        _add_missing("logs", _own_log_columns())
    else:
        op.create_table("logs", *_original_log_columns(), *_own_log_columns(), sqlite_autoincrement=True)
    _index_orders_and_logs()
    _create_own_tables()
    if "orders" in found:
        _adopt_old_orders(logs_found="logs" in found)


def _original_order_columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("shopify_id", ID, primary_key=True, autoincrement=False),
        *[sa.Column(name, sa.Text) for name in ("order_name", "product_title")],
        sa.Column("total_price", NUMBER),
        *[sa.Column(name, sa.Text) for name in ("currency", "customer_email", "customer_phone", "created_at")],
        sa.Column("confirmation_status", sa.Text),
        sa.Column("webhook_timestamp", NUMBER),
        *[sa.Column(name, sa.Text) for name in ("first_name", "last_name", "address", "city", "state")],
    ]


def _own_order_columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("placed_at", NUMBER),
        sa.Column("country", sa.Text),
        sa.Column("item_count", sa.Integer),
        sa.Column("gateways", sa.Text),
        sa.Column("financial_status", sa.Text),
        sa.Column("fulfillment_status", sa.Text),
        sa.Column("is_cod", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("is_test", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("phone_source", sa.Text),
        sa.Column("shopify_updated_at", NUMBER),
        sa.Column("shopify_cancelled_at", sa.Text),
        sa.Column("status_changed_at", NUMBER),
        sa.Column("status_changed_by", sa.Text),
        sa.Column("calling_state", sa.Text),
        sa.Column("calling_reason", sa.Text),
        sa.Column("calling_detail", sa.Text),
        sa.Column("calling_changed_at", NUMBER),
        sa.Column("language", sa.Text),
        sa.Column("contact_id", sa.Text),
        sa.Column("campaign_id", sa.Text),
        sa.Column("window_start", NUMBER),
        sa.Column("window_end", NUMBER),
        sa.Column("cancel_state", sa.Text),
        sa.Column("cancel_detail", sa.Text),
    ]


def _original_log_columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("id", ID, primary_key=True, autoincrement=True),
        sa.Column("shopify_id", ID, sa.ForeignKey("orders.shopify_id")),
        *[sa.Column(name, sa.Text) for name in ("timestamp", "event_type", "message")],
    ]


def _own_log_columns() -> list[sa.Column[Any]]:
    return [sa.Column("actor", sa.Text), sa.Column("detail", sa.Text)]


def _add_missing(table: str, columns: list[sa.Column[Any]]) -> None:
    present = {column["name"] for column in sa.inspect(op.get_bind()).get_columns(table)}
    for column in columns:
        if column.name not in present:
            op.add_column(table, column)


def _index_orders_and_logs() -> None:
    op.create_index("orders_by_time", "orders", ["placed_at", "shopify_id"])
    op.create_index("orders_by_status", "orders", ["confirmation_status", "placed_at", "shopify_id"])
    op.create_index("orders_by_receipt", "orders", ["confirmation_status", "webhook_timestamp", "shopify_id"])
    op.create_index("orders_by_calling", "orders", ["calling_state", "placed_at", "shopify_id"])
    op.create_index("orders_by_phone", "orders", ["customer_phone", "placed_at"])
    op.create_index("logs_by_order", "logs", ["shopify_id", "id"])


def _create_own_tables() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", ID, primary_key=True, autoincrement=True),
        sa.Column("webhook_id", sa.Text, nullable=False),
        sa.Column("body_digest", sa.Text, nullable=False),
        *[sa.Column(name, sa.Text) for name in ("topic", "shop", "event_id", "api_version", "triggered_at")],
        sa.Column("received_at", NUMBER, nullable=False),
        sa.Column("headers", sa.Text, nullable=False),
        sa.Column("body", sa.LargeBinary),
        sa.Column("secret_name", sa.Text, nullable=False),
        sa.Column("shopify_id", ID),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("repeats", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("last_repeat_at", NUMBER),
        sa.UniqueConstraint("webhook_id", "body_digest", name="deliveries_once"),
        sqlite_autoincrement=True,
    )
    op.create_index("deliveries_by_time", "deliveries", ["received_at"])
    op.create_index("deliveries_by_outcome", "deliveries", ["outcome", "id"])
    op.create_index("deliveries_by_order", "deliveries", ["shopify_id", "id"])
    op.create_table(
        "contacts",
        sa.Column("phone", sa.Text, primary_key=True),
        sa.Column("contact_id", sa.Text),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("changed_at", NUMBER, nullable=False),
    )
    op.create_table(
        "campaigns",
        sa.Column("campaign_id", sa.Text, primary_key=True),
        sa.Column("agent_id", sa.Text),
        sa.Column("window_start", NUMBER),
        sa.Column("window_end", NUMBER),
        sa.Column("changed_at", NUMBER),
        sa.Column("failures", sa.Integer, nullable=False, server_default=sa.text("0")),
    )
    op.create_table(
        "listings",
        sa.Column("id", ID, primary_key=True, autoincrement=True),
        sa.Column("shopify_id", ID, sa.ForeignKey("orders.shopify_id"), nullable=False, unique=True),
        sa.Column("campaign_id", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("contact_id", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("changed_at", NUMBER, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("listings_by_state", "listings", ["campaign_id", "state", "language", "id"])
    op.create_table(
        "login_failures",
        sa.Column("id", ID, primary_key=True, autoincrement=True),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("failed_at", NUMBER, nullable=False),
    )
    op.create_index("login_failures_by_address", "login_failures", ["address", "failed_at"])


def _adopt_old_orders(*, logs_found: bool) -> None:
    tx = op.get_bind()
    tx.execute(sa.text("UPDATE orders SET confirmation_status = 'Placed' WHERE confirmation_status IS NULL"))
    tx.execute(
        sa.text(
            "UPDATE orders SET calling_state = 'not_called', calling_reason = 'earlier_program',"
            " calling_changed_at = webhook_timestamp, status_changed_at = webhook_timestamp"
        )
    )
    if logs_found:
        tx.execute(
            sa.text(
                "UPDATE orders SET calling_state = 'on_campaign', calling_reason = NULL WHERE shopify_id IN"
                " (SELECT shopify_id FROM logs WHERE event_type = 'Kalimera_Sync_Success')"
            )
        )
    _read_old_times(tx)


def _read_old_times(tx: sa.Connection) -> None:
    old = tx.execute(sa.text("SELECT shopify_id, created_at, webhook_timestamp FROM orders")).all()
    times = [{"id": row.shopify_id, "at": _seconds(row.created_at, row.webhook_timestamp)} for row in old]
    if times:
        tx.execute(sa.text("UPDATE orders SET placed_at = :at WHERE shopify_id = :id"), times)


def _seconds(created_at: object, received: float | None) -> float | None:
    """The creation time as unix seconds, or the time of receipt where it cannot be read."""
    try:
        moment = datetime.fromisoformat(str(created_at))
    except ValueError:
        return received
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
