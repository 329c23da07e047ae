"""The tables of trials of the policy; :mod:`ordercall.storage.tables` offers them as its own."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, Table, Text, text

from ordercall.storage.table_parts import Id, Number, metadata

trials = Table(
    "trials",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("document", Text, nullable=False),
    Column("made_from", Integer, nullable=False),
    Column("address", Text, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("made_at", Number, nullable=False),
    Column("days", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("done", Integer, nullable=False, server_default=text("0")),
    Column("last_placed_at", Number),
    Column("last_id", Id),
    Column("counted", Text, nullable=False),
    Column("finished_at", Number),
    Column("fault", Text),
    sqlite_autoincrement=True,
)
"""A draft that is played over the orders of the days before it was made. ``document``: the policy as JSON; ``address``:
the page of the draft; ``number``: how many orders those are; ``last_placed_at``, ``last_id``: the last one that is
``done``; ``counted``: the :class:`ordercall.domain.policy.trial.Tally` as JSON;
``fault``: why it was given up, or who stopped it."""

trial_differences = Table(
    "trial_differences",
    metadata,
    Column("trial_id", Id, ForeignKey("trials.id"), primary_key=True, autoincrement=False),
    Column("shopify_id", Id, primary_key=True, autoincrement=False),
    Column("differs", Text, nullable=False),
    sqlite_with_rowid=False,
)
"""An order about which a trial would have done otherwise, which may be gone; ``differs``: each difference, as JSON."""
