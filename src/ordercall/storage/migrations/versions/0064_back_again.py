"""Keep when a provider that had not answered did so again, and how many orders had waited for it until then."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0064"
down_revision = "0060"

ID: sa.types.TypeEngine[int] = sa.BigInteger().with_variant(sa.Integer, "sqlite")
NUMBER: sa.types.TypeEngine[float] = sa.Double().with_variant(sa.REAL, "sqlite")


def upgrade() -> None:
    known = {column["name"] for column in sa.inspect(op.get_bind()).get_columns("silent_providers")}
    for column in (sa.Column("back_at", NUMBER), sa.Column("waited", ID)):
        if column.name not in known:
            op.add_column("silent_providers", column)
