"""The mapper: every platform's words come out in the normal form, and what nobody taught is never guessed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some
from platforms import BOLNA, EXAMPLES, PHONE, SARVAM, Example

from ordercall.domain.reports.report import KEYS, Report, Unread, read_report
from ordercall.domain.reports.words import MOST_VALUES, Rule, Rules, to_normal_form
from properties import always

INDIA = ZoneInfo("Asia/Kolkata")


def read(body: dict[str, Any], *rules: Rule) -> Report:
    said, unread = to_normal_form(body, Rules(rules), KEYS)
    return read_report(said, INDIA, unread=unread)


@pytest.mark.parametrize("example", EXAMPLES.values(), ids=list(EXAMPLES))
def test_a_platforms_report_is_read(example: Example) -> None:
    found = read(example.body, *example.rules)

    assert found.unread == ()
    assert {name: getattr(found, name) for name in example.said} == example.said


def test_without_rules_only_the_normal_form_is_read() -> None:
    found = read({"answer": "confirmed", "status": "completed", "data": {"answer": "refused"}})

    assert (found.answer, found.unread) == ("confirmed", ())


def test_a_word_that_nobody_taught_waits_with_its_path() -> None:
    body = {"status": "balance-low", "telephony_data": {"to_number": PHONE}}

    assert read(body, *BOLNA).unread == (Unread("status", "balance-low"),)


@pytest.mark.parametrize("nothing", [None, "", {}, []])
def test_nothing_at_a_known_path_is_no_unknown_word(nothing: object) -> None:
    assert read({"connectivity_status": nothing}, *SARVAM).unread == ()


def test_a_rule_about_the_word_itself_wins_over_a_pattern() -> None:
    rules = [Rule("end", "call-*", "connection", "failed"), Rule("end", "call-busy", "connection", "busy")]

    assert read({"end": "Call busy"}, *rules).connection == "busy"
    assert read({"end": "call-lost"}, *rules).connection == "failed"


def test_two_words_that_mean_different_things_are_neither_believed() -> None:
    rules = [Rule("a", "1", "answer", "confirmed"), Rule("b", "2", "answer", "refused")]

    assert read({"a": 1, "b": 2}, *rules).unread == (Unread("b", "2"),)
    assert read({"a": 1, "answer": "Confirmed"}, *rules).unread == ()
    assert read({"answer": "refused", "a": "1"}, *rules).unread == (Unread("a", "1"),)


def test_a_report_is_final_only_if_nothing_denies_it() -> None:
    rules = [Rule("a", "end", "final", "true"), Rule("b", "again", "final", "false")]

    assert read({"a": "end", "b": "again"}, *rules).final is False
    assert read({"b": "again", "a": "end"}, *rules).final is False
    assert read({"a": "end"}, *rules).final is True


def test_a_word_of_the_normal_form_may_be_taught_another_spelling() -> None:
    taught = Rule("answer", "CNF", "answer", "confirmed")

    assert read({"answer": "CNF"}, taught).answer == "confirmed"
    assert read({"answer": "refused"}, taught).answer == "refused"
    assert read({"answer": "XYZ"}, taught).unread == (Unread("answer", "XYZ"),)


class Counted(list[Any]):
    """A list that knows how many of its items were asked for."""

    asked = 0

    def __iter__(self) -> Iterator[Any]:
        for each in super().__iter__():
            self.asked += 1
            yield each


def test_of_a_long_list_no_more_is_looked_at_than_counts() -> None:
    numbers = Counted([0] * 500_000)

    found = read({"answer": "confirmed", "numbers": numbers, "note": "too far behind"})

    assert (found.answer, found.note) == ("confirmed", None)
    assert numbers.asked <= MOST_VALUES


_ANYTHING: Any = some.recursive(
    some.none() | some.booleans() | some.integers() | some.text(max_size=5),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.sampled_from("abc*."), inner, max_size=3),
    max_leaves=10,
)
_WORDS = some.sampled_from(["*", "", "1", "a*", "[", "true", "null"])
_RULES = some.builds(
    Rule,
    some.sampled_from(["a", "a.b", "*", "*.*", "a.*.c", "answer"]),
    _WORDS,
    some.sampled_from(["", *KEYS]),
    some.sampled_from([None, "confirmed", "x"]),
)


@always
@given(some.dictionaries(some.sampled_from(["a", "b", "answer"]), _ANYTHING), some.lists(_RULES, max_size=6))
def test_any_rules_read_any_body(body: dict[str, Any], rules: list[Rule]) -> None:
    found = read(body, *rules)

    assert found.happened_at is None or found.happened_at.astimezone(UTC)
