"""The tables of how the other sides stand; :mod:`ordercall.storage.tables` offers them as its own."""

from __future__ import annotations

from sqlalchemy import Column, Integer, Table, Text

from ordercall.storage.table_parts import Id, Number, metadata

connection_checks = Table(
    "connection_checks",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("ended_at", Number, nullable=False),
    Column("findings", Text, nullable=False),
)
"""The last check that a person asked for on the pages, in one row; ``findings``: as JSON, in their order."""

paused_campaigns = Table(
    "paused_campaigns",
    metadata,
    Column("campaign_id", Text, primary_key=True),
    Column("since", Number, nullable=False),
    Column("looked_at", Number, nullable=False),
)
"""The campaigns that a person has paused at Kalimera; ``since``: when that was first seen."""

silent_providers = Table(
    "silent_providers",
    metadata,
    Column("provider", Text, primary_key=True),
    Column("since", Number, nullable=False),
    Column("back_at", Number),
    Column("waited", Id),
)
"""The providers that do not answer; ``since``: when a worker's circuit breaker opened first.

Those that answer again have ``back_at``, since when, and the number of orders that ``waited`` for a call until then.
"""

answer_shapes = Table(
    "answer_shapes",
    metadata,
    Column("fingerprint", Text, primary_key=True),
    Column("operation", Text, nullable=False),
    Column("status", Integer, nullable=False),
    Column("content_type", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("first_seen", Number, nullable=False),
    Column("last_seen", Number, nullable=False),
    Column("times", Id, nullable=False),
)
"""Each shape of Kalimera's answers once; ``body``: as JSON, names and kinds and no value; ``times``: about how often it
came, as a worker that dies takes its last minute's with it."""
