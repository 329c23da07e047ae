"""Words that are stored, and the texts that people read in their place."""

from __future__ import annotations

import pytest

from ordercall.domain.calls.calling import CallingState, Language, Reason
from ordercall.domain.orders.order import CancelState, Status
from ordercall.domain.words import Word

SENTENCES = [
    text for word in (*Reason, *CancelState) for text in (word.sentence, getattr(word, "remedy", word.sentence))
]
IN_A_FEW_WORDS = [
    *(word.short for kind in (Reason, CallingState, CancelState) for word in kind),
    *(status.meaning for status in Status),
    *(language.label for language in Language),
]


def test_a_word_that_lacks_a_text_is_an_error_at_once() -> None:
    with pytest.raises(ValueError, match="shorter"):

        class Colour(Word):
            short: str
            sentence: str

            RED = "red", "Red", "It is red."
            BLUE = "blue", "Blue"


def test_a_text_that_nobody_asked_for_is_an_error_as_well() -> None:
    with pytest.raises(ValueError, match="longer"):

        class Colour(Word):
            short: str

            RED = "red", "Red", "It is red."


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_sentence_is_one(sentence: str) -> None:
    assert sentence[0].isupper()
    assert sentence.endswith(".")


@pytest.mark.parametrize("text", IN_A_FEW_WORDS)
def test_a_few_words_are_few(text: str) -> None:
    assert 0 < len(text.split()) <= 5
    assert not text.endswith(".")


def test_a_word_is_found_by_itself_and_no_other_text_is_one() -> None:
    assert [Reason.of(str(reason)) for reason in Reason] == list(Reason)
    assert [Reason.of(word) for word in ("No_Phone", "", None, 5, ["no_phone"])] == [None] * 5


@pytest.mark.parametrize("word", [*Reason, *(str(reason) for reason in Reason)])
def test_a_word_is_found_by_its_text_and_by_itself(word: str) -> None:
    assert Reason.of(word) is Reason(str(word))


@pytest.mark.parametrize("other", [None, "", "else", "Paid", 1, True, [], {}, CallingState.QUEUED])
def test_anything_else_is_no_word(other: object) -> None:
    assert Reason.of(other) is None
