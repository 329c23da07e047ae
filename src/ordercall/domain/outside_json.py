"""JSON that others wrote. How deeply it may be nested is one limit, the same on every Python."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from itertools import accumulate
from typing import Any

DEEPEST = 200
"""Shopify's orders and all answers have ten levels at most. Each Python reads another number of thousands, and whoever
walks through the values afterwards takes two of its 1,000 nested calls for a level. A text with fewer brackets needs no
closer look, so a count lets most orders through: 5 µs for 10 KB."""

_ALL_BUT_OPENING = bytes(set(range(256)) - set(b"[{"))
_ALL_BUT_STRUCTURE = bytes(set(range(256)) - set(b'[{]}"'))
_STEPS = bytes.maketrans(b"[{]}", b"\x01\x01\xff\xff")  # as signed bytes: a level down, a level up


class NestedTooDeeply(ValueError):
    """A text has more than :data:`DEEPEST` levels of arrays and objects."""


class RepeatedKey(list[Any]):
    """The values of a key that stands in one object several times, each with another value."""


def read_json(
    body: bytes,
    *,
    parse_int: Callable[[str], Any] = int,
    parse_float: Callable[[str], Any] = float,
    pairs: Callable[[list[tuple[str, Any]]], Any] | None = None,
) -> Any:
    """Return the value that is written in UTF-8, as RFC 8259 prescribes it between programs.

    Args:
        parse_int: what becomes of the digits of a whole number.
        parse_float: what becomes of the digits of any other number.
        pairs: what becomes of an object's keys and values. None: of a key that comes twice, the last counts.

    Raises:
        NestedTooDeeply: its levels are too many; it need not be JSON for that.
        ValueError: it is no JSON.
    """
    refuse_deep_nesting(body)
    text = body.decode("utf-8-sig", "surrogatepass")
    return json.loads(text, parse_int=parse_int, parse_float=parse_float, object_pairs_hook=pairs)


def with_repeated_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object in which a key that comes with several values has all of them, as :class:`RepeatedKey`."""
    members = dict(pairs)
    if len(members) < len(pairs):
        values: dict[str, RepeatedKey] = {}
        for key, value in pairs:
            of_key = values.setdefault(key, RepeatedKey())
            if not of_key or value != of_key[0]:
                of_key.append(value)
        members = {key: found if len(found) > 1 else found[0] for key, found in values.items()}
    return members


def refuse_deep_nesting(body: bytes) -> None:
    """Raise NestedTooDeeply for a text that no parser should be given, be it JSON or not."""
    if len(body.translate(None, _ALL_BUT_OPENING)) > DEEPEST < depth(body):
        raise NestedTooDeeply(f"More than {DEEPEST} levels are nested.")


def depth(body: bytes) -> int:
    """Return how many arrays and objects lie within each other at most; brackets in texts do not count."""
    if b"\\" in body:
        body = body.replace(rb"\\", b"").replace(rb"\"", b"")  # an escaped quote ends no text
    structure = body.translate(None, _ALL_BUT_STRUCTURE).replace(b'""', b"")
    outside_texts = b"".join(structure.split(b'"')[::2])
    return max(accumulate(memoryview(outside_texts.translate(_STEPS)).cast("b"), initial=0))


def folded(key: Any) -> str:
    """Return a name as ``has_more``, ``hasMore`` and ``Has-More`` have in common."""
    return re.sub(r"[\W_]", "", str(key)).lower()
