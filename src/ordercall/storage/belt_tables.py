"""The tables of the cancel belt; :mod:`ordercall.storage.tables` offers them as its own."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, Table, Text, text

from ordercall.storage.table_parts import Id, Number, metadata, partial_index

WAITING = text("due_at IS NOT NULL")
"""The cancels that wait for their time, with a few that need not any more."""

FROZEN = text("frozen_at IS NOT NULL")
"""The cancels that wait until a person lets more leave, with a few that need not any more."""

SENT = text("sent_at IS NOT NULL")
"""The cancels that have left."""

program_cancels = Table(
    "program_cancels",
    metadata,
    Column("shopify_id", Id, ForeignKey("orders.shopify_id"), primary_key=True, autoincrement=False),
    Column("asked_at", Number, nullable=False),
    Column("before", Text, nullable=False),
    Column("forced", Integer, nullable=False),
    Column("quoted", Integer, nullable=False),
    Column("undone", Integer, nullable=False),
    Column("phone", Text),
    Column("due_at", Number),
    Column("frozen_at", Number),
    Column("held_at", Number),
    Column("released_at", Number),
    Column("sent_at", Number),
    Column("person", Text),
    partial_index("program_cancels_waiting", "due_at", where=WAITING),
    partial_index("program_cancels_frozen", "shopify_id", where=FROZEN),
    partial_index("program_cancels_sent", "sent_at", where=SENT),
)
"""The cancel of an order that no person asked for, as it was asked for last. ``before``: the order's status until then.

``held_at``: a guard spoke against it, and a person decides. ``released_at``: a person let it leave although the hour's
number was reached. ``sent_at``: the last time that it left without that. ``person``: who has made it their own cancel.
"""

card_edits = Table(
    "card_edits",
    metadata,
    Column("shopify_id", Id, ForeignKey("orders.shopify_id"), primary_key=True, autoincrement=False),
    Column("contact_id", Text, nullable=False),
)
"""An order whose items, total or address were changed after this contact's card was made with them."""
