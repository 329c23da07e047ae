"""What Ordercall does with an order in Shopify: look at it, cancel it, tag it.

``SHOPIFY_ADMIN_API`` says which of Shopify's APIs shows and cancels it. Tags and the jobs of a cancellation exist in
GraphQL alone, which takes either kind of token.
"""

from __future__ import annotations

from ordercall.config import Settings
from ordercall.domain.activity import ProviderCall
from ordercall.domain.orders import CancelChoices
from ordercall.errors import ProviderRefused
from ordercall.providers.shopify.admin import ShopifyAdmin
from ordercall.providers.shopify.cancelling import Accepted, JobSeen, OrderInShopify
from ordercall.providers.shopify.graphql_cancellation import GraphQLCancellation, gid
from ordercall.providers.shopify.rest_cancellation import RestCancellation

TAG = "mutation Tag($id: ID!, $tags: [String!]!) { tagsAdd(id: $id, tags: $tags) { userErrors { message } } }"


class ShopifyClient:
    """Speaks to one shop about its orders. Every method may raise the three provider errors."""

    def __init__(self, admin: ShopifyAdmin, settings: Settings) -> None:
        self._admin = admin
        self._by_graphql = GraphQLCancellation(admin, settings.shopify_api_version)
        self._orders = RestCancellation(admin) if settings.shopify_admin_api == "rest" else self._by_graphql

    def read_order(self, shopify_id: int) -> OrderInShopify | None:
        """Return the order as it stands in Shopify, or None if Shopify shows no such order."""
        return self._orders.read_order(shopify_id)

    def cancel_order(self, shopify_id: int, choices: CancelChoices) -> Accepted:
        """Cancel the order, or let Shopify begin with it. It cannot be undone, and nothing is paid back.

        Raises:
            OutcomeUnknown: also when the answer says neither that it is cancelled nor which job is at it.
        """
        return self._orders.cancel_order(shopify_id, choices)

    def look_at_job(self, job: str) -> JobSeen | None:
        """Return how far a job of a cancellation got, or None if Shopify knows no such job any more."""
        return self._by_graphql.look_at_job(job)

    def add_tag(self, shopify_id: int, tag: str) -> ProviderCall:
        """Add a tag to the order and keep all others. Adding it again changes nothing.

        Raises:
            ProviderRefused: also when Shopify says in its answer why it will not.
        """
        answer = self._admin.graphql("tag the order", TAG, {"id": gid(shopify_id), "tags": [tag]})
        if objections := answer.objections("tagsAdd"):
            raise ProviderRefused("Shopify", "tag the order", objections, call=answer.call)
        return answer.call
