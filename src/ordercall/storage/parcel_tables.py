"""The table of parcels; :mod:`ordercall.storage.tables` offers it as its own."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Table, Text

from ordercall.storage.table_parts import Id, Number, metadata

order_parcels = Table(
    "order_parcels",
    metadata,
    Column("shopify_id", Id, ForeignKey("orders.shopify_id"), primary_key=True, autoincrement=False),
    Column("looked_at", Number, nullable=False),
    Column("words", Text, nullable=False),
    Column("came_back", Text),
)
"""What Shopify last showed of the parcels of an order.

``words``: what is so of them, for a person. ``came_back``: how all of it did, as :class:`CameBack` has it.
"""
