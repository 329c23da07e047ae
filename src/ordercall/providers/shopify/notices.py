"""From a webhook's body to a notice of the shop. The topic is a header and not signed, so the body must fit it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ordercall.domain.outside_json import folded, read_json
from ordercall.domain.parcels.holds import HoldNews
from ordercall.domain.shop_notices import PrivacyRequest, ShopNotice, Uninstalled
from ordercall.domain.topics import PRIVACY, Topic
from ordercall.providers.json_values import part
from ordercall.providers.shopify.ids import id_within, order_named_in, read_id
from ordercall.providers.shopify.order_body import UnreadableBody, why_not_json

MOST_ORDERS = 10_000
"""No customer has as many; a longer list is a mistake, and what it would erase cannot be brought back."""

FULFILMENT_ORDER = "FulfillmentOrder"
_OF_THEM = re.compile(r"fulfillmentorders?(?:ids?)?$")
"""Names under which a bare number is the id of one, as :func:`folded` writes them."""

AT_THE_DOOR = ("attempted_delivery", "delivered", "failure")
"""The statuses of delivery events after which an order is looked at; a parcel has some ten others on its way."""

NOTICES = PRIVACY | {Topic.UNINSTALLED}
NAMED_IN_A_REQUEST = ("data_request", "DataRequest"), ("customer", "Customer")
LIST_OF_ORDERS = {Topic.DATA_REQUEST: "orders_requested", Topic.CUSTOMER_REDACT: "orders_to_redact"}


def read_notice(topic: Topic, body: bytes, shop: str) -> ShopNotice:
    """Return what a shop tells under one of :data:`NOTICES`.

    Args:
        shop: the shop that the delivery's header names; the body's own word goes first.

    Raises:
        UnreadableBody: the body is not what this topic carries.
    """
    raw = _read_object(body)
    if topic is Topic.UNINSTALLED:
        if "shop_owner" not in raw:
            raise UnreadableBody("The body is not a shop, as it must be when an app is uninstalled.")
        return Uninstalled(_shop(raw.get("myshopify_domain"), shop))
    if "shop_domain" not in raw or (topic is not Topic.SHOP_REDACT) != ("customer" in raw):
        raise UnreadableBody("The body is not the privacy request that its topic names.")
    return PrivacyRequest(topic, _shop(raw["shop_domain"], shop), _reference(raw), _order_ids(topic, raw))


def read_pointer(topic: Topic, body: bytes) -> int:
    """Return the id of the order that an edit, a refund, a return or a delivery is about.

    Raises:
        UnreadableBody: the body is not what this topic carries.
    """
    raw = _read_object(body)
    order_id = order_named_in(part(raw, "order_edit") if topic is Topic.EDITED else raw)
    if order_id is None:
        raise UnreadableBody("The body does not name the order that it is about.")
    return order_id


def tells_of_the_door(body: bytes) -> bool:
    """Return whether a delivery event tells that a parcel did, or did not, reach its customer.

    Raises:
        UnreadableBody: the body is not what this topic carries.
    """
    return _read_object(body).get("status") in AT_THE_DOOR


def read_hold_news(body: bytes) -> HoldNews:
    """Return which fulfilment orders a split, a move or a hold is about.

    Raises:
        UnreadableBody: the body names none.
    """
    raw = _read_object(body)
    named = frozenset(_fulfilment_orders(raw))
    if not named:
        raise UnreadableBody("The body does not name a fulfilment order.")
    handle = part(raw, "fulfillment_hold").get("handle")
    return HoldNews(fulfilment_orders=named, handle=handle if isinstance(handle, str) else None)


def read_deletion(body: bytes) -> tuple[int, bool]:
    """Return the id of the order that a deletion is about, and whether the body can be one: it holds nothing else.

    Whoever got hold of the signed body of an order may send it under this topic.

    Raises:
        UnreadableBody: the body names no order.
    """
    raw = _read_object(body)
    order_id, global_id = id_within(raw, "Order"), raw.get("admin_graphql_api_id")
    if order_id is None:
        raise UnreadableBody("The body does not name the order that was deleted.")
    names_no_other = global_id is None or read_id(global_id, "Order") == order_id
    return order_id, names_no_other and raw.keys() <= {"id", "admin_graphql_api_id"}


def _read_object(body: bytes) -> dict[str, Any]:
    try:
        raw = read_json(body)
    except ValueError as error:
        raise UnreadableBody(why_not_json(body)) from error
    if not isinstance(raw, dict):
        raise UnreadableBody("The body is JSON, but not an object.")
    return raw


def _shop(in_body: Any, in_header: str) -> str:
    return in_body if isinstance(in_body, str) and in_body else in_header


def _reference(raw: dict[str, Any]) -> str | None:
    """Return the id of the request, else that of the customer; an id alone is nobody's name."""
    ids = (id_within(part(raw, about), kind) for about, kind in NAMED_IN_A_REQUEST)
    return next((str(found) for found in ids if found), None)


def _order_ids(topic: Topic, raw: dict[str, Any]) -> tuple[int, ...]:
    if topic not in LIST_OF_ORDERS:
        return ()
    listed = raw.get(LIST_OF_ORDERS[topic])
    ids = [read_id(each, "Order") for each in listed] if isinstance(listed, list) else [None]
    known = tuple(each for each in ids if each is not None)
    if len(known) < len(ids) or len(ids) > MOST_ORDERS:
        raise UnreadableBody("The privacy request does not list its orders by their ids.")
    return known


def _fulfilment_orders(part: Any, under: str = "") -> Iterator[int]:
    """Yield the fulfilment orders of a body: each topic has them at other places, and all of them are looked at.

    Args:
        under: the name of the innermost object, or of the value itself.
    """
    if isinstance(part, dict):
        for key, value in part.items():
            yield from _fulfilment_orders(value, under if key in ("id", "admin_graphql_api_id") else folded(key))
    elif isinstance(part, list):
        for value in part:
            yield from _fulfilment_orders(value, under)
    elif (found := read_id(part, FULFILMENT_ORDER)) and (_OF_THEM.search(under) or not str(part).strip().isdecimal()):
        yield found
