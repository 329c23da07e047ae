"""The table of the lists that people keep; :mod:`ordercall.storage.tables` offers it as its own."""

from __future__ import annotations

from sqlalchemy import Column, Table, Text

from ordercall.storage.table_parts import Id, Number, metadata

saved_views = Table(
    "saved_views",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("name", Text, nullable=False, unique=True),
    Column("query", Text, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("made_at", Number, nullable=False),
    sqlite_autoincrement=True,
)
"""A list that people keep under a name: ``query`` is the query string of its address. All people share them."""
