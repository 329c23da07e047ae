"""A policy held against what was done: whether an order was called, when, in which language, and whether cancelled.

What differs is kept as names and plain values; the words are made when it is shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from ordercall.domain.calls.calling import Language, Reason
from ordercall.domain.calls.forecast import Forecast
from ordercall.domain.words import Word

CALLED, UNKNOWN = "called", "unknown"
CANCELLED, HELD = "cancelled", "held"
EARLIER, LATER = "earlier", "later"

SAME_TIME = timedelta(minutes=10)
"""A call begins so long after the rules let it: the worker, the contact and the campaign take their time."""

BY_POLICY = frozenset(
    {Reason.PAID, Reason.OTHER_PAYMENT, Reason.SMALL_AMOUNT, Reason.OTHER_COUNTRY, Reason.OTHER_PHONE, Reason.TOO_OLD}
)
"""Why the policy in force had an order not called. What came of an order for any other reason no draft changes."""

WORDS = {
    CALLED: "Called",
    UNKNOWN: "Unknown",
    CANCELLED: "Cancelled in Shopify",
    HELD: "Left to a person",
    EARLIER: "Earlier",
    LATER: "Later",
}


class Kind(Word):
    """In what a draft differs from what was done."""

    label: str

    CALL = "call", "Called or not"
    WHEN = "when", "When"
    LANGUAGE = "language", "Language"
    CANCEL = "cancel", "Cancelled or not"


@dataclass(frozen=True, slots=True)
class Difference:
    """What was done, and what the draft would have done. Times are unix seconds, as text."""

    kind: str
    was: str
    would: str

    def in_words(self, as_time: Callable[[datetime], str]) -> str:
        """Return what was done and what would have been, for a person."""
        if self.kind != Kind.WHEN:
            return _sentence(self.kind, self.was, self.would)
        was, would = (as_time(datetime.fromtimestamp(float(at), UTC)) for at in (self.was, self.would))
        return f"Rung from {was} → {would}"

    @property
    def sort(self) -> tuple[str, str, str]:
        """What differences are counted by: of times only which way they differ."""
        if self.kind == Kind.WHEN:
            return self.kind, "", EARLIER if float(self.would) < float(self.was) else LATER
        return self.kind, self.was, self.would


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What was done about an order.

    Attributes:
        called: "called", the reason why not, or "unknown".
        began: when its first call began; None: it had none, or that is not known.
        language: in which it was called; None as above.
        cancelled: whether the cancel that a program asked for left; None: none asked, or that is not settled yet.
        would_cancel: whether it would by the draft; None as above.
    """

    called: str
    began: datetime | None
    language: Language | None
    cancelled: bool | None
    would_cancel: bool | None


def differences(past: Past, forecast: Forecast) -> list[Difference]:
    """Return in what a forecast by the draft differs from what was done."""
    found, calls = [], forecast.reason is None
    was_called = past.called == CALLED
    if calls is not was_called and (was_called or past.called in BY_POLICY):
        found.append(Difference(Kind.CALL, past.called, called_by(forecast)))
    elif calls and was_called:
        found += _of_the_call(past, forecast)
    if past.cancelled is not past.would_cancel:
        was, would = (CANCELLED if left else HELD for left in (past.cancelled, past.would_cancel))
        found.append(Difference(Kind.CANCEL, was, would))
    return found


def called_by(forecast: Forecast) -> str:
    """Return "called", or the reason why a forecast has nobody called."""
    return forecast.reason.value if forecast.reason else CALLED


def _of_the_call(past: Past, forecast: Forecast) -> list[Difference]:
    found, opening = [], forecast.not_before
    if past.began and opening and abs(past.began - opening) > SAME_TIME:
        found.append(Difference(Kind.WHEN, f"{past.began.timestamp():.0f}", f"{opening.timestamp():.0f}"))
    if past.language and past.language is not forecast.language:
        found.append(Difference(Kind.LANGUAGE, past.language.value, forecast.language.value))
    return found


@dataclass(slots=True)
class Tally:
    """What a trial counted.

    Attributes:
        answers: by "called", or the reason why not.
        hours: the hour of the policy's zone at which those who are called would have been rung at the earliest.
        sorts: by :attr:`Difference.sort`, its words joined by a space.
        waiting: the cancels that would have waited for the policy's delay.
    """

    orders: int = 0
    differing: int = 0
    waiting: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)
    hours: Counter[str] = field(default_factory=Counter)
    sorts: Counter[str] = field(default_factory=Counter)

    def add(self, forecast: Forecast, found: list[Difference]) -> None:
        """Count one order and in what it differs."""
        self.orders += 1
        self.answers[called_by(forecast)] += 1
        if forecast.reason is None:
            self.languages[forecast.language.value] += 1
            if forecast.not_before:
                self.hours[f"{forecast.not_before.hour:02}"] += 1
        self.differing += bool(found)
        self.sorts.update(" ".join(each.sort) for each in found)

    @property
    def called(self) -> int:
        """How many would have been called."""
        return self.answers[CALLED]

    @property
    def left_out(self) -> list[tuple[str, int]]:
        """Why the others would not, the commonest reason first."""
        return [(shown(Kind.CALL, word), many) for word, many in self.answers.most_common() if word != CALLED]

    @property
    def spoken(self) -> list[tuple[str, int]]:
        """In which languages, the commonest first."""
        return [(shown(Kind.LANGUAGE, word), many) for word, many in self.languages.most_common()]

    @property
    def changes(self) -> list[tuple[str, int]]:
        """What differs, in words, the commonest first."""
        return [(_sentence(*sort.split(" ")), many) for sort, many in self.sorts.most_common()]


def shown(kind: str, value: str) -> str:
    """Return a value of a difference that is no time, as a person reads it."""
    language = Language.of(value) if kind == Kind.LANGUAGE else None
    reason = Reason.of(value) if kind == Kind.CALL else None
    return language.label if language else reason.short if reason else WORDS.get(value, value)


def _sentence(kind: str, was: str, would: str) -> str:
    if kind == Kind.WHEN:
        return f"Called → Called {shown(kind, would).lower()}"
    return f"{shown(kind, was)} → {shown(kind, would)}"
