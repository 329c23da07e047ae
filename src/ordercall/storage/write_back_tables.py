"""The table of what is written back to Shopify; :mod:`ordercall.storage.tables` offers it as its own."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, Table, Text, text

from ordercall.storage.table_parts import Id, Number, metadata, partial_index

DUE = text("due_at IS NOT NULL")
"""The orders of which something is to be written."""

REFUSED = text("refused <> ''")
"""Those of which Shopify did not take what was written, which a person can mend."""

write_backs = Table(
    "write_backs",
    metadata,
    Column("shopify_id", Id, ForeignKey("orders.shopify_id"), primary_key=True, autoincrement=False),
    Column("due_at", Number),
    Column("place", Integer, nullable=False),
    Column("said", Text),
    Column("word", Text, nullable=False),
    Column("tag", Text, nullable=False),
    Column("adding", Text, nullable=False),
    Column("fields", Text, nullable=False),
    Column("refused", Text),
    partial_index("write_backs_due", "place", "due_at", "shopify_id", where=DUE),
    partial_index("write_backs_refused", "shopify_id", where=REFUSED),
)
"""What was written to an order in Shopify.

``due_at``: since when something is to be written. ``place``: 0 goes before 1. ``said``, ``word``, ``tag``, ``adding``,
``fields``: :class:`ordercall.domain.parcels.write_back.Written`, the fields as JSON. ``refused``: Shopify's words
against it; empty where nobody can mend that.
"""
