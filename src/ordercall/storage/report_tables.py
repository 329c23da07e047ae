"""The tables of what is reported; :mod:`ordercall.storage.tables` offers them as its own."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, Table, Text, UniqueConstraint, text

from ordercall.storage.table_parts import Id, Number, metadata, partial_index

WITH_A_BODY = text("body IS NOT NULL")
"""The reports, and the deliveries, that still hold what came."""

reports = Table(
    "reports",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("received_at", Number, nullable=False),
    Column("door", Text, nullable=False),
    Column("sender", Text, nullable=False),
    Column("body", LargeBinary),
    Column("body_digest", Text, nullable=False),
    Column("report_id", Text),
    Column("call_id", Text),
    Column("contact_id", Text),
    Column("phone", Text),
    Column("shopify_id", Id),
    Column("rung_call", Text),
    Column("meant", Text, nullable=False),
    Column("said", Text, nullable=False),
    Column("unread", Text, nullable=False),
    Column("fate", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("repeats", Integer, nullable=False, server_default=text("0")),
    Column("last_repeat_at", Number),
    Column("handled_at", Number),
    Column("handled_by", Text),
    Index("reports_by_digest", "body_digest"),
    Index("reports_by_fate", "fate", "id"),
    Index("reports_by_order", "shopify_id", "id"),
    partial_index("reports_with_a_body", "received_at", where=WITH_A_BODY),
    partial_index("reports_by_phone", "phone", where=text("phone IS NOT NULL")),
    partial_index("reports_by_contact", "contact_id", where=text("contact_id IS NOT NULL")),
    sqlite_autoincrement=True,
)
"""Everything that was reported, as it came. ``call_id``, ``contact_id`` and ``phone`` are the sender's.

``shopify_id`` and ``rung_call`` are the order and the call that it was found to be about, ``meant`` all orders that may
be. ``said`` holds the words of the normal form without anything personal, ``unread`` those that nobody knows.
"""

report_words = Table(
    "report_words",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("path", Text, nullable=False),
    Column("word", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("value", Text),
    Column("taught_at", Number, nullable=False),
    Column("taught_by", Text, nullable=False),
    UniqueConstraint("path", "word", "key", name="report_words_once"),
    sqlite_autoincrement=True,
)
"""What the words of the shop's agent mean: rules of :mod:`ordercall.domain.reports.words`."""

look_ups = Table(
    "look_ups",
    metadata,
    Column("shopify_id", Id, primary_key=True, autoincrement=False),
    Column("looked_up_at", Number, nullable=False),
)
"""When an agent last asked for an order by its phone: since then it knows better than an old card."""
