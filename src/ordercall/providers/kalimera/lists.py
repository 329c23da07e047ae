"""Who stands on a campaign's list, and who was put there: what Kalimera's answers say of many contacts at once.

They are read tolerantly and believed honestly. A contact of which an answer does not say enough is *unclear*, never
guessed; a page of a list is not the list.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ordercall.domain.contact_ids import is_id, shown
from ordercall.providers.kalimera.contacts import ID_KEYS, LIST_KEYS, digits_of, phones, read_id
from ordercall.providers.kalimera.verdicts import complains, folded, own_texts, says_no, says_no_outright
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
"""What may follow one of those names where only a number stands under it. ``success: 1`` counts nobody, it is a yes."""

DENIALS = frozenset({"added", "listed", "accepted", "created", "valid", "inserted"})
"""An entry that says false under one of these was not added."""

MORE = frozenset(
    {"next", "nextpage", "nextpageurl", "nextpagetoken", "nextcursor", "nexttoken", "nextoffset", "nexturl", "nextlink"}
    | {
        "hasmore",
        "hasnext",
        "hasnextpage",
        "more",
        "moreavailable",
        "truncated",
        "istruncated",
        "partial",
        "incomplete",
    }
)
TOTAL = frozenset(
    {"total", "totalcount", "totalcontacts", "totalitems", "totalresults", "totalrecords", "totalelements"}
)
LAST_PAGE = frozenset({"lastpage", "totalpages", "pages", "pagecount", "numpages", "pagestotal"})
THIS_PAGE = frozenset({"currentpage", "page", "pagenumber", "pageno"})


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
        page: its own number; the first is 1.
        more: whether it says that more follow, whatever its total is.
        next_url: where it says that the next page is, or None.
    """

    ids: frozenset[str]
    total: int | None
    page: int
    more: bool
    next_url: str | None

    def says_more_than(self, known: int) -> bool:
        """Return whether it says that there are others than those *known* so far."""
        return self.more or (self.total or 0) > known


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


def names_somebody(body: Any, asked: Asked) -> bool:
    """Return whether an answer tells some of these contacts from the others, so that it is no yes or no for all."""
    return bool(_refused(body, asked)) or bool(_under(body, ADDED, asked))


def read_addition(body: Any, asked: Asked) -> Addition:
    """Read what became of contacts that were to be added, each called by its id or its phone."""
    refused = _refused(body, asked)
    rest = asked.ids - set(refused)
    if added := _under(body, ADDED, asked):
        return Addition(refused, rest - added)
    counted, failed = _count(body, ADDED), _count(body, FAILED)
    fewer = (counted is not None and counted < len(rest)) or (failed is not None and failed > len(refused))
    unexplained = says_no_outright(body) or (complains(body) and not refused)
    return Addition(refused, rest if fewer or unexplained else set())


def read_page(body: Any) -> ListPage | None:
    """Return the contacts of a list or of a page of it, or None for what is neither.

    It may be of ids or of contacts, or either below one of the usual keys.
    """
    ids = _ids_in(body)
    if ids is None:
        return None
    marks = list(_marks(body)) if isinstance(body, dict) else []
    page = next((number for name, value in marks if name in THIS_PAGE and (number := _whole(value))), 1)
    last = next((number for name, value in marks if name in LAST_PAGE and (number := _whole(value))), page)
    following = [value for name, value in marks if name in MORE and _is_something(value)]
    return ListPage(
        ids=frozenset(ids),
        total=max(
            (number for name, value in marks if name in TOTAL if (number := _whole(value)) is not None), default=None
        ),
        page=page,
        more=bool(following) or page < last,
        next_url=next((url for value in following if (url := _url(value))), None),
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
        denied = failed or says_no(body) or any(folded(key) in DENIALS and body[key] is False for key in body)
        for key, value in body.items():
            if who := asked.called(key):
                found |= dict.fromkeys(who if failed or says_no(value) else (), _words(value))
            else:
                found |= _refused(value, asked, failed=failed or (folded(key) in FAILED and not isinstance(value, int)))
        found |= dict.fromkeys(_named_in(body, asked) if denied else (), _words(body))
    elif failed:
        found |= dict.fromkeys(asked.called(body), "")
    return found


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
        return keys | _named_in(value, asked) | {who for item in value.values() for who in _anywhere(item, asked)}
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
    below = (_count(value, names) for value in body.values() if isinstance(value, dict))
    return next((number for number in (*here, *below) if number is not None), None)


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
