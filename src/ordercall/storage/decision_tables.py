"""The tables of what is decided about calls, of the policy by which it is decided, and of the pauses."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text

from ordercall.storage.table_parts import Id, Number, metadata

decisions = Table(
    "decisions",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("shopify_id", Id, ForeignKey("orders.shopify_id"), nullable=False),
    Column("taken_at", Number, nullable=False),
    Column("answer", Text, nullable=False),
    Column("reason", Text),
    Column("not_before", Number),
    Column("window_start", Number),
    Column("window_end", Number),
    Column("language", Text, nullable=False),
    Column("agent_id", Text),
    Column("campaign_id", Text),
    Column("policy", Integer, nullable=False),
    Column("asked", Integer, nullable=False),
    Column("because", Text, nullable=False),
    Index("decisions_by_order", "shopify_id", "id"),
    sqlite_autoincrement=True,
)
"""What was decided about an order's call, each time that it differed. ``because``: rules, verdicts, facts as JSON."""

policies = Table(
    "policies",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("document", Text, nullable=False),
    Column("locks", Text, nullable=False),
    Column("published_at", Number, nullable=False),
    Column("published_by", Text, nullable=False),
    Column("changed", Text, nullable=False),
)
"""The versions of the policy; the highest is in force. ``document``, ``locks`` and ``changed`` are JSON."""

do_not_call = Table(
    "do_not_call",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("number_hash", Text, nullable=False, unique=True),
    Column("mark", Text, nullable=False),
    Column("listed_at", Number, nullable=False),
    Column("listed_by", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("ends_at", Number),
    Column("why", Text),
    Index("do_not_call_by_mark", "mark"),
    sqlite_autoincrement=True,
)
"""The numbers that must not be called, each as its keyed hash. ``mark``: of the key; ``ends_at``: null is for good.
``why``: null where nobody was asked for it."""

pauses = Table(
    "pauses",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("began_at", Number, nullable=False),
    Column("began_by", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("ends_at", Number),
    Column("ended_at", Number),
    Column("ended_by", Text),
    sqlite_autoincrement=True,
)
"""When all calls were paused; the newest counts. ``ends_at``: by itself; ``ended_at``: because somebody resumed."""

window_endings = Table(
    "window_endings",
    metadata,
    Column("campaign_id", Text, primary_key=True),
    Column("outcome", Text, nullable=False),
    Column("words", Text),
    Column("changed_at", Number, nullable=False),
)
"""What became of each campaign's window since the newest pause began. ``words``: why it is not ended."""
