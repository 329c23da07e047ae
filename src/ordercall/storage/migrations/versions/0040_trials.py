"""Trials of a draft of the policy on the past, and what each would have done otherwise."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"

ID: sa.types.TypeEngine[int] = sa.BigInteger().with_variant(sa.Integer, "sqlite")
NUMBER: sa.types.TypeEngine[float] = sa.Double().with_variant(sa.REAL, "sqlite")


def upgrade() -> None:
    op.create_table(
        "trials",
        sa.Column("id", ID, primary_key=True, autoincrement=True),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("made_from", sa.Integer, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("made_by", sa.Text, nullable=False),
        sa.Column("made_at", NUMBER, nullable=False),
        sa.Column("days", sa.Integer, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("done", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("last_placed_at", NUMBER),
        sa.Column("last_id", ID),
        sa.Column("counted", sa.Text, nullable=False),
        sa.Column("finished_at", NUMBER),
        sa.Column("fault", sa.Text),
        sqlite_autoincrement=True,
        if_not_exists=True,
    )
    op.create_table(
        "trial_differences",
        sa.Column("trial_id", ID, sa.ForeignKey("trials.id"), primary_key=True, autoincrement=False),
        sa.Column("shopify_id", ID, primary_key=True, autoincrement=False),
        sa.Column("differs", sa.Text, nullable=False),
        sqlite_with_rowid=False,
        if_not_exists=True,
    )
