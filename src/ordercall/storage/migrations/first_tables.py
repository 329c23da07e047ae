"""The tables and indexes of the first schema, as they were then. Later steps change the database and never this."""

from __future__ import annotations

import re

KINDS = {
    "sqlite": {
        "{key}": "INTEGER NOT NULL PRIMARY KEY",
        "{serial}": "INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT",
        "{id}": "INTEGER",
        "{number}": "REAL",
        "{bytes}": "BLOB",
    },
    "postgresql": {
        "{key}": "BIGSERIAL NOT NULL PRIMARY KEY",
        "{serial}": "BIGSERIAL NOT NULL PRIMARY KEY",
        "{id}": "BIGINT",
        "{number}": "DOUBLE PRECISION",
        "{bytes}": "BYTEA",
    },
}
"""What each database calls 64-bit numbers and bytes. A ``{serial}`` is never given twice, a ``{key}`` may be."""

TABLES = {
    "access_tokens": """
        app TEXT NOT NULL PRIMARY KEY, token TEXT, scopes TEXT, ends_at {number}, turn_until {number}
    """,
    "answered_requests": """
        key TEXT NOT NULL PRIMARY KEY, answer TEXT NOT NULL, answered_at {number} NOT NULL
    """,
    "bulk_runs": """
        id {serial}, key TEXT UNIQUE, action TEXT NOT NULL, described TEXT NOT NULL,
        made_by TEXT NOT NULL, made_at {number} NOT NULL, collected_at {number}, started_at {number},
        stopped_at {number}, stopped_by TEXT, finished_at {number},
        cancel_reason TEXT, cancel_restock INTEGER, cancel_email INTEGER, undoes {id}
    """,
    "campaigns": """
        campaign_id TEXT NOT NULL PRIMARY KEY, agent_id TEXT, window_start {number}, window_end {number},
        changed_at {number}, failures INTEGER NOT NULL DEFAULT 0
    """,
    "contacts": """
        phone TEXT NOT NULL PRIMARY KEY, contact_id TEXT, state TEXT NOT NULL, changed_at {number} NOT NULL
    """,
    "deliveries": """
        id {serial}, webhook_id TEXT NOT NULL, body_digest TEXT NOT NULL, topic TEXT, shop TEXT, event_id TEXT,
        api_version TEXT, triggered_at TEXT, received_at {number} NOT NULL, headers TEXT NOT NULL, body {bytes},
        secret_name TEXT NOT NULL, shopify_id {id}, outcome TEXT NOT NULL, reason TEXT,
        repeats INTEGER NOT NULL DEFAULT 0, last_repeat_at {number}, handled_at {number}, handled_by TEXT,
        CONSTRAINT deliveries_once UNIQUE (webhook_id, body_digest)
    """,
    "disconnections": """
        id {serial}, shop TEXT NOT NULL, happened_at {number} NOT NULL, ended_at {number}, ended_by TEXT
    """,
    "ended_sessions": """
        id TEXT NOT NULL PRIMARY KEY, ended_at {number} NOT NULL
    """,
    "login_failures": """
        id {key}, address TEXT NOT NULL, failed_at {number} NOT NULL
    """,
    "orders": """
        shopify_id {id} NOT NULL PRIMARY KEY, order_name TEXT, product_title TEXT, total_price {number}, currency TEXT,
        customer_email TEXT, customer_phone TEXT, created_at TEXT, confirmation_status TEXT, webhook_timestamp {number},
        first_name TEXT, last_name TEXT, address TEXT, city TEXT, state TEXT,
        placed_at {number}, country TEXT, item_count INTEGER, gateways TEXT, financial_status TEXT,
        fulfillment_status TEXT, is_cod INTEGER NOT NULL DEFAULT 0, is_test INTEGER NOT NULL DEFAULT 0,
        phone_source TEXT, shopify_updated_at {number}, shopify_cancelled_at TEXT,
        status_changed_at {number}, status_changed_by TEXT,
        calling_state TEXT, calling_reason TEXT, calling_detail TEXT, calling_changed_at {number},
        language TEXT, contact_id TEXT, campaign_id TEXT, window_start {number}, window_end {number},
        cancel_state TEXT, cancel_detail TEXT, cancel_reason TEXT, cancel_restock INTEGER, cancel_email INTEGER,
        erased_at {number}, cancel_job TEXT, cancel_asked_at {number}, is_demo INTEGER NOT NULL DEFAULT 0,
        total_outstanding {number}, zip TEXT
    """,
    "privacy_requests": """
        id {serial}, topic TEXT NOT NULL, shop TEXT NOT NULL, reference TEXT, received_at {number} NOT NULL,
        named TEXT NOT NULL, report TEXT, done_at {number}, done_by TEXT
    """,
    "reconciliations": """
        id {serial}, asked_by TEXT NOT NULL, started_at {number} NOT NULL, since {number} NOT NULL, read_to {number},
        ended_at {number}, seen INTEGER NOT NULL DEFAULT 0, missed_orders INTEGER NOT NULL DEFAULT 0,
        missed_changes INTEGER NOT NULL DEFAULT 0, unreadable INTEGER NOT NULL DEFAULT 0,
        silent TEXT, fault TEXT, unsubscribed TEXT
    """,
    "refusals": """
        hour {id} NOT NULL, cause TEXT NOT NULL, number INTEGER NOT NULL, last_at {number} NOT NULL,
        PRIMARY KEY (hour, cause)
    """,
    "bulk_items": """
        run_id {id} NOT NULL REFERENCES bulk_runs (id), shopify_id {id} NOT NULL REFERENCES orders (shopify_id),
        state TEXT NOT NULL, seen TEXT NOT NULL, wanted TEXT, previous TEXT, left_as TEXT, message TEXT,
        PRIMARY KEY (run_id, shopify_id)
    """,
    "listings": """
        id {serial}, shopify_id {id} NOT NULL UNIQUE REFERENCES orders (shopify_id), campaign_id TEXT NOT NULL,
        language TEXT NOT NULL, contact_id TEXT NOT NULL, state TEXT NOT NULL, changed_at {number} NOT NULL
    """,
    "logs": """
        id {serial}, shopify_id {id} REFERENCES orders (shopify_id), timestamp TEXT, event_type TEXT, message TEXT,
        actor TEXT, detail TEXT
    """,
}
"""Tables to which others refer come first. An existing table gets the columns that it lacks, in this order."""

NEEDS_A_PERSON = (
    "((confirmation_status = 'Placed' AND is_test = 0"
    " AND (calling_state = 'failed' OR calling_reason IN ('no_phone', 'too_old')))"
    " OR (confirmation_status = 'Failed' AND cancel_state IN ('refused', 'unclear')))"
)
OFF_CAMPAIGN = "(confirmation_status = 'Placed' AND is_test = 0 AND calling_state IN ('failed', 'not_called'))"
FROM_KALIMERA = (
    "event_type IN ('Kalimera_Call_Not_Stopped', 'Kalimera_Campaign_Updated', 'Kalimera_Contact_Added_To_List',"
    " 'Kalimera_Contact_Created', 'Kalimera_Contact_Reused', 'Kalimera_Sync_Deferred', 'Kalimera_Sync_Error',"
    " 'Kalimera_Sync_Success')"
)
A_PROBLEM = (
    "event_type IN ('Kalimera_Call_Not_Stopped', 'Kalimera_Sync_Error', 'Order_Not_Called', 'Shopify_Cancel_Error',"
    " 'Shopify_Cancel_Unclear', 'Shopify_Tag_Error')"
)
INDEXES = {
    "answered_requests_by_time": "answered_requests (answered_at)",
    "deliveries_by_order": "deliveries (shopify_id, id)",
    "deliveries_by_outcome": "deliveries (outcome, id)",
    "deliveries_by_shopify": "deliveries (received_at) WHERE secret_name <> ''",
    "deliveries_by_time": "deliveries (received_at)",
    "deliveries_by_topic": "deliveries (topic, received_at)",
    "deliveries_unhandled": "deliveries (id) WHERE outcome = 'unreadable' AND handled_at IS NULL",
    "login_failures_by_address": "login_failures (address, failed_at)",
    "orders_by_calling": "orders (calling_state, placed_at, shopify_id)",
    "orders_by_change": (
        "orders (confirmation_status, status_changed_at, shopify_id) WHERE confirmation_status <> 'Placed'"
    ),
    "orders_by_name": "orders (order_name, shopify_id, confirmation_status, placed_at)",
    "orders_by_phone": "orders (customer_phone, placed_at)",
    "orders_by_receipt": "orders (confirmation_status, webhook_timestamp, shopify_id)",
    "orders_by_status": "orders (confirmation_status, placed_at, shopify_id)",
    "orders_by_time": "orders (placed_at, shopify_id)",
    "orders_by_total": "orders (total_price, shopify_id, confirmation_status, placed_at)",
    "orders_needing_a_person": f"orders (shopify_id) WHERE {NEEDS_A_PERSON}",
    "orders_needing_a_person_by_kind": (
        f"orders (confirmation_status, calling_state, calling_reason) WHERE {NEEDS_A_PERSON}"
    ),
    "orders_of_the_sandbox": "orders (shopify_id) WHERE is_demo = 1",
    "orders_off_campaign": f"orders (placed_at, shopify_id, calling_reason) WHERE {OFF_CAMPAIGN}",
    "bulk_items_by_state": "bulk_items (run_id, state, shopify_id)",
    "listings_by_state": "listings (campaign_id, state, language, id)",
    "logs_by_order": "logs (shopify_id, id)",
    "logs_of_kalimera": f"logs (id) WHERE {FROM_KALIMERA}",
    "logs_of_problems": f"logs (shopify_id, id) WHERE {A_PROBLEM}",
}


def definitions(table: str, database: str) -> list[str]:
    """Return the columns and constraints of a table, as that database writes them."""
    written = " ".join(TABLES[table].split())
    for word, kind in KINDS[database].items():
        written = written.replace(word, kind)
    return re.split(r", (?![^(]*\))", written)
