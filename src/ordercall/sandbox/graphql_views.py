"""The shop's things as GraphQL shows them, made from the REST bodies in which the sandbox keeps them.

Each view is a dict with the schema's names; a value that takes arguments is a function of them.
"""

from __future__ import annotations

from datetime import UTC
from typing import Any

from ordercall.sandbox.cancel_jobs import CancelJob, JobState
from ordercall.sandbox.order_book import Order, moment, tags_of
from ordercall.sandbox.order_search import Page
from ordercall.sandbox.subscriptions import Subscription

View = dict[str, Any]
FULFILLMENT = {None: "UNFULFILLED", "partial": "PARTIALLY_FULFILLED", "fulfilled": "FULFILLED"}


def gid(kind: str, number: object) -> str:
    return f"gid://shopify/{kind}/{number}"


def order_view(order: Order) -> View:
    """Return an order. What a REST body does not hold is null."""
    return {
        "__typename": "Order",
        "id": gid("Order", order["id"]),
        "legacyResourceId": str(order["id"]),
        "name": order["name"],
        "number": order.get("order_number", 0),
        "createdAt": _utc(order["created_at"]),
        "processedAt": _utc(order.get("processed_at") or order["created_at"]),
        "updatedAt": _utc(order["updated_at"]),
        "cancelledAt": _utc(order.get("cancelled_at")),
        "cancelReason": _upper(order.get("cancel_reason")),
        "closedAt": _utc(order.get("closed_at")),
        "test": order.get("test") is True,
        "confirmed": order.get("confirmed", True),
        "sourceName": order.get("source_name"),
        "displayFinancialStatus": _upper(order.get("financial_status")),
        "displayFulfillmentStatus": FULFILLMENT.get(order.get("fulfillment_status"), "UNFULFILLED"),
        "paymentGatewayNames": order.get("payment_gateway_names") or [],
        "currencyCode": order.get("currency") or "INR",
        "presentmentCurrencyCode": order.get("presentment_currency") or "INR",
        "subtotalPriceSet": _money(order, "subtotal_price"),
        "totalPriceSet": _money(order, "total_price"),
        "currentTotalPriceSet": _money(order, "current_total_price"),
        "totalOutstandingSet": _money(order, "total_outstanding"),
        "totalShippingPriceSet": _money(order, "total_shipping_price"),
        "email": order.get("email") or None,
        "phone": order.get("phone") or None,
        "customerLocale": order.get("customer_locale"),
        "customer": _customer(order.get("customer")),
        "billingAddress": _address(order.get("billing_address")),
        "shippingAddress": _address(order.get("shipping_address")),
        "tags": sorted(tags_of(order)),
        "note": order.get("note"),
        "customAttributes": [
            {"key": each["name"], "value": each["value"]} for each in order.get("note_attributes", [])
        ],
        "lineItems": lambda _info, first=None, after=None: _lines(order, first, after),
    }


def orders_view(page: Page) -> View:
    """Return a page of orders as a connection."""
    return connection([(order_view(order), page.cursor(order)) for order in page.orders], page.earlier, page.more)


def connection(nodes: list[tuple[View, str]], earlier: bool = False, more: bool = False) -> View:
    """Return nodes with their cursors as a connection."""
    return {
        "edges": [{"node": node, "cursor": cursor} for node, cursor in nodes],
        "nodes": [node for node, _ in nodes],
        "pageInfo": {
            "hasPreviousPage": earlier,
            "hasNextPage": more,
            "startCursor": nodes[0][1] if nodes else None,
            "endCursor": nodes[-1][1] if nodes else None,
        },
    }


def job_view(job: CancelJob, query: View) -> View:
    return {"id": gid("Job", job.id), "done": job.state is not JobState.STARTED, "query": query}


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
        "__typename": "WebhookSubscription",
        "id": gid("WebhookSubscription", subscription.id),
        "legacyResourceId": str(subscription.id),
        "topic": subscription.topic.replace("/", "_").upper(),
        "uri": subscription.uri,
        "name": subscription.name or None,
        "format": "JSON",
        "includeFields": list(subscription.include_fields),
        "filter": subscription.filter or None,
        "apiVersion": version_view(subscription.api_version),
        "createdAt": _utc(subscription.created_at),
        "updatedAt": _utc(subscription.updated_at),
    }


def version_view(handle: str, *, supported: bool = True) -> View:
    return {"handle": handle, "displayName": handle, "supported": supported}


def _customer(customer: dict[str, Any] | None) -> View | None:
    if not customer:
        return None
    names = [name for name in (customer.get("first_name"), customer.get("last_name")) if name]
    email, phone = customer.get("email"), customer.get("phone")
    return {
        "__typename": "Customer",
        "id": gid("Customer", customer["id"]),
        "legacyResourceId": str(customer["id"]),
        "displayName": " ".join(names) or email or phone or "",
        "firstName": customer.get("first_name"),
        "lastName": customer.get("last_name"),
        "email": email,
        "phone": phone,
        "defaultAddress": _address(customer.get("default_address")),
        "defaultEmailAddress": {"emailAddress": email} if email else None,
        "defaultPhoneNumber": {"phoneNumber": phone} if phone else None,
    }


def _address(address: dict[str, Any] | None) -> View | None:
    if not address:
        return None
    renamed = {
        "firstName": "first_name",
        "lastName": "last_name",
        "provinceCode": "province_code",
        "countryCodeV2": "country_code",
    }
    same = ("name", "company", "address1", "address2", "city", "province", "zip", "country", "phone")
    return {shown: address.get(kept) for shown, kept in (renamed | {name: name for name in same}).items()}


def _lines(order: Order, first: int | None, after: str | None) -> View:
    lines, start = order.get("line_items", []), int(after or 0)
    end = start + (first or 0)
    nodes = [(_line(line, order), str(place)) for place, line in enumerate(lines[start:end], start=start + 1)]
    return connection(nodes, earlier=start > 0, more=len(lines) > end)


def _line(line: dict[str, Any], order: Order) -> View:
    return {
        "__typename": "LineItem",
        "id": gid("LineItem", line["id"]),
        "title": line.get("title") or "",
        "name": line.get("name") or line.get("title") or "",
        "variantTitle": line.get("variant_title"),
        "quantity": line.get("quantity", 1),
        "currentQuantity": line.get("current_quantity", line.get("quantity", 1)),
        "sku": line.get("sku"),
        "vendor": line.get("vendor"),
        "requiresShipping": line.get("requires_shipping", True),
        "originalUnitPriceSet": _bag(line.get("price") or "0.00", order.get("currency") or "INR"),
    }


def _money(order: Order, field: str) -> View:
    """Return an amount in both currencies: from its ``…_set`` if the body has one."""
    both = order.get(f"{field}_set")
    if not both:
        return _bag(order.get(field) or "0.00", order.get("currency") or "INR")
    return {shown: _amount(both[kept]) for shown, kept in SETS.items()}


SETS = {"shopMoney": "shop_money", "presentmentMoney": "presentment_money"}


def _amount(money: dict[str, Any]) -> View:
    return {"amount": money["amount"], "currencyCode": money["currency_code"]}


def _bag(amount: str, currency: str) -> View:
    money = {"amount": amount, "currencyCode": currency}
    return {"shopMoney": money, "presentmentMoney": money}


def _utc(text: str | None) -> str | None:
    return f"{moment(text).astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if text else None


def _upper(word: str | None) -> str | None:
    return word.upper() if word else None
