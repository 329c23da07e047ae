"""Keep which orders are held in Shopify until their customers have answered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"

ID: sa.types.TypeEngine[int] = sa.BigInteger().with_variant(sa.Integer, "sqlite")
NUMBER: sa.types.TypeEngine[float] = sa.Double().with_variant(sa.REAL, "sqlite")
INDEXES = {
    "live": "released_at IS NULL",
    "trouble": "((refused IS NOT NULL AND released_at IS NULL) OR let_go IN ('too_long', 'others'))",
}
"""By the end of its name, which rows an index holds."""

PROBLEMS = (
    "event_type IN ('Kalimera_Call_Not_Stopped', 'Kalimera_Sync_Error', 'Order_Not_Called', 'Shopify_Cancel_Error', "
    "'Shopify_Cancel_Unclear', 'Shopify_Hold_Error', 'Shopify_Tag_Error')"
)
"""The log entries that mean trouble, a hold that is not in order among them from here on."""


def upgrade() -> None:
    op.create_table(
        "order_holds",
        sa.Column("shopify_id", ID, sa.ForeignKey("orders.shopify_id"), primary_key=True, autoincrement=False),
        sa.Column("wanted_at", NUMBER, nullable=False),
        sa.Column("held_at", NUMBER),
        sa.Column("held", sa.Text, nullable=False),
        sa.Column("by_others", sa.Integer, nullable=False),
        sa.Column("again", sa.Integer, nullable=False),
        sa.Column("let_go", sa.Text),
        sa.Column("refused", sa.Text),
        sa.Column("refused_at", NUMBER),
        sa.Column("released_at", NUMBER),
        if_not_exists=True,
    )
    for name, rows in INDEXES.items():
        op.create_index(
            f"order_holds_{name}",
            "order_holds",
            ["shopify_id"],
            sqlite_where=sa.text(rows),
            postgresql_where=sa.text(rows),
            if_not_exists=True,
        )
    op.drop_index("logs_of_problems", "logs", if_exists=True)
    where = sa.text(PROBLEMS)
    op.create_index("logs_of_problems", "logs", ["shopify_id", "id"], sqlite_where=where, postgresql_where=where)
