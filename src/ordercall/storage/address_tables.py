"""The table of corrected addresses; :mod:`ordercall.storage.tables` offers it as its own."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Table, Text, text

from ordercall.domain.places.addresses import OPEN
from ordercall.storage.reads.predicates import one_of
from ordercall.storage.table_parts import Id, Number, metadata, partial_index

OPEN_ONES = text(f"state IN {one_of(OPEN)}")
"""The addresses that are not dealt with: their orders must not leave yet."""

address_proposals = Table(
    "address_proposals",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("shopify_id", Id, ForeignKey("orders.shopify_id"), nullable=False),
    Column("report", Id),
    Column("said", Text, nullable=False),
    Column("said_at", Number, nullable=False),
    Column("state", Text, nullable=False),
    Column("changed_at", Number, nullable=False),
    Column("before", Text),
    Column("after", Text),
    Column("decided_by", Text),
    Column("note", Text),
    Column("sent_at", Number),
    Column("refused", Text),
    Index("address_proposals_by_order", "shopify_id", "id"),
    partial_index("address_proposals_open", "shopify_id", where=OPEN_ONES),
    sqlite_autoincrement=True,
)
"""An address that a customer gave in a call, for an order. ``orders.address_waits`` says whether one is open.

``said``: as it was said, JSON by the names of ``places/addresses.py``. ``before``: the order's address when a person
approved; ``after``: what they made of it, and once Shopify has answered, as Shopify has it; both JSON. ``refused``: why
it was not corrected, in the words of Shopify or ours.
"""
