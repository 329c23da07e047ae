"""How deeply JSON is nested that others wrote, and how much of that is read: as much on every Python."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from makers import nested
from ordercall.domain.outside_json import DEEPEST, NestedTooDeeply, depth, read_json, with_repeated_keys

TEXTS = ["", "[", "{{", "]]]", '"', '"[', "\\", '\\"]', "\\\\{", '}"', "ordinary", "ब[", "\ud83d"]


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        ("", 0),
        ("1", 0),
        ('"[["', 0),
        ("[]", 1),
        ('{"a": {}}', 2),
        ("[[], [], [[]]]", 3),
        ('["]]]]", [["}"]]]', 3),
        (r'["\"", "[[[[", ["\\", "[["]]', 2),
        (r'["\\\"[", {}]', 2),
        ("[" * 20_000, 20_000),
        ("]" * 20_000, 0),
    ],
)
def test_levels_are_brackets_outside_of_texts(text: str, levels: int) -> None:
    assert depth(text.encode()) == levels


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("plain", [True, False], ids=["plain", "escaped"])
def test_the_levels_of_any_value_are_found_in_its_text(seed: int, plain: bool) -> None:
    dice = random.Random(seed)  # noqa: S311 - nothing secret
    value = any_value(dice, levels=dice.randrange(12))

    text = json.dumps(value, ensure_ascii=not plain).encode("utf-8", "surrogatepass")

    assert depth(text) == levels_of(value)
    assert read_json(text) == value


def any_value(dice: random.Random, levels: int) -> Any:
    """Return a value of so many levels at most, with texts that look like JSON."""
    text = "".join(dice.choices(TEXTS, k=dice.randrange(4)))
    if levels == 0:
        return dice.choice([text, 1, None])
    values = [any_value(dice, dice.randrange(levels)) for _ in range(dice.randrange(4))]
    return values if dice.random() < 0.5 else {f"{text}{number}": value for number, value in enumerate(values)}


def levels_of(value: Any) -> int:
    if not isinstance(value, (dict, list)):
        return 0
    return 1 + max((levels_of(item) for item in (value.values() if isinstance(value, dict) else value)), default=0)


def test_one_level_more_than_the_deepest_is_refused() -> None:
    assert json.dumps(read_json(nested(DEEPEST))).count("[") == DEEPEST
    with pytest.raises(NestedTooDeeply):
        read_json(nested(DEEPEST + 1))


def test_any_number_of_values_may_stand_beside_each_other() -> None:
    assert read_json(b"[" + b"[1],{}," * DEEPEST + b"[]]")[-1] == []


def test_the_mark_before_a_text_in_utf_8_is_passed_over() -> None:
    assert read_json(b"\xef\xbb\xbf[1]") == [1]


def test_another_encoding_than_utf_8_is_no_json() -> None:
    with pytest.raises(ValueError, match="utf-8"):
        read_json('["ÿ"]'.encode("utf-16"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"a": 1, "a": 1}', {"a": 1}),
        ('{"a": 1, "b": 3, "a": 2, "a": 1}', {"a": [1, 2], "b": 3}),
        ('[{"a": {"b": 1}, "a": {"b": 2}}]', [{"a": [{"b": 1}, {"b": 2}]}]),
    ],
)
def test_nothing_is_lost_of_a_key_that_comes_twice(text: str, said: Any) -> None:
    assert read_json(text.encode(), pairs=with_repeated_keys) == said
