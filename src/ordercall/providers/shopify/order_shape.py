"""An order as GraphQL shows it, turned into the body that a webhook carries: there is one way in for orders.

Source: Shopify's reference for the GraphQL object Order and for the REST resource of that name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from ordercall.domain.orders import Fulfilment
from ordercall.providers.shopify.payload import ADDRESS_FIELDS


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(map(str.capitalize, rest))


ADDRESS = {name: _camel(name) for name in ADDRESS_FIELDS} | {"country_code": "countryCodeV2"}
"""What the intake reads of an address, by a webhook's name for it, with GraphQL's."""

ORDER = (
    """
fragment order on Order {
  id legacyResourceId name createdAt updatedAt cancelledAt test
  totalPriceSet { shopMoney { amount currencyCode } }
  totalOutstandingSet { shopMoney { amount } }
  paymentGatewayNames displayFinancialStatus displayFulfillmentStatus
  email phone
  customer {
    firstName lastName
    defaultEmailAddress { emailAddress }
    defaultPhoneNumber { phoneNumber }
    defaultAddress { ...address }
  }
  billingAddress { ...address }
  shippingAddress { ...address }
  lineItems(first: $lines) { nodes { title } pageInfo { hasNextPage endCursor } }
}
"""
    + f"fragment address on MailingAddress {{ {' '.join(ADDRESS.values())} }}"
)
"""What the intake reads of an order. ``$lines``: how many of its lines come with it."""

_FULFILMENT = {
    "PARTIALLY_FULFILLED": Fulfilment.PART,
    "FULFILLED": Fulfilment.ALL,
    "RESTOCKED": Fulfilment.RESTOCKED,
}


def order_body(node: Mapping[str, Any], lines: Iterable[Mapping[str, Any]], shop_zone: ZoneInfo) -> dict[str, Any]:
    """Return the body of a webhook about an order.

    Args:
        node: the order, as :data:`ORDER` asks for it.
        lines: all of its lines.
        shop_zone: in which a webhook writes its times.
    """
    money = _dict(_dict(node["totalPriceSet"])["shopMoney"])
    return {
        "id": int(node["legacyResourceId"]),
        "admin_graphql_api_id": node["id"],
        "name": node["name"],
        "created_at": _local(node["createdAt"], shop_zone),
        "updated_at": _local(node["updatedAt"], shop_zone),
        "cancelled_at": _local(node["cancelledAt"], shop_zone),
        "test": node["test"],
        "total_price": money["amount"],
        "currency": money["currencyCode"],
        "total_outstanding": _dict(_dict(node["totalOutstandingSet"]).get("shopMoney")).get("amount"),
        "payment_gateway_names": node["paymentGatewayNames"],
        "financial_status": _lower(node["displayFinancialStatus"]),
        "fulfillment_status": fulfilment(node["displayFulfillmentStatus"]).word,
        "email": node["email"],
        "phone": node["phone"],
        "customer": _customer(node["customer"]),
        "billing_address": _address(node["billingAddress"]),
        "shipping_address": _address(node["shippingAddress"]),
        "line_items": [{"title": line["title"]} for line in lines],
    }


def fulfilment(display_status: Any) -> Fulfilment:
    """Return how much has left. GraphQL also shows the work on an order, all of which is before anything leaves."""
    return _FULFILMENT.get(display_status, Fulfilment.NOTHING)


def _customer(customer: Any) -> dict[str, Any] | None:
    if not customer:
        return None
    return {
        "first_name": customer["firstName"],
        "last_name": customer["lastName"],
        "email": _dict(customer["defaultEmailAddress"]).get("emailAddress"),
        "phone": _dict(customer["defaultPhoneNumber"]).get("phoneNumber"),
        "default_address": _address(customer["defaultAddress"]),
    }


def _address(address: Any) -> dict[str, Any] | None:
    return {name: address[theirs] for name, theirs in ADDRESS.items()} if address else None


def _local(moment: str | None, zone: ZoneInfo) -> str | None:
    return datetime.fromisoformat(moment).astimezone(zone).isoformat(timespec="seconds") if moment else None


def _lower(word: str | None) -> str | None:
    return word.lower() if word else None


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
