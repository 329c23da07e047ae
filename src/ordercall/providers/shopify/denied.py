"""What an app may not see of an answer by GraphQL: Shopify puts null there, beside an error with the path to it.

The path goes by the names that the query gave. Where a field that is never null is denied, the null stands at the next
one above it that may be. Source: the GraphQL specification, "Handling Execution Errors", and Shopify's page on
protected customer data, whose refusals are worded otherwise than those of a scope.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from ordercall.providers.json_values import part

CODE = "ACCESS_DENIED"
REFUSALS = ("This app is not approved to ", "Access denied for ")
"""How a refusal of protected customer data begins, whose code is not documented, and that for want of a scope."""


class Hole(NamedTuple):
    """A null that stands for something else: in which object, under which name."""

    holder: dict[str, Any]
    name: str


def is_denied(error: Mapping[str, Any]) -> bool:
    """Return whether an error of an answer says that the app may not have something."""
    words = error.get("message")
    code = part(error, "extensions").get("code")
    return (isinstance(code, str) and code.upper() == CODE) or (isinstance(words, str) and words.startswith(REFUSALS))


def denied_part(data: Any, error: Mapping[str, Any]) -> Hole | None:
    """Return where the data lacks what an error denies; None where all that was asked for at the root is denied."""
    path = error.get("path")
    holder, hole = data, None
    steps = path.split(".") if isinstance(path, str) else path if isinstance(path, list) else ()
    for depth, step in enumerate(steps):
        value = _value(holder, step)
        hole = Hole(holder, step) if depth and isinstance(holder, dict) else None
        if value is None:
            break
        holder = value
    return hole


def leave_out(data: Any, error: Mapping[str, Any]) -> bool:
    """Leave out of the data what an error says is denied, if that is a part of it; return whether it is."""
    hole = denied_part(data, error) if is_denied(error) else None
    if hole:
        hole.holder.pop(hole.name, None)  # two errors may deny the same
    return hole is not None


def _value(holder: Any, step: Any) -> Any:
    """Return what stands at one step of a path, or None."""
    try:
        return holder[int(step) if isinstance(holder, list) else step]
    except (KeyError, IndexError, TypeError, ValueError):
        return None
