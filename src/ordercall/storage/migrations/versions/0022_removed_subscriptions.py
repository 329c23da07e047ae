"""Which of the app's webhooks did not come here any more when the shop was read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.add_column("reconciliations", sa.Column("unsubscribed", sa.Text))
