"""What is written into a CSV is text to every program, whatever it takes for a formula and parts cells by."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as some

from ordercall.web.view.csv_text import csv_lines, plain
from properties import always

SIGNS = "=+-@\u2212\uff1d\uff0b\uff0d\uff20\ufe66\ufe6b"
texts = some.text(alphabet="=+-@;,\t\r\n\"' a\uff1d\u200d\u2212", max_size=12)


def cells(line: str, separator: str) -> list[str]:
    """Return the cells of a CSV to a program that parts them by another sign."""
    return [cell for row in csv.reader(io.StringIO(line, newline=""), delimiter=separator) for cell in row]


FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t1", "\r1", "  =1", "\u00a0=1", "\uff1d1", "=cmd|' /C calc'!A0"]
FORMULAS += ["\u200d\u200c=1", "\ufeff=1", "\u202e+1", "\u200e\u00a0@x", "\u2066-1"]
FORMULAS += ["\ufe661+1", "\ufe62\ufe63", "\ufe6bSUM(A1)", "\u22121+1", "\u207a1", '"=1+1', '""@x']


@pytest.mark.parametrize("text", FORMULAS, ids=repr)
def test_a_formula_is_written_as_text(text: str) -> None:
    assert plain(text) == f"'{text}"


HIDDEN = {
    "Flat 4;=1+1": "Flat 4;'=1+1",
    "a;=cmd|'/C calc'!A0;b": "a;'=cmd|'/C calc'!A0;b",
    'a;"=1;b': "a;'\"=1;b",
    "a; \u200e@x;+y": "a;' \u200e@x;'+y",
    "a\t-1\n=2": "a\t'-1\n'=2",
    "\t=1": "'\t'=1",
    "=1;=2": "'=1;'=2",
}


@pytest.mark.parametrize(("text", "safe"), HIDDEN.items(), ids=map(repr, HIDDEN))
def test_a_formula_behind_the_separator_of_another_country_is_written_as_text(text: str, safe: str) -> None:
    assert plain(text) == safe


OTHERS = ["", "a", "a=1", "1-2", "#1001", "'=1", "💥", "   ", "नमस्ते", "a;b", "a, =1", "a; b=1"]


@pytest.mark.parametrize("text", OTHERS, ids=repr)
def test_any_other_text_is_written_as_it_is(text: str) -> None:
    assert plain(text) == text


@always
@given(some.lists(texts, min_size=1, max_size=4), some.sampled_from(",;\t"))
def test_no_cell_begins_as_a_formula_whatever_parts_the_cells(row: list[str], separator: str) -> None:
    found = cells(csv_lines([[plain(text) for text in row]]), separator)

    assert [cell for cell in found if cell.strip(' \u200d\t\r\n"')[:1] in tuple(SIGNS)] == []


@always
@given(some.lists(texts, min_size=1, max_size=4))
def test_a_row_is_read_as_it_was_written(row: list[str]) -> None:
    assert cells(csv_lines([row]), ",") == row


@pytest.mark.parametrize("text", ["Flat 4; Ring Road", "a\tb", 'x";y', ";"])
def test_a_cell_with_another_separator_stands_in_quotes(text: str) -> None:
    """LibreOffice parts cells at commas, semicolons and tabs at once, until a person tells it otherwise."""
    doubled = text.replace('"', '""')

    assert csv_lines([["1001", text], ["1002", "a"]]) == f'"1001","{doubled}"\r\n1002,a\r\n'
