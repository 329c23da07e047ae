"""The contact that an answer of Kalimera is about, read tolerantly.

An id may stand as ``id``, ``contact_id``, ``contactId``, ``_id`` or ``uuid``, at the top or under ``data``, ``contact``
or ``result``; a phone in the form in which somebody typed it, under the usual names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ordercall.domain.contact_ids import is_id, kept
from ordercall.providers.kalimera.verdicts import folded

ID_KEYS = ("contact_id", "contactId", "id", "_id", "uuid")
PHONE_KEYS = frozenset(
    {"phone", "phones", "phonenumber", "phonenumbers", "mobile", "mobilenumber", "mobileno", "phoneno", "contactnumber"}
    | {"number", "numbers", "msisdn", "whatsapp", "whatsappnumber", "tel", "telephone", "cell"}
)
"""As :func:`folded` writes them."""

WRAPPERS = ("data", "contact", "result")
LIST_KEYS = (*WRAPPERS, "contacts", "results", "items", "records", "rows", "docs", "list")
INDIA = "91"
_WHOLE_NUMBER = re.compile(r"[\d\s().+-]{7,}")
TEN_DIGITS = 10
"""The length of an Indian number without its country's code, as people there write and store it."""


def read_id(body: Any) -> str | None:
    """Return the contact's id from an answer, wherever it stands, as it is kept."""
    if not isinstance(body, dict):
        return None
    inner = next((found for key in WRAPPERS if (found := read_id(body.get(key)))), None)
    return inner or next((kept(body[key]) for key in ID_KEYS if is_id(body.get(key))), None)


def id_made_for(body: Any, phone: str) -> str | None:
    """Return the contact's id from the answer to a request for one with this phone.

    None also where the answer shows other numbers alone: of a family that shares an e-mail another member may be shown,
    and would be rung. What is masked shows no number.
    """
    shown = [text for entry in entries(body) for text in phones(entry) if _WHOLE_NUMBER.fullmatch(text)]
    is_others = bool(shown) and digits_of(phone) not in map(digits_of, shown)
    return None if is_others else read_id(body)


def id_of_phone(body: Any, phone: str) -> str | None:
    """Return the id of the entry that has this phone.

    A list may be of all contacts if Kalimera ignores what was asked, so an entry counts only with the phone in
    it: the wrong contact would be a call to a stranger.
    """
    wanted = digits_of(phone)
    having_it = (entry for entry in entries(body) if any(digits_of(text) == wanted for text in phones(entry)))
    return next(filter(None, map(read_id, having_it)), None)


def shows_contacts(body: Any) -> bool:
    """Return whether a contact would be seen in this answer: what it lists has phones, or it says that it has none."""
    innermost = [
        entry for entry in entries(body) if not any(isinstance(entry.get(key), (dict, list)) for key in LIST_KEYS)
    ]
    return _is_empty(body) or (bool(innermost) and all(map(phones, innermost)))


def entries(body: Any) -> Iterator[dict[str, Any]]:
    """Yield every object that may be a contact, the outermost first."""
    if isinstance(body, list):
        yield from (entry for entry in body if isinstance(entry, dict))
    elif isinstance(body, dict):
        yield body
        for key in LIST_KEYS:
            yield from entries(body.get(key))


def digits_of(text: str) -> str:
    """Return a number as E.164 writes it, without its plus; one without its country's code is one of India."""
    digits = re.sub(r"\D", "", text).lstrip("0")
    return INDIA + digits if len(digits) == TEN_DIGITS and not text.strip().startswith("+") else digits


def phones(entry: dict[str, Any]) -> list[str]:
    """Return the numbers that stand in a contact, as they are written there."""
    return [text for key, value in entry.items() if folded(key) in PHONE_KEYS for text in _numbers(value)]


def _numbers(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _numbers(item)
    elif isinstance(value, dict):
        yield from phones(value)
        yield from (str(value[key]) for key in ("value", "e164") if is_id(value.get(key)))
    elif is_id(value):
        yield str(value)


def _is_empty(body: Any) -> bool:
    """Return whether an answer says that there is nothing: null, an empty list, or one below the usual names."""
    if isinstance(body, dict):
        lists = [body[key] for key in LIST_KEYS if key in body]
        nothing = any(folded(key) in ("found", "exists") and value is False for key, value in body.items())
        return nothing or (bool(lists) and all(_is_empty(value) for value in lists))
    return body is None or body == []
