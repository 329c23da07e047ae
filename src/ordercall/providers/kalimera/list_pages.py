"""Who stands on a campaign's list: an answer of Kalimera that holds a list of contacts, or a page of one.

A page is not the list, and an answer does not always show which of the two it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ordercall.domain.contact_ids import is_id, shown
from ordercall.providers.kalimera.contacts import LIST_KEYS, read_id
from ordercall.providers.kalimera.verdicts import folded, whole_number

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
class ListPage:
    """A list of contacts, or a page of one.

    Attributes:
        ids: as :func:`shown` writes them.
        total: how many it says there are in all, or None.
        page: its own number, or None.
        pages: how many pages it says there are, or None.
        more: whether it says that others follow; None: unknown.
        next_url: where it says that the next page is, or None.
    """

    ids: frozenset[str]
    total: int | None
    page: int | None
    pages: int | None
    more: bool | None
    next_url: str | None

    def is_last(self, known: int, *, first: int) -> bool | None:
        """Return whether the list ends here; None: unknown, and it looks like a page.

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
    found = (whole_number(value) for name, value in marks if name in names)
    return max((number for number in found if number is not None), default=None)


def _marks(body: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield every name and value of an answer but those of the listed contacts themselves."""
    for key, value in body.items():
        yield folded(key), value
        if isinstance(value, dict):
            yield from _marks(value)


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
