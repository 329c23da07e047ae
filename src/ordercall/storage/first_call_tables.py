"""The table of calls to numbers of one's own; :mod:`ordercall.storage.tables` offers it as its own."""

from __future__ import annotations

from sqlalchemy import Column, Integer, Table, Text, text

from ordercall.storage.table_parts import Id, Number, metadata

first_calls = Table(
    "first_calls",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("under_way", Integer, unique=True),
    Column("made_at", Number, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("agent_id", Text, nullable=False),
    Column("campaign_id", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("phone", Text),
    Column("order_number", Id, nullable=False),
    Column("last_report", Id, nullable=False),
    Column("contact_id", Text, nullable=False, server_default=text("''")),
    Column("confirmed", Text, nullable=False),
    Column("stage", Text, nullable=False),
    Column("since", Number, nullable=False),
    Column("doing", Text),
    Column("steps", Text, nullable=False, server_default=text("'[]'")),
    Column("found_out", Text, nullable=False, server_default=text("'[]'")),
    Column("rings_until", Number),
    Column("rang", Text),
    Column("report", Id),
    Column("ended_by", Text),
    sqlite_autoincrement=True,
)
"""The first real call, as it was asked for on its page; ``under_way``: 1, and nothing once it is over, so that there is
one at a time. ``phone`` and ``contact_id`` are emptied then; ``number``: as it may be shown. ``since``: when it came to
its ``stage``; ``doing``: the step that has begun and not ended; ``steps``: those that were taken, as JSON."""
