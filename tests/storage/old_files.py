"""Files that the original program left, and how they are upgraded and looked at."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from ordercall.storage.engine.sqlite_database import SQLiteDatabase

ORDERS_OF_OLD = [
    ("shopify_id", "INTEGER"),
    ("order_name", "TEXT"),
    ("product_title", "TEXT"),
    ("total_price", "REAL"),
    ("currency", "TEXT"),
    ("customer_email", "TEXT"),
    ("customer_phone", "TEXT"),
    ("created_at", "TEXT"),
    ("confirmation_status", "TEXT"),
    ("webhook_timestamp", "REAL"),
    ("first_name", "TEXT"),
    ("last_name", "TEXT"),
    ("address", "TEXT"),
    ("city", "TEXT"),
    ("state", "TEXT"),
]
ORIGINAL_TABLES = """
    CREATE TABLE orders (
        shopify_id INTEGER PRIMARY KEY, order_name TEXT, product_title TEXT, total_price REAL, currency TEXT,
        customer_email TEXT, customer_phone TEXT, created_at TEXT, confirmation_status TEXT, webhook_timestamp REAL,
        first_name TEXT, last_name TEXT, address TEXT, city TEXT, state TEXT
    );
    CREATE TABLE logs (
        id INTEGER PRIMARY KEY AUTOINCREMENT, shopify_id INTEGER, timestamp TEXT, event_type TEXT, message TEXT,
        FOREIGN KEY (shopify_id) REFERENCES orders (shopify_id)
    );
"""
MANY = 1_000
BEYOND_A_FLOAT = 2**53 + 1
RECEIVED = 1_768_633_200.123456
STATUSES = ("Placed", "Success", "Returned", "Failed")


def upgrade(path: Path) -> None:
    database = SQLiteDatabase(path)
    try:
        database.upgrade()
    finally:
        database.close()


def ask(path: Path, question: str, *values: Any) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as connection, connection:
        return connection.execute(question, values).fetchall()


def an_order(number: int = 1, **changes: Any) -> dict[str, Any]:
    """Return a row as the original program wrote it."""
    row = {
        "shopify_id": BEYOND_A_FLOAT + number,
        "order_name": f"#{1000 + number}",
        "product_title": "कुर्ता, M / Indigo",
        "total_price": 99.99 + number,
        "currency": "INR",
        "customer_email": f"customer{number}@example.com",
        "customer_phone": None if number % 7 == 0 else f"+91555{number:07d}",
        "created_at": "2026-01-17T11:58:57+05:30",
        "confirmation_status": STATUSES[number % 4],
        "webhook_timestamp": RECEIVED + number,
        "first_name": "Asha's",
        "last_name": '"Iyer"; --',
        "address": "14 Lake View Road\nAdyar",
        "city": "",
        "state": "Tamil Nadu" if number % 3 else None,
    }
    return row | changes


def write_original(path: Path, *orders: dict[str, Any], logs: tuple[tuple[int, str], ...] = ()) -> None:
    """Make a file as the original program left it."""
    names = [name for name, _ in ORDERS_OF_OLD]
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript(ORIGINAL_TABLES)
        places = ", ".join(f":{name}" for name in names)
        connection.executemany(f"INSERT INTO orders VALUES ({places})", orders)  # noqa: S608
        connection.executemany(
            "INSERT INTO logs (shopify_id, timestamp, event_type, message) VALUES (?, ?, ?, ?)",
            [(order_id, "2026-01-17T06:30:00.123456", event, "It happened.") for order_id, event in logs],
        )


def write_many(path: Path) -> None:
    orders = [an_order(number) for number in range(MANY)]
    events = ("Shopify_Webhook_Received", "Agent_Selected", "Kalimera_Sync_Success")
    write_original(path, *orders, logs=tuple((order["shopify_id"], event) for order in orders for event in events))
