"""Keep which states somebody on call is told of, and the messages of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0073"
down_revision = "0072"

ID: sa.types.TypeEngine[int] = sa.BigInteger().with_variant(sa.Integer, "sqlite")
NUMBER: sa.types.TypeEngine[float] = sa.Double().with_variant(sa.REAL, "sqlite")
UNSETTLED = sa.text("settled_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "alerts",
        sa.Column("alert", sa.Text, primary_key=True),
        sa.Column("is_on", sa.Integer, nullable=False),
        sa.Column("changed_at", NUMBER),
        sa.Column("doubt_since", NUMBER),
        sa.Column("looked_at", NUMBER),
        sa.Column("words", sa.Text, nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        "alert_messages",
        sa.Column("id", ID, primary_key=True, autoincrement=True),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("stage", sa.Text, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("made_at", NUMBER, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("next_try_at", NUMBER, nullable=False),
        sa.Column("settled_at", NUMBER),
        sa.Column("fault", sa.Text),
        if_not_exists=True,
    )
    op.create_index("alert_messages_by_channel", "alert_messages", ["channel", "id"], if_not_exists=True)
    op.create_index(
        "alert_messages_unsettled",
        "alert_messages",
        ["id"],
        if_not_exists=True,
        sqlite_where=UNSETTLED,
        postgresql_where=UNSETTLED,
    )
