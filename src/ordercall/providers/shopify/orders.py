"""Where whole orders come from, by whichever of Shopify's two APIs the settings name: both give the same bodies."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Protocol

from ordercall.config import Settings
from ordercall.providers.shopify.admin import ShopifyAdmin
from ordercall.providers.shopify.graphql_orders import GraphQLOrders
from ordercall.providers.shopify.rest_orders import RestOrders

SHOWN_WITHOUT_READ_ALL = timedelta(days=60)
"""Without the scope read_all_orders an app sees the orders of so many days."""


class ShopOrders(Protocol):
    """Reads orders, as bodies that a webhook would carry. Both methods may raise the three provider errors."""

    def orders_updated_since(self, since: datetime) -> Iterator[list[dict[str, Any]]]:
        """Yield the orders that changed since then, in pages, the longest unchanged first."""

    def read_order_body(self, shopify_id: int) -> dict[str, Any] | None:
        """Return the order as it is now, or None if Shopify shows no such order."""


def shop_orders(settings: Settings, admin: ShopifyAdmin) -> ShopOrders:
    """Return the reader that ``SHOPIFY_ADMIN_API`` names."""
    return GraphQLOrders(admin) if settings.shopify_admin_api == "graphql" else RestOrders(admin)
