"""What each campaign was told of a pause, and the calls whose window a pause of ours may have ended."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"

NUMBER: sa.types.TypeEngine[float] = sa.Double().with_variant(sa.REAL, "sqlite")


def upgrade() -> None:
    present = {column["name"] for column in sa.inspect(op.get_bind()).get_columns("calls")}
    if "cut_off_at" not in present:
        op.add_column("calls", sa.Column("cut_off_at", NUMBER))
    op.create_table(
        "window_endings",
        sa.Column("campaign_id", sa.Text, primary_key=True),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("words", sa.Text),
        sa.Column("changed_at", NUMBER, nullable=False),
        if_not_exists=True,
    )
