"""What of a request and its answer may be kept and shown: nothing secret, nothing personal.

Two nets, one behind the other. :func:`hide` takes out of an answer what it quotes of our request, wherever that stands.
:func:`mask` then hides what stands under a telling key, and what looks like a phone number or an e-mail address.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import Any

from ordercall.domain.characters import is_kept
from ordercall.providers.json_values import change_texts

HIDDEN = "•••"
LINE_BREAKS = "\n\t"
SECRET_KEYS = re.compile(r"token|secret|authorization|password|signature", re.IGNORECASE)
PERSONAL_KEYS = re.compile(
    r"phone|mobile|whatsapp|msisdn|number|email|address|street|name$|^name|city|zip|postal|pincode|state",
    re.IGNORECASE,
)
LONGEST_TEXT = 2_000
"""Characters of a text that are kept: what a page of HTML has to say stands in its beginning."""

LONGEST_LIST = 50
"""Entries of a list that are kept: who reads a timeline wants to see what they look like, not all of them."""

LONGEST_LINE = 300
"""Characters of a provider's words that stand in an error: a log line, or a box on the order's page."""

TOKENS = (
    (re.compile(r"\b(bearer|basic)\s+[\w.~+/=-]{8,}", re.IGNORECASE), rf"\1 {HIDDEN}"),
    (re.compile(r"\beyJ[\w-]{5,}\.[\w-]+(\.[\w-]*)?"), HIDDEN),  # a JSON web token
    (re.compile(r"\b(shp[a-z]{2}|whsec|sk_live|sk_test|gh[a-z]|xox[a-z])[_-][\w-]{8,}"), HIDDEN),
    (
        re.compile(
            r"((?:token|secret|passw(?:or)?d|signature|api[ _-]?key|authorization)\"?'?\s*[=:]\s*[\"']?)[^\s\"',;&•]+",
            re.IGNORECASE,
        ),
        rf"\1{HIDDEN}",
    ),
    (re.compile(r"(?<![\w-])(?=\w*\d)(?=\w*[A-Za-z])\w{40,}(?![\w-])"), HIDDEN),  # a key of somebody's; ids are shorter
)
"""What may be somebody's key in a provider's own words: ours are known, and those of others are nobody's business."""

SHORTEST_QUOTE = 3
"""Characters; a text as short as "Om" or "MH" stands in ordinary words as well, which would become unreadable."""


def mask(value: Any, personal: Collection[str] = ()) -> Any:
    """Return a copy of a JSON value in which secrets and personal data are hidden and long texts are cut.

    Args:
        personal: further keys under which something stands that is hidden.
    """
    if isinstance(value, dict):
        return {_without_numbers(str(key)): _mask_item(str(key), item, personal) for key, item in value.items()}
    if isinstance(value, list):
        return [mask(item, personal) for item in value[:LONGEST_LIST]]
    if isinstance(value, str):
        return _without_numbers(value[:LONGEST_TEXT])
    return value


def texts_to_hide(value: Any, personal: Collection[str] = ()) -> set[str]:
    """Return the texts of a JSON value that stand under personal or secret keys, wherever they are."""
    if isinstance(value, list):
        return {text for item in value for text in texts_to_hide(item, personal)}
    if not isinstance(value, dict):
        return set()
    found = {item for key, item in value.items() if isinstance(item, str) and _is_hidden(str(key), personal)}
    return found | {text for item in value.values() for text in texts_to_hide(item, personal)}


def hide(texts: Iterable[str], value: Any) -> Any:
    """Return a JSON value in which these texts are hidden, keys included; a part of one does not hide it."""
    longest_first = sorted((text for text in texts if len(text) >= SHORTEST_QUOTE), key=len, reverse=True)

    def hidden(text: str) -> str:
        for part in longest_first:
            text = text.replace(part, HIDDEN)
        return text

    return change_texts(value, hidden)


def one_line(masked: Any) -> str:
    """Return what a provider says in an answer that is masked already, as one line."""
    if isinstance(masked, dict):
        for key in ("message", "error", "errors", "detail", "notice"):
            if masked.get(key):
                return one_line(masked[key])
    if isinstance(masked, list):
        return "; ".join(filter(None, map(one_line, masked)))[:LONGEST_LINE]
    line = " ".join(str(masked).split()) if masked else ""
    return "an HTML page instead of JSON" if line.startswith("<") else line[:LONGEST_LINE]


def _is_hidden(key: str, personal: Collection[str]) -> bool:
    return _is_personal(key, personal) or bool(SECRET_KEYS.search(key))


def _is_personal(key: str, personal: Collection[str]) -> bool:
    return key in personal or (bool(PERSONAL_KEYS.search(key)) and key != "order_name")


def _mask_item(key: str, value: Any, personal: Collection[str]) -> Any:
    if value is None:
        return None
    if SECRET_KEYS.search(key):
        return HIDDEN
    if _is_personal(key, personal):
        return _hide_all(value, tail=2 if "phone" in key.lower() else 0)
    return mask(value, personal)


def _hide_all(value: Any, *, tail: int) -> Any:
    """Hide every text below *value* but its last characters; what a list or an object looks like stays visible."""
    if isinstance(value, dict):
        return {key: _hide_all(item, tail=tail) for key, item in value.items()}
    if isinstance(value, list):
        return [_hide_all(item, tail=tail) for item in value[:LONGEST_LIST]]
    if isinstance(value, bool):
        return value
    return HIDDEN + (str(value)[-tail:] if tail else "")


def _without_numbers(text: str) -> str:
    """Hide what looks like a phone number, an e-mail address or a key inside a provider's own words.

    Control characters go first: they could part what must be hidden, and turn a line of the log or of a terminal.
    """
    text = "".join(sign for sign in text if is_kept(sign) or sign in LINE_BREAKS)
    for token, hidden in TOKENS:
        text = token.sub(hidden, text)
    text = re.sub(r"[\w.+-]{1,64}@[\w-]{1,63}\.[\w.]{1,63}", "•••@•••", text)
    text = re.sub(r"\+\d[\d\s().-]{7,}\d", f"+{HIDDEN}", text)
    return re.sub(r"(?<![\w-])(?:00)?(?:\d[ -]?){9,11}\d(?![\w-])", HIDDEN, text)
