"""The filters of a list as chips: those that are set, with the way to drop them, and those that are free."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from ordercall.domain.calls.call import Answer
from ordercall.domain.calls.calling import Language, Reason
from ordercall.storage.reads import reports, search
from ordercall.storage.reads.facets import CALLS_LOOKED_THROUGH, Payment
from ordercall.web.view.filters import FACETS, ListQuery

LABELS = {
    "state": "State",
    "payment": "Payment",
    "language": "Language",
    "reason": "Not called because",
    "attempt": "Attempt",
    "answer": "Answer",
    "agent": "Agent",
    "product": "Product",
    "pincode": "Pincode",
}
WRITTEN = ("product", "pincode")
"""Of these there are so many values that a person may write one that is not listed."""

OFFERED = 40
"""Values of a filter that are listed, the commonest."""

PAYMENTS = {Payment.COD: "COD", Payment.PREPAID: "Prepaid"}


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter. ``value``: what it is set to, in words, or nothing; ``free``: the list without it."""

    name: str
    label: str
    value: str
    free: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A value of a filter: in words, with the list that it makes, and how many of the latest orders have it."""

    words: str
    href: str
    number: int


def chips(query: ListQuery) -> list[Chip]:
    """Return a chip for each filter that a list can have."""
    return [_chip(query, name) for name in FACETS]


def in_words(query: ListQuery) -> list[str]:
    """Return the filters that are set, such as "State: Gujarat"."""
    return [f"{chip.label}: {chip.value}" for chip in chips(query) if chip.value]


def choices(tx: Connection, query: ListQuery, name: str, now: datetime) -> list[Choice]:
    """Return the values of a filter that the latest orders of the list have, the commonest first."""
    wanted = search.look_up(tx, query.without(name).filter(now))
    found = reports.most_frequent(tx, wanted, name, OFFERED, among=CALLS_LOOKED_THROUGH)
    known = [(words, value, number) for value, number in found if (words := _words(name, value))]
    return [Choice(words, query.link(**{name: value}), number) for words, value, number in known]


def _chip(query: ListQuery, name: str) -> Chip:
    value = getattr(query, name)
    return Chip(name, LABELS[name], _words(name, value) if value else "", query.link(**{name: ""}))


def _words(name: str, value: Any) -> str:
    """Return a value of a filter in words; nothing for one that nobody can filter by."""
    match name:
        case "payment":
            return PAYMENTS[Payment(value)]
        case "answer":
            return Answer(value).short
        case "language":
            return language.label if (language := Language.of(value)) else ""
        case "reason":
            return reason.short if (reason := Reason.of(value)) else ""
    return str(value)
