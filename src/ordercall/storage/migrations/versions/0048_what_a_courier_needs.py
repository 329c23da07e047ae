"""Keep the second line of the address, and of each line of an order what a courier needs.

Orders that are there tell it with their next change, or are read again when somebody asks for a courier's file.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0046"


def upgrade() -> None:
    present = {column["name"] for column in sa.inspect(op.get_bind()).get_columns("orders")}
    for name in ("address2", "lines"):
        if name not in present:
            op.add_column("orders", sa.Column(name, sa.Text))
