"""An order as GraphQL shows it, turned into the body that a webhook carries: there is one way in for orders.

The query gives each field the webhook's name for it; what is written otherwise under that name is changed here.

Source: Shopify's reference for the GraphQL object Order and for the REST resource of that name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from ordercall.domain.orders.order import HAS_LEFT, Fulfilment
from ordercall.providers.json_values import part

LINE = """
title name vendor quantity current_quantity: currentQuantity requires_shipping: requiresShipping gift_card: isGiftCard
sku variant_title: variantTitle price: originalUnitPriceSet { shopMoney { amount } } grams: weight { unit value }
"""
"""What is read of a line; Shopify counts four points for it."""

MOST_FULFILMENTS = 5
"""Shopify counts a point for each. Most orders have one."""

FULFILMENT = f"fulfillment_status: displayFulfillmentStatus fulfillments(first: {MOST_FULFILMENTS}) {{ status }}"
"""What :func:`fulfilment` is read from. It takes no scope beyond ``read_orders``."""

OF_FULFILMENT = frozenset({"fulfillment_status", "fulfillments"})

NOTHING_LEFT = "UNFULFILLED"
"""The one word that says that nothing has left; most others are of what is left to do, whatever has left."""

GRAMS = {"GRAMS": 1, "KILOGRAMS": 1_000, "OUNCES": 28.349523125, "POUNDS": 453.59237}
"""In each unit of a weight; webhooks say grams."""

ORDER = """
fragment order on Order {
  admin_graphql_api_id: id
  id: legacyResourceId
  name
  created_at: createdAt
  processed_at: processedAt
  updated_at: updatedAt
  cancelled_at: cancelledAt
  closed_at: closedAt
  source_name: sourceName
  test
  total_price: totalPriceSet { shopMoney { amount currencyCode } }
  total_outstanding: totalOutstandingSet { ...money }
  current_total_price: currentTotalPriceSet { ...money }
  payment_gateway_names: paymentGatewayNames
  financial_status: displayFinancialStatus
  FULFILMENT
  email
  phone
  customer {
    first_name: firstName
    last_name: lastName
    email: defaultEmailAddress { emailAddress }
    phone: defaultPhoneNumber { phoneNumber }
    default_address: defaultAddress { ...address }
  }
  billing_address: billingAddress { ...address }
  shipping_address: shippingAddress { ...address }
  line_items: lineItems(first: $lines) { nodes { LINE } pageInfo { hasNextPage endCursor } }
}
fragment money on MoneyBag {
  shopMoney { amount }
  presentmentMoney { amount currency_code: currencyCode }
}
fragment address on MailingAddress {
  first_name: firstName
  last_name: lastName
  address1
  address2
  city
  zip
  province
  province_code: provinceCode
  country
  country_code: countryCodeV2
  phone
}
""".replace("LINE", LINE).replace("FULFILMENT", FULFILMENT)
"""What the intake reads of an order. ``$lines``: how many of its lines come with it."""

TIMES = ("created_at", "processed_at", "updated_at", "cancelled_at", "closed_at")
MONEY = ("total_outstanding", "current_total_price")
"""What is also said in the currency of the customer."""


def order_body(node: Mapping[str, Any], lines: Iterable[Mapping[str, Any]], shop_zone: ZoneInfo) -> dict[str, Any]:
    """Return the body of a webhook about an order.

    Args:
        node: the order, as :data:`ORDER` asks for it; without what the app may not see.
        lines: all of its lines.
        shop_zone: in which a webhook writes its times.
    """

    def local(moment: str | None) -> str | None:
        return datetime.fromisoformat(moment).astimezone(shop_zone).isoformat(timespec="seconds") if moment else None

    known: dict[str, Any] = (
        {"fulfillment_status": fulfilment(node).word, "fulfillments": []} if node.keys() >= OF_FULFILMENT else {}
    )
    return {
        **_rewritten(
            {name: value for name, value in node.items() if name not in OF_FULFILMENT},
            {**_WRITTEN, **dict.fromkeys(TIMES, local)},
        ),
        **known,
        **{
            f"{name}_set": {"presentment_money": part(node, name, "presentmentMoney")} for name in MONEY if name in node
        },
        "currency": part(node, "total_price", "shopMoney").get("currencyCode"),
        "line_items": [_rewritten(line, _IN_LINE) for line in lines],
    }


def fulfilment(order: Mapping[str, Any]) -> Fulfilment:
    """Return how much of an order has left, by :data:`FULFILMENT`.

    Of one that may have more fulfilments than are shown, a part counts as gone, unless Shopify's word is plain: nobody
    is rung about a parcel on its way, and nothing is cancelled that cannot be undone.
    """
    word, states = order.get("fulfillment_status"), [one["status"] for one in order.get("fulfillments") or ()]
    if len(states) >= MOST_FULFILMENTS and word != NOTHING_LEFT:
        states.append(HAS_LEFT)
    return Fulfilment.shown(word, states)


def _rewritten(node: Mapping[str, Any], ways: Mapping[str, Callable[[Any], Any]]) -> dict[str, Any]:
    """Return the node with each of these fields written as a webhook writes it; what it lacks, it lacks still."""
    return {**node, **{name: way(node[name]) for name, way in ways.items() if name in node}}


def _amount(money: Any) -> Any:
    return part(money, "shopMoney").get("amount")


def _grams(weight: Any) -> int | None:
    """Return a weight as a webhook says it; None in a unit that is new to us."""
    unit, value = GRAMS.get(str(part(weight).get("unit"))), part(weight).get("value")
    return round(value * unit) if unit and isinstance(value, (int, float)) else None


def _price(money: Any) -> str:
    """Return an amount with the two decimals that a webhook has; GraphQL leaves the last nought out."""
    whole, _, cents = str(_amount(money)).partition(".")
    return f"{whole}.{cents:0<2}"


_IN_LINE: Mapping[str, Callable[[Any], Any]] = {"price": _price, "grams": _grams}
_IN_CUSTOMER: Mapping[str, Callable[[Any], Any]] = {
    "email": lambda email: part(email).get("emailAddress"),
    "phone": lambda phone: part(phone).get("phoneNumber"),
}
_WRITTEN: Mapping[str, Callable[[Any], Any]] = {
    "id": int,
    **dict.fromkeys(("total_price", *MONEY), _amount),
    "financial_status": lambda status: status.lower() if status else None,
    "customer": lambda customer: _rewritten(customer, _IN_CUSTOMER) if customer else None,
}
