"""The tables of alerts; :mod:`ordercall.storage.tables` offers them as its own."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Table, Text, text

from ordercall.storage.table_parts import Id, Number, metadata, partial_index

UNSETTLED = text("settled_at IS NULL")
"""The messages that are neither delivered nor given up."""

alerts = Table(
    "alerts",
    metadata,
    Column("alert", Text, primary_key=True),
    Column("is_on", Integer, nullable=False),
    Column("changed_at", Number),
    Column("doubt_since", Number),
    Column("looked_at", Number),
    Column("words", Text, nullable=False),
)
"""How far each state is that somebody is told of (``domain.alerts.Standing``); one that was always well has no row."""

alert_messages = Table(
    "alert_messages",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("channel", Text, nullable=False),
    Column("stage", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("made_at", Number, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("next_try_at", Number, nullable=False),
    Column("settled_at", Number),
    Column("fault", Text),
    Index("alert_messages_by_channel", "channel", "id"),
    partial_index("alert_messages_unsettled", "id", where=UNSETTLED),
)
"""A message to one channel; ``message``: as JSON.

``next_try_at``: nobody tries it before. Whoever tries puts it off first, for longer than a try takes, which makes it a
lease. ``fault``: why the last try failed; null once it is delivered.
"""
