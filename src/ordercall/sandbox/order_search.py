"""Finding orders in the book, page by page, as REST's list and GraphQL's ``orders`` both do."""

from __future__ import annotations

import base64
import json
import operator
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from ordercall.sandbox.order_book import Order, is_cancelled, moment

SEEN_WITHOUT_READ_ALL = timedelta(days=60)  # Shopify's
COMPARED = {">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt}
TIMES = ("created_at", "processed_at", "updated_at")
TERM = re.compile(r"""(?P<field>\w+):(?P<how>>=|<=|>|<)?(?P<value>'[^']*'|"[^"]*"|\S+)""")

Condition = Callable[[Order], bool]
Key = tuple[Any, int]


class Page(NamedTuple):
    """Some of the orders found. ``earlier`` and ``more``: whether there are others before and after them."""

    orders: list[Order]
    sort: str
    earlier: bool
    more: bool

    def cursor(self, order: Order) -> str:
        """Return the place of *order*, from which a later page goes on."""
        value, order_id = _key(order, self.sort)
        text = json.dumps([str(value), order_id])
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def page_of(
    orders: Iterable[Order],
    conditions: Sequence[Condition],
    *,
    sort: str,
    size: int,
    after: str | None = None,
    reverse: bool = False,
) -> Page:
    """Return the orders that meet all *conditions* and come after the cursor *after*.

    A page goes on from a place, not from a number, so that an order which changes between two pages moves to
    the end and is read again there; none is skipped.

    Raises:
        ValueError: *after* is no cursor.
    """
    found = [order for order in orders if all(holds(order) for holds in conditions)]
    found.sort(key=lambda order: _key(order, sort), reverse=reverse)
    place = _place(after, sort) if after else None
    rest = [order for order in found if place is None or _is_after(_key(order, sort), place, reverse)]
    return Page(rest[:size], sort, earlier=len(rest) < len(found), more=len(rest) > size)


def visible(now: datetime, scopes: frozenset[str]) -> Condition:
    """Return whether an app with these scopes sees an order: of 60 days, unless it may read all."""
    oldest = now - SEEN_WITHOUT_READ_ALL
    return lambda order: "read_all_orders" in scopes or moment(order["created_at"]) >= oldest


def at_time(field: str, how: str, when: datetime) -> Condition:
    """Return the condition that a time of the order lies so (``>=`` …) to *when*."""
    return lambda order: bool(COMPARED[how](moment(order[field]), when))


def of_status(status: str) -> Condition:
    """Return REST's ``status``: open, closed, cancelled or any.

    Raises:
        ValueError: there is no such status.
    """
    conditions: dict[str, Condition] = {
        "any": lambda _: True,
        "open": lambda order: not is_cancelled(order) and not order.get("closed_at"),
        "not_closed": lambda order: not order.get("closed_at"),
        "closed": lambda order: bool(order.get("closed_at")) and not is_cancelled(order),
        "cancelled": is_cancelled,
    }
    if status not in conditions:
        raise ValueError(f"'{status}' is no status of an order")
    return conditions[status]


def conditions_of(query: str) -> list[Condition]:
    """Return what Shopify's search syntax asks for: terms such as ``updated_at:>='2026-11-23T00:00:00Z'``.

    Where none of them is about the status, only open orders are found, as by REST: people who tried say so, the
    reference does not. Shopify ignores a term that it does not know and finds too much. Here it is an error, so that
    a test sees it.

    Raises:
        ValueError: the sandbox does not know a term.
    """
    unread = TERM.sub("", query).replace(" AND ", " ").split()
    if [word for word in unread if word != "AND"]:
        raise ValueError(f"the sandbox cannot read '{' '.join(unread)}' in the query")
    terms = [(term["field"], term["how"], term["value"].strip("'\"")) for term in TERM.finditer(query)]
    by_status = any(field == "status" for field, _, _ in terms)
    return [*([] if by_status else [of_status("open")]), *(_condition(*term) for term in terms)]


def _condition(field: str, how: str | None, value: str) -> Condition:
    if field in TIMES and how:
        return at_time(field, how, moment(value))
    if field == "status" and not how:
        return of_status(value)
    if field == "id" and not how:
        return lambda order: str(order["id"]) == value
    if field == "name" and not how:
        return lambda order: str(order.get("name", "")).lstrip("#") == value.lstrip("#")
    raise ValueError(f"the sandbox knows no {field}:{how or ''} in a query")


def _key(order: Order, sort: str) -> Key:
    value = order["id"] if sort == "id" else moment(order.get(sort) or order["created_at"])
    return value, int(order["id"])


def _place(cursor: str, sort: str) -> Key:
    try:
        value, order_id = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        return (int(value) if sort == "id" else moment(value)), int(order_id)
    except (ValueError, TypeError) as error:
        raise ValueError("Invalid cursor for current pagination sort.") from error


def _is_after(key: Key, place: Key, reverse: bool) -> bool:
    return key < place if reverse else key > place
