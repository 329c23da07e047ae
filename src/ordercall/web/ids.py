"""Ids from a URL or a form: any text, until it is parsed here."""

from __future__ import annotations

from werkzeug.routing import BaseConverter

from ordercall.domain.orders.order import LARGEST_ID
from ordercall.errors import UnknownOrder

LONGEST_ID = len(str(LARGEST_ID))


class OneOrder(BaseConverter):
    """An order's id at the end of an address: any text, but for the routes that another method has there."""

    regex = "(?!sync-latest$)[^/]+"


def read_id(text: str | None) -> int | None:
    """Return the id, or None for a text that cannot be one."""
    if not text or not text.isascii() or not text.isdecimal() or len(text) > LONGEST_ID:
        return None
    return int(text) if 0 < int(text) <= LARGEST_ID else None


def order_id(text: str) -> int:
    """Return the id. Not Flask's ``int`` converter: any text there gets an error of ours.

    Raises:
        UnknownOrder: no order can have it.
    """
    found = read_id(text)
    if found is None:
        raise UnknownOrder(text[:40])
    return found
