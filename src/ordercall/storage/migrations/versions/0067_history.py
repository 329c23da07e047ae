"""Find what people did without a look at what programs wrote down."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0067"
down_revision = "0066"

BY_HAND = (
    "event_type IN ('Address_Decided', 'Bulk_Run_Started', 'Delivery_Handled', 'Demo_Orders_Removed', "
    "'Number_May_Be_Called', 'Number_Not_To_Be_Called', 'Order_Note_Added', 'Order_Status_Updated', "
    "'Order_Sync_Requested', 'Orders_Exported', 'Shopify_Cancel_Withdrawn', 'Shopify_Hold_Released') "
    "AND actor IS NOT NULL"
)


def upgrade() -> None:
    where = sa.text(BY_HAND)
    columns = ["id", "actor"]
    op.create_index("logs_by_hand", "logs", columns, sqlite_where=where, postgresql_where=where, if_not_exists=True)
