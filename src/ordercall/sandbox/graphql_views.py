"""The shop's things as GraphQL shows them, made from the REST bodies in which the sandbox keeps them.

Each view is a dict with the schema's names; a value that takes arguments is a function of them.
"""

from __future__ import annotations

import re
from datetime import UTC
from typing import Any

from ordercall.sandbox.cancel_jobs import CancelJob, JobState
from ordercall.sandbox.order_book import Order, moment, tags_of
from ordercall.sandbox.subscriptions import Subscription

View = dict[str, Any]


def gid(kind: str, number: object) -> str:
    return f"gid://shopify/{kind}/{number}"


def order_view(order: Order) -> View:
    """Return an order. What its REST body does not hold is null."""
    return _renamed(order) | {
        "__typename": "Order",
        "id": gid("Order", order["id"]),
        "legacyResourceId": str(order["id"]),
        "createdAt": _utc(order["created_at"]),
        "updatedAt": _utc(order["updated_at"]),
        "processedAt": _utc(order.get("processed_at") or order["created_at"]),
        "closedAt": _utc(order.get("closed_at")),
        "sourceName": order.get("source_name"),
        "cancelledAt": _utc(order.get("cancelled_at")),
        "cancelReason": _upper(order.get("cancel_reason")),
        "test": order.get("test") is True,
        "displayFinancialStatus": _upper(order.get("financial_status")),
        "paymentGatewayNames": order.get("payment_gateway_names") or [],
        "currencyCode": order.get("currency") or "INR",
        "totalPriceSet": _money(order, "total_price"),
        "totalOutstandingSet": _money(order, "total_outstanding"),
        "currentTotalPriceSet": _money(
            {"current_total_price": order.get("total_price")} | order, "current_total_price"
        ),
        "customer": _customer(order.get("customer")),
        "billingAddress": _address(order.get("billing_address")),
        "shippingAddress": _address(order.get("shipping_address")),
        "tags": sorted(tags_of(order)),
        "lineItems": lambda _info, first=None, after=None: _lines(order, first, after),
    }


def connection(nodes: list[View], *, more: bool, end: str | None) -> View:
    """Return a page of nodes. *end*: the cursor of the last of them."""
    return {"nodes": nodes, "pageInfo": {"hasNextPage": more, "endCursor": end}}


def numbered(nodes: list[View], first: int | None, after: str | None) -> View:
    """Return the page of *nodes* behind the cursor *after*, which is a count of nodes."""
    start = int(after or 0)
    end = min(start + (first or 0), len(nodes))
    return connection(nodes[start:end], more=end < len(nodes), end=str(end) if end > start else None)


def job_view(job: CancelJob) -> View:
    return {"id": gid("Job", job.id), "done": job.state is not JobState.STARTED}


def job_result_view(job: CancelJob, order: Order | None) -> View:
    """Return what a cancellation has come to; *order* is the order as it stands now."""
    failed = {"code": "INTERNAL_ERROR", "field": None, "message": "The order could not be canceled."}
    return {
        "__typename": "OrderCancelJobResult",
        "id": gid("OrderCancelJobResult", job.id),
        "done": job.state is not JobState.STARTED,
        "status": job.state,
        "errors": [failed] if job.state is JobState.FAILED else [],
        "order": order_view(order) if order else None,
    }


def subscription_view(subscription: Subscription) -> View:
    return {
        "id": gid("WebhookSubscription", subscription.id),
        "topic": subscription.topic.replace("/", "_").upper(),
        "uri": subscription.uri,
        "format": subscription.format,
        "includeFields": list(subscription.include_fields),
        "filter": subscription.filter or None,
        "apiVersion": {"handle": subscription.api_version},
    }


def _customer(customer: dict[str, Any] | None) -> View | None:
    if not customer:
        return None
    email, phone = customer.get("email"), customer.get("phone")
    return _renamed(customer) | {
        "defaultAddress": _address(customer.get("default_address")),
        "defaultEmailAddress": {"emailAddress": email} if email else None,
        "defaultPhoneNumber": {"phoneNumber": phone} if phone else None,
    }


def _address(address: dict[str, Any] | None) -> View | None:
    return _renamed(address) | {"countryCodeV2": address.get("country_code")} if address else None


def _lines(order: Order, first: int | None, after: str | None) -> View:
    return numbered([_line(line) for line in order.get("line_items", [])], first, after)


def _line(line: dict[str, Any]) -> View:
    title, quantity = line.get("title") or "", line.get("quantity", 1)
    return {
        "title": title,
        "name": line.get("name") or title,
        "vendor": line.get("vendor", "Sandbox Shop"),
        "quantity": quantity,
        "currentQuantity": line.get("current_quantity", quantity),
        "requiresShipping": line.get("requires_shipping", True),
        "isGiftCard": line.get("gift_card", False),
        "sku": line.get("sku"),
        "variantTitle": line.get("variant_title") or None,
        "originalUnitPriceSet": _money(line, "price"),
        "weight": {"unit": "GRAMS", "value": line["grams"]} if line.get("grams") is not None else None,
    }


def _money(order: Order, field: str) -> View:
    """Return an amount in the currency of the shop and of the customer: from its ``…_set`` if the body has one."""
    plain = {"amount": order.get(field) or "0.00", "currency_code": order.get("currency") or "INR"}
    both = order.get(f"{field}_set", {})
    shop = both.get("shop_money", plain)
    return {"shopMoney": _renamed(shop), "presentmentMoney": _renamed(both.get("presentment_money", shop))}


def _renamed(body: dict[str, Any]) -> View:
    """Return a body under the names of GraphQL, in which an empty text is null."""
    return {_camel_case(name): value if value != "" else None for name, value in body.items()}


def _camel_case(name: str) -> str:
    return re.sub("_(.)", lambda found: found[1].upper(), name)


def _utc(text: str | None) -> str | None:
    return f"{moment(text).astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if text else None


def _upper(word: str | None) -> str | None:
    return word.upper() if word else None
