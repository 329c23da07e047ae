"""Who stands on a campaign's list: an answer of Kalimera that holds a list of contacts, or a page of one.

A page is not the list, and an answer does not always show which of the two it is: a list ends where something says so,
and what only sounds as if it went on is a reason not to believe that it does not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ordercall.domain.contact_ids import is_id
from ordercall.domain.outside_json import folded
from ordercall.providers.kalimera.contacts import LIST_KEYS, is_of_a_phone, is_of_an_id
from ordercall.providers.kalimera.paging import (
    LEAST,
    MORE,
    TOTAL,
    is_unsure,
    largest,
    marks_in,
    marks_of_headers,
    of_so_many,
    place,
    says_more,
    url_in,
)

USUAL_SIZES = 5, 8, 12
"""Pages hold multiples of it: such a number of contacts looks like a page where nothing says that they are all."""

_HOLD_CONTACTS = frozenset({"contacts", "contactids"})
"""Whoever has something under such a name is no contact, but a campaign, or a page of its list."""

_CONTACT = frozenset({"contact", "contactid", "contactuuid", "contactref"})
_STAFF = re.compile(r"agent|user|owner|operator|team|caller")
"""Whoever stands under such a name has a phone and is no contact."""

_INSIDE = ("attributes", "relationships", "node", "data", "result")


@dataclass(frozen=True, slots=True)
class ListPage:
    """A list of contacts, or a page of one.

    Attributes:
        entries: of each contact the ids that it shows, as :func:`ordercall.domain.contact_ids.shown` writes them.
        total: how many it says there are in all, or None.
        least: a number in it that may be that of all, or None.
        page: its own number, or None.
        pages: how many pages it says there are, or None.
        more: whether it says that others follow; None: unknown.
        unsure: whether something in it may lead to others.
        next_url: where it says that the next page is, or None.
    """

    entries: frozenset[frozenset[str]]
    total: int | None
    least: int | None
    page: int | None
    pages: int | None
    more: bool | None
    unsure: bool
    next_url: str | None

    @property
    def goes_on(self) -> bool:
        """Return whether it says, as the only page that is known, that others follow."""
        return self.is_last(len(self.entries), first=1) is False

    def is_last(self, known: int, *, first: int) -> bool | None:
        """Return whether the list ends here; None: nothing says so, or that it does not.

        Args:
            known: how many contacts of the list are known by now.
            first: the number of its first page.
        """
        if self.more or max(self.total or 0, self.least or 0) > known:
            return False
        if self.pages is not None:
            return (first if self.page is None else self.page) - first + 1 >= self.pages
        return True if self.more is False or self.total == known or not self.entries else None

    @property
    def ends_by_its_total(self) -> bool:
        """Whether nothing but a total says that the list ends, which may be that of this page."""
        return bool(self.entries) and self.more is None and self.pages is None

    def may_be_all(self, known: int) -> bool:
        """Return whether a list of which nothing says that it ends is believed to do so, as it brings nobody new."""
        return not self.unsure and not any(known % size == 0 for size in USUAL_SIZES)


@dataclass(slots=True)
class ListReading:
    """A list that is read page by page, until it ends or nobody is missing on what has been seen of it.

    Attributes:
        sought: the ids that are looked for; where there are none it is read to its end.
        entries: who has been seen.
        pages: how many have been read.
        whole: whether nobody else stands on the list.
        repeats: whether the same page came twice and nothing but a total says that the list ends: so answers whoever
            does not know ``page``, be it that the list has no pages or that another parameter leads to them.
        next_url: where the next page is said to be, or None: it is asked for by ``next_number``.
    """

    sought: frozenset[str]
    entries: frozenset[frozenset[str]] = frozenset()
    pages: int = 0
    whole: bool = False
    repeats: bool = False
    next_url: str | None = None
    next_number: int = 1
    _first: int = 1
    _by_number: bool = False
    _was_last: bool = False
    _was_total: bool = False

    @property
    def ids(self) -> frozenset[str]:
        return _union(self.entries)

    def goes_on_after(self, page: ListPage, named: str | None) -> bool:
        """Take a page; return whether another is to be asked for.

        Args:
            named: where the answer's head says that the next one is, or None.
        """
        before, self.entries, self.pages = self.entries, self.entries | page.entries, self.pages + 1
        if self._was_last:
            self.whole = True
            return False
        if self.pages == 1:
            self._first = 0 if page.page == 0 else 1
        nobody_new = self.entries == before
        self.repeats = nobody_new and page.ends_by_its_total
        is_last = False if named else page.is_last(len(self.entries), first=self._first)
        self._was_total = bool(is_last) and self.pages == 1 and page.ends_by_its_total
        if self._was_total:
            is_last = None
        if is_last is None and nobody_new:
            is_last = page.may_be_all(len(self.entries))
        if self.sought and self.sought <= self.ids:
            return False
        if is_last and self._may_have_left_one_out(page, ignored=nobody_new and bool(page.entries)):
            self._was_last, self.next_url, self.next_number = True, None, 1
            return True
        self.whole = bool(is_last)
        self.next_url, self.next_number = page.next_url or named, self._first + self.pages
        self._by_number = self._by_number or self.next_url is None
        return not is_last and not nobody_new

    def next_is_not_shown(self) -> None:
        """Take it that the next page is not shown: the total of the page before was that of the list."""
        self.whole = self._was_total

    def _may_have_left_one_out(self, page: ListPage, *, ignored: bool) -> bool:
        """Return whether the page after the first may have been passed over: some count them from zero on."""
        return self._by_number and not ignored and page.page is None and page.total != len(self.entries)


def read_page(body: Any, headers: Mapping[str, str] | None = None) -> ListPage | None:
    """Return the contacts of a list or of a page of it, or None for what is neither.

    It may be of ids or of contacts, or either below one of the usual keys.
    """
    listed = _list_in(body)
    if listed is None:
        return None
    found = [_ids_of(entry) for entry in listed]
    marks = [*marks_in(body, listed), *marks_of_headers(headers or {})]
    page, pages = place(marks)
    return ListPage(
        entries=frozenset(found),
        total=largest(marks, TOTAL),
        least=max([largest(marks, LEAST) or 0, *(of_so_many(value) for _, value in marks)]) or None,
        page=page,
        pages=pages,
        more=True if _others_beside(body, listed, _union(found)) else says_more(marks, len(found)),
        unsure=any(is_unsure(*mark) for mark in marks),
        next_url=next((url for name, value in marks if MORE.search(name) and (url := url_in(value))), None),
    )


def _list_in(body: Any) -> list[Any] | None:
    """Return the list of contacts; None where there is none, or somebody on it shows no id."""
    if isinstance(body, list):
        holders = [item for item in body if isinstance(item, dict) and _HOLD_CONTACTS.intersection(map(folded, item))]
        if holders:
            return _list_in(holders[0]) if len(body) == 1 else None
        return body if all(map(_ids_of, body)) else None
    if isinstance(body, dict):
        inner = (body[key] for key in ("contact_ids", "contactIds", "ids", *LIST_KEYS) if key in body)
        lists = (_list_in(part) for part in inner if isinstance(part, (list, dict)))
        return next((found for found in lists if found is not None), None)
    return None


def _others_beside(part: Any, listed: list[Any], known: frozenset[str]) -> bool:
    """Return whether contacts stand in another list of the answer, such as those that were called by now."""
    if part is listed:
        return False
    if isinstance(part, list):
        return any(_is_another(item, known) or _others_beside(item, listed, known) for item in part)
    return isinstance(part, dict) and any(
        _others_beside(value, listed, known) for key, value in part.items() if not _STAFF.search(folded(key))
    )


def _is_another(item: Any, known: frozenset[str]) -> bool:
    return isinstance(item, dict) and any(map(is_of_a_phone, item)) and not _ids_of(item) & known


def _ids_of(entry: Any) -> frozenset[str]:
    """Return the ids of a contact: those that are named as a contact's, else those of the entry itself.

    An ellipsis that stands for those who are left out is none.
    """
    if is_id(entry):
        return frozenset({str(entry)} if any(map(str.isalnum, str(entry))) else ())
    if not isinstance(entry, dict):
        return frozenset()
    parts = [entry, *(entry[key] for key in _INSIDE if isinstance(entry.get(key), dict))]
    fields = [(folded(key), value) for part in parts for key, value in part.items()]
    theirs = _union(_ids_of(value) for name, value in fields if name in _CONTACT)
    return theirs or _union(_ids_of(value) for name, value in fields if is_of_an_id(name) and is_id(value))


def _union(found: Iterable[frozenset[str]]) -> frozenset[str]:
    return frozenset().union(*found)
