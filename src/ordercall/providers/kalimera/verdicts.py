"""Whether an answer of Kalimera is a yes or a no, whatever its HTTP status says.

The API is not publicly documented, so this reads ``success``, ``ok``, ``status``, ``error``, ``errors`` and their like
in the forms in which JSON APIs write them, be it as a truth value, a number or a text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

WRAPPERS = ("data", "result", "response")
"""What may stand around the answer proper."""

SPEAKING_KEYS = (
    "message",
    "msg",
    "error",
    "errors",
    "err",
    "detail",
    "details",
    "code",
    "reason",
    "description",
    "title",
)
"""Under which an answer speaks for itself; what else it holds may be our own words, quoted."""

_SAYS_YES = {"success", "successful", "succeeded", "ok", "okay", "true", "yes", "done", "created", "accepted", "y", "1"}
_SAYS_NO = {"false", "no", "n", "ko", "nok", "notok", "err", "error", "errors", "fail", "fails", "failed", "failure"}
_SAYS_NO |= {"unsuccessful", "rejected", "refused", "denied", "invalid", "forbidden", "unauthorized", "unauthorised"}
_ON_ITS_WAY = {
    "added",
    "listed",
    "inserted",
    "queued",
    "pending",
    "scheduled",
    "active",
    "new",
    "processing",
    "enqueued",
}
_NOTHING = {"", "0", "no", "none", "null", "nil", "false", "noerror", "noerrors", "ok", "success"}
_OPENS_WITH_A_NO = re.compile(
    r"\W*(?:(?:no|0) (?:\w+ )?(?:contacts?|customers?|numbers?|records?)\b.*\b(?:added|created|listed|found)|nobody"
    r"|error|fail(?:ed|ure)?\b|could not|couldn't|cannot|can't|unable|invalid|rejected|refused|denied|forbidden"
    r"|not (?:found|allowed|permitted|authori[sz]ed|added|created|updated)|unauthori[sz]ed|bad request|false\b)",
    re.IGNORECASE,
)
SAYS_IT_EXISTS = re.compile(r"exist|already|duplicate", re.IGNORECASE)
SAYS_IT_DOES_NOT = re.compile(r"not exist|n't exist|does not|unknown", re.IGNORECASE)
_SAYS_IT_IS_NOT_THERE = re.compile(
    r"(?:contact|customer|person|phone|number|record)s?\b.*(?:not found|not exist|n't exist|unknown)"
    r"|(?:no|unknown|no such|not find (?:a|the|any)) (?:\w+ )?(?:contact|customer|person|phone|number|record)",
    re.IGNORECASE | re.DOTALL,
)


def says_no(body: Any) -> bool:
    """Return whether an answer of the 200 series holds a no."""
    if isinstance(body, str):
        return bool(_OPENS_WITH_A_NO.match(body))
    return isinstance(body, dict) and (_refuses(body) or (_complains(body) and not _agrees(body)))


def says_no_outright(body: Any) -> bool:
    """Return whether an answer says no to all that was asked, and does not only complain of some of it."""
    return isinstance(body, dict) and _refuses(body)


def complains(body: Any) -> bool:
    """Return whether an answer holds a fault, which it may do beside a yes."""
    return isinstance(body, dict) and _complains(body)


def says_it_exists(body: Any) -> bool:
    """Return whether a refusal means "you have this one already" rather than "I cannot read this"."""
    text = " ".join(own_texts(body))
    return bool(SAYS_IT_EXISTS.search(text)) and not SAYS_IT_DOES_NOT.search(text)


def says_it_is_not_there(body: Any) -> bool:
    """Return whether an answer names the contact as what it has not, which a missing route does not do."""
    return bool(_SAYS_IT_IS_NOT_THERE.search(" ".join(own_texts(body))))


def is_a_web_page(body: Any) -> bool:
    """Return whether something else answered than the API."""
    return isinstance(body, str) and body.lstrip().startswith("<")


def is_a_yes(value: Any) -> bool:
    """Return whether a word that stands for one of many says yes, or that it is on its way."""
    return value is True or (
        isinstance(value, str) and (folded(value) in _SAYS_YES | _ON_ITS_WAY or _of_http(value) is True)
    )


def own_texts(body: Any) -> Iterator[str]:
    """Yield the texts in which an answer speaks for itself."""
    if isinstance(body, str):
        yield body
    elif isinstance(body, dict):
        for key in SPEAKING_KEYS:
            yield from _all_texts(body.get(key))


def folded(key: Any) -> str:
    """Return a name as ``has_more``, ``hasMore`` and ``Has-More`` have in common."""
    return re.sub(r"[\W_]", "", str(key)).lower()


def whole_number(value: Any) -> int | None:
    """Return the number that a value is, or that its digits are; None for any other, a truth value among them."""
    if isinstance(value, str) and value.strip().isdecimal():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _refuses(body: dict[str, Any]) -> bool:
    """Return whether one of its verdicts is a no; one of a wrapper counts as its own."""
    return False in _verdicts(body) or any(_refuses(inner) for inner in _wrapped(body))


def _agrees(body: dict[str, Any]) -> bool:
    return True in _verdicts(body) or any(_agrees(inner) for inner in _wrapped(body))


def _complains(body: dict[str, Any]) -> bool:
    """Return whether it holds an error, or its message opens with one; also a status of 0, which some mean as a no."""
    for key, value in body.items():
        name = folded(key)
        if name in ("error", "errors", "err", "errormessage", "errormsg") and _holds_something(value):
            return True
        if name in ("message", "msg", "detail") and isinstance(value, str) and _OPENS_WITH_A_NO.match(value):
            return True
        if name == "status" and value in (0, "0") and value is not False:
            return True
    return any(_complains(inner) for inner in _wrapped(body))


def _wrapped(body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    return (inner for key in WRAPPERS if isinstance(inner := body.get(key), dict))


def _verdicts(body: dict[str, Any]) -> set[bool]:
    return {verdict for key, value in body.items() if (verdict := _verdict(folded(key), value)) is not None}


def _verdict(name: str, value: Any) -> bool | None:
    """Return what one of its fields says: yes, no, or nothing."""
    if name in ("success", "succeeded", "successful", "issuccess", "ok"):
        return _as_truth(value)
    if name in ("status", "result"):
        return _as_truth(value) if whole_number(value) is None else _of_http(value)
    return _of_http(value) if name in ("statuscode", "httpstatus", "httpcode", "code") else None


def _as_truth(value: Any) -> bool | None:
    if isinstance(value, (bool, int, float)):
        return bool(value)
    word = folded(value) if isinstance(value, str) else ""
    if word in _SAYS_NO or word == "0":
        return False
    return True if word in _SAYS_YES else None


def _of_http(value: Any) -> bool | None:
    number = whole_number(value) or 0
    if 400 <= number < 600:
        return False
    return True if 200 <= number < 300 or number == 1 else None


def _holds_something(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_holds_something(item) for item in value.values())
    if isinstance(value, list):
        return any(_holds_something(item) for item in value)
    return folded(value) not in _NOTHING if isinstance(value, str) else bool(value)


def _all_texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, dict)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _all_texts(item)
