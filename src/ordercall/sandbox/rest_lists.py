"""REST's list of orders: filters on the first page, and a ``Link`` header that leads to the others.

Source: https://shopify.dev/docs/api/admin-rest/usage/pagination. Without ``status=any`` closed and cancelled orders
are missing; beside ``page_info`` only ``limit`` and ``fields`` may be named, since the rest is part of it.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from flask import Request

from ordercall.sandbox.order_book import Condition, Order, moment
from ordercall.sandbox.order_search import TIMES, at_time, of_status, page_of

BOUNDS = {"min": ">=", "max": "<="}
LARGEST_PAGE = 250  # Shopify's
BESIDE_PAGE_INFO = {"limit", "fields", "page_info"}
INVALID_PAGE = {"page_info": "Invalid value."}


class BadParameter(ValueError):
    """A parameter cannot be read; ``errors`` is what Shopify answers."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__(str(errors))
        self.errors = errors


def list_orders(orders: list[Order], request: Request, seen: Condition) -> tuple[list[dict[str, Any]], str | None]:
    """Return the page that *request* asks for, and the ``Link`` header to the next one, if there is one.

    Args:
        seen: whether the app may see an order at all.

    Raises:
        BadParameter: a parameter cannot be read.
    """
    given = request.args.to_dict()
    asked, cursor = _first_request(given)
    sort, _, direction = asked.get("order", "created_at desc").partition(" ")
    if sort not in TIMES:
        raise BadParameter({"order": "Invalid value."})
    size = _limit(given)
    conditions = [seen, *_conditions(asked)]
    try:
        page = page_of(orders, conditions, sort=sort, size=size, after=cursor, reverse=direction != "asc")
    except ValueError as error:
        raise BadParameter(INVALID_PAGE) from error
    link = None
    if page.more:
        info = base64.urlsafe_b64encode(json.dumps({"asked": asked, "cursor": page.end}).encode()).decode()
        link = f'<{request.base_url}?{urlencode({"limit": size, "page_info": info})}>; rel="next"'
    return [with_fields(order, given.get("fields")) for order in page.orders], link


def _first_request(given: Mapping[str, str]) -> tuple[dict[str, str], str | None]:
    """Return what the first page was asked with, and the cursor of the page before, if this is a later one."""
    if "page_info" not in given:
        return dict(given), None
    odd = sorted(given.keys() - BESIDE_PAGE_INFO)
    if odd:
        raise BadParameter({name: f"{name} cannot be passed when page_info is present." for name in odd})
    try:
        info = json.loads(base64.urlsafe_b64decode(given["page_info"]))
        return dict(info["asked"]), str(info["cursor"])
    except (ValueError, TypeError, KeyError) as error:
        raise BadParameter(INVALID_PAGE) from error


def _conditions(asked: Mapping[str, str]) -> Iterator[Condition]:
    try:
        yield of_status(asked.get("status", "open"))
    except ValueError as error:
        raise BadParameter({"status": "Invalid value."}) from error
    for name in asked:
        field, _, bound = name.rpartition("_")
        if field in TIMES and bound in BOUNDS:
            yield _bound(field, bound, name, asked[name])


def _bound(field: str, bound: str, name: str, value: str) -> Condition:
    try:
        return at_time(field, BOUNDS[bound], moment(value))
    except ValueError as error:
        raise BadParameter({name: "Invalid value."}) from error


def _limit(given: Mapping[str, str]) -> int:
    limit = given.get("limit", "50")
    if not limit.isdigit() or not 1 <= int(limit) <= LARGEST_PAGE:
        raise BadParameter({"limit": f"must be between 1 and {LARGEST_PAGE}"})
    return int(limit)


def with_fields(order: Order, fields: str | None) -> dict[str, Any]:
    """Return of an order the *fields*, named with commas between them; all of it where none are named."""
    wanted = fields.split(",") if fields else list(order)
    return {name: order[name] for name in wanted if name in order}
