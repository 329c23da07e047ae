"""The tables of logging in and out; :mod:`ordercall.storage.tables` offers them as its own."""

from __future__ import annotations

from sqlalchemy import Column, Index, Table, Text

from ordercall.storage.table_parts import Id, Number, metadata

login_failures = Table(
    "login_failures",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("address", Text, nullable=False),
    Column("failed_at", Number, nullable=False),
    Index("login_failures_by_address", "address", "failed_at"),
)

ended_sessions = Table(
    "ended_sessions",
    metadata,
    Column("id", Text, primary_key=True),
    Column("ended_at", Number, nullable=False),
)
"""Sessions that were logged out before their cookies expired."""
