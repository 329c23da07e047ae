"""Why a call follows another of its order, and what was asked of it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"

NUMBER: sa.types.TypeEngine[float] = sa.Double().with_variant(sa.REAL, "sqlite")
COLUMNS: dict[str, Any] = {"follows": sa.Text, "due_at": NUMBER, "wanted_language": sa.Text, "asked_despite": sa.Text}


def upgrade() -> None:
    present = {column["name"] for column in sa.inspect(op.get_bind()).get_columns("calls")}
    for name, kind in COLUMNS.items():
        if name not in present:
            op.add_column("calls", sa.Column(name, kind))
    over = sa.text("state IN ('ended_unknown', 'overtaken', 'unanswered')")
    op.create_index(
        "calls_ringing_on",
        "calls",
        ["campaign_id", "may_ring_until"],
        if_not_exists=True,
        sqlite_where=over,
        postgresql_where=over,
    )
