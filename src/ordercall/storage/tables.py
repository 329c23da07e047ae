"""The tables; ``docs/architecture.md`` says what a row of each is, and migrations bring a database there.

``orders`` and ``logs`` begin with the columns of the original program, in its order and with its types; ours
follow. Times of our own are unix seconds (a number sorts, subtracts and reads the same on every database);
the two original columns ``created_at`` and ``timestamp`` stay ISO text.
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, Table, Text, UniqueConstraint, text

from ordercall.domain.activity import DONE_BY_HAND, PROBLEMS, Event
from ordercall.domain.orders.order import Status
from ordercall.storage.address_tables import address_proposals as address_proposals
from ordercall.storage.alert_tables import alert_messages as alert_messages
from ordercall.storage.alert_tables import alerts as alerts
from ordercall.storage.audit_tables import audit as audit
from ordercall.storage.belt_tables import card_edits as card_edits
from ordercall.storage.belt_tables import program_cancels as program_cancels
from ordercall.storage.bulk_tables import bulk_items as bulk_items
from ordercall.storage.bulk_tables import bulk_runs as bulk_runs
from ordercall.storage.call_tables import call_orders as call_orders
from ordercall.storage.call_tables import calls as calls
from ordercall.storage.call_tables import running as running
from ordercall.storage.connection_tables import answer_shapes as answer_shapes
from ordercall.storage.connection_tables import connection_checks as connection_checks
from ordercall.storage.connection_tables import paused_campaigns as paused_campaigns
from ordercall.storage.connection_tables import silent_providers as silent_providers
from ordercall.storage.decision_tables import decisions as decisions
from ordercall.storage.decision_tables import do_not_call as do_not_call
from ordercall.storage.decision_tables import pauses as pauses
from ordercall.storage.decision_tables import policies as policies
from ordercall.storage.decision_tables import window_endings as window_endings
from ordercall.storage.first_call_tables import first_calls as first_calls
from ordercall.storage.hold_tables import order_holds as order_holds
from ordercall.storage.login_tables import api_keys as api_keys
from ordercall.storage.login_tables import issuer_accounts as issuer_accounts
from ordercall.storage.login_tables import login_failures as login_failures
from ordercall.storage.login_tables import people as people
from ordercall.storage.login_tables import person_links as person_links
from ordercall.storage.login_tables import recovery_codes as recovery_codes
from ordercall.storage.login_tables import second_factors as second_factors
from ordercall.storage.login_tables import sessions as sessions
from ordercall.storage.measure_tables import measures as measures
from ordercall.storage.parcel_tables import order_parcels as order_parcels
from ordercall.storage.reads import predicates
from ordercall.storage.report_tables import WITH_A_BODY as WITH_A_BODY
from ordercall.storage.report_tables import look_ups as look_ups
from ordercall.storage.report_tables import report_words as report_words
from ordercall.storage.report_tables import reports as reports
from ordercall.storage.table_parts import Id, Number, partial_index, sqlite_index
from ordercall.storage.table_parts import metadata as metadata
from ordercall.storage.trial_tables import trial_differences as trial_differences
from ordercall.storage.trial_tables import trials as trials
from ordercall.storage.view_tables import saved_views as saved_views
from ordercall.storage.write_back_tables import write_backs as write_backs

NEEDS_A_PERSON = text(predicates.needs_a_person())
"""The orders that nothing but a person brings on. This and what follows are the conditions of partial indexes: a query
with exactly this text reads the index of just these rows."""

OFF_CAMPAIGN = text(predicates.off_campaign())
"""The orders that should be called and will not be."""

TO_SHIP = text(predicates.to_ship())
"""The orders that wait for their parcel."""

UNHANDLED = text("outcome = 'unreadable' AND handled_at IS NULL")
"""The unreadable deliveries that no person has dealt with."""

DECIDED = text(f"confirmation_status <> '{Status.PLACED}'")
"""The orders that have their outcome; a new order touches no index of these."""

A_PROBLEM = text(f"event_type IN {predicates.one_of(PROBLEMS)}")
"""The log entries that mean trouble. When PROBLEMS grows, a migration makes their index anew."""

BY_HAND = text(f"event_type IN {predicates.one_of(DONE_BY_HAND)} AND actor IS NOT NULL")
"""The log entries of what somebody did. When DONE_BY_HAND grows, a migration makes their index anew."""

FROM_KALIMERA = text(f"event_type IN {predicates.one_of(each for each in Event if each.startswith('Kalimera_'))}")
"""The log entries about Kalimera."""

DEMO = text("is_demo = 1")
"""The orders that the sandbox placed."""

BY_SHOPIFY = text("secret_name <> ''")
"""The deliveries that Shopify brought, unlike those that were read from the shop."""


orders = Table(
    "orders",
    metadata,
    Column("shopify_id", Id, primary_key=True, autoincrement=False),
    Column("order_name", Text),
    Column("product_title", Text),
    Column("total_price", Number),
    Column("currency", Text),
    Column("customer_email", Text),
    Column("customer_phone", Text),
    Column("created_at", Text),
    Column("confirmation_status", Text),
    Column("webhook_timestamp", Number),
    Column("first_name", Text),
    Column("last_name", Text),
    Column("address", Text),
    Column("city", Text),
    Column("state", Text),
    # Ours from here on.
    Column("placed_at", Number),
    Column("country", Text),
    Column("item_count", Integer),
    Column("gateways", Text),
    Column("financial_status", Text),
    Column("fulfillment_status", Text),
    Column("is_cod", Integer, nullable=False, server_default=text("0")),
    Column("is_test", Integer, nullable=False, server_default=text("0")),
    Column("phone_source", Text),
    Column("shopify_updated_at", Number),
    Column("shopify_cancelled_at", Text),
    Column("status_changed_at", Number),
    Column("status_changed_by", Text),
    Column("calling_state", Text),
    Column("calling_reason", Text),
    Column("calling_detail", Text),
    Column("calling_changed_at", Number),
    Column("language", Text),
    Column("contact_id", Text),
    Column("campaign_id", Text),
    Column("window_start", Number),
    Column("window_end", Number),
    Column("cancel_state", Text),
    Column("cancel_detail", Text),
    Column("cancel_reason", Text),
    Column("cancel_restock", Integer),
    Column("cancel_email", Integer),
    Column("erased_at", Number),
    Column("cancel_job", Text),
    Column("cancel_asked_at", Number),
    Column("is_demo", Integer, nullable=False, server_default=text("0")),
    Column("total_outstanding", Number),
    Column("zip", Text),
    Column("province_code", Text),
    Column("phone_fault", Text),
    Column("fact_times", Text),
    Column("items", Text),
    Column("units_left", Integer),
    Column("current_total_price", Number),
    Column("current_outstanding", Number),
    Column("presentment_currency", Text),
    Column("closed_at", Text),
    Column("source_name", Text),
    Column("shopify_deleted_at", Number),
    Column("address2", Text),
    Column("lines", Text),
    Column("address_waits", Integer, nullable=False, server_default=text("0")),
    Column("ship_first_name", Text),
    Column("ship_last_name", Text),
    Index("orders_by_time", "placed_at", "shopify_id"),
    Index("orders_by_status", "confirmation_status", "placed_at", "shopify_id"),
    partial_index("orders_by_change", "confirmation_status", "status_changed_at", "shopify_id", where=DECIDED),
    sqlite_index(
        *("orders_by_facts", "placed_at", "shopify_id", "confirmation_status", "state", "zip", "language"),
        *("calling_reason", "is_cod", "product_title", "calling_state", "is_test", "currency", "total_price"),
    ),
    Index("orders_by_receipt", "confirmation_status", "webhook_timestamp", "shopify_id"),
    Index("orders_by_calling", "calling_state", "placed_at", "shopify_id"),
    Index("orders_by_phone", "customer_phone", "placed_at"),
    Index("orders_by_total", "total_price", "shopify_id", "confirmation_status", "placed_at"),
    Index("orders_by_name", "order_name", "shopify_id", "confirmation_status", "placed_at"),
    partial_index("orders_off_campaign", "placed_at", "shopify_id", "calling_reason", where=OFF_CAMPAIGN),
    partial_index("orders_to_ship", "status_changed_at", "shopify_id", where=TO_SHIP),
    partial_index(
        *("orders_needing_a_person_by_kind", "confirmation_status", "calling_state", "calling_reason"),
        where=NEEDS_A_PERSON,
    ),
    partial_index("orders_needing_a_person", "shopify_id", where=NEEDS_A_PERSON),
    partial_index("orders_of_the_sandbox", "shopify_id", where=DEMO),
)

logs = Table(
    "logs",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("shopify_id", Id, ForeignKey("orders.shopify_id")),
    Column("timestamp", Text),
    Column("event_type", Text),
    Column("message", Text),
    # Ours from here on.
    Column("actor", Text),
    Column("detail", Text),
    Index("logs_by_order", "shopify_id", "id"),
    partial_index("logs_of_problems", "shopify_id", "id", where=A_PROBLEM),
    partial_index("logs_of_kalimera", "id", where=FROM_KALIMERA),
    partial_index("logs_by_hand", "id", "actor", where=BY_HAND),
    sqlite_autoincrement=True,
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("webhook_id", Text, nullable=False),
    Column("body_digest", Text, nullable=False),
    Column("topic", Text),
    Column("shop", Text),
    Column("event_id", Text),
    Column("api_version", Text),
    Column("triggered_at", Text),
    Column("received_at", Number, nullable=False),
    Column("headers", Text, nullable=False),
    Column("body", LargeBinary),
    Column("secret_name", Text, nullable=False),
    Column("shopify_id", Id),
    Column("outcome", Text, nullable=False),
    Column("reason", Text),
    Column("repeats", Integer, nullable=False, server_default=text("0")),
    Column("last_repeat_at", Number),
    Column("handled_at", Number),
    Column("handled_by", Text),
    UniqueConstraint("webhook_id", "body_digest", name="deliveries_once"),
    Index("deliveries_by_body", "body_digest"),
    Index("deliveries_by_time", "received_at"),
    Index("deliveries_by_outcome", "outcome", "id"),
    Index("deliveries_by_order", "shopify_id", "id"),
    Index("deliveries_by_topic", "topic", "received_at"),
    partial_index("deliveries_by_shopify", "received_at", where=BY_SHOPIFY),
    partial_index("deliveries_unhandled", "id", where=UNHANDLED),
    partial_index("deliveries_with_a_body", "received_at", where=WITH_A_BODY),
    sqlite_autoincrement=True,
)
"""Signed webhooks as they came. ``body`` is emptied after the set number of days."""

contacts = Table(
    "contacts",
    metadata,
    Column("phone", Text, primary_key=True),
    Column("contact_id", Text),
    Column("state", Text, nullable=False),
    Column("changed_at", Number, nullable=False),
)
"""A phone's newest Kalimera contact. ``state``: creating (a request may have left), creating again (two may), known."""

campaigns = Table(
    "campaigns",
    metadata,
    Column("campaign_id", Text, primary_key=True),
    Column("agent_id", Text),
    Column("window_start", Number),
    Column("window_end", Number),
    Column("changed_at", Number),
    Column("failures", Integer, nullable=False, server_default=text("0")),
)
"""The agent and call window that each campaign was last set to. A null agent: an update may have left, so neither is
certain."""

listings = Table(
    "listings",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("shopify_id", Id, ForeignKey("orders.shopify_id"), nullable=False, unique=True),
    Column("campaign_id", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("contact_id", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("changed_at", Number, nullable=False),
    Index("listings_by_state", "campaign_id", "state", "language", "id"),
    sqlite_autoincrement=True,
)
"""One order's place on a campaign. ``state``: see :class:`ordercall.storage.records.campaigns.ListingState`."""

refused_credentials = Table(
    "refused_credentials",
    metadata,
    Column("provider", Text, primary_key=True),
    Column("setting", Text, nullable=False),
    Column("words", Text, nullable=False),
    Column("since", Number, nullable=False),
)
"""The providers that do not accept a credential of this installation, each with what a person has to put right."""

refusals = Table(
    "refusals",
    metadata,
    Column("hour", Id, primary_key=True, autoincrement=False),
    Column("cause", Text, primary_key=True),
    Column("number", Integer, nullable=False),
    Column("last_at", Number, nullable=False),
)
"""How many webhooks were refused in an hour, by likely cause. ``hour``: unix seconds of its beginning."""

disconnections = Table(
    "disconnections",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("shop", Text, nullable=False),
    Column("happened_at", Number, nullable=False),
    Column("ended_at", Number),
    Column("ended_by", Text),
    sqlite_autoincrement=True,
)
"""When the app was out of its shop. Without ``ended_at`` it still is, and nobody is called."""

privacy_requests = Table(
    "privacy_requests",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("topic", Text, nullable=False),
    Column("shop", Text, nullable=False),
    Column("reference", Text),
    Column("received_at", Number, nullable=False),
    Column("named", Text, nullable=False),
    Column("report", Text),
    Column("done_at", Number),
    Column("done_by", Text),
    sqlite_autoincrement=True,
)
"""What was asked about customers' data, and what it came to: ids and numbers as JSON, never the data."""

awaited_erasures = Table(
    "awaited_erasures",
    metadata,
    Column("shopify_id", Id, primary_key=True, autoincrement=False),
    Column("asked_at", Number, nullable=False),
)
"""The orders whose customers are to be erased and that have not come yet: they are stored without anybody."""

upkeep = Table(
    "upkeep",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("began_at", Number, nullable=False),
    Column("ended_at", Number),
    Column("after", Id, nullable=False),
    Column("number", Id, nullable=False),
    Column("fault", Text),
)
"""How far the last run of each kind of work on the data came. Without ``ended_at`` it goes on behind ``after``."""

reconciliations = Table(
    "reconciliations",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("asked_by", Text, nullable=False),
    Column("started_at", Number, nullable=False),
    Column("since", Number, nullable=False),
    Column("read_to", Number),
    Column("ended_at", Number),
    Column("seen", Integer, nullable=False, server_default=text("0")),
    Column("missed_orders", Integer, nullable=False, server_default=text("0")),
    Column("missed_changes", Integer, nullable=False, server_default=text("0")),
    Column("unreadable", Integer, nullable=False, server_default=text("0")),
    Column("silent", Text),
    Column("fault", Text),
    Column("unsubscribed", Text),
    sqlite_autoincrement=True,
)
"""Each reading of the shop's orders. Without ``ended_at`` it was cut off, and goes on at ``read_to``."""

order_counts = Table(
    "order_counts",
    metadata,
    Column("span", Integer, primary_key=True, autoincrement=False),
    Column("slot", Id, primary_key=True, autoincrement=False),
    Column("status", Text, primary_key=True),
    Column("currency", Text, primary_key=True),
    *[Column(name, Id, nullable=False) for name in predicates.MEASURES],
    sqlite_with_rowid=False,
)
"""How many orders each quarter of an hour, three hours and all time brought; kept by triggers (``counters.py``)."""

answered_requests = Table(
    "answered_requests",
    metadata,
    Column("key", Text, primary_key=True),
    Column("answer", Text, nullable=False),
    Column("answered_at", Number, nullable=False),
    Index("answered_requests_by_time", "answered_at"),
)
"""The idempotency keys of requests that were carried out, each with what its answer is made from."""

shop_names = Table(
    "shop_names",
    metadata,
    Column("domain", Text, primary_key=True),
    Column("shop_id", Text, nullable=False),
    Column("seen_at", Number, nullable=False),
)
"""The domains by which Shopify knows a shop, and its id there: a shop that is renamed keeps the id."""

access_tokens = Table(
    "access_tokens",
    metadata,
    Column("app", Text, primary_key=True),
    Column("token", Text),
    Column("scopes", Text),
    Column("ends_at", Number),
    Column("turn_until", Number),
)
"""The Admin API token of each app and shop, sealed. Until ``turn_until`` one process is asking for the next."""
