"""Finding orders in the book, page by page, as REST's list and GraphQL's ``orders`` both do."""

from __future__ import annotations

import base64
import json
import operator
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from ordercall.sandbox.order_book import Condition, Order, is_cancelled, moment

COMPARED = {">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt}
TIMES = ("created_at", "processed_at", "updated_at")
TERM = re.compile(r"""(?P<field>\w+):(?P<how>>=|<=|>|<)?(?P<value>'[^']*'|"[^"]*"|\S+)""")

Key = tuple[datetime, int]


class Page(NamedTuple):
    """Some of the orders found. ``more``: whether others follow; ``end``: the cursor from which they do."""

    orders: list[Order]
    more: bool
    end: str | None


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

    A cursor is a position in the sort order, not a count, so an order that changes between two pages moves to the end
    and is read again there; none is skipped.

    Raises:
        ValueError: *after* is no cursor.
    """
    found = [order for order in orders if all(holds(order) for holds in conditions)]
    found.sort(key=lambda order: _key(order, sort), reverse=reverse)
    if after:
        follows, place = operator.lt if reverse else operator.gt, _place(after)
        found = [order for order in found if follows(_key(order, sort), place)]
    page = found[:size]
    return Page(page, more=len(found) > size, end=_cursor(page[-1], sort) if page else None)


def at_time(field: str, how: str, when: datetime) -> Condition:
    """Return the condition that a time of the order compares so (``>=`` …) with *when*."""
    return lambda order: bool(COMPARED[how](moment(order[field]), when))


def of_status(status: str) -> Condition:
    """Return REST's ``status``: open, closed, cancelled or any.

    Raises:
        ValueError: there is no such status.
    """
    conditions: dict[str, Condition] = {
        "any": lambda _: True,
        "open": lambda order: not is_cancelled(order) and not order.get("closed_at"),
        "closed": lambda order: bool(order.get("closed_at")) and not is_cancelled(order),
        "cancelled": is_cancelled,
    }
    if status not in conditions:
        raise ValueError(f"'{status}' is no status of an order")
    return conditions[status]


def conditions_of(query: str) -> list[Condition]:
    """Return the conditions of a query in Shopify's search syntax, of terms such as ``updated_at:>='2026-11-23'``.

    Where none of them is about the status, only open orders are found, as by REST: people who tried it report so, the
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
    if field == "name" and not how:
        return lambda order: str(order.get("name", "")).lstrip("#") == value.lstrip("#")
    raise ValueError(f"the sandbox knows no {field}:{how or ''} in a query")


def _key(order: Order, sort: str) -> Key:
    return moment(order.get(sort) or order["created_at"]), int(order["id"])


def _cursor(order: Order, sort: str) -> str:
    """Return the place of *order*, from which a later page goes on."""
    at, order_id = _key(order, sort)
    return base64.urlsafe_b64encode(json.dumps([str(at), order_id]).encode()).decode()


def _place(cursor: str) -> Key:
    try:
        at, order_id = json.loads(base64.urlsafe_b64decode(cursor))
        return moment(at), int(order_id)
    except (ValueError, TypeError) as error:
        raise ValueError("Invalid cursor for current pagination sort.") from error
