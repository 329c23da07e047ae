"""Keep the code of the province, which names it in every language, and why no field of an order gives a phone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    present = {column["name"] for column in sa.inspect(op.get_bind()).get_columns("orders")}
    for name in ("province_code", "phone_fault"):
        if name not in present:
            op.add_column("orders", sa.Column(name, sa.Text))
