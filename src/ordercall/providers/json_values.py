"""Walking through JSON of which nobody vouches for the form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def part(value: Any, *path: str) -> dict[str, Any]:
    """Return the object at the end of a path of names, an empty one where none is."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def change_texts(value: Any, change: Callable[[str], str]) -> Any:
    """Return a JSON value with each of its texts changed, keys included."""
    if isinstance(value, dict):
        return {change(key): change_texts(item, change) for key, item in value.items()}
    if isinstance(value, list):
        return [change_texts(item, change) for item in value]
    return change(value) if isinstance(value, str) else value
