"""The list of the numbers that must not be called.

The indexes of what needs a person are made anew, with the orders that have to be confirmed another way.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ordercall.storage.tables import orders

revision = "0036"
down_revision = "0035"

ID: sa.types.TypeEngine[int] = sa.BigInteger().with_variant(sa.Integer, "sqlite")
NUMBER: sa.types.TypeEngine[float] = sa.Double().with_variant(sa.REAL, "sqlite")
NEEDING_A_PERSON = ("orders_needing_a_person", "orders_needing_a_person_by_kind")


def upgrade() -> None:
    op.create_table(
        "do_not_call",
        sa.Column("id", ID, primary_key=True, autoincrement=True),
        sa.Column("number_hash", sa.Text, nullable=False, unique=True),
        sa.Column("mark", sa.Text, nullable=False),
        sa.Column("listed_at", NUMBER, nullable=False),
        sa.Column("listed_by", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("ends_at", NUMBER),
        sqlite_autoincrement=True,
        if_not_exists=True,
    )
    op.create_index("do_not_call_by_mark", "do_not_call", ["mark"], if_not_exists=True)
    for index in orders.indexes:
        if index.name in NEEDING_A_PERSON:
            index.drop(op.get_bind(), checkfirst=True)
            index.create(op.get_bind())
