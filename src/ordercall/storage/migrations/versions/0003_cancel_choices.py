"""What a person chose for a cancellation, and the forms that were sent already."""

from __future__ import annotations

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    pass
