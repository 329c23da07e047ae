"""The tables of what is done to many orders at once; :mod:`ordercall.storage.tables` offers them as its own."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text

from ordercall.storage.table_parts import Id, Number, metadata

bulk_runs = Table(
    "bulk_runs",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("key", Text, unique=True),
    Column("action", Text, nullable=False),
    Column("described", Text, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("made_at", Number, nullable=False),
    Column("collected_at", Number),
    Column("started_at", Number),
    Column("stopped_at", Number),
    Column("stopped_by", Text),
    Column("finished_at", Number),
    Column("cancel_reason", Text),
    Column("cancel_restock", Integer),
    Column("cancel_email", Integer),
    Column("undoes", Id),
    sqlite_autoincrement=True,
)
"""One action for many orders. It begins without ``started_at``: then its orders are fixed and nothing has happened."""

bulk_items = Table(
    "bulk_items",
    metadata,
    Column("run_id", Id, ForeignKey("bulk_runs.id"), primary_key=True, autoincrement=False),
    Column("shopify_id", Id, ForeignKey("orders.shopify_id"), primary_key=True, autoincrement=False),
    Column("state", Text, nullable=False),
    Column("seen", Text, nullable=False),
    Column("wanted", Text),
    Column("previous", Text),
    Column("left_as", Text),
    Column("message", Text),
    Index("bulk_items_by_state", "run_id", "state", "shopify_id"),
    Index("bulk_items_by_order", "shopify_id"),
)
"""An order of a run. ``seen`` and ``left_as`` are versions of its status: when it was chosen, and after the run."""
