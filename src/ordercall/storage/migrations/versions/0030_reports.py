"""What an agent reports is kept as it came, with what became of it; and what its words mean."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"

NUMBER: sa.types.TypeEngine[float] = sa.Double().with_variant(sa.REAL, "sqlite")
ID: sa.types.TypeEngine[int] = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    _make_reports()
    op.create_table(
        "report_words",
        sa.Column("id", ID, primary_key=True, autoincrement=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("path", "word", "key")),
        sa.Column("value", sa.Text),
        sa.Column("taught_at", NUMBER, nullable=False),
        sa.Column("taught_by", sa.Text, nullable=False),
        sa.UniqueConstraint("path", "word", "key", name="report_words_once"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "look_ups",
        sa.Column("shopify_id", ID, primary_key=True, autoincrement=False),
        sa.Column("looked_up_at", NUMBER, nullable=False),
    )


def _make_reports() -> None:
    op.create_table(
        "reports",
        sa.Column("id", ID, primary_key=True, autoincrement=True),
        sa.Column("received_at", NUMBER, nullable=False),
        sa.Column("door", sa.Text, nullable=False),
        sa.Column("sender", sa.Text, nullable=False),
        sa.Column("body", sa.LargeBinary),
        sa.Column("body_digest", sa.Text, nullable=False),
        *(sa.Column(name, sa.Text) for name in ("report_id", "call_id", "contact_id", "phone")),
        sa.Column("shopify_id", ID),
        sa.Column("rung_call", sa.Text),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("meant", "said", "unread", "fate", "why")),
        sa.Column("repeats", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("last_repeat_at", NUMBER),
        sa.Column("handled_at", NUMBER),
        sa.Column("handled_by", sa.Text),
        sqlite_autoincrement=True,
    )
    op.create_index("reports_by_digest", "reports", ["body_digest"])
    op.create_index("reports_by_fate", "reports", ["fate", "id"])
    op.create_index("reports_by_order", "reports", ["shopify_id", "id"])
    for name, column, condition in (
        ("reports_with_a_body", "received_at", sa.text("body IS NOT NULL")),
        ("reports_by_phone", "phone", sa.text("phone IS NOT NULL")),
        ("reports_by_contact", "contact_id", sa.text("contact_id IS NOT NULL")),
    ):
        op.create_index(name, "reports", [column], sqlite_where=condition, postgresql_where=condition)
