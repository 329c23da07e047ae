"""The marks by which an answer, in its body or its head, says whether a list goes on: their names and their values.

APIs write them in dozens of shapes. What is not understood is kept as a mark all the same: it is a doubt.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ordercall.domain.characters import in_ascii_digits
from ordercall.domain.outside_json import folded
from ordercall.providers.kalimera.names import whole_number
from ordercall.providers.kalimera.verdicts import holds_something

type Mark = tuple[str, Any]
"""The name, as :func:`folded` writes it, and the value of something that stands beside a list."""

MORE = re.compile(r"next|more|remaining|continu|truncated|^partial|^incomplete|^capped$|^sampled$")
"""Something under such a name says that more follow, and nothing or false that none do."""

END = re.compile(
    r"^(?:is|at|on)?(?:the)?(?:last|end|eof|complete|done|final|finished|exhausted)(?:page|oflist)?$"
    r"|^all(?:loaded|shown|fetched)$"
)
"""True under such a name says that none follow, and false that more do."""

PAGES = re.compile(r"^(?:last|max|nb|num|numberof|total)pages?(?:number)?$|^pages?(?:count|total)?$(?<!page)")
THIS_PAGE = frozenset({"currentpage", "page", "pagenumber", "pageno", "thispage"})
PAGE_SIZE = re.compile(r"perpage|pagesize|^(?:limit|size|take|maxresults|top)$")
_NOUNS = (
    r"(?:contacts?|items?|results?|records?|elements?|docs?|rows?|entries|objects?|members?|hits|count|size|number)*"
)
TOTAL = re.compile(rf"^x?{_NOUNS}total{_NOUNS}$")
COUNT = re.compile(r"total|count|filtered|hits|^num")
LEAST = re.compile(
    r"^(?!.*(?:perpage|pagesize|page|version|status|code|id|uuid|time|at|date|stamp|took|duration|(?<!ite)ms|seconds)$)"
    r"(?!(?:limit|size|take|maxresults|top|label)$)"
)
"""A number under any other name may be that of all, or of those in the answer."""

UNSURE = re.compile(
    r"cursor|token|bookmark|marker|scroll|resum|after|last|total|page|pagin|paging|^offset$|^(?!.*(?:ac|dis)count)count(?!r)"
)
"""Something under such a name may lead to others."""

PART = re.compile(
    r"omitted|hidden|collapsed|cutoff|limited$|limitreached|excerpt|preview|sample$|subset|elided|notshown"
    r"|^(?:the)?(?:rest|left|others)$"
)
"""Something under such a name says that the answer holds a part."""

WHOLE = re.compile(r"^(?:is|the)?(?:list)?(?:full|entire|whole|exhaustive|complete)(?:list)?$")
"""False under such a name says the same."""

WINDOW = frozenset({"from", "to", "startindex", "endindex", "rangestart", "rangeend"})
"""A number under one of these is a place in a list that may be longer."""

_TELLS_A_PART = re.compile(
    r"\btruncat|\b(?:was|were|been|is) (?:cut|limited|capped|shortened)|\b(?:limited|capped) (?:to|at)\b"
    r"|\bnot (?:all|every)"
    r"|\b(?:first|latest|newest|last|top|only)(?: the)?(?: first)? \d|\bonly (?:the )?(?:first|latest|top|some|part)"
    r"|\b(?!0 )\d+ (?:more|others?|omitted|remaining)\b|\b(?:and|are|has|have|with) (?:more|others)\b"
    r"|\b(?:incomplete|partial|subset|excerpt)\b",
    re.IGNORECASE,
)
"""A text that says so; "no more", "0 others" and "for more details" do not."""

BACKWARDS = re.compile(r"prev(?!iew)|^first|^self|before")

_SURE = re.compile(
    r"^(?:has(?:next|more)(?:page)?|next(?:page|cursor|token|url|link)?|total(?:count|pages?|items|results|records)?"
    r"|pagination|paging|pageinfo|lastpage)$"
)
"""No field of a contact has such a name: whoever puts it into the list itself speaks of the list."""

_HEADER = re.compile(
    r"total|next|more|cursor|continu|pagin|paging|page|scroll|offset|truncat|remain|count(?!r)|range|marker|resum"
    r"|items|records|results|objects|elements|(?:collection|list|set)size|^x?(?:last|limit)$|last(?:page|key|id)"
)
_OTHER_HEADER = re.compile(
    r"nextjs|rate|quota|limit(?:remaining|reset)|cache|retry|speed|^accept|accesscontrol|length|time|duration|policy"
    r"|request|trace|csrf|security|permitted|account|discount|poweredby|contentlanguage"
)
"""Heads that have such a word and say nothing of a list, such as ``X-RateLimit-Remaining``."""

_PREFIX = re.compile(r"^x?(?:wp|pagination|paging|opc|ms|amz|api|odata)?(?=.)")
_LINK = re.compile(r"<([^>]*)>([^<]*)")
_REL = re.compile(r"\brel\s*=\s*(?:\"([^\"]*)\"|([^\s;,\"]+))", re.IGNORECASE)
_PAIR = re.compile(r"([A-Za-z][\w-]*)\s*[=:]\s*\"?([^\s;,&\"]+)")

_GROUPED = re.compile(r"(?<=\d)(?:[,\s'’_\u066c](?=\d{2,3}(?:\D|$))|\.(?=\d{3}(?:\D|$)))")
"""What stands between the digits of a thousand, or a lakh."""

_AT_LEAST = re.compile(r"\d\s*\+|[><≥≤~≈]|\b(?:over|more|least|about|around|approx\w*|almost|nearly)\b", re.IGNORECASE)
_PAGE_OF_PAGES = re.compile(r"\s*(?:pages?\s*)?(\d{1,6})\s*(?:of|/|out of)\s*(\d{1,6})\s*(?:pages?)?\s*", re.IGNORECASE)
_PAGE_IN_WORDS = re.compile(r"\bpages?:?\s*(\d{1,6})\s*(?:of|/|out of)\s*(\d{1,6})\b", re.IGNORECASE)
_OF_SO_MANY = re.compile(
    r"\b\d{1,9}\s+(?:out )?of\s+(?:about\s+)?(\d{1,9})\b"
    r"|^\s*(?:[a-z]+\s+)?\d{1,9}\s*(?:-|to)\s*\d{1,9}\s*(?:/|of)\s*(\d{1,9})\s*$",
    re.IGNORECASE,
)
"""A text that says how many there are in all: "Showing 7 of 22 contacts", or "0-6/22" as in the head Content-Range."""

LONGEST_TEXT = 1_000
"""Characters of a text in which such a number is looked for."""


def marks_in(body: Any, listed: list[Any]) -> Iterator[Mark]:
    """Yield every name and value of an answer but those of the listed contacts themselves."""
    if isinstance(body, dict):
        yield from _of_object(body, listed)
    elif body is listed:
        yield from _among_the_listed(listed)
    elif isinstance(body, list):
        for item in body:
            yield from marks_in(item, listed)


def _of_object(body: dict[str, Any], listed: list[Any]) -> Iterator[Mark]:
    if (link := _link(body)) is not None:
        yield from link
        return
    for key, value in body.items():
        name = folded(key)
        if BACKWARDS.search(name):
            continue
        yield name, value
        yield from _below(name, value, listed)


def _below(name: str, value: Any, listed: list[Any]) -> Iterator[Mark]:
    if isinstance(value, dict):
        yield from _of_object(value, listed)
    elif value is listed:
        yield from _among_the_listed(listed)
    elif isinstance(value, list):
        for item in value:
            if isinstance(item, (dict, list)):  # many pages may be named there, and none of them is this one
                yield from (mark for mark in marks_in(item, listed) if mark[0] not in THIS_PAGE)
            else:
                yield name, item
    elif isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        yield from _written_out(value, listed)


def _link(body: dict[str, Any]) -> list[Mark] | None:
    """Return what a link says that has its name in a field: ``{"rel": "next", "href": "/contacts?page=2"}``."""
    fields = {folded(key): value for key, value in body.items()}
    places = [fields[name] for name in ("href", "url", "uri", "link") if name in fields]
    rel = next((fields[name] for name in ("rel", "relation", "label") if fields.get(name)), None)
    if not places or rel is None:
        return None
    names = map(folded, rel if isinstance(rel, list) else re.split(r"\s+", re.sub("&[lr]aquo;", "", str(rel)).strip()))
    return [(name, places[0]) for name in names if name and not name.isdecimal() and not BACKWARDS.search(name)]


def _among_the_listed(listed: list[Any]) -> Iterator[Mark]:
    for item in listed:
        for key, value in item.items() if isinstance(item, dict) else ():
            if _SURE.match(name := folded(key)):
                yield name, value
                yield from _below(name, value, listed)


def _written_out(text: str, listed: list[Any]) -> Iterator[Mark]:
    """Yield the marks in JSON that stands in a text."""
    try:
        yield from marks_in(json.loads(text), listed)
    except (ValueError, RecursionError):
        return


def marks_of_headers(headers: Mapping[str, str]) -> Iterator[Mark]:
    """Yield what the head of an answer says of a page."""
    for key, value in headers.items():
        full = folded(key)
        if full == "link":
            yield from _links(value)
        elif _HEADER.search(full) and not _OTHER_HEADER.search(full) and not BACKWARDS.search(full):
            yield from _of_header(full, _PREFIX.sub("", full), value)


def _links(value: str) -> Iterator[Mark]:
    for url, parameters in _LINK.findall(value):
        for rels in _REL.findall(parameters):
            yield from ((name, url) for name in map(folded, "".join(rels).split()) if not BACKWARDS.search(name))


def _of_header(full: str, name: str, value: str) -> Iterator[Mark]:
    if "range" in name:
        total = value.rpartition("/")[2].strip()
        yield ("total", total) if "/" in value and number_in(total) is not None else ("cursor", value)
    elif value.lstrip()[:1] in ("{", "["):
        yield from _written_out(value, [])
        yield "pagination", value if not any(_written_out(value, [])) else None
    elif pairs := _PAIR.findall(value) if full.endswith(("pagination", "paging", "pageinfo", "page")) else []:
        yield from ((folded(key), text) for key, text in pairs if not BACKWARDS.search(folded(key)))
    else:
        yield name, value


def says_more(marks: list[Mark], number: int) -> bool | None:
    """Return whether marks say that others follow these; None: they do not say."""
    flags = {bool(_holds_more(value)) for name, value in marks if MORE.search(name)}
    flags |= {not ended for name, value in marks if END.search(name) and (ended := truth(name, value)) is not None}
    full = number > 0 and number == largest(marks, PAGE_SIZE)
    return True if True in flags or full else False if flags else None


def _holds_more(value: Any) -> bool:
    return holds_something(value) and not (isinstance(value, str) and folded(value) in ("n", "f"))


def place(marks: list[Mark]) -> tuple[int | None, int | None]:
    """Return the number of this page and that of all, which may stand together as "1 of 4"."""
    both = [found for name, value in marks if isinstance(value, str) and (found := _page_of_pages(name, plain(value)))]
    if both:
        return max(both, key=lambda found: found[1])
    this = (whole_number(value) for name, value in marks if name in THIS_PAGE)
    return max((number for number in this if number is not None), default=None), largest(marks, PAGES)


def _page_of_pages(name: str, text: str) -> tuple[int, int] | None:
    found = _PAGE_IN_WORDS.search(text)
    if not found and ("pag" in name or name in THIS_PAGE):
        found = _PAGE_OF_PAGES.fullmatch(text)
    return (int(found[1]), int(found[2])) if found else None


def largest(marks: list[Mark], names: re.Pattern[str]) -> int | None:
    """Return the largest number under such names."""
    found = (number_in(value) for name, value in marks if names.search(name) and not _is_of_pages(name, names))
    return max((number for number in found if number is not None), default=None)


def of_so_many(value: Any) -> int:
    """Return the largest number of contacts in all that a text tells, or 0."""
    found = _OF_SO_MANY.findall(plain(value)) if isinstance(value, str) else []
    return max((int(words or span) for words, span in found), default=0)


def _is_of_pages(name: str, names: re.Pattern[str]) -> bool:
    return "page" in name and names in (TOTAL, LEAST)


def number_in(value: Any) -> int | None:
    """Return a number of contacts, which may be written as "8 contacts", "1,022" or {"value": 8}; no negative one, and
    none of which there may be more than it says."""
    if isinstance(value, dict):
        at_least = folded(value.get("relation")) in ("gte", "gt")
        value = None if at_least else value.get("value", value.get("count"))
    if isinstance(value, str):
        value = plain(value)
        if _AT_LEAST.search(value):
            return None
        if opening := re.match(r"\s*(\d{1,9})(?![\w/])(?!\s*(?:-|to|of|/)\s*\d)", value):
            value = opening[1]
    number = whole_number(value)
    return number if number is not None and number >= 0 else None


def plain(text: str) -> str:
    """Return a text with its numbers in ASCII digits that stand together, and every dash as one of ASCII."""
    return _GROUPED.sub("", re.sub(r"[‐-―−]", "-", in_ascii_digits(text[:LONGEST_TEXT])))


def is_unsure(name: str, value: Any) -> bool:
    """Return whether a mark may lead to others, or is not understood where it counts them."""
    if isinstance(value, str) and (_is_a_part_of(plain(value)) or _TELLS_A_PART.search(plain(value))):
        return True
    if (PART.search(name) and _holds_more(value)) or (WHOLE.search(name) and truth(name, value) is False):
        return True
    if name in WINDOW and whole_number(value) is not None:
        return True
    if TOTAL.search(name) and isinstance(value, str) and value.strip() and not folded(value):
        return True  # such as "?" or "∞"
    known = _counts(name, value) or (name == "offset" and number_in(value) is not None)
    return bool(UNSURE.search(name)) and holds_something(value) and not known


def _is_a_part_of(text: str) -> bool:
    both = _PAGE_OF_PAGES.fullmatch(text)
    return both is not None and int(both[1]) < int(both[2])


def _counts(name: str, value: Any) -> bool:
    """Return whether a mark is one of those that are understood as a number or as a flag."""
    known = TOTAL.search(name) or COUNT.search(name) or PAGES.search(name) or PAGE_SIZE.search(name)
    if name in THIS_PAGE:
        return not isinstance(value, str) or bool(number_in(value) or _page_of_pages(name, plain(value)))
    return bool(known and number_in(value) is not None) or bool(END.search(name) and truth(name, value))


def truth(name: str, value: Any) -> bool | None:
    """Return whether it is so; a bare number is a truth only where the name asks for one."""
    if isinstance(value, (int, float)) and not isinstance(value, bool) and not name.startswith(("is", "at", "all")):
        return None
    written = {"true": True, "yes": True, "y": True, "1": True, "false": False, "no": False, "n": False, "0": False}
    return written.get(str(value).strip().lower())


def url_in(value: Any) -> str | None:
    """Return the address that a mark names."""
    if isinstance(value, dict):
        value = value.get("href") or value.get("url")
    return value if isinstance(value, str) and value.startswith(("http://", "https://", "/", "?")) else None
