"""An index of the decided orders by the time of that: the report of what came back reads by that day.

Orders of the original program have no such time. The day they were placed stands for it: a report without them would
be wrong by all of them.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

DECIDED = sa.text("confirmation_status <> 'Placed'")


def upgrade() -> None:
    op.execute(
        "UPDATE orders SET status_changed_at = placed_at"
        " WHERE confirmation_status <> 'Placed' AND status_changed_at IS NULL"
    )
    columns = ["confirmation_status", "status_changed_at", "shopify_id"]
    op.create_index("orders_by_change", "orders", columns, sqlite_where=DECIDED, postgresql_where=DECIDED)
