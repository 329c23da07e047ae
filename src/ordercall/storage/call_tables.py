"""The tables of the calls; :mod:`ordercall.storage.tables` holds all others and offers these as its own."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text, text

from ordercall.domain.calls.call import MAY_RING, CallState
from ordercall.storage.reads.predicates import one_of
from ordercall.storage.table_parts import Id, Number, metadata, partial_index

RINGING = text(f"state IN {one_of(MAY_RING)}")
"""The calls whose customers may be rung, or may have been told to Kalimera: few, however many calls there were."""

KNOWN_THERE = text("contact_id IS NOT NULL")
"""The calls of which Kalimera was told."""

TOGETHER = text("rings_with IS NOT NULL")
"""The calls that are one with those of other orders: few, as only who waits at the same moment is rung for together."""

LIVE = text("is_live = 1")
"""The calls of an order that are planned or open: one at most, which the index of this condition sees to."""

RINGS_ON = text(f"state IN {one_of((CallState.UNANSWERED, CallState.ENDED_UNKNOWN, CallState.OVERTAKEN))}")
"""The calls that are over without an answer, whose customers Kalimera may ring as long as their campaign does."""

calls = Table(
    "calls",
    metadata,
    Column("call_id", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("attempt", Integer, nullable=False, server_default=text("1")),
    Column("asked_by", Text),
    Column("policy_version", Integer),
    Column("planned_at", Number, nullable=False),
    Column("changed_at", Number, nullable=False),
    Column("not_before", Number),
    Column("reason", Text),
    Column("detail", Text),
    Column("phone", Text),
    Column("contact_id", Text),
    Column("provider", Text),
    Column("campaign_id", Text),
    Column("language", Text),
    Column("agent_id", Text),
    Column("agent_unsure", Integer, nullable=False, server_default=text("0")),
    Column("window_start", Number),
    Column("window_end", Number),
    Column("may_ring_until", Number),
    Column("is_before", Integer, nullable=False, server_default=text("0")),
    Column("follows", Text),
    Column("due_at", Number),
    Column("wanted_language", Text),
    Column("asked_despite", Text),
    Column("cut_off_at", Number),
    Column("rings_with", Text),
    Column("card_orders", Integer),
    partial_index("calls_by_contact", "contact_id", "call_id", where=KNOWN_THERE),
    partial_index("calls_ringing", "window_end", where=RINGING),
    partial_index("calls_ringing_on", "campaign_id", "may_ring_until", where=RINGS_ON),
    partial_index("calls_together", "rings_with", where=TOGETHER),
    sqlite_with_rowid=False,
)
"""One row a call. From ``phone`` to ``may_ring_until`` it is what Kalimera was told: nothing before the request leaves.

``asked_by``: who asked for it; null: it is the program's own, and ``attempt`` its number. ``reason``: why it waits, or
why it ended as it did. ``is_before``: made of what was known when calls were not yet written down. From ``follows`` on
it is the :class:`~ordercall.domain.calls.call.Plan` of a further call. ``cut_off_at``: when a pause may have ended it.
``rings_with``: the id on the card of a joint call, and ``card_orders`` of how many orders that card tells; each order
keeps a row of its own.
"""

running = Table(
    "running",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("began_at", Number, nullable=False),
    Column("ended_at", Number, nullable=False),
    sqlite_autoincrement=True,
)
"""The times in which Ordercall ran, the last one moved on each minute: between two of them no report could reach it."""

OWN_CARD, SHARED_CARD = 1, 2
"""``on_card``: the contact's card was made with this order's data alone, or with that of a joint call; or it tells of
the orders of other calls as well, so that an answer by the contact may be any of theirs."""

call_orders = Table(
    "call_orders",
    metadata,
    Column("shopify_id", Id, ForeignKey("orders.shopify_id"), primary_key=True, autoincrement=False),
    Column("call_id", Text, ForeignKey("calls.call_id"), primary_key=True),
    Column("is_live", Integer, nullable=False, server_default=text("1")),
    Column("on_card", Integer, nullable=False, server_default=text("0")),
    Column("answer", Text),
    Index("call_orders_by_call", "call_id"),
    partial_index("call_orders_live", "shopify_id", where=LIVE, unique=True),
    sqlite_with_rowid=False,
)
"""An order that a call is about. ``on_card``: 0 where the contact's card was not made with this order's data.
``answer``: what its customer said of this order.

Each index serves: the key what is asked of an order, ``call_orders_by_call`` a call's end and reports about it,
``call_orders_live`` that no order has two. Both beside the key cost 1 µs an order; the foreign keys cost Postgres six.
"""
