"""When Ordercall ran, so that silence while it did not is nobody's.

The indexes of what needs a person are made anew, with the orders whose customers may have answered and those of 0036
that have to be confirmed another way.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ordercall.storage.tables import orders

revision = "0037"
down_revision = "0036"

ID: sa.types.TypeEngine[int] = sa.BigInteger().with_variant(sa.Integer, "sqlite")
NUMBER: sa.types.TypeEngine[float] = sa.Double().with_variant(sa.REAL, "sqlite")
NEEDING_A_PERSON = ("orders_needing_a_person", "orders_needing_a_person_by_kind")


def upgrade() -> None:
    op.create_table(
        "running",
        sa.Column("id", ID, primary_key=True, autoincrement=True),
        sa.Column("began_at", NUMBER, nullable=False),
        sa.Column("ended_at", NUMBER, nullable=False),
        sqlite_autoincrement=True,
        if_not_exists=True,
    )
    for index in orders.indexes:
        if index.name in NEEDING_A_PERSON:
            index.drop(op.get_bind(), checkfirst=True)
            index.create(op.get_bind())
