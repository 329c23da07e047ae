"""How an order is to be cancelled in Shopify: the reason, the stock, the e-mail. Null: nobody chose."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("orders", sa.Column("cancel_reason", sa.Text))
    op.add_column("orders", sa.Column("cancel_restock", sa.Integer))
    op.add_column("orders", sa.Column("cancel_email", sa.Integer))
