"""The table of what workers measure; :mod:`ordercall.storage.tables` offers it as its own."""

from __future__ import annotations

from sqlalchemy import Column, Table, Text

from ordercall.storage.table_parts import Number, metadata

measures = Table(
    "measures",
    metadata,
    Column("name", Text, primary_key=True),
    Column("labels", Text, primary_key=True),
    Column("part", Text, primary_key=True),
    Column("number", Number, nullable=False),
    Column("at", Number, nullable=False),
)
"""A number of all workers together; of a histogram one a bucket. ``labels``: their values, as JSON.

``part``: the upper end of a bucket, ``+Inf``, ``sum``, or ``is`` where the number is no sum of anything, but how it was
at ``at``.
"""
