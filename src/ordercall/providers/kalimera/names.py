"""What the names and the single words in an answer of Kalimera mean.

A name is believed to mean "added" or "failed" only where every word of it is known. What holds a word that is not
stays open: it decides nothing, and whoever stands below it is unclear.
"""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache
from typing import Any


class Sense(Enum):
    """What a name says of those who stand below it."""

    ADDED = "they were added"
    FAILED = "they were not added"
    NEUTRAL = "it only says what they are"
    DOUBTFUL = "it holds a bad word beside others that are not known"
    OPEN = "it is not known"


ADDED = frozenset(
    {"added", "success", "successes", "successful", "succeeded", "inserted", "created", "accepted", "listed"}
    | {"queued", "enqueued", "scheduled", "imported", "enrolled"}
)
FAILED = frozenset(
    {"failed", "fail", "fails", "failing", "failure", "failures", "error", "errors", "err", "unsuccessful", "rejected"}
    | {
        "rejects",
        "rejections",
        "refused",
        "denied",
        "declined",
        "forbidden",
        "invalid",
        "skipped",
        "ignored",
        "blocked",
    }
    | {"missing", "unknown", "excluded", "dropped", "dnd", "dnc", "donotcall"}
    | {"blacklisted", "blacklist", "blocklisted", "blocklist", "suppressed", "unsubscribed", "optedout", "optout"}
    | {"notadded", "notfound", "notlisted", "unreachable", "unprocessable", "ineligible", "bad"}
)
HALTED = frozenset(
    {"paused", "stopped", "closed", "draft", "inactive", "cancelled", "canceled", "ended", "expired", "archived"}
    | {"disabled", "suspended", "aborted", "partial", "partially", "incomplete", "warning", "warnings", "exception"}
    | {"exceptions", "fault", "faults", "timeout", "dry", "simulated", "removed", "filtered", "deleted", "reverted"}
    | {"duplicate", "duplicates", "duplicated", "exists", "existing", "already"}
    | {"insufficient", "exceeded", "quota", "approval", "unpaid"}
)
"""What makes a yes doubtful, and is no no of its own: who is there already may be rung, or not."""

NOT = frozenset({"not", "no", "non", "never", "none", "cannot", "cant", "unable", "without", "nobody", "nothing"})
UNREAL = frozenset({"preview", "noop", "simulate", "simulation", "mock", "validate"})
"""A name with one of these says that nothing was meant in earnest. In a sentence it may be the campaign's own name."""

PERMITTED = frozenset({"found", "allowed", "permitted", "authorized", "authorised", "valid", "ok", "acceptable"})
"""What is a no with a "not" before it, and nothing without."""

NOUNS = frozenset(
    {"contact", "contacts", "customer", "customers", "number", "numbers", "record", "records", "phone", "phones", "id"}
    | {"ids", "uuid", "uuids", "mobile", "mobiles", "list", "entry", "entries", "item", "items", "row", "rows", "count"}
    | {"total", "result", "results", "data", "response", "payload", "body", "new", "newly", "request", "entity", "all"}
    | {"campaign", "campaigns", "summary", "stats", "statistics", "report", "totals", "counts", "details"}
)
KNOWN = ADDED | FAILED | NOUNS
_ENDING = re.compile(
    r"(?<=[a-z]{3})(contact|customer|number|record|phone|id|uuid|mobile|list|entrie|item|row|count|total)s?$"
)
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
LONGEST_NAME = 100
"""Characters; what is longer is a text, and no name of ours would be found in it."""


def words_of(text: str) -> tuple[str, ...]:
    """Return the words of a name or a status, be it ``failedContacts``, ``failed_contacts`` or ``failedcontacts``."""
    words: list[str] = []
    for word in _WORD.findall(text[:LONGEST_NAME]):
        low = stem = word.lower()
        while stem not in KNOWN and (shorter := _ENDING.sub("", stem)) != stem:
            stem = shorter
        words.append(stem if stem in KNOWN else low)
    return tuple(words)


@lru_cache(maxsize=1_000)
def sense_of(name: str) -> Sense:
    """Return what a name of a field says."""
    words = set(words_of(name)) - NOUNS
    if len(name) > LONGEST_NAME:
        return Sense.OPEN
    if not words:
        return Sense.NEUTRAL if name else Sense.OPEN
    if words <= ADDED:
        return Sense.ADDED
    if is_a_no(words):
        return Sense.FAILED
    return Sense.DOUBTFUL if words & (FAILED | HALTED | NOT | UNREAL) else Sense.OPEN


def is_a_no(words: set[str]) -> bool:
    """Return whether words mean that something was not done, as far as nouns do not count."""
    if words & NOT:
        return bool(words - NOT) and words <= NOT | ADDED | PERMITTED
    return bool(words) and words <= FAILED


MOST_DIGITS = 30
"""Of a number: what is longer counts nothing that we know of, and Python does not read more than 4,300."""


def whole_number(value: Any) -> int | None:
    """Return the number that a value is, or that its digits are; None for any other, a truth value among them."""
    if isinstance(value, str) and value.strip().isdecimal() and len(value) <= MOST_DIGITS:
        return int(value)
    if isinstance(value, float):
        return int(value) if value.is_integer() else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None
