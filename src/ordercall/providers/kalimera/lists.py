"""Who stands on a campaign's list, and who was put there: what Kalimera's answers say of many contacts at once.

They are read tolerantly and believed honestly. A contact of which an answer does not say enough is *unclear*, never
guessed; a page of a list is not the list.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ordercall.domain.contact_ids import is_id, shown
from ordercall.providers.kalimera.contacts import ID_KEYS, LIST_KEYS, digits_of, phones, read_id
from ordercall.providers.kalimera.verdicts import complains, folded, is_a_yes, own_texts, says_no, says_no_outright
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

MORE = frozenset(
    {"next", "nextpage", "nextpageurl", "nextpagetoken", "nextcursor", "nexttoken", "nextoffset", "nexturl", "nextlink"}
    | {"hasmore", "hasnext", "hasnextpage", "more", "moreavailable"}
)
"""Something under one of these says that more follow, and nothing or false that none do."""

CUT = frozenset({"truncated", "istruncated", "partial", "incomplete"})
CURSORS = frozenset({"cursor", "scrollid", "after", "endcursor"})
TOTAL = frozenset(
    {"total", "totalcount", "totalcontacts", "totalitems", "totalresults", "totalrecords", "totalelements", "count"}
    | {"recordstotal", "totalrecord", "totaldocs", "totalrows"}
)
LAST_PAGE = frozenset({"lastpage", "totalpages", "pages", "pagecount", "numpages", "pagestotal"})
THIS_PAGE = frozenset({"currentpage", "page", "pagenumber", "pageno"})
PAGE_SIZE = frozenset({"limit", "perpage", "pagesize", "size", "take", "maxresults"})
ROUND = 10
"""A list of a multiple of so many contacts that says nothing of its end looks like a page."""


@dataclass(frozen=True, slots=True)
class Addition:
    """What an answer says of contacts that were to be put on a list; of those in neither, that they are on it.

    Attributes:
        refused: those it names as not added, each with its words, masked.
        unclear: those of which it does not say enough.
    """

    refused: dict[str, str]
    unclear: set[str]


@dataclass(frozen=True, slots=True)
class ListPage:
    """A list of contacts, or a page of one.

    Attributes:
        ids: as :func:`shown` writes them.
        total: how many it says there are in all, or None.
        page: its own number, or None.
        pages: how many pages it says there are, or None.
        more: whether it says that others follow; None: it does not tell.
        next_url: where it says that the next page is, or None.
    """

    ids: frozenset[str]
    total: int | None
    page: int | None
    pages: int | None
    more: bool | None
    next_url: str | None

    def is_last(self, known: int, *, first: int) -> bool | None:
        """Return whether the list ends here; None: that is not told, and it looks like a page.

        Args:
            known: how many contacts of the list are known by now.
            first: the number of its first page.
        """
        if self.more or (self.total or 0) > known:
            return False
        if self.pages is not None:
            return (first if self.page is None else self.page) - first + 1 >= self.pages
        if self.more is False or self.total is not None or not self.ids:
            return True
        return None if known % ROUND == 0 else True


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


def read_page(body: Any) -> ListPage | None:
    """Return the contacts of a list or of a page of it, or None for what is neither.

    It may be of ids or of contacts, or either below one of the usual keys.
    """
    ids = _ids_in(body)
    if ids is None:
        return None
    marks = list(_marks(body)) if isinstance(body, dict) else []
    following = [value for name, value in marks if name in MORE and _is_something(value)]
    return ListPage(
        ids=frozenset(ids),
        total=_number_under(TOTAL, marks),
        page=_number_under(THIS_PAGE, marks),
        pages=_number_under(LAST_PAGE, marks),
        more=_says_more(marks, bool(following), len(ids)),
        next_url=next((url for value in following if (url := _url(value))), None),
    )


def _says_more(marks: list[tuple[str, Any]], following: bool, number: int) -> bool | None:
    cut = any(name in CUT and _is_something(value) for name, value in marks)
    if following or cut or any(name == "last" and value is False for name, value in marks):
        return True
    if any(name in MORE or (name == "last" and value is True) for name, value in marks):
        return False
    cursor = any(name in CURSORS and _is_something(value) for name, value in marks)
    full = number > 0 and number == _number_under(PAGE_SIZE, marks)
    return True if cursor or full else None


def _number_under(names: frozenset[str], marks: list[tuple[str, Any]]) -> int | None:
    found = (_whole(value) for name, value in marks if name in names)
    return max((number for number in found if number is not None), default=None)


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
    said = " ".join(own_texts(value) if isinstance(value, dict) else [str(value)] if isinstance(value, str) else [])
    return one_line(mask(said))


def _count(body: Any, names: Iterable[str]) -> int | None:
    """Return the number under one of these names, or under one with "count" beside it; None where there is none."""
    if not isinstance(body, dict):
        return None
    wanted = (set(names) - {"success"}) | {name + more for name in names for more in COUNTED}
    here = (_whole(value) for key, value in body.items() if folded(key) in wanted and not isinstance(value, bool))
    counts = (
        _whole(value.get(name))
        for key, value in body.items()
        if folded(key) in names and isinstance(value, dict)
        for name in COUNTED
    )
    below = (_count(value, names) for value in body.values() if isinstance(value, dict))
    return next((number for number in (*here, *counts, *below) if number is not None), None)


def _marks(body: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield every name and value of an answer but those of the listed contacts themselves."""
    for key, value in body.items():
        yield folded(key), value
        if isinstance(value, dict):
            yield from _marks(value)


def _whole(value: Any) -> int | None:
    if isinstance(value, str) and value.strip().isdecimal():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _is_something(value: Any) -> bool:
    return folded(value) not in ("", "false", "none", "null", "0", "no") if isinstance(value, str) else bool(value)


def _url(value: Any) -> str | None:
    if isinstance(value, dict):
        value = value.get("href") or value.get("url")
    return value if isinstance(value, str) and value.startswith(("http://", "https://", "/", "?")) else None


def _ids_in(body: Any) -> set[str] | None:
    if isinstance(body, list):
        ids = [str(entry) if is_id(entry) else _shown_id(entry) for entry in body]
        return None if None in ids else {entry for entry in ids if entry is not None}
    if isinstance(body, dict):
        for key in ("contact_ids", "contactIds", "ids", *LIST_KEYS):
            if isinstance(body.get(key), (list, dict)):
                return _ids_in(body[key])
    return None


def _shown_id(entry: Any) -> str | None:
    found = read_id(entry)
    return None if found is None else shown(found)
