"""How a request names things: global ids, and the size of a page."""

from __future__ import annotations

import re

from graphql import GraphQLError

LARGEST_PAGE = 250  # Shopify's
GID = re.compile(r"gid://shopify/(\w+)/([\w-]+)(?:\?.*)?")


def page_size(first: int | None) -> int:
    if first is None or not 0 < first <= LARGEST_PAGE:
        raise GraphQLError(
            f"you must provide one of first or last, between 1 and {LARGEST_PAGE}", extensions={"code": "BAD_REQUEST"}
        )
    return first


def named(text: str, kind: str) -> str:
    """Return what a global id of this kind names; nothing for an id of another kind."""
    found = GID.fullmatch(text)
    if not found:
        raise GraphQLError(f"Invalid global id '{text}'", extensions={"code": "argumentLiteralsIncompatible"})
    return found[2] if found[1] == kind else ""


def number(text: str, kind: str) -> int:
    """Return the number of a global id of this kind; 0, which nothing has, for any other id."""
    name = named(text, kind)
    return int(name) if name.isdigit() else 0
