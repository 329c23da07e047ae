"""The normal form of a report: what is read, and that what cannot be read is kept and not refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from ordercall.domain.calls.calling import INDIA
from ordercall.domain.orders.order import Status
from ordercall.domain.reports.report import (
    KEYS,
    STATUS_KEYS,
    Answer,
    Completion,
    Connection,
    Report,
    Unread,
    is_final,
    of_weight,
    read_report,
)
from properties import always

WHOLE = {
    "call_id": "01J",
    "contact_id": 77,
    "phone": "98765 43210",
    "shopify_id": "6300000001001",
    "report_id": "r-1",
    "connection": "Connected",
    "completion": "completed",
    "answer": "wrong-person",
    "do_not_call": True,
    "language": "hi",
    "callback_at": "2026-11-29T18:00",
    "address": {"zip": "380015"},
    "reason": "moved away",
    "quote": "हाँ",
    "confidence": 0.92,
    "note": "n",
    "recording_url": "https://example.com/1.mp3",
    "summary": "s",
    "duration_seconds": "41.5",
    "happened_at": 1_795_950_000,
    "final": "false",
    "force": False,
}


def read(**said: Any) -> Report:
    return read_report(said, INDIA)


def test_every_key_of_the_normal_form_is_read() -> None:
    assert set(WHOLE) == set(KEYS)

    found = read(**WHOLE)

    assert found.unread == ()
    assert (found.contact_id, found.phone, found.shopify_id) == ("77", "+919876543210", 6300000001001)
    assert (found.connection, found.completion, found.answer) == (
        Connection.CONNECTED,
        Completion.COMPLETED,
        Answer.WRONG_PERSON,
    )
    assert found.callback_at == datetime(2026, 11, 29, 12, 30, tzinfo=UTC)
    assert found.happened_at == datetime.fromtimestamp(1_795_950_000, UTC)
    assert (found.duration_seconds, found.confidence, found.final) == (41.5, 0.92, False)


@pytest.mark.parametrize("key", sorted(set(STATUS_KEYS) - {"note", "reason", "quote", "summary", "language"}))
def test_what_a_key_cannot_have_is_kept_as_unread(key: str) -> None:
    strange: Any = [["?"]]

    found = read(**{key: strange})

    assert found.unread == (Unread(key, "[['?']]"),)
    assert key == "final" or not getattr(found, key)


def test_a_strange_word_beside_the_answer_has_no_weight() -> None:
    found = read(duration_seconds="long", confidence="High", answer="haan")

    assert [each.path for each in of_weight(found.unread)] == ["answer"]


@pytest.mark.parametrize("word", ["no_answer", "no-answer", "No Answer", "NO_ANSWER", " no answer "])
def test_a_word_is_the_same_in_every_spelling(word: str) -> None:
    assert read(connection=word).connection is Connection.NO_ANSWER


@pytest.mark.parametrize("word", ["success", "Success ", "confirmed"])
def test_a_status_is_one_of_the_four_to_the_letter(word: str) -> None:
    assert read(status=word).unread == (Unread("status", word.strip()),)
    assert read(status="Success").status is Status.SUCCESS


@pytest.mark.parametrize(
    ("said", "redials", "final"),
    [
        ({"answer": "confirmed"}, True, True),
        ({"answer": "refused"}, True, True),
        ({"answer": "wrong_person"}, True, True),
        ({"answer": "unclear", "connection": "connected"}, True, True),
        ({"do_not_call": True}, True, True),
        ({"connection": "no_answer"}, False, True),
        ({"connection": "no_answer"}, True, False),
        ({"connection": "no_answer", "completion": "completed"}, True, True),
        ({"connection": "busy"}, True, False),
    ],
)
def test_a_report_is_final_unless_another_attempt_follows(said: dict[str, Any], redials: bool, final: bool) -> None:
    assert read_report(said, INDIA, redials=redials).final is final
    assert is_final(read(**said), redials=redials) is final
    assert read(**said, final=False).final is False


def test_the_words_that_are_kept_for_good_are_nobodys() -> None:
    words = read(**WHOLE).words

    assert words["answer"] == "wrong_person"
    assert not {"phone", "address", "quote", "note", "summary", "reason", "recording_url"} & set(words)


_ANYTHING: Any = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(), inner, max_size=3),
    max_leaves=8,
)


@always
@given(some.dictionaries(some.sampled_from([*STATUS_KEYS, "other"]), _ANYTHING))
def test_any_value_is_read_or_shown(said: dict[str, Any]) -> None:
    found = read_report(said, INDIA)

    json.dumps(found.words).encode()
    for key in set(said) - {"other"}:
        assert said[key] is None or any(each.path == key for each in found.unread) or getattr(found, key) is not None
    for each in found.unread:
        assert "\0" not in each.word
        each.word.encode()
