"""Keep why a number must not be called."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0040"


def upgrade() -> None:
    present = {column["name"] for column in sa.inspect(op.get_bind()).get_columns("do_not_call")}
    if "why" not in present:
        op.add_column("do_not_call", sa.Column("why", sa.Text))
