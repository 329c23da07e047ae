"""The tables and indexes of the first schema, as they were then. Later steps change the database and never this."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

ID: sa.types.TypeEngine[Any] = sa.BigInteger().with_variant(sa.Integer, "sqlite")
NUMBER: sa.types.TypeEngine[Any] = sa.Double().with_variant(sa.REAL, "sqlite")
ZERO = sa.text("0")
FIRST = sa.MetaData()


def some(kind: Any, *names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, kind) for name in names]


sa.Table(
    "access_tokens",
    FIRST,
    sa.Column("app", sa.Text, primary_key=True),
    *some(sa.Text, "token", "scopes"),
    *some(NUMBER, "ends_at", "turn_until"),
)
sa.Table(
    "answered_requests",
    FIRST,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("answer", sa.Text, nullable=False),
    sa.Column("answered_at", NUMBER, nullable=False),
)
sa.Table(
    "bulk_runs",
    FIRST,
    sa.Column("id", ID, primary_key=True, autoincrement=True),
    sa.Column("key", sa.Text, unique=True),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("described", sa.Text, nullable=False),
    sa.Column("made_by", sa.Text, nullable=False),
    sa.Column("made_at", NUMBER, nullable=False),
    *some(NUMBER, "collected_at", "started_at", "stopped_at"),
    sa.Column("stopped_by", sa.Text),
    sa.Column("finished_at", NUMBER),
    sa.Column("cancel_reason", sa.Text),
    *some(sa.Integer, "cancel_restock", "cancel_email"),
    sa.Column("undoes", ID),
    sqlite_autoincrement=True,
)
sa.Table(
    "campaigns",
    FIRST,
    sa.Column("campaign_id", sa.Text, primary_key=True),
    sa.Column("agent_id", sa.Text),
    *some(NUMBER, "window_start", "window_end", "changed_at"),
    sa.Column("failures", sa.Integer, nullable=False, server_default=ZERO),
)
sa.Table(
    "contacts",
    FIRST,
    sa.Column("phone", sa.Text, primary_key=True),
    sa.Column("contact_id", sa.Text),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("changed_at", NUMBER, nullable=False),
)
sa.Table(
    "deliveries",
    FIRST,
    sa.Column("id", ID, primary_key=True, autoincrement=True),
    sa.Column("webhook_id", sa.Text, nullable=False),
    sa.Column("body_digest", sa.Text, nullable=False),
    *some(sa.Text, "topic", "shop", "event_id", "api_version", "triggered_at"),
    sa.Column("received_at", NUMBER, nullable=False),
    sa.Column("headers", sa.Text, nullable=False),
    sa.Column("body", sa.LargeBinary),
    sa.Column("secret_name", sa.Text, nullable=False),
    sa.Column("shopify_id", ID),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.Column("reason", sa.Text),
    sa.Column("repeats", sa.Integer, nullable=False, server_default=ZERO),
    *some(NUMBER, "last_repeat_at", "handled_at"),
    sa.Column("handled_by", sa.Text),
    sa.UniqueConstraint("webhook_id", "body_digest", name="deliveries_once"),
    sqlite_autoincrement=True,
)
sa.Table(
    "disconnections",
    FIRST,
    sa.Column("id", ID, primary_key=True, autoincrement=True),
    sa.Column("shop", sa.Text, nullable=False),
    sa.Column("happened_at", NUMBER, nullable=False),
    sa.Column("ended_at", NUMBER),
    sa.Column("ended_by", sa.Text),
    sqlite_autoincrement=True,
)
sa.Table(
    "ended_sessions",
    FIRST,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("ended_at", NUMBER, nullable=False),
)
sa.Table(
    "login_failures",
    FIRST,
    sa.Column("id", ID, primary_key=True, autoincrement=True),
    sa.Column("address", sa.Text, nullable=False),
    sa.Column("failed_at", NUMBER, nullable=False),
)
sa.Table(
    "orders",
    FIRST,
    sa.Column("shopify_id", ID, primary_key=True, autoincrement=False),
    *some(sa.Text, "order_name", "product_title"),
    sa.Column("total_price", NUMBER),
    *some(sa.Text, "currency", "customer_email", "customer_phone", "created_at", "confirmation_status"),
    sa.Column("webhook_timestamp", NUMBER),
    *some(sa.Text, "first_name", "last_name", "address", "city", "state"),
    sa.Column("placed_at", NUMBER),
    sa.Column("country", sa.Text),
    sa.Column("item_count", sa.Integer),
    *some(sa.Text, "gateways", "financial_status", "fulfillment_status"),
    sa.Column("is_cod", sa.Integer, nullable=False, server_default=ZERO),
    sa.Column("is_test", sa.Integer, nullable=False, server_default=ZERO),
    sa.Column("phone_source", sa.Text),
    sa.Column("shopify_updated_at", NUMBER),
    sa.Column("shopify_cancelled_at", sa.Text),
    sa.Column("status_changed_at", NUMBER),
    *some(sa.Text, "status_changed_by", "calling_state", "calling_reason", "calling_detail"),
    sa.Column("calling_changed_at", NUMBER),
    *some(sa.Text, "language", "contact_id", "campaign_id"),
    *some(NUMBER, "window_start", "window_end"),
    *some(sa.Text, "cancel_state", "cancel_detail", "cancel_reason"),
    *some(sa.Integer, "cancel_restock", "cancel_email"),
    sa.Column("erased_at", NUMBER),
    sa.Column("cancel_job", sa.Text),
    sa.Column("cancel_asked_at", NUMBER),
    sa.Column("is_demo", sa.Integer, nullable=False, server_default=ZERO),
    sa.Column("total_outstanding", NUMBER),
    sa.Column("zip", sa.Text),
)
sa.Table(
    "privacy_requests",
    FIRST,
    sa.Column("id", ID, primary_key=True, autoincrement=True),
    sa.Column("topic", sa.Text, nullable=False),
    sa.Column("shop", sa.Text, nullable=False),
    sa.Column("reference", sa.Text),
    sa.Column("received_at", NUMBER, nullable=False),
    sa.Column("named", sa.Text, nullable=False),
    sa.Column("report", sa.Text),
    sa.Column("done_at", NUMBER),
    sa.Column("done_by", sa.Text),
    sqlite_autoincrement=True,
)
sa.Table(
    "reconciliations",
    FIRST,
    sa.Column("id", ID, primary_key=True, autoincrement=True),
    sa.Column("asked_by", sa.Text, nullable=False),
    sa.Column("started_at", NUMBER, nullable=False),
    sa.Column("since", NUMBER, nullable=False),
    *some(NUMBER, "read_to", "ended_at"),
    sa.Column("seen", sa.Integer, nullable=False, server_default=ZERO),
    sa.Column("missed_orders", sa.Integer, nullable=False, server_default=ZERO),
    sa.Column("missed_changes", sa.Integer, nullable=False, server_default=ZERO),
    sa.Column("unreadable", sa.Integer, nullable=False, server_default=ZERO),
    *some(sa.Text, "silent", "fault", "unsubscribed"),
    sqlite_autoincrement=True,
)
sa.Table(
    "refusals",
    FIRST,
    sa.Column("hour", ID, primary_key=True, autoincrement=False),
    sa.Column("cause", sa.Text, primary_key=True),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("last_at", NUMBER, nullable=False),
)
sa.Table(
    "bulk_items",
    FIRST,
    sa.Column("run_id", ID, sa.ForeignKey("bulk_runs.id"), primary_key=True, autoincrement=False),
    sa.Column("shopify_id", ID, sa.ForeignKey("orders.shopify_id"), primary_key=True, autoincrement=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("seen", sa.Text, nullable=False),
    *some(sa.Text, "wanted", "previous", "left_as", "message"),
)
sa.Table(
    "listings",
    FIRST,
    sa.Column("id", ID, primary_key=True, autoincrement=True),
    sa.Column("shopify_id", ID, sa.ForeignKey("orders.shopify_id"), nullable=False, unique=True),
    sa.Column("campaign_id", sa.Text, nullable=False),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("contact_id", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("changed_at", NUMBER, nullable=False),
    sqlite_autoincrement=True,
)
sa.Table(
    "logs",
    FIRST,
    sa.Column("id", ID, primary_key=True, autoincrement=True),
    sa.Column("shopify_id", ID, sa.ForeignKey("orders.shopify_id")),
    *some(sa.Text, "timestamp", "event_type", "message", "actor", "detail"),
    sqlite_autoincrement=True,
)

NEEDS_A_PERSON = (
    "((confirmation_status = 'Placed' AND is_test = 0"
    " AND (calling_state = 'failed' OR calling_reason IN ('no_phone', 'too_old')))"
    " OR (confirmation_status = 'Failed' AND cancel_state IN ('refused', 'unclear')))"
)
FROM_KALIMERA = (
    "event_type IN ('Kalimera_Call_Not_Stopped', 'Kalimera_Campaign_Updated', 'Kalimera_Contact_Added_To_List',"
    " 'Kalimera_Contact_Created', 'Kalimera_Contact_Reused', 'Kalimera_Sync_Deferred', 'Kalimera_Sync_Error',"
    " 'Kalimera_Sync_Success')"
)
A_PROBLEM = (
    "event_type IN ('Kalimera_Call_Not_Stopped', 'Kalimera_Sync_Error', 'Order_Not_Called', 'Shopify_Cancel_Error',"
    " 'Shopify_Cancel_Unclear', 'Shopify_Tag_Error')"
)
INDEXES: tuple[tuple[str, str, list[str], str | None], ...] = (
    ("answered_requests_by_time", "answered_requests", ["answered_at"], None),
    ("deliveries_by_order", "deliveries", ["shopify_id", "id"], None),
    ("deliveries_by_outcome", "deliveries", ["outcome", "id"], None),
    ("deliveries_by_shopify", "deliveries", ["received_at"], "secret_name <> ''"),
    ("deliveries_by_time", "deliveries", ["received_at"], None),
    ("deliveries_by_topic", "deliveries", ["topic", "received_at"], None),
    ("deliveries_unhandled", "deliveries", ["id"], "outcome = 'unreadable' AND handled_at IS NULL"),
    ("login_failures_by_address", "login_failures", ["address", "failed_at"], None),
    ("orders_by_calling", "orders", ["calling_state", "placed_at", "shopify_id"], None),
    (
        "orders_by_change",
        "orders",
        ["confirmation_status", "status_changed_at", "shopify_id"],
        "confirmation_status <> 'Placed'",
    ),
    ("orders_by_name", "orders", ["order_name", "shopify_id", "confirmation_status", "placed_at"], None),
    ("orders_by_phone", "orders", ["customer_phone", "placed_at"], None),
    ("orders_by_receipt", "orders", ["confirmation_status", "webhook_timestamp", "shopify_id"], None),
    ("orders_by_status", "orders", ["confirmation_status", "placed_at", "shopify_id"], None),
    ("orders_by_time", "orders", ["placed_at", "shopify_id"], None),
    ("orders_by_total", "orders", ["total_price", "shopify_id", "confirmation_status", "placed_at"], None),
    ("orders_needing_a_person", "orders", ["shopify_id"], NEEDS_A_PERSON),
    (
        "orders_needing_a_person_by_kind",
        "orders",
        ["confirmation_status", "calling_state", "calling_reason"],
        NEEDS_A_PERSON,
    ),
    ("orders_of_the_sandbox", "orders", ["shopify_id"], "is_demo = 1"),
    (
        "orders_off_campaign",
        "orders",
        ["placed_at", "shopify_id", "calling_reason"],
        "(confirmation_status = 'Placed' AND is_test = 0 AND calling_state IN ('failed', 'not_called'))",
    ),
    ("bulk_items_by_state", "bulk_items", ["run_id", "state", "shopify_id"], None),
    ("listings_by_state", "listings", ["campaign_id", "state", "language", "id"], None),
    ("logs_by_order", "logs", ["shopify_id", "id"], None),
    ("logs_of_kalimera", "logs", ["id"], FROM_KALIMERA),
    ("logs_of_problems", "logs", ["shopify_id", "id"], A_PROBLEM),
)
