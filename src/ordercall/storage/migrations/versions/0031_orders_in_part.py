"""What is known of an order in part, and by which names the shop is known.

The indexes of what needs a person are made anew, with the orders that are known in part.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ordercall.storage.tables import orders

revision = "0031"
down_revision = "0030"

NEEDING_A_PERSON = ("orders_needing_a_person", "orders_needing_a_person_by_kind")


def upgrade() -> None:
    present = {column["name"] for column in sa.inspect(op.get_bind()).get_columns("orders")}
    if "fact_times" not in present:
        op.add_column("orders", sa.Column("fact_times", sa.Text))
    for index in orders.indexes:
        if index.name in NEEDING_A_PERSON:
            index.drop(op.get_bind(), checkfirst=True)
            index.create(op.get_bind())
    op.create_table(
        "shop_names",
        sa.Column("domain", sa.Text, primary_key=True),
        sa.Column("shop_id", sa.Text, nullable=False),
        sa.Column("seen_at", sa.Double().with_variant(sa.REAL, "sqlite"), nullable=False),
        if_not_exists=True,
    )
