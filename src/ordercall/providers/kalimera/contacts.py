"""The contact that an answer of Kalimera is about, read tolerantly and believed honestly.

An id may stand as ``id``, ``contact_id``, ``contactId``, ``_id`` or ``uuid``, at the top or in a wrapper; a phone in
the form in which somebody typed it, under the usual names. An id belongs to the phone that stands beside it: the
wrong contact would be a call to a stranger.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from ordercall.domain.characters import in_ascii_digits
from ordercall.domain.contact_ids import is_id, kept
from ordercall.domain.contract import CONTACT_ID, ID_KEYS
from ordercall.domain.outside_json import folded
from ordercall.providers.kalimera.verdicts import own_texts

PHONE_KEYS = (
    *("phone", "phonenumber", "phoneno", "phones", "phonenumbers", "mobile", "mobilenumber", "mobileno", "msisdn"),
    *("contactnumber", "number", "numbers", "tel", "telephone", "cell"),
)
"""As :func:`folded` writes them, the one that is rung first. A number for messages alone is none of them."""

MAIN = ("primary", "main", "default", "value", "e164")
"""Under one of which the number stands that is rung, where a phone is an object."""

COUNTRY_CODES = frozenset({"countrycode", "dialcode", "dialingcode", "callingcode", "isdcode", "phonecode"})
WRAPPERS = ("data", "contact", "result")
LIST_KEYS = (
    *(*WRAPPERS, "contacts", "results", "items", "records", "rows", "docs", "list", "_embedded", "edges", "node"),
)
ATTRIBUTES = "attributes"
"""Under which JSON:API writes all of an object but its id."""

FOUND = frozenset({"found", "exists", "total", "count", "totalcount", "totalresults", "numfound"})
"""False or zero under one of these says that nobody was found, whatever the question is quoted with."""

INDIA = "91"
_WHOLE_NUMBER = re.compile(r"[\d\s().+-]{7,}")
_MASKED_NUMBER = re.compile(r"[\d\s().+-]*[xX*•·#]{2}[\d\s().+xX*•·#-]*?(?P<end>\d*)")
_PHONE_NAME = re.compile(r"phone|mobile|msisdn|whatsapp|cell|tonumber|contactno|contactnumber")
_E164 = re.compile(r"\+\d{10,15}")
_OF_A_REQUEST = frozenset({"requestid", "traceid", "correlationid"})
_OF_A_JOB = frozenset({"job", "jobid", "task", "taskid", "batch", "batchid"})
LONGEST_NUMBER = 40
"""Characters of a phone, as people write them."""

TEN_DIGITS = 10
"""The length of an Indian number without its country's code, as people there write and store it."""


def read_id(body: Any) -> str | None:
    """Return the contact's id from an answer, wherever it stands, as it is kept."""
    found = _object_with_id(body)
    return None if found is None else _own_id(found)


def id_made_for(body: Any, phone: str, path: Sequence[str] | None = None) -> str | None:
    """Return the contact's id from the answer to a request for one with this phone.

    None also where the answer shows another number beside it, under whatever name: of a family that shares an e-mail
    another member may be shown, and would be rung. Nor is the id of a request or of its job one of a contact.

    Args:
        path: the names of the objects around the id and its own, where they are known: no other is read.
    """
    found = _object_with_id(body) if path is None else _object_at(body, path)
    if found is None:
        return None
    shown = _main_phones(found) or list(_all_phones(body)) or list(_like_phones(body))
    if not shown and _is_of_no_contact(found):
        return None
    return _own_id(found) if not shown or any(_may_be(text, phone) for text in shown) else None


def is_about_an_email(body: Any) -> bool:
    """Return whether a refusal is one of the e-mail alone, which a family may share."""
    text = " ".join([*own_texts(body), *map(str, _keys_of_faults(body))])
    return bool(
        re.search(r"e-?mail", text, re.IGNORECASE) and not re.search(r"phone|mobile|number", text, re.IGNORECASE)
    )


def ids_of_phone(body: Any, phone: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the id of each entry that is rung under this phone, and the entry.

    A list may be of all contacts if Kalimera ignores what was asked, so an entry counts only with the phone and the id
    in itself: what is asked may be quoted beside another contact.
    """
    if _says_it_is_not_there(body):
        return
    wanted = digits_of(phone)
    for entry in entries(body):
        if any(digits_of(text) == wanted for text in _main_phones(entry)) and (found := _id_beside_its_phone(entry)):
            yield found, entry


def shows_contacts(body: Any) -> bool:
    """Return whether a contact would be seen in this answer: what it lists has phones, or it says that it has none."""
    innermost = [entry for entry in entries(body) if not _wraps(entry)]
    return _is_empty(body) or (bool(innermost) and all(map(_main_phones, innermost)))


def entries(body: Any) -> Iterator[dict[str, Any]]:
    """Yield every object that may be a contact, the outermost first."""
    if isinstance(body, list):
        for entry in body:
            if isinstance(entry, dict):
                yield entry
                yield from (inner for inner in entries(entry) if inner is not entry)
    elif isinstance(body, dict):
        yield body
        for key in LIST_KEYS:
            yield from entries(body.get(key))


def digits_of(text: str) -> str:
    """Return a number as E.164 writes it, without its plus; one without its country's code is one of India."""
    digits = re.sub(r"\D", "", in_ascii_digits(text)).lstrip("0")
    return INDIA + digits if len(digits) == TEN_DIGITS and not text.strip().startswith("+") else digits


def is_of_an_id(key: str) -> bool:
    return folded(key) in ("contactid", "id", "uuid")


def is_of_a_phone(key: str) -> bool:
    return folded(key) in PHONE_KEYS


def _main_phones(entry: dict[str, Any]) -> list[str]:
    """Return the numbers under the first name of a contact's phones that holds any, as they are written there."""
    named = [(folded(key), value) for part in (entry, _attributes(entry)) for key, value in part.items()]
    by_rank = (list(_numbers(value)) for name in PHONE_KEYS for key, value in named if key == name)
    found = next((numbers for numbers in by_rank if numbers), [])
    code = next((str(value) for key, value in named if key in COUNTRY_CODES and value), "")
    return [_with_code(text, code) for text in found]


def _with_code(text: str, code: str) -> str:
    """Return a number as it is written, behind its country's code where that stands beside it."""
    if text.startswith("+") or not code.removeprefix("+").isdecimal() or len(digits_of(text)) > len(INDIA) + TEN_DIGITS:
        return text
    return text if digits_of(text).startswith(code.removeprefix("+")) else "+" + code.removeprefix("+") + text


def _numbers(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _numbers(item)
    elif isinstance(value, dict):
        first = (number for key in MAIN if (number := value.get(key)) is not None)
        yield from _main_phones(value) or _numbers(next(first, None))
    elif (
        is_id(value)
        and len(str(value)) <= LONGEST_NUMBER
        and (_WHOLE_NUMBER.fullmatch(str(value)) or _MASKED_NUMBER.fullmatch(str(value)))
    ):
        yield str(value)


def _all_phones(part: Any, *, is_phone: bool = False) -> Iterator[str]:
    """Yield every number that stands somewhere below the name of a phone."""
    if isinstance(part, dict):
        for key, value in part.items():
            yield from _all_phones(value, is_phone=is_phone or is_of_a_phone(key))
    elif isinstance(part, list):
        for value in part:
            yield from _all_phones(value, is_phone=is_phone)
    elif is_phone:
        yield from _numbers(part)


def _like_phones(part: Any, name: str = "") -> Iterator[str]:
    """Yield every number that looks like a phone by its name, or as E.164 writes one."""
    if isinstance(part, dict):
        for key, value in part.items():
            yield from _like_phones(value, folded(key))
    elif isinstance(part, list):
        for value in part:
            yield from _like_phones(value, name)
    elif _PHONE_NAME.search(name) or _E164.fullmatch(str(part)):
        yield from _numbers(part)


def _is_of_no_contact(found: dict[str, Any]) -> bool:
    """Return whether the id of an object is that of a request, or of a job that is still to make the contact."""
    names = {folded(key) for key, value in found.items() if value}
    empty = any(key in found and not found[key] for key in WRAPPERS)
    of_the_request = not names & {"contactid", "id"} and bool(names & _OF_A_REQUEST)
    return "contactid" not in names and (empty or of_the_request or bool(names & _OF_A_JOB))


def _may_be(text: str, phone: str) -> bool:
    """Return whether a number that is shown is this one, as far as it is not masked."""
    if _WHOLE_NUMBER.fullmatch(text):
        return digits_of(text) == digits_of(phone)
    masked = _MASKED_NUMBER.fullmatch(text)
    return masked is not None and phone.endswith(masked["end"])


def _object_with_id(body: Any) -> dict[str, Any] | None:
    """Return the innermost object of the answer proper that has an id."""
    if not isinstance(body, dict):
        return None
    inner = next((found for key in WRAPPERS if (found := _object_with_id(body.get(key)))), None)
    return inner or (body if _own_id(body) else None)


def _object_at(body: Any, path: Sequence[str]) -> dict[str, Any] | None:
    """Return the object that has a contact's id at the end of this path, under our name alone."""
    for name in path[:-1]:
        body = body.get(name) if isinstance(body, dict) else None
    if not isinstance(body, dict):
        return None
    found = next((body[key] for key in (path[-1], CONTACT_ID) if is_id(body.get(key))), None)
    return None if found is None else body | {CONTACT_ID: found}


def _id_beside_its_phone(entry: dict[str, Any]) -> str | None:
    """Return the id of an entry, which may have its id further in where no phone stands there."""
    inner = [entry[key] for key in LIST_KEYS if entry.get(key) is not None]
    if any(isinstance(part, (dict, list)) and _is_or_has_contacts(part) for part in inner):
        found = _object_with_id(entry)
        alone = found is not None and found is not entry and not _main_phones(found)
        return _own_id(found) if found and alone else None
    return None if _is_an_envelope(entry) else _own_id(entry)


def _is_or_has_contacts(part: Any) -> bool:
    return part == [] or any(_own_id(one) or _main_phones(one) for one in entries(part))


def _is_an_envelope(entry: dict[str, Any]) -> bool:
    """Return whether an object holds the place of what was found, with nothing in it."""
    return any(key in entry and not entry[key] for key in LIST_KEYS)


def _own_id(entry: dict[str, Any]) -> str | None:
    return next((kept(entry[key]) for key in ID_KEYS if is_id(entry.get(key))), None)


def _attributes(entry: dict[str, Any]) -> dict[str, Any]:
    inner = entry.get(ATTRIBUTES)
    return inner if isinstance(inner, dict) else {}


def _wraps(entry: dict[str, Any]) -> bool:
    return any(isinstance(entry.get(key), (dict, list)) for key in LIST_KEYS)


def _says_it_is_not_there(body: Any) -> bool:
    return isinstance(body, dict) and any(
        (folded(key) in FOUND and value in (False, 0, "false")) or (key in WRAPPERS and _says_it_is_not_there(value))
        for key, value in body.items()
    )


def _keys_of_faults(body: Any) -> Iterator[Any]:
    faults = body.get("errors") if isinstance(body, dict) else None
    yield from faults if isinstance(faults, dict) else ()


def _is_empty(body: Any) -> bool:
    """Return whether an answer says that there is nothing: null, an empty list, or one below the usual names."""
    if isinstance(body, dict):
        lists = [body[key] for key in LIST_KEYS if key in body]
        return _says_it_is_not_there(body) or (bool(lists) and all(_is_empty(value) for value in lists))
    return body is None or body == []
