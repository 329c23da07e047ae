"""The table of holds in Shopify; :mod:`ordercall.storage.tables` offers it as its own."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text, text

from ordercall.storage.table_parts import Id, Number, metadata, partial_index

LIVE = text("released_at IS NULL")
"""The orders of which something is held by us, or is to be."""

TROUBLE = text("((refused IS NOT NULL AND released_at IS NULL) OR let_go IN ('too_long', 'others'))")
"""Those whose hold could not be made or released, and those that were let go without an answer."""

BY_OTHERS = text("by_others = 1")
"""The orders that others hold, as far as we know."""

order_holds = Table(
    "order_holds",
    metadata,
    Column("shopify_id", Id, ForeignKey("orders.shopify_id"), primary_key=True, autoincrement=False),
    Column("wanted_at", Number, nullable=False),
    Column("held_at", Number),
    Column("held", Text, nullable=False),
    Column("by_others", Integer, nullable=False),
    Column("others_note", Text),
    Column("again", Integer, nullable=False),
    Column("let_go", Text),
    Column("refused", Text),
    Column("refused_at", Number),
    Column("released_at", Number),
    partial_index("order_holds_live", "shopify_id", where=LIVE),
    partial_index("order_holds_trouble", "shopify_id", where=TROUBLE),
    partial_index("order_holds_by_others", "shopify_id", where=BY_OTHERS),
)
"""The hold of an order in Shopify.

``held_at``: since when all of it is held. ``held``: the ids of its fulfilment orders under our hold, as JSON, as they
were last read. ``by_others``: somebody else holds it too. ``others_note``: what they noted at
it in Shopify. ``again``: how often it was held anew after others had
released it. ``let_go``: why nothing brings the hold back. ``refused``: why it could not be made or released, in the
words of Shopify.
"""

fulfilment_orders = Table(
    "fulfilment_orders",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("shopify_id", Id, ForeignKey("orders.shopify_id"), nullable=False),
    Index("fulfilment_orders_by_order", "shopify_id"),
)
"""The number of a fulfilment order that was seen, and its order: webhooks about one do not name that."""
