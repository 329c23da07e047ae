"""The table of the audit log; :mod:`ordercall.storage.tables` offers it as its own."""

from __future__ import annotations

from sqlalchemy import Column, Index, Table, Text

from ordercall.storage.table_parts import Id, Number, metadata

audit = Table(
    "audit",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("at", Number, nullable=False),
    Column("who", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("act", Text, nullable=False),
    Column("about", Text, nullable=False),
    Column("details", Text, nullable=False),
    Column("previous", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Index("audit_by_who", "who", "id"),
    Index("audit_by_act", "act", "id"),
    Index("audit_by_about", "about", "id"),
    Index("audit_by_time", "at"),
)
"""Rows come and stay: triggers refuse that one is changed, or taken out before a row says that it was pruned."""
