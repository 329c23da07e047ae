"""The resolvers of the schema's queries and mutations."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLError

from ordercall.sandbox.cancel_jobs import CancelJobs
from ordercall.sandbox.graphql_access import Info
from ordercall.sandbox.graphql_addresses import update_address
from ordercall.sandbox.graphql_fulfilment import FulfilmentFields
from ordercall.sandbox.graphql_ids import named, number, page_size
from ordercall.sandbox.graphql_views import (
    View,
    connection,
    gid,
    job_result_view,
    job_view,
    numbered,
    order_view,
    subscription_view,
)
from ordercall.sandbox.graphql_writing import OrderWriting
from ordercall.sandbox.order_book import Order, OrderBook, is_cancelled, is_shipped
from ordercall.sandbox.order_search import conditions_of, page_of
from ordercall.sandbox.subscriptions import AddressRefused, Subscriptions

SPELT = re.compile(r"^(fulfillment_(?:events|holds|orders)|[a-z]+)_")
"""Where a topic that GraphQL spells in one has its stroke."""


@dataclass(frozen=True, slots=True)
class Resolvers:
    """The fields of one shop."""

    book: OrderBook
    jobs: CancelJobs
    subscriptions: Subscriptions
    fulfilment: FulfilmentFields
    writing: OrderWriting
    shop_domain: Callable[[], str]

    def fields(self) -> View:
        """Return the root fields of both queries and mutations; no two of them have the same name."""
        return {
            **self.fulfilment.fields(),
            **self.writing.fields(),
            "currentAppInstallation": self._installation,
            "job": self._job,
            "node": self._job_result,
            "order": self._order,
            "orders": self._orders,
            "shop": self._shop,
            "webhookSubscriptions": self._list_subscriptions,
            "orderCancel": self._cancel,
            "orderUpdate": self._update,
            "webhookSubscriptionCreate": self._subscribe,
            "webhookSubscriptionUpdate": self._change_subscription,
        }

    def _order(self, info: Info, id: str) -> View | None:
        order = self._find(info, id)
        return self._view(order) if order else None

    def _view(self, order: Order) -> View:
        order_id = int(order["id"])
        return order_view(order) | self.fulfilment.of_order(order_id) | self.writing.of_order(order_id)

    def _orders(
        self, info: Info, sortKey: str, first: int | None = None, after: str | None = None, query: str | None = None
    ) -> View:
        try:
            conditions = [self.book.visible_to(info.context.scopes), *conditions_of(query or "")]
            orders = self.book.orders()
            page = page_of(orders, conditions, sort=sortKey.lower(), size=page_size(first), after=after)
        except ValueError as error:
            raise GraphQLError(str(error), extensions={"code": "BAD_REQUEST"}) from error
        return connection([self._view(order) for order in page.orders], more=page.more, end=page.end)

    def _job(self, _info: Info, id: str) -> View | None:
        job = self.jobs.find(named(id, "Job"))
        return job_view(job) if job else None

    def _job_result(self, _info: Info, id: str) -> View | None:
        job = self.jobs.find(named(id, "OrderCancelJobResult"))
        return job_result_view(job, self.book.order(job.order_id)) if job else None

    def _cancel(self, info: Info, orderId: str, reason: str, **_: Any) -> View:
        order = self._find(info, orderId)
        refusal = self._why_not_cancelled(order)
        if order is None or refusal:
            user_error = {"field": ["orderId"], "message": refusal, "code": "INVALID" if order else "NOT_FOUND"}
            return {"job": None, "jobResult": None, "orderCancelUserErrors": [user_error]}
        job = self.jobs.start(int(order["id"]), reason.lower())
        return {
            "job": job_view(job),
            "jobResult": job_result_view(job, self.book.order(job.order_id)),
            "orderCancelUserErrors": [],
        }

    def _why_not_cancelled(self, order: Order | None) -> str:
        """Return Shopify's refusal, or nothing. It has no code for an order that is cancelled already."""
        if order is None:
            return "Order does not exist"
        if is_cancelled(order):
            return "Order has already been canceled"
        if is_shipped(order):
            return "Cannot cancel an order that has fulfillments"
        return "Order is already being canceled" if self.jobs.is_running(int(order["id"])) else ""

    def _update(self, info: Info, input: View) -> View:
        return update_address(self.book, self._find(info, input["id"]), input)

    def _installation(self, info: Info) -> View:
        scopes = [{"handle": scope} for scope in sorted(info.context.scopes)]
        return {"accessScopes": scopes, "app": {"title": "Ordercall"}}

    def _list_subscriptions(self, _info: Info, first: int | None = None, after: str | None = None) -> View:
        views = [subscription_view(each) for each in self.subscriptions.all()]
        return numbered(views, page_size(first), after)

    def _subscribe(self, info: Info, topic: str, webhookSubscription: View) -> View:
        topic = SPELT.sub(r"\1/", topic.lower(), count=1)
        wanted = {"uri": ""} | _subscription_fields(webhookSubscription)
        try:
            made = self.subscriptions.create(topic, api_version=info.context.version, **wanted)
        except AddressRefused as error:
            return _address_refused(error)
        return {"webhookSubscription": subscription_view(made), "userErrors": []}

    def _change_subscription(self, _info: Info, id: str, webhookSubscription: View) -> View:
        try:
            changed = self.subscriptions.change(
                number(id, "WebhookSubscription"), **_subscription_fields(webhookSubscription)
            )
        except KeyError:
            missing = {"field": ["id"], "message": "Webhook subscription does not exist"}
            return {"webhookSubscription": None, "userErrors": [missing]}
        except AddressRefused as error:
            return _address_refused(error)
        return {"webhookSubscription": subscription_view(changed), "userErrors": []}

    def _shop(self, _info: Info) -> View:
        named = {"name": "Sandbox Shop", "myshopifyDomain": self.shop_domain()}
        return {"id": gid("Shop", 61_000_000_001), **named, "ianaTimezone": "Asia/Kolkata"}

    def _find(self, info: Info, order_gid: str) -> Order | None:
        return self.book.order_for(info.context.scopes, number(order_gid, "Order"))


def _subscription_fields(given: View) -> View:
    """Return what a ``WebhookSubscriptionInput`` sets, by our names."""
    fields = {name: given[name] or "" for name in ("uri", "filter", "format") if name in given}
    return fields | ({"include_fields": tuple(given["includeFields"] or ())} if "includeFields" in given else {})


def _address_refused(error: AddressRefused) -> View:
    user_error = {"field": ["webhookSubscription", "uri"], "message": f"Address {error}"}
    return {"webhookSubscription": None, "userErrors": [user_error]}
