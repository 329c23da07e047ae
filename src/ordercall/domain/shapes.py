"""The shape of JSON: names and kinds, and never a value, so that it can be given to anybody."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

NAME = re.compile(r"[A-Za-z_$@][\w.$-]{0,39}")
"""What a programmer names a field. Something else in its place, such as an id or a phone, is a value of somebody's."""

LONG_NUMBER = re.compile(r"\d{4}")
A_VALUE = "<a value>"
MOST_ENTRIES = 50
"""Of a list that are looked at: the others look like them, and a list of customers may be long."""

LEFT_OUT = "left out"
"""In place of an object or a list, in the shape of an answer that is longer than one is kept."""

KINDS = {str: "text", bool: "true or false", int: "number", float: "number", type(None): "null"}

type Path = tuple[str, ...]
type Leaf = Callable[[Path, Any], str]
"""Says what stands at a place: under these names, the outermost first, this value that is no object and no list."""


@dataclass(frozen=True, slots=True, order=True)
class AnswerShape:
    """The shape of an answer of Kalimera, and what it was an answer to.

    Attributes:
        operation: what was asked for: "create the contact".
        content_type: without its parameters.
        outcome: what was understood from it, in a word.
        body: its shape as JSON; a leaf is its kind, and behind a comma what stood there: "text, contact id".
    """

    operation: str
    status: int
    content_type: str
    outcome: str
    body: str

    @property
    def fingerprint(self) -> str:
        """Return what tells it from all others."""
        said = (self.operation, str(self.status), self.content_type, self.outcome, self.body)
        return hashlib.sha256("\0".join(said).encode()).hexdigest()


type Look = Callable[[], AnswerShape]


def field_name(key: str) -> str:
    """Return the name of a field, or what stands for one that is a value."""
    return key if NAME.fullmatch(key) and not LONG_NUMBER.search(key) else A_VALUE


def shape_of(value: Any, hidden: str) -> Any:
    """Return the shape of a JSON value that has names and kinds alone.

    Args:
        hidden: how a text begins in whose place something else may have stood.
    """
    return shape_by(
        lambda _path, leaf: "hidden" if isinstance(leaf, str) and leaf.startswith(hidden) else KINDS[type(leaf)], value
    )


def shape_by(leaf: Leaf, value: Any, path: Path = (), *, name: Callable[[str], str] = field_name) -> Any:
    """Return the shape of a JSON value; of a list the shapes that occur in its beginning, each once.

    Args:
        leaf: what stands in the shape for a value that is no object and no list.
        name: what stands in the shape for the name of a field.
    """
    if isinstance(value, dict):
        return {name(key): shape_by(leaf, item, (*path, key), name=name) for key, item in value.items()}
    if isinstance(value, list):
        found: list[Any] = []
        for item in value[:MOST_ENTRIES]:
            if (shape := shape_by(leaf, item, path, name=name)) not in found:
                found.append(shape)
        return found
    return leaf(path, value)


def cut(body: str, most: int) -> str:
    """Return a shape's JSON without what stands deepest in it, so that it has no more characters than *most*."""
    shape = json.loads(body)
    levels = (_down_to(shape, level) for level in range(_depth(shape), 0, -1))
    texts = (json.dumps(each, ensure_ascii=False, separators=(",", ":")) for each in levels)
    return next((text for text in texts if len(text) <= most), json.dumps(LEFT_OUT))


def _down_to(shape: Any, level: int) -> Any:
    if not isinstance(shape, dict | list):
        return shape
    if level == 0:
        return LEFT_OUT
    if isinstance(shape, list):
        return [_down_to(each, level - 1) for each in shape]
    return {name: _down_to(each, level - 1) for name, each in shape.items()}


def _depth(shape: Any) -> int:
    inner = shape.values() if isinstance(shape, dict) else shape if isinstance(shape, list) else ()
    return 1 + max(map(_depth, inner), default=0)


def exported(found: Iterable[tuple[AnswerShape, int]]) -> str:
    """Return a file of shapes, and of how often each came. The sandbox answers by it."""
    answers = [
        {
            "operation": shape.operation,
            "status": shape.status,
            "content_type": shape.content_type,
            "outcome": shape.outcome,
            "times": times,
            "body": json.loads(shape.body),
        }
        for shape, times in found
    ]
    return json.dumps({"answers": answers}, ensure_ascii=False, indent=2) + "\n"
