"""Nothing: for some hours the tables of 0002 were numbered 0006, and databases of that time are marked so."""

from __future__ import annotations

revision = "0006"
down_revision = "0002"


def upgrade() -> None:
    pass
