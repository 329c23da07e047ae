"""The shape of an answer has its names and kinds, and nothing that somebody could be known by."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from ordercall.domain.shapes import shape_of
from properties import always


@pytest.mark.parametrize(
    ("value", "shape"),
    [
        ({"id": 7, "name": "Asha", "ok": True, "score": 0.5, "note": None}, None),
        ({"phone": "•••02"}, {"phone": "hidden"}),
        ({"ids": ["c-1", "c-2", 3]}, {"ids": ["text", "number"]}),
        ([{"a": 1}, {"a": 2}, {"b": 1}], [{"a": "number"}, {"b": "number"}]),
        ({"+919000000002": {"added": True}}, {"<a value>": {"added": "true or false"}}),
        ({"5a9db0c5-0000-4000": 1, "c_12345": 1}, {"<a value>": "number"}),
        ("Contact created", "text"),
        ([], []),
    ],
)
def test_names_and_kinds_are_kept(value: Any, shape: Any) -> None:
    whole = {"id": "number", "name": "text", "ok": "true or false", "score": "number", "note": "null"}

    assert shape_of(value, "•••") == (whole if shape is None else shape)


@always
@given(some.recursive(some.text(min_size=8).map(lambda text: f"é{text}"), lambda inner: some.lists(inner)))
def test_no_text_of_an_answer_is_in_its_shape(value: Any) -> None:
    assert "é" not in json.dumps(shape_of({"data": value}, "•••"), ensure_ascii=False)
