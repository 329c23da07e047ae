"""Keep the name of whom an order ships to, which may be another than its customer.

Orders that are there tell it with their next change; until then their customer is the one.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0060"
down_revision = "0057"


def upgrade() -> None:
    present = {column["name"] for column in sa.inspect(op.get_bind()).get_columns("orders")}
    for name in ("ship_first_name", "ship_last_name"):
        if name not in present:
            op.add_column("orders", sa.Column(name, sa.Text))
