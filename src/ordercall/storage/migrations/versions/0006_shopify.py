"""What is known of the shop: its token, its webhook secrets, and how far its orders were read."""

from __future__ import annotations

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    pass
