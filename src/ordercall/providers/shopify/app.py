"""The app in its shop: what it may do, which version answers it, and the webhooks that it asked for (GraphQL).

Source: Shopify's reference for currentAppInstallation, shop and webhookSubscriptions. GraphQL serves the tokens of
old apps as well, so nothing of this is asked of REST.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ordercall.domain.topics import Topic
from ordercall.errors import OutcomeUnknown
from ordercall.providers.json_values import part
from ordercall.providers.shopify.admin import ShopifyAdmin
from ordercall.providers.shopify.subscriptions import Subscription

INSTALLATION = """
query installation {
  currentAppInstallation { accessScopes { handle } app { title } }
  shop { myshopifyDomain }
}
"""
SHOP = "query shop { shop { id myshopifyDomain } }"
SUBSCRIPTION = """
fragment subscription on WebhookSubscription { id topic uri format includeFields filter apiVersion { handle } }
"""
LIST = """
query subscriptions($after: String) {
  webhookSubscriptions(first: 100, after: $after) {
    nodes { ...subscription }
    pageInfo { hasNextPage endCursor }
  }
}
"""
CREATE = """
mutation subscribe($topic: WebhookSubscriptionTopic!, $wanted: WebhookSubscriptionInput!) {
  webhookSubscriptionCreate(topic: $topic, webhookSubscription: $wanted) {
    webhookSubscription { ...subscription }
    userErrors { message }
  }
}
"""
CHANGE = """
mutation repair($id: ID!, $wanted: WebhookSubscriptionInput!) {
  webhookSubscriptionUpdate(id: $id, webhookSubscription: $wanted) {
    webhookSubscription { ...subscription }
    userErrors { message }
  }
}
"""


@dataclass(frozen=True, slots=True)
class Installed:
    """How the app stands in its shop. ``served_version`` answered; it may be another than the one asked for."""

    app: str
    shop: str
    scopes: frozenset[str]
    served_version: str | None


@dataclass(frozen=True, slots=True)
class Shop:
    """A shop, by Shopify's global id, which it keeps, and by its present domain under ``myshopify.com``."""

    id: str
    domain: str


class ShopifyApp:
    """Asks one shop about its app. Every method may raise the three provider errors."""

    def __init__(self, admin: ShopifyAdmin) -> None:
        self._admin = admin

    def installed(self) -> Installed:
        """Return how the app stands; a token that is not taken raises CredentialsRefused."""
        answer = self._admin.graphql("look at the app's scopes", INSTALLATION)
        installation = answer.data["currentAppInstallation"]
        return Installed(
            app=installation["app"]["title"],
            shop=answer.data["shop"]["myshopifyDomain"],
            scopes=frozenset(scope["handle"] for scope in installation["accessScopes"]),
            served_version=answer.api_version,
        )

    def shop(self) -> Shop:
        """Return which shop is reached by the address that is set."""
        shop = self._admin.graphql("look at the shop's name", SHOP).data["shop"]
        return Shop(shop["id"], shop["myshopifyDomain"])

    def subscriptions(self) -> list[Subscription]:
        """Return the webhooks that this app asked for through the API, oldest first."""
        found: list[Subscription] = []
        more, cursor = True, None
        while more:
            page = self._admin.graphql("list the webhooks", LIST + SUBSCRIPTION, {"after": cursor}).data[
                "webhookSubscriptions"
            ]
            found += [_subscription(node) for node in page["nodes"]]
            more, cursor = page["pageInfo"]["hasNextPage"], page["pageInfo"]["endCursor"]
        return found

    def subscribe(self, topic: Topic, uri: str) -> Subscription:
        """Ask for the webhooks of a topic.

        Raises:
            ProviderRefused: Shopify does not send them to this address, or the app may not have them.
        """
        asked = {"topic": _theirs(topic), "wanted": {"uri": uri, "format": "JSON"}}
        return self._change(f"subscribe to {topic}", CREATE, asked)

    def repair(self, subscription: Subscription, uri: str) -> Subscription:
        """Let all of a subscription's webhooks come to *uri*.

        Raises:
            ProviderRefused: Shopify does not send them to this address.
        """
        asked = {
            "id": subscription.id,
            "wanted": {"uri": uri, "format": "JSON", "includeFields": [], "filter": None},
        }
        return self._change(f"repair {subscription.topic}", CHANGE, asked)

    def _change(self, operation: str, mutation: str, asked: Mapping[str, Any]) -> Subscription:
        answer = self._admin.mutate(operation, mutation + SUBSCRIPTION, asked)
        made = part(answer.data, "webhookSubscription")
        if not made:
            raise OutcomeUnknown("Shopify", operation, "its answer holds no webhook", call=answer.call)
        return _subscription(made)


def _subscription(node: Mapping[str, Any]) -> Subscription:
    return Subscription(
        id=node["id"],
        topic=_ours(node["topic"]),
        uri=node["uri"],
        api_version=node["apiVersion"]["handle"],
        format=node["format"],
        include_fields=tuple(node["includeFields"]),
        filter=node["filter"] or "",
    )


def _theirs(topic: Topic) -> str:
    return topic.upper().replace("/", "_")


def _ours(topic: str) -> str:
    """Return a topic as webhooks spell it; one that this program knows nothing of stays in GraphQL's spelling."""
    return next((known for known in Topic if _theirs(known) == topic), topic)
