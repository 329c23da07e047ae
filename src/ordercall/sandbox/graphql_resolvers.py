"""What stands behind each field of the schema's query and mutation."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from graphql import GraphQLError, GraphQLResolveInfo

from ordercall.sandbox.api_versions import open_versions
from ordercall.sandbox.cancel_jobs import CancelJobs
from ordercall.sandbox.graphql_views import (
    View,
    connection,
    gid,
    job_result_view,
    job_view,
    order_view,
    orders_view,
    subscription_view,
    version_view,
)
from ordercall.sandbox.order_book import Order, OrderBook, is_cancelled, is_shipped
from ordercall.sandbox.order_search import conditions_of, page_of, visible
from ordercall.sandbox.provider import Clock
from ordercall.sandbox.shopify_tokens import READ, WRITE, Tokens
from ordercall.sandbox.subscriptions import AddressRefused, Subscriptions

LARGEST_PAGE = 250  # Shopify's
GID = re.compile(r"gid://shopify/(\w+)/([\w-]+)(?:\?.*)?")


class Caller(NamedTuple):
    """Who asks: what the token may do, and the API version that answers."""

    scopes: frozenset[str]
    version: str


type Info = GraphQLResolveInfo[Caller]


class Resolvers:
    """The fields of one shop."""

    def __init__(
        self,
        book: OrderBook,
        jobs: CancelJobs,
        tokens: Tokens,
        subscriptions: Subscriptions,
        *,
        shop_domain: str,
        clock: Clock,
    ) -> None:
        self._book = book
        self._jobs = jobs
        self._tokens = tokens
        self._subscriptions = subscriptions
        self._shop_domain = shop_domain
        self._clock = clock

    def root(self, operation: str) -> View:
        """Return the fields that stand at the top of a ``query`` or a ``mutation``."""
        return self._mutations() if operation == "mutation" else self._queries()

    def _queries(self) -> View:
        return {
            "currentAppInstallation": self._installation,
            "job": self._job,
            "node": self._node,
            "order": self._order,
            "orders": self._orders,
            "publicApiVersions": self._versions,
            "shop": self._shop,
            "webhookSubscription": lambda _info, id: self._subscription(id),
            "webhookSubscriptions": self._list_subscriptions,
        }

    def _mutations(self) -> View:
        return {
            "orderCancel": self._cancel,
            "tagsAdd": lambda info, id, tags: self._tag(info, id, add=tags),
            "tagsRemove": lambda info, id, tags: self._tag(info, id, remove=tags),
            "webhookSubscriptionCreate": self._subscribe,
            "webhookSubscriptionDelete": self._unsubscribe,
            "webhookSubscriptionUpdate": self._change_subscription,
        }

    def _order(self, info: Info, id: str) -> View | None:
        _demand(info, READ)
        order = self._visible(info, _number(id, "Order"))
        return order_view(order) if order else None

    def _orders(
        self,
        info: Info,
        sortKey: str,
        reverse: bool,
        first: int | None = None,
        after: str | None = None,
        query: str | None = None,
    ) -> View:
        _demand(info, READ)
        try:
            conditions = [visible(self._clock(), info.context.scopes), *conditions_of(query or "")]
            size = _page_size(first)
            page = page_of(
                self._book.orders(), conditions, sort=sortKey.lower(), size=size, after=after, reverse=reverse
            )
        except ValueError as error:
            raise GraphQLError(str(error), extensions={"code": "BAD_REQUEST"}) from error
        return orders_view(page)

    def _node(self, info: Info, id: str) -> View | None:
        kind, name = _parts(id)
        if kind == "Order":
            return self._order(info, id)
        if kind == "WebhookSubscription":
            return self._subscription(id)
        job = self._jobs.find(name) if kind == "OrderCancelJobResult" else None
        return job_result_view(job, self._book.order(job.order_id)) if job else None

    def _job(self, info: Info, id: str) -> View | None:
        _demand(info, READ)
        kind, name = _parts(id)
        job = self._jobs.find(name) if kind == "Job" else None
        return job_view(job, self._queries()) if job else None

    def _cancel(self, info: Info, orderId: str, reason: str, **_: Any) -> View:
        _demand(info, WRITE)
        order = self._visible(info, _number(orderId, "Order"))
        fault = self._why_not_cancelled(order)
        if order is None or fault:
            user_error = {"field": ["orderId"], "message": fault}
            coded = user_error | {"code": "INVALID" if order else "NOT_FOUND"}
            return {"job": None, "jobResult": None, "orderCancelUserErrors": [coded], "userErrors": [user_error]}
        job = self._jobs.start(int(order["id"]), reason.lower())
        return {
            "job": job_view(job, self._queries()),
            "jobResult": job_result_view(job, self._book.order(job.order_id)),
            "orderCancelUserErrors": [],
            "userErrors": [],
        }

    def _why_not_cancelled(self, order: Order | None) -> str:
        """Return Shopify's refusal, or nothing. It has no code for an order that is cancelled already."""
        if order is None:
            return "Order does not exist"
        if is_cancelled(order):
            return "Order has already been canceled"
        if is_shipped(order):
            return "Cannot cancel an order that has fulfillments"
        return "Order is already being canceled" if self._jobs.is_running(int(order["id"])) else ""

    def _tag(self, info: Info, id: str, **tags: list[str]) -> View:
        _demand(info, WRITE)
        order = self._visible(info, _number(id, "Order"))
        if order is None:
            return {"node": None, "userErrors": [{"field": ["id"], "message": "Order does not exist"}]}
        return {"node": order_view(self._book.tag(int(order["id"]), **tags)), "userErrors": []}

    def _installation(self, info: Info) -> View:
        scopes = [{"handle": scope, "description": scope.replace("_", " ")} for scope in sorted(info.context.scopes)]
        app = {"__typename": "App", "id": gid("App", 1), "apiKey": self._tokens.client_id, "title": "Ordercall"}
        return {"__typename": "AppInstallation", "id": gid("AppInstallation", 1), "accessScopes": scopes, "app": app}

    def _shop(self, _info: Info) -> View:
        return {
            "__typename": "Shop",
            "id": gid("Shop", 1),
            "name": "Sandbox Shop",
            "myshopifyDomain": self._shop_domain,
            "currencyCode": "INR",
            "ianaTimezone": "Asia/Kolkata",
            "plan": {"publicDisplayName": "Basic"},
        }

    def _versions(self, _info: Info) -> list[View]:
        return [*map(version_view, open_versions(self._clock())), version_view("unstable", supported=False)]

    def _subscription(self, id: str) -> View | None:
        subscription = self._subscriptions.find(_number(id, "WebhookSubscription"))
        return subscription_view(subscription) if subscription else None

    def _list_subscriptions(
        self,
        _info: Info,
        first: int | None = None,
        after: str | None = None,
        topics: list[str] | None = None,
        uri: str | None = None,
    ) -> View:
        start, size = int(after or 0), _page_size(first)
        views = [subscription_view(each) for each in self._subscriptions.all() if uri in (None, each.uri)]
        found = [view for view in views if not topics or view["topic"] in topics]
        nodes = [(view, str(place)) for place, view in enumerate(found[start : start + size], start=start + 1)]
        return connection(nodes, earlier=start > 0, more=len(found) > start + size)

    def _subscribe(self, info: Info, topic: str, webhookSubscription: View) -> View:
        wanted = {"uri": ""} | _subscription_fields(webhookSubscription)
        try:
            made = self._subscriptions.create(
                topic.lower().replace("_", "/", 1), api_version=info.context.version, **wanted
            )
        except AddressRefused as error:
            return {"webhookSubscription": None, "userErrors": [_address_error(error)]}
        return {"webhookSubscription": subscription_view(made), "userErrors": []}

    def _unsubscribe(self, _info: Info, id: str) -> View:
        if self._subscriptions.delete(_number(id, "WebhookSubscription")):
            return {"deletedWebhookSubscriptionId": id, "userErrors": []}
        return {"deletedWebhookSubscriptionId": None, "userErrors": [NO_SUBSCRIPTION]}

    def _change_subscription(self, _info: Info, id: str, webhookSubscription: View) -> View:
        new = _subscription_fields(webhookSubscription)
        try:
            changed = self._subscriptions.change(_number(id, "WebhookSubscription"), **new)
        except KeyError:
            return {"webhookSubscription": None, "userErrors": [NO_SUBSCRIPTION]}
        except AddressRefused as error:
            return {"webhookSubscription": None, "userErrors": [_address_error(error)]}
        return {"webhookSubscription": subscription_view(changed), "userErrors": []}

    def _visible(self, info: Info, order_id: int) -> Order | None:
        order = self._book.order(order_id)
        return order if order and visible(self._clock(), info.context.scopes)(order) else None


NO_SUBSCRIPTION = {"field": ["id"], "message": "Webhook subscription does not exist"}


def _subscription_fields(given: View) -> View:
    """Return what a ``WebhookSubscriptionInput`` sets, by our names."""
    named = {"uri": "uri", "name": "name", "filter": "filter"}
    fields = {ours: given[theirs] or "" for theirs, ours in named.items() if theirs in given}
    return fields | ({"include_fields": tuple(given["includeFields"] or ())} if "includeFields" in given else {})


def _address_error(error: AddressRefused) -> View:
    return {"field": ["webhookSubscription", "uri"], "message": f"Address {error}"}


def _demand(info: Info, scope: str) -> None:
    """Raise GraphQLError if the token may not do this. A scope to write includes the one to read."""
    granted = info.context.scopes
    if scope in granted or (scope == READ and WRITE in granted):
        return
    needed = f"`{scope}` access scope."
    extensions = {
        "code": "ACCESS_DENIED",
        "documentation": "https://shopify.dev/api/usage/access-scopes",
        "requiredAccess": needed,
    }
    raise GraphQLError(f"Access denied for {info.field_name} field. Required access: {needed}", extensions=extensions)


def _page_size(first: int | None) -> int:
    if first is None or not 0 < first <= LARGEST_PAGE:
        raise GraphQLError(
            f"you must provide one of first or last, between 1 and {LARGEST_PAGE}", extensions={"code": "BAD_REQUEST"}
        )
    return first


def _parts(text: str) -> tuple[str, str]:
    """Return the kind and the name of a global id."""
    found = GID.fullmatch(text)
    if not found:
        raise GraphQLError(f"Invalid global id '{text}'", extensions={"code": "argumentLiteralsIncompatible"})
    return found[1], found[2]


def _number(text: str, kind: str) -> int:
    """Return the number of a global id of this kind; 0, which nothing has, for another kind."""
    found, name = _parts(text)
    return int(name) if found == kind and name.isdigit() else 0
