"""Keep which orders were rung for together: whose card told of all of them.

Calls of before were about one order each.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0049"


def upgrade() -> None:
    present = {column["name"] for column in sa.inspect(op.get_bind()).get_columns("calls")}
    for column in (sa.Column("rings_with", sa.Text), sa.Column("card_orders", sa.Integer)):
        if column.name not in present:
            op.add_column("calls", column)
    where = sa.text("rings_with IS NOT NULL")
    op.create_index(
        "calls_together", "calls", ["rings_with"], sqlite_where=where, postgresql_where=where, if_not_exists=True
    )
