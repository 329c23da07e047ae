"""Whether an answer of Kalimera is a yes or a no, whatever its HTTP status says.

The API is not publicly documented, so this reads ``success``, ``ok``, ``status``, ``error``, ``errors`` and their like
in the forms in which JSON APIs write them, be it as a truth value, a number or a text. What is neither a yes nor a no
that is known is a doubt.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from typing import Any

from ordercall.domain.contract import YES_OR_NO
from ordercall.domain.outside_json import folded
from ordercall.providers.kalimera.names import (
    ADDED,
    FAILED,
    HALTED,
    KNOWN,
    NOT,
    NOUNS,
    is_a_no,
    whole_number,
    words_of,
)

UNAUTHORIZED = 401  # RFC 9110: who asks is not known
MULTI_STATUS = 207  # RFC 4918: each part of the answer has a status of its own


class Says(Enum):
    """What a field or a text says of what was asked."""

    YES = "yes"
    NO = "no"
    FAULT = "a fault, which is a no where nothing beside it is a yes"
    PARTLY = "a yes for some, which the names of the others explain"
    DOUBT = "neither a yes nor a no that is known"


WRAPPERS = ("data", "result", "response", "payload", "body", "status")
"""What may stand around the answer proper."""

SPEAKING_KEYS = (
    *("message", "msg", "error", "errors", "err", "detail", "details", "code", "reason", "description", "title"),
)
"""Under which an answer speaks for itself; what else it holds may be our own words, quoted."""

FLAGS, STATES, CODES, FAULTS, TEXTS = YES_OR_NO

_YES = {"success", "successful", "successfully", "succeeded", "ok", "okay", "true", "yes", "done", "y", "1"} | ADDED
_NO = {"false", "no", "n", "ko", "nok", "notok", "0", "unauthorized", "unauthorised", "unauthenticated"}
_PARTLY = {"partial", "partially", "incomplete", "mixed", "some"} | {"success", "successful"}
_UNDER_WAY = {
    *("active", "new", "pending", "processing", "running", "live", "open", "inprogress", "started", "idle", "ready"),
    *("waiting", "todo", "notcalled", "uncalled", "notstarted", "initiated", "inqueue"),
}
"""States of a campaign or a contact, which say nothing of what was asked."""

_UNAUTHORIZED = {"unauthorized", "unauthorised", "unauthenticated", "invalidtoken", "tokenexpired", "expiredtoken"}
_TELLING = {*WRAPPERS, "error", "errors", "extensions"}
"""Under which an answer may say why it is a no."""

_NOTHING = {"", "0", "00", "000", "no", "none", "null", "nil", "na", "undefined", "false", "noerror", "noerrors"} | {
    *("noerrorfound", "noerrorsfound", "ok", "success")
}
_OPENS_WITH_A_NO = re.compile(
    r"\W*(?:(?:no|0) (?:\w+ )?(?:contacts?|customers?|numbers?|records?) (?:(?:were|was|have been|has been|could be) )?"
    r"(?:added|created|listed|found)|nobody"
    r"|error(?!-free)|fail(?:ed|ure)?\b|couldn't|cannot|can't|unable|invalid|rejected|refused|denied|forbidden"
    r"|could not|not (?:found|allowed|permitted|authori[sz]ed|added|created|updated)|unauthori[sz]ed|bad request"
    r"|false\b)",
    re.IGNORECASE,
)
SAYS_IT_EXISTS = re.compile(r"exist|already|duplicate", re.IGNORECASE)
SAYS_IT_DOES_NOT = re.compile(r"not exist|n't exist|does not|unknown", re.IGNORECASE)
_SAYS_IT_IS_NOT_THERE = re.compile(
    r"(?:contact|customer|person|phone|number|record)s?\b.*(?:not found|not exist|n't exist|unknown)"
    r"|(?:no|unknown|no such|not find (?:a|the|any)) (?:\w+ )?(?:contact|customer|person|phone|number|record)",
    re.IGNORECASE | re.DOTALL,
)
_OF_SOME = frozenset(
    {"some", "except", "excepting", "excluding", "apart", "only", "partly", "most", "few", "remaining"}
)
_DENIES_OR_DIVIDES = re.compile(
    r"n['’]t\b|\b(?:all|every\w*) but\b"
    r"|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|half|part|many) of\b",
    re.IGNORECASE,
)
"""How a sentence says of some, or of all, that it was not done, beside the words that say so by themselves."""

_FILLING = frozenset(
    {"the", "to", "was", "were", "has", "have", "been", "campaign", "campaigns", "successfully", "your", "on", "into"}
    | {"a", "and", "is", "are", "s", "in", "for", "this", "calling", "queue", "updated"}
)
"""Words of a sentence that says yes, beside those that say it."""


def says_no(body: Any) -> bool:
    """Return whether an answer of the 200 series holds a no."""
    if isinstance(body, str):
        return bool(_OPENS_WITH_A_NO.match(body))
    said = set(verdicts(body)) if isinstance(body, dict) else set()
    return Says.NO in said or (Says.FAULT in said and Says.YES not in said)


def verdicts(body: dict[str, Any]) -> Iterator[Says]:
    """Yield what the fields of an answer say; those of a wrapper count as its own."""
    for key, value in body.items():
        if said := field_says(key, value):
            yield said
        if folded(key) in WRAPPERS and isinstance(value, dict):
            yield from verdicts(value)


def field_says(key: str, value: Any) -> Says | None:
    """Return what one field says; None for one that is no verdict, or holds nothing."""
    name = folded(key)
    if name in FLAGS:
        return _of_truth(value)
    if name in STATES:
        return _of_state(value)
    if name in CODES:
        return _of_code(value)
    if name in FAULTS:
        return Says.FAULT if holds_something(value) and not _is_well(value) else None
    opens_with_a_no = name in TEXTS and isinstance(value, str) and _OPENS_WITH_A_NO.match(value)
    return Says.FAULT if opens_with_a_no else None


def text_says(text: str, number: int) -> Says | None:
    """Return what a sentence says; None for one that is not understood, and holds no bad word either.

    It is a yes where every word of it is known: "0 contacts failed, 6 contacts added" may mean anything.

    Args:
        number: how many contacts were asked for; a smaller number in the text is not all of them.
    """
    if _OPENS_WITH_A_NO.match(text):
        return Says.FAULT
    text = _OF_NO_CONTACT.sub(" ", text)
    words = {word.lower() for word in re.findall(r"[^\W\d]+", text)}
    fewer = any(len(digits) < _LONG and int(digits) < number for digits in re.findall(r"\d+", text))
    if fewer or words & (FAILED | HALTED | NOT | _OF_SOME) or _DENIES_OR_DIVIDES.search(text):
        return Says.DOUBT
    is_understood = words <= KNOWN | _FILLING | _YES and not _IS_NO_SENTENCE.search(text)
    return Says.YES if words & _YES and is_understood else None


_IS_NO_SENTENCE = re.compile(r"[{}\[\]<>=\"]")
"""JSON that breaks off, a page, or something else that was to be read by a program."""

_FAILED = "|".join(sorted(FAILED))
_OF_NO_CONTACT = re.compile(
    rf"\b\d+ campaigns?\b|\b(?:0|no) (?:\w+ )?(?:{_FAILED})\b|\b(?:{_FAILED})\W+0\b(?!\.)", re.IGNORECASE
)
"""What a sentence counts beside the contacts: the campaigns, and that nobody failed."""

_LONG = 10
"""Digits; so long a number in a text counts no contacts."""

LONGEST_TEXT = 1_000
"""Characters of a text in which a number of contacts is looked for: an answer says it at once, or not."""

_THE_ADDED = "|".join(sorted(ADDED))
_BETWEEN = r"of|out|new|were|was|have|has|been|successfully|contacts?|customers?|numbers?|records?|\d+"
_COUNTS_THE_ADDED = re.compile(
    rf"\b[1-9]\d{{0,5}} (?:(?:{_BETWEEN}) )*(?:{_THE_ADDED})\b|\b(?:{_THE_ADDED})\W+[1-9]\d{{0,5}}\b", re.IGNORECASE
)


def counts_the_added(body: Any) -> bool:
    """Return whether an answer's own words say that some were added, whatever else they say."""
    return any(_COUNTS_THE_ADDED.search(text[:LONGEST_TEXT]) for text in own_texts(body))


def says_it_exists(body: Any) -> bool:
    """Return whether a refusal means "you have this one already" rather than "I cannot read this"."""
    text = " ".join(own_texts(body))
    return bool(SAYS_IT_EXISTS.search(text)) and not SAYS_IT_DOES_NOT.search(text)


def says_it_is_not_there(body: Any) -> bool:
    """Return whether an answer names the contact as what it has not, which a missing route does not do."""
    return bool(_SAYS_IT_IS_NOT_THERE.search(" ".join(own_texts(body))))


def is_a_web_page(body: Any) -> bool:
    """Return whether something else answered than the API."""
    return isinstance(body, str) and body.lstrip("\ufeff \r\n\t").startswith("<")


def refuses_the_token(body: Any) -> bool:
    """Return whether an answer of the 200 series is a 401 in other clothes."""
    if isinstance(body, str):
        return folded(body) in _UNAUTHORIZED
    return isinstance(body, dict) and says_no(body) and _names_a_401(body)


def _names_a_401(part: Any) -> bool:
    if isinstance(part, list):
        return any(map(_names_a_401, part))
    return isinstance(part, dict) and any(
        _is_a_401(folded(key), value) or (folded(key) in _TELLING and _names_a_401(value))
        for key, value in part.items()
    )


def _is_a_401(name: str, value: Any) -> bool:
    if whole_number(value) == UNAUTHORIZED:
        return name in CODES | STATES
    return name in CODES | STATES | FAULTS | TEXTS | {"type"} and folded(value) in _UNAUTHORIZED


def own_texts(body: Any) -> Iterator[str]:
    """Yield the texts in which an answer speaks for itself."""
    if isinstance(body, str):
        yield body
    elif isinstance(body, dict):
        for key in SPEAKING_KEYS:
            yield from _all_texts(body.get(key))


def _is_well(value: Any) -> bool:
    """Return whether a fault is only how an answer says that there is none: ``{"code": 200, "message": "OK"}``."""
    return isinstance(value, dict) and all(
        _of_code(item) is Says.YES if folded(key) in CODES else not holds_something(item) for key, item in value.items()
    )


def _of_truth(value: Any) -> Says | None:
    if isinstance(value, (bool, int, float)):
        return Says.FAULT if value < 0 else {0.0: Says.NO, 1.0: Says.YES}.get(value, Says.DOUBT)
    return _of_word(value) if isinstance(value, str) else None


def _of_state(value: Any) -> Says | None:
    if isinstance(value, bool):
        return _of_truth(value)
    number = whole_number(value)
    if number is None:
        return _of_word(value) if isinstance(value, str) else None
    if number <= 0:
        return Says.FAULT  # some mean a no by it
    return Says.YES if number == 1 else _of_code(number)


def _of_code(value: Any) -> Says | None:
    number = whole_number(value)
    if number is None:
        return _of_word(value) if isinstance(value, str) else None
    if 400 <= number < 600:
        return Says.NO
    if 200 <= number < 300:
        return Says.PARTLY if number == MULTI_STATUS else Says.YES
    return None if number == 0 else Says.FAULT if number < 0 else Says.DOUBT


def _of_word(text: str) -> Says | None:
    word, words = folded(text), set(words_of(text))
    if not word or word in _UNDER_WAY:
        return None
    if word in _NO or is_a_no(words - NOUNS):
        return Says.NO
    if word in _YES or (words & ADDED and words <= KNOWN - FAILED):
        return Says.YES
    return Says.PARTLY if words <= _PARTLY else Says.DOUBT


def holds_something(value: Any) -> bool:
    """Return whether something stands there that is not a way to write nothing."""
    if isinstance(value, dict):
        return any(holds_something(item) for item in value.values())
    if isinstance(value, list):
        return any(holds_something(item) for item in value)
    return folded(value) not in _NOTHING if isinstance(value, str) else bool(value)


def _all_texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, dict)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _all_texts(item)
