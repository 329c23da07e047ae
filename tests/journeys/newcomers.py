"""What is asked of a newcomer's machine, on which the sandbox plays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from installation import Installation

Play = Callable[..., dict[str, Any]]
"""Asks the sandbox, or has it do something."""


def orders(shop: Installation) -> dict[str, str]:
    """Return the status of each order by its name."""
    return {row[0]: row[1] for row in shop.rows("SELECT order_name, confirmation_status FROM orders")}
