"""Keep second factors of people, and the recovery codes that open in their place."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0079"
down_revision = "0078"

ID: sa.types.TypeEngine[int] = sa.BigInteger().with_variant(sa.Integer, "sqlite")
NUMBER: sa.types.TypeEngine[float] = sa.Double().with_variant(sa.REAL, "sqlite")


def upgrade() -> None:
    op.create_table(
        "second_factors",
        sa.Column("person_id", ID, sa.ForeignKey("people.id"), primary_key=True, autoincrement=False),
        sa.Column("nonce", sa.Text, nullable=False),
        sa.Column("key_mark", sa.Text, nullable=False),
        sa.Column("begun_at", NUMBER, nullable=False),
        sa.Column("confirmed_at", NUMBER),
        sa.Column("last_step", ID, nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        "recovery_codes",
        sa.Column("hash", sa.Text, primary_key=True),
        sa.Column("person_id", ID, sa.ForeignKey("people.id"), nullable=False),
        if_not_exists=True,
    )
    op.create_index("recovery_codes_by_person", "recovery_codes", ["person_id"], if_not_exists=True)
