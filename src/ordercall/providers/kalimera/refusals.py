"""What a no of Kalimera leaves open: whether it is one to all who were asked for, and whether it is one to anybody.

Only whoever was certainly not added is sent again. So a no that tells parts apart, that says that somebody is there
already, or that comes from a program that broke off is a doubt, whatever else stands in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ordercall.domain.outside_json import folded
from ordercall.providers.kalimera.names import FAILED, NOT, Sense, sense_of, whole_number, words_of
from ordercall.providers.kalimera.verdicts import (
    CODES,
    FAULTS,
    FLAGS,
    LONGEST_TEXT,
    STATES,
    TEXTS,
    WRAPPERS,
    Says,
    holds_something,
    own_texts,
    says_no,
    verdicts,
)

BUSY = frozenset({408, 429, 503})  # RFC 9110, 6585: nothing happened there
BROKEN = range(500, 600)
CONFLICT = 409  # RFC 9110: with what is there already
REDIRECTS = range(300, 400)

_A_PART = re.compile(
    r"\b(?:some|part|parts|partly|partial|partially|incomplete|mixed|few|several|most|half|others?|only"
    r"|one|two|three|four|five|six|seven|eight|nine|ten"
    r"|rest|remain|remaining|remainder|except|excluding|besides|until|not (?:all|every|everybody|everyone|each))\b",
    re.IGNORECASE,
)
_THERE_ALREADY = re.compile(r"\balready\b|\bduplicat|(?<!not )(?<!n't )(?<!non )\bexist(?!ent)", re.IGNORECASE)
_BROKE_OFF = re.compile(
    r"time ?out|timed out|deadline|internal (?:server )?(?:error|fault)|gateway|unavailable|unexpected|went wrong"
    r"|crash|abort|interrupt|connection|too many requests|rate limit|throttl|overload|try again",
    re.IGNORECASE,
)
_A_FEW_OF = re.compile(r"\b(\d{1,6})\s*(?:/|of|out of)\s*(\d{1,6})\b")
_COUNT = re.compile(r"(?<![\w.:/+#-])\d{1,6}(?![\w:/-]|\.\d)")
_CAMPAIGN = re.compile(r"campaign", re.IGNORECASE)
_CONTACT = re.compile(r"contact|customer|phone|number|record|mobile|person|\b(?:ids?|row|item|entry)\b", re.IGNORECASE)
_REMARKS = frozenset(
    {"type", "title", "name", "reason", "description", "details", "path", "instance", "timestamp", "time", "requestid"}
    | {"traceid", "retryafter", "retryable", "method", "limit", "quota", "extensions", "locations", "source", "meta"}
)
"""Beside a code and its words, in an answer that says nothing else."""

_SPEECH = FLAGS | STATES | CODES | FAULTS | TEXTS | _REMARKS


def is_doubtful(body: Any, number: int, status: int) -> bool:
    """Return whether a no to this number of contacts may be none to some of them."""
    texts = [_spaced(text) for text in _texts(body)]
    if status in REDIRECTS or _holds_a_code(body) or any(map(_BROKE_OFF.search, texts)):
        return True
    if number == 1:
        return False
    tells_parts = any(_counts_a_part(text, number) or _THERE_ALREADY.search(text) for text in texts)
    return status == CONFLICT or tells_parts or any(_tells_a_part(*field, number, status) for field in _fields(body))


def is_about_the_campaign(body: Any) -> bool:
    """Return whether a refusal is one of the campaign, and the same whoever is to be put on it."""
    text = " ".join(_texts(body))
    names = " ".join(key for key, value in _fields(body) if holds_something(value))
    return bool(_CAMPAIGN.search(f"{text} {names}")) and not _CONTACT.search(f"{text} {names}")


def status_within(body: Any) -> int | None:
    """Return the status that an answer of the 200 series has in its words: one of those after which nothing is certain,
    or, where it says nothing else, one of those after which nothing happened. None for any other."""
    if not isinstance(body, dict) or not says_no(body) or Says.YES in verdicts(body):
        return None
    codes = set(_codes(body))
    if broken := [code for code in codes if code in BROKEN and code not in BUSY]:
        return min(broken)
    return next((code for code in codes if code in BUSY and _says_nothing_else(body)), None)


def says_a_bad_word(body: Any) -> bool:
    """Return whether a text in which an answer speaks for itself says that something was not done."""
    return any(set(words_of(text)) & (FAILED | NOT) for text in own_texts(body))


def _codes(part: dict[str, Any]) -> Iterator[int]:
    for key, value in part.items():
        name = folded(key)
        if name in CODES | STATES | FAULTS and (code := whole_number(value)) is not None:
            yield code
        inner = value[0] if isinstance(value, list) and len(value) == 1 else value
        if (name in FAULTS or name in WRAPPERS) and isinstance(inner, dict):
            yield from _codes(inner)


def _says_nothing_else(body: dict[str, Any]) -> bool:
    names = all(
        folded(key) in _SPEECH or folded(key) in WRAPPERS or not holds_something(value) for key, value in _fields(body)
    )
    return names and not any(_A_PART.search(text) or re.search(r"\badded\b", text) for text in _texts(body))


def _holds_a_code(body: Any) -> bool:
    return any(
        folded(key) in CODES | STATES and (code := whole_number(value)) is not None and (code in BROKEN or code in BUSY)
        for key, value in _fields(body)
    )


def _counts_a_part(text: str, number: int) -> bool:
    """Return whether a text names fewer than all, in a word or as a number."""
    pairs = ((int(few), int(of)) for few, of in _A_FEW_OF.findall(text))
    counts = map(int, _COUNT.findall(text))
    return bool(_A_PART.search(text)) or any(0 < few < of for few, of in pairs) or any(0 < n < number for n in counts)


def _tells_a_part(key: str, value: Any, number: int, status: int) -> bool:
    """Return whether a field counts, or points at, fewer than all: in a refusal by its status a list of what is wrong
    does that also where nobody was added."""
    name, count = folded(key), None if isinstance(value, bool) else whole_number(value)
    speaks = name in _SPEECH - _REMARKS and (count is None or name not in TEXTS)
    if speaks or not holds_something(value):
        return False
    sense, of_many = sense_of(key), isinstance(value, (list, dict))
    of_the_done = sense is Sense.ADDED or (status < 300 and sense is not Sense.FAILED and _is_open(key))
    if count is not None:
        return 0 < count < number or (count > 0 and of_the_done)
    failed = sense is Sense.FAILED and of_many and len(value) < number
    words = " ".join(words_of(key))
    points = status < 300 and (bool(re.search(r"\d", key)) or _holds_numbers(value) or (of_many and of_the_done))
    return bool(_A_PART.search(words) or _THERE_ALREADY.search(words)) or failed or points


def _is_open(key: str) -> bool:
    return sense_of(key) is not Sense.NEUTRAL and folded(key) not in _REMARKS


def _holds_numbers(value: Any) -> bool:
    return isinstance(value, list) and any(whole_number(item) is not None for item in value)


def _fields(part: Any) -> Iterator[tuple[str, Any]]:
    """Yield every name and value of an answer."""
    if isinstance(part, dict):
        for key, value in part.items():
            yield key, value
            yield from _fields(value)
    elif isinstance(part, list):
        for item in part:
            yield from _fields(item)


def _texts(part: Any) -> Iterator[str]:
    """Yield every text of an answer, as far as it is read."""
    if isinstance(part, str):
        yield part[:LONGEST_TEXT]
    elif isinstance(part, (list, dict)):
        for item in part.values() if isinstance(part, dict) else part:
            yield from _texts(item)


def _spaced(text: str) -> str:
    """Return a text with spaces for what joins the words of a code, such as ``GATEWAY_TIMEOUT``."""
    return re.sub(r"_|(?<=[a-z])(?=[A-Z])", " ", text)
