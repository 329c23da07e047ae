"""A Shopify Admin API to try against: the token grant, GraphQL, and REST as far as Ordercall uses it."""

from __future__ import annotations

import uuid
from functools import cached_property
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, g, jsonify, request
from flask.typing import ResponseReturnValue

from ordercall.sandbox.api_versions import served_version
from ordercall.sandbox.cancel_jobs import CancelJobs
from ordercall.sandbox.faults import INVALID_TOKEN, SHOPIFY, TOO_FAST, Fault
from ordercall.sandbox.fulfilment_orders import FulfilmentOrders
from ordercall.sandbox.limits import Bucket, cost_report, throttled
from ordercall.sandbox.metafields import Metafields
from ordercall.sandbox.order_book import OrderBook, is_cancelled, is_shipped
from ordercall.sandbox.orders import without_customer
from ordercall.sandbox.parcels import Parcels
from ordercall.sandbox.provider import Clock, FakeProvider, json_object
from ordercall.sandbox.rest_lists import BadParameter, list_orders, with_fields
from ordercall.sandbox.shopify_tokens import READ, READ_CUSTOMERS, WRITE, Tokens
from ordercall.sandbox.subscriptions import Subscriptions

if TYPE_CHECKING:
    from ordercall.sandbox.shopify_graphql import AdminGraphQL

SHOWN = ("id", "name", "cancelled_at", "cancel_reason", "fulfillment_status", "financial_status", "updated_at", "tags")
API = "/admin/api/<version>"


class FakeShopify(FakeProvider):
    """One shop, as an app sees it.

    Where Shopify does not document its words, these are likely ones: the text for an order that is cancelled
    already, for example.

    Attributes:
        book: the orders; ``add``, ``order``, ``ship`` and ``cancel`` are its own.
        tokens: what opens the API.
        hides_customers: whether the app lacks access to protected customer data: then who a customer is, is null.
        subscriptions: the webhooks that the app asked for.
        jobs: cancellations under way.
        fulfilment: the fulfilment orders, and their holds.
        metafields: what apps wrote to the orders.
        parcels: what became of what has left.
        cancellations: the ids of the orders that were cancelled through the API, oldest first.
        rest_bucket: calls to REST: 40 at once, 2 a second.
        graphql_bucket: points of GraphQL: 2,000 at once, 100 a second.
    """

    name = "shopify"
    faults = SHOPIFY

    def __init__(
        self,
        *,
        token: str = "sandbox-access-token",  # noqa: S107 - opens nothing but this fake
        accept_any_order: bool = False,
        shop_domain: str = "sandbox-shop.myshopify.com",
        clock: Clock | None = None,
        keep_calls: int | None = None,
    ) -> None:
        super().__init__(clock=clock, keep_calls=keep_calls)
        self.shop_domain = shop_domain
        self.book = OrderBook(self.clock)
        self.add, self.order, self.ship, self.cancel = self.book.add, self.book.order, self.book.ship, self.book.cancel
        self.book.accept_any_order = accept_any_order
        self.hides_customers = False
        self.tokens = Tokens(token, self.clock)
        self.subscriptions = Subscriptions()
        self.jobs = CancelJobs(self.book)
        self.cancellations = self.jobs.cancelled
        self.fulfilment = FulfilmentOrders(self.book, self.clock)
        self.metafields = Metafields()
        self.parcels = Parcels(self.book)
        self.rest_bucket = Bucket(40, 2, self.clock)
        self.graphql_bucket = Bucket(2_000, 100, self.clock)

    @property
    def token(self) -> str:
        """The permanent token of a legacy app."""
        return self.tokens.permanent

    @token.setter
    def token(self, token: str) -> None:
        self.tokens.permanent = token

    @property
    def may_read_customers(self) -> bool:
        """Whether the app has the scope for customers; a token that was granted keeps the scopes that it has."""
        return READ_CUSTOMERS in self.tokens.scopes

    @may_read_customers.setter
    def may_read_customers(self, may: bool) -> None:
        others = tuple(scope for scope in self.tokens.scopes if scope != READ_CUSTOMERS)
        self.tokens.scopes = (*others, READ_CUSTOMERS) if may else others

    def shown(self, body: dict[str, Any]) -> dict[str, Any]:
        """Return a body as the app is shown it, in a webhook and by REST."""
        return without_customer(body) if self.hides_customers else body

    @property
    def accept_any_order(self) -> bool:
        return self.book.accept_any_order

    @accept_any_order.setter
    def accept_any_order(self, accept: bool) -> None:
        self.book.accept_any_order = accept

    def add_routes(self, bp: Blueprint) -> None:
        bp.add_url_rule("/admin/oauth/access_token", view_func=self.tokens.answer, methods=["POST"])
        bp.add_url_rule(f"{API}/graphql.json", view_func=self._answer_graphql, methods=["POST"])
        bp.add_url_rule(f"{API}/orders.json", view_func=self._list_orders)
        bp.add_url_rule(f"{API}/orders/<int:order_id>.json", view_func=self._read_order)
        bp.add_url_rule(f"{API}/orders/<int:order_id>/cancel.json", view_func=self._cancel_order, methods=["POST"])
        bp.url_value_preprocessor(self._fall_forward)
        bp.after_request(self._add_headers)

    def refusal(self) -> ResponseReturnValue | None:
        """Move the jobs on by a tick, then check the token, the rate limit and the scope."""
        if request.path.endswith("/admin/oauth/access_token"):
            return None
        self.jobs.tick()
        scopes = self.tokens.scopes_of(request.headers.get("X-Shopify-Access-Token"))
        if scopes is None:
            return jsonify(errors=INVALID_TOKEN), 401
        g.scopes = scopes
        if _asks_graphql():
            return None
        if not self.rest_bucket.take(1):
            return jsonify(errors=TOO_FAST), 429, {"Retry-After": "2.0"}
        needed = WRITE if request.method == "POST" and "/orders/" in request.path else READ
        if not scopes & {needed, WRITE}:
            return jsonify(errors=f"[API] This action requires merchant approval for {needed} scope."), 403
        return None

    def fault_answer(self, fault: Fault) -> ResponseReturnValue:
        """GraphQL throttles by points, in an answer with status 200; elsewhere there is only 429."""
        if fault is SHOPIFY["cost_throttled"]:
            if _asks_graphql():
                missing = round(self.retry_after * self.graphql_bucket.rate)
                return jsonify(throttled(cost_report(missing, None, self.graphql_bucket, free=0)))
            return self.fault_answer(SHOPIFY["throttled"])
        return super().fault_answer(fault)

    def to_json(self) -> dict[str, Any]:
        orders = [{key: order.get(key) for key in SHOWN} for order in self.book.orders()]
        return super().to_json() | {
            "accept_any_order": self.accept_any_order,
            "may_read_customers": self.may_read_customers,
            "hides_customers": self.hides_customers,
            "app_installed": self.tokens.app_installed,
            "orders": orders,
            "cancellations": list(self.cancellations),
            "subscriptions": [subscription.topic for subscription in self.subscriptions.all()],
        }

    @cached_property
    def _graphql(self) -> AdminGraphQL:
        """Made by the first request, so that a sandbox without one does not wait for graphql-core."""
        from ordercall.sandbox.graphql_fulfilment import FulfilmentFields
        from ordercall.sandbox.graphql_resolvers import Resolvers
        from ordercall.sandbox.graphql_writing import OrderWriting
        from ordercall.sandbox.shopify_graphql import AdminGraphQL

        fulfilment = FulfilmentFields(self.fulfilment, self.parcels, self.book)
        writing = OrderWriting(self.book, self.metafields)
        resolvers = Resolvers(self.book, self.jobs, self.subscriptions, fulfilment, writing, lambda: self.shop_domain)
        return AdminGraphQL(resolvers, self.graphql_bucket)

    def _answer_graphql(self) -> ResponseReturnValue:
        from ordercall.sandbox.graphql_access import Caller

        asked = json_object()
        if not isinstance(asked.get("query"), str):
            return jsonify(errors={"query": "Required parameter missing or invalid"}), 400
        return jsonify(self._graphql.answer(asked, Caller(g.scopes, g.version, not self.hides_customers)))

    def _list_orders(self) -> ResponseReturnValue:
        try:
            page, link = list_orders(self.book.orders(), request, self.book.visible_to(g.scopes))
        except BadParameter as error:
            return jsonify(errors=error.errors), 400
        return jsonify(orders=[self.shown(order) for order in page]), 200, {"Link": link} if link else {}

    def _read_order(self, order_id: int) -> ResponseReturnValue:
        order = self.book.order_for(g.scopes, order_id)
        return jsonify(order=self.shown(with_fields(order, request.args.get("fields")))) if order else _not_found()

    def _cancel_order(self, order_id: int) -> ResponseReturnValue:
        with self._lock:
            order = self.book.order_for(g.scopes, order_id)
            if order is None:
                return _not_found()
            if is_shipped(order):
                return jsonify(errors="Cannot cancel a paid and fulfilled order"), 422
            if is_cancelled(order):
                return jsonify(errors="Order has already been canceled"), 422
            cancelled = self.jobs.cancel(order_id, str(json_object().get("reason", "other")))
        return jsonify(order=cancelled, notice="Order has been canceled")

    def _fall_forward(self, _endpoint: str | None, values: dict[str, Any] | None) -> None:
        """Take the requested version out of the path, and note the one that answers."""
        g.version = served_version((values or {}).pop("version", ""), self.clock())

    def _add_headers(self, response: Response) -> Response:
        response.headers["X-Shopify-API-Version"] = g.version
        response.headers["X-Request-Id"] = str(uuid.uuid4())
        if not _asks_graphql():
            bucket = self.rest_bucket
            response.headers["X-Shopify-Shop-Api-Call-Limit"] = f"{bucket.used:.0f}/{bucket.size:g}"
        return response


def _asks_graphql() -> bool:
    return request.path.endswith("/graphql.json")


def _not_found() -> ResponseReturnValue:
    return jsonify(errors="Not Found"), 404
