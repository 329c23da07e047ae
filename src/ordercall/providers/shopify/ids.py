"""The ids of Shopify's resources, as they stand in the bodies of its webhooks."""

from __future__ import annotations

import re
from typing import Any

from ordercall.domain.orders.order import LARGEST_ID
from ordercall.providers.json_values import part

_WRITTEN = re.compile(r"\s*(?:gid://shopify/(?P<kind>\w+)/)?(?P<digits>[0-9]{1,19})(?:\?\S*)?\s*")


def read_id(value: Any, kind: str) -> int | None:
    """Return an id that is a number, its digits in a text, or ``gid://shopify/Order/1`` of this kind; else None.

    Never a fraction, a truth value or a negative number.
    """
    if isinstance(value, str):
        written = _WRITTEN.fullmatch(value)
        value = int(written["digits"]) if written and written["kind"] in (None, kind) else None
    return value if type(value) is int and 0 < value <= LARGEST_ID else None


def id_within(about: dict[str, Any], kind: str) -> int | None:
    """Return the id of a resource that is an object, by its ``id`` or else by its global one."""
    return read_id(about.get("id"), kind) or read_id(about.get("admin_graphql_api_id"), kind)


def order_named_in(about: dict[str, Any]) -> int | None:
    """Return the id of the order that something is about: under ``order_id``, or in its ``order``."""
    return read_id(about.get("order_id"), "Order") or id_within(part(about, "order"), "Order")
