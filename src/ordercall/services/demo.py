"""The sandbox's orders and real ones in one database: nothing is done for those that are not of this installation."""

from __future__ import annotations

from ordercall.config import Settings
from ordercall.storage.orders import OrderRow

KALIMERAS, SHOPIFYS = "Kalimera's settings", "Shopify's settings"
"""What a real order lacks where the sandbox is on, whose settings all lead to itself."""


def is_foreign(order: OrderRow, settings: Settings) -> bool:
    """Return whether a stored order is the sandbox's while this installation is real, or the other way round."""
    return bool(order.is_demo) is not settings.sandboxed
