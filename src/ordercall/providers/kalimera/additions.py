"""Who was put on a campaign's list: what Kalimera's answer to an addition says of each of many contacts.

It is read tolerantly and believed honestly: a contact of which an answer does not say enough is *unclear*, never
guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ordercall.domain.contact_ids import is_id, shown
from ordercall.providers.kalimera.contacts import ID_KEYS, digits_of, phones
from ordercall.providers.kalimera.verdicts import (
    complains,
    folded,
    is_a_yes,
    own_texts,
    says_no,
    says_no_outright,
    whole_number,
)
from ordercall.providers.masking import mask, one_line

FAILED = frozenset(
    {
        "failed",
        "failures",
        "failure",
        "failedcontacts",
        "failedids",
        "errors",
        "error",
        "rejected",
        "refused",
        "invalid",
    }
    | {"notadded", "unsuccessful", "skipped", "ignored", "duplicates", "duplicate", "blocked", "invalidcontacts"}
    | {"notfound", "missing", "unknown", "failedcontactids", "rejectedcontacts", "skippedcontacts", "excluded"}
)
"""Under which those stand that were not added, as :func:`folded` writes the names."""

ADDED = frozenset(
    {"added", "addedcontacts", "addedids", "success", "successful", "succeeded", "inserted", "created", "accepted"}
    | {"listed", "addedcontactids"}
)
COUNTED = "count", "total"
"""What may follow one of those names, or stand under it, where it counts. ``success: 1`` counts nobody, it is a yes."""

DENIALS = frozenset({"added", "listed", "accepted", "created", "valid", "inserted"})
"""An entry that says false under one of these was not added."""

NOT_ADDED = frozenset(
    {
        "skipped",
        "blocked",
        "dnd",
        "ignored",
        "excluded",
        "duplicate",
        "exists",
        "optedout",
        "unsubscribed",
        "blacklisted",
    }
)
"""An entry whose status is one of these was not added."""

NOT_WHOLE = frozenset({"partial", "partially", "partialsuccess", "incomplete", "mixed", "some"})
HALTED = frozenset(
    {"paused", "stopped", "closed", "draft", "inactive", "cancelled", "canceled", "completed", "ended", "expired"}
    | {"archived", "disabled", "suspended"}
)
"""A status of the campaign, in place of a yes or a no, under which nobody may have been added."""


@dataclass(frozen=True, slots=True)
class Addition:
    """What an answer says of contacts that were to be put on a list; of those in neither, that they are on it.

    Attributes:
        refused: those it names as not added, each with its words, masked.
        unclear: those of which it does not say enough.
    """

    refused: dict[str, str]
    unclear: set[str]


class Asked:
    """The contacts that were to be added, found by whatever an answer calls them.

    Args:
        contacts: the phone of each by its id, as it is kept; None where it is not known.
    """

    def __init__(self, contacts: Mapping[str, str | None]) -> None:
        self.ids = set(contacts)
        self._by_name: dict[str, set[str]] = {}
        for contact_id, phone in contacts.items():
            self._by_name.setdefault(shown(contact_id), set()).add(contact_id)
            if phone:
                self._by_name.setdefault("+" + digits_of(phone), set()).add(contact_id)

    def called(self, value: Any) -> set[str]:
        """Return which of them an id or a phone means."""
        if not is_id(value):
            return set()
        return self._by_name.get(str(value)) or self._by_name.get("+" + digits_of(str(value)), set())


def names_the_added(body: Any, asked: Asked) -> bool:
    """Return whether an answer tells who was added, so that it is no refusal of all, whatever its HTTP status."""
    return bool(_under(body, ADDED, asked))


def names_somebody(body: Any, asked: Asked) -> bool:
    """Return whether an answer tells some of these contacts from the others, so that it is no yes or no for all."""
    return bool(_refused(body, asked)) or names_the_added(body, asked)


def read_addition(body: Any, asked: Asked) -> Addition:
    """Read what became of contacts that were to be added, each called by its id or its phone."""
    refused = _refused(body, asked)
    rest = asked.ids - set(refused)
    named = _anywhere(body, asked) - set(refused)
    if named or _lists_nobody(body):
        return Addition(refused, rest - named)
    counted, failed = _count(body, ADDED), _count(body, FAILED)
    fewer = (counted is not None and counted < len(rest)) or (failed is not None and failed > len(refused))
    unexplained = says_no_outright(body) or (_is_half_a_yes(body) and not refused)
    return Addition(refused, rest if fewer or unexplained else set())


def _is_half_a_yes(body: Any) -> bool:
    """Return whether an answer holds a fault beside a yes, or a word that is neither yes nor no, or nothing at all."""
    if body is None or body == []:
        return True
    if not isinstance(body, dict):
        return False
    words = {folded(value) for key, value in body.items() if folded(key) in ("success", "status", "result", "state")}
    return complains(body) or bool(words & (NOT_WHOLE | HALTED))


def _lists_nobody(body: Any) -> bool:
    """Return whether the list of those who were added is there, and holds none of ours."""
    if not isinstance(body, dict):
        return False
    return any(
        (isinstance(value, list) and folded(key) in ADDED) or (isinstance(value, dict) and _lists_nobody(value))
        for key, value in body.items()
    )


def _refused(body: Any, asked: Asked, *, failed: bool = False) -> dict[str, str]:
    """Return those whom a part of an answer names as not added, each with its words.

    Args:
        failed: whether the part stands under a name of :data:`FAILED`.
    """
    found: dict[str, str] = {}
    if isinstance(body, list):
        for item in body:
            found |= _refused(item, asked, failed=failed)
    elif isinstance(body, dict):
        denied = failed or _is_denied(body)
        for key, value in body.items():
            if who := asked.called(key):
                is_word = isinstance(value, (str, bool))
                not_added = failed or says_no(value) or (is_word and not is_a_yes(value))
                found |= dict.fromkeys(who if not_added else (), _words(value))
            else:
                found |= _refused(value, asked, failed=failed or (folded(key) in FAILED and not isinstance(value, int)))
        found |= dict.fromkeys(_named_in(body, asked) if denied else (), _words(body))
    elif failed:
        names = re.split(r"[,;\s]+", body) if isinstance(body, str) and not asked.called(body) else [body]
        found |= dict.fromkeys((who for name in names for who in asked.called(name)), "")
    return found


def _is_denied(entry: dict[str, Any]) -> bool:
    """Return whether an entry about one contact says that it was not added."""
    status = folded(entry.get("status") or entry.get("result") or "")
    return says_no(entry) or status in NOT_ADDED or any(folded(key) in DENIALS and entry[key] is False for key in entry)


def _under(body: Any, names: Iterable[str], asked: Asked) -> set[str]:
    """Return those of ours that stand below one of these names."""
    if isinstance(body, list):
        return {who for item in body for who in _under(item, names, asked)}
    if not isinstance(body, dict):
        return set()
    found: set[str] = set()
    for key, value in body.items():
        if not isinstance(value, int):  # how many, or yes
            found |= _anywhere(value, asked) if folded(key) in names else _under(value, names, asked)
    return found


def _anywhere(value: Any, asked: Asked) -> set[str]:
    if isinstance(value, list):
        return {who for item in value for who in _anywhere(item, asked)}
    if isinstance(value, dict):
        keys = {who for key in value for who in asked.called(key)}
        inner = (item for item in value.values() if not isinstance(item, int))
        return keys | _named_in(value, asked) | {who for item in inner for who in _anywhere(item, asked)}
    return asked.called(value)


def _named_in(entry: dict[str, Any], asked: Asked) -> set[str]:
    ids = {who for key in ID_KEYS for who in asked.called(entry.get(key))}
    if ids:
        return ids
    inner = entry.get("contact")
    if isinstance(inner, dict) and (named := _named_in(inner, asked)):
        return named
    return {who for text in phones(entry) for who in asked.called(text)}


def _words(value: Any) -> str:
    """Return what stands beside somebody who was not added."""
    words = " ".join(own_texts(value) if isinstance(value, dict) else [str(value)] if isinstance(value, str) else [])
    return one_line(mask(words))


def _count(body: Any, names: Iterable[str]) -> int | None:
    """Return the number under one of these names, or under one with "count" beside it; None where there is none."""
    if not isinstance(body, dict):
        return None
    wanted = (set(names) - {"success"}) | {name + more for name in names for more in COUNTED}
    here = (whole_number(value) for key, value in body.items() if folded(key) in wanted and not isinstance(value, bool))
    counts = (
        whole_number(value.get(name))
        for key, value in body.items()
        if folded(key) in names and isinstance(value, dict)
        for name in COUNTED
    )
    below = (_count(value, names) for value in body.values() if isinstance(value, dict))
    return next((number for number in (*here, *counts, *below) if number is not None), None)
