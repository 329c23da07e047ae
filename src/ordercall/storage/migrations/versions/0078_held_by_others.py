"""Find the orders that others hold, which are not ready to ship, and keep what those noted at their holds."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0078"
down_revision = "0077"

ROWS = sa.text("by_others = 1")


def upgrade() -> None:
    present = {column["name"] for column in sa.inspect(op.get_bind()).get_columns("order_holds")}
    if "others_note" not in present:
        op.add_column("order_holds", sa.Column("others_note", sa.Text))
    op.create_index(
        "order_holds_by_others",
        "order_holds",
        ["shopify_id"],
        sqlite_where=ROWS,
        postgresql_where=ROWS,
        if_not_exists=True,
    )
