"""Keep by which account at an OpenID Connect issuer a person logs in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0082"
down_revision = "0081"

ID: sa.types.TypeEngine[int] = sa.BigInteger().with_variant(sa.Integer, "sqlite")
NUMBER: sa.types.TypeEngine[float] = sa.Double().with_variant(sa.REAL, "sqlite")


def upgrade() -> None:
    op.create_table(
        "issuer_accounts",
        sa.Column("person_id", ID, sa.ForeignKey("people.id"), primary_key=True, autoincrement=False),
        sa.Column("issuer", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("linked_at", NUMBER, nullable=False),
        if_not_exists=True,
    )
    by_subject = "issuer_accounts_by_subject", "issuer_accounts", ["issuer", "subject"]
    op.create_index(*by_subject, unique=True, if_not_exists=True)
