"""The shape of JSON: names and kinds, and never a value, so that it can be given to anybody."""

from __future__ import annotations

import re
from typing import Any

NAME = re.compile(r"[A-Za-z_$@][\w.$-]{0,39}")
"""What a programmer names a field. Something else in its place, such as an id or a phone, is a value of somebody's."""

LONG_NUMBER = re.compile(r"\d{4}")
KINDS = {str: "text", bool: "true or false", int: "number", float: "number", type(None): "null"}


def shape_of(value: Any, hidden: str) -> Any:
    """Return the shape of a JSON value; of a list the shapes that occur in it, each once.

    Args:
        hidden: how a text begins in whose place something else may have stood.
    """
    if isinstance(value, dict):
        return {_name(key): shape_of(item, hidden) for key, item in value.items()}
    if isinstance(value, list):
        found: list[Any] = []
        for item in value:
            if (shape := shape_of(item, hidden)) not in found:
                found.append(shape)
        return found
    return "hidden" if isinstance(value, str) and value.startswith(hidden) else KINDS[type(value)]


def _name(key: str) -> str:
    return key if NAME.fullmatch(key) and not LONG_NUMBER.search(key) else "<a value>"
