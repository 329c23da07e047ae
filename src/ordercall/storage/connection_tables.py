"""The tables of how the other sides stand; :mod:`ordercall.storage.tables` offers them as its own."""

from __future__ import annotations

from sqlalchemy import Column, Integer, Table, Text

from ordercall.storage.table_parts import Number, metadata

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
)
"""The providers that do not answer; ``since``: when a worker's circuit breaker opened first."""
