"""What Ordercall does with the orders of a shop, by whichever of Shopify's two APIs ``SHOPIFY_ADMIN_API`` names."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Protocol

from ordercall.config import Settings
from ordercall.domain.orders.order import CancelChoices
from ordercall.providers.shopify.admin import ShopifyAdmin
from ordercall.providers.shopify.cancelling import Accepted, JobSeen, OrderInShopify
from ordercall.providers.shopify.graphql import GraphQLOrders
from ordercall.providers.shopify.rest import RestOrders

SHOWN_WITHOUT_READ_ALL = timedelta(days=60)
"""Without the scope read_all_orders an app sees the orders of this number of days."""


class ShopOrders(Protocol):
    """Speaks to one shop about its orders. Every method may raise the three provider errors."""

    def read_order(self, shopify_id: int) -> OrderInShopify | None:
        """Return the order as it stands in Shopify, or None if Shopify shows no such order."""

    def cancel_order(self, shopify_id: int, choices: CancelChoices) -> Accepted:
        """Cancel the order, or let Shopify begin with it. It cannot be undone, and nothing is paid back.

        Raises:
            ProviderRefused: also when Shopify says in its answer why it will not.
            OutcomeUnknown: also when the answer says neither that it is cancelled nor which job is at it.
        """

    def look_at_job(self, job: str) -> JobSeen | None:
        """Return how far a job of a cancellation got, or None if Shopify knows no such job any more."""

    def orders_updated_since(self, since: datetime) -> Iterator[list[dict[str, Any]]]:
        """Yield the orders that changed since then, in pages, the longest unchanged first; bodies as in a webhook.

        An order that changes while the pages are read moves to the end and is read again there; none is skipped.
        """

    def read_order_body(self, shopify_id: int) -> dict[str, Any] | None:
        """Return the order as a webhook would carry it now, or None if Shopify shows no such order."""


def shop_orders(settings: Settings, admin: ShopifyAdmin) -> ShopOrders:
    """Return the shop's orders by the API that the settings name."""
    return GraphQLOrders(admin) if settings.shopify_admin_api == "graphql" else RestOrders(admin)
