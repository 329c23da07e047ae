"""What the calls of an order said, as it is written to the order in Shopify: a tag, and metafields.

State hangs on the order. What is wanted is computed from how the order stands, what was written last is stored, and
what is asked of Shopify is the difference: whoever repeats it, after a crash or twice at once, asks for what is so.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from ordercall.domain.calls.call import CallState, Follows
from ordercall.domain.calls.calling import CallingState, Language, Reason, is_off
from ordercall.domain.orders.order import Status
from ordercall.domain.words import Word

ENDED = frozenset({CallState.UNANSWERED, CallState.ENDED_UNKNOWN, CallState.ANSWERED})
"""The calls that rang and are over: their number is told, and changes only with what they came to."""

LONGEST_TAG = 40
"""Characters: what Shopify takes on an order."""


def read_tag(text: str) -> str | None:
    """Return a tag as Shopify keeps it, or None where that takes none such.

    Between its words is one blank, and a letter with an accent is one sign, so that it is found again.
    """
    tag = unicodedata.normalize("NFC", " ".join(text.split()))
    return tag if len(tag) <= LONGEST_TAG and "," not in tag and text.isprintable() else None


class Said(Word):
    """What the calls of an order have come to, as ``ordercall.status`` tells it; and that for a person."""

    short: str

    PENDING = "pending", "Waits for its customer"
    CONFIRMED = "confirmed", "Confirmed"
    FAILED = "failed", "Failed"
    NO_ANSWER = "no_answer", "Nobody reached so far"
    CALL_BACK = "call_back", "To be called later"
    RETURNED = "returned", "Returned"
    NOT_CALLED = "not_called", "Not called"


TOLD_ALONG = frozenset({"language"})
"""Metafields that are written with the next of the others: the language is chosen with the call, which is no news."""

DECIDED = {Status.SUCCESS: Said.CONFIRMED, Status.FAILED: Said.FAILED, Status.RETURNED: Said.RETURNED}

FIELDS = {
    "tag_pending": 'The tag in Shopify of an order that waits for its customer, such as "call-pending"; "": none.',
    "tag_confirmed": "That of a confirmed one, in place of the one before.",
    "tag_failed": "That of a failed one.",
    "tag_no_answer": "That of one of which nobody was reached so far, while further calls wait as well.",
    "tag_call_back": "That of one whose customer asked to be called later.",
    "metafields": "The order's metafields ordercall.status, answered_at, attempts and language are written.",
}
"""The fields of the policy, each with what it is for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteBack:
    """What the policy has written to orders in Shopify: the tag of each state, empty for none, and the metafields."""

    tag_pending: str = ""
    tag_confirmed: str = ""
    tag_failed: str = ""
    tag_no_answer: str = ""
    tag_call_back: str = ""
    metafields: bool = False

    @property
    def is_on(self) -> bool:
        """Whether anything is ever written."""
        return self != WriteBack()

    def tag_of(self, said: Said) -> str:
        """Return the tag of a state; empty where it has none."""
        tag: str = getattr(self, f"tag_{said}", "")
        return tag


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is so of an order when that is written down.

    Attributes:
        status: None for a word that is none of the four.
        decided_at: since when it has this status.
        calls: its calls, the newest first: how far each got, and what it follows.
        address_waits: its customer gave another address in a call, which is not dealt with.
    """

    status: Status | None
    calling: CallingState | None
    reason: Reason | None = None
    decided_at: datetime | None = None
    language: Language | None = None
    calls: Sequence[tuple[CallState, Follows | None]] = ()
    address_waits: bool = False


def said_of(order: Standing) -> Said:
    """Return what the order's calls have come to. Once nobody was reached this stays so until an answer.

    Who confirmed with another address waits still: what reads *confirmed* ships, and would to the old one.
    """
    if order.status is Status.SUCCESS and order.address_waits:
        return Said.PENDING
    if order.status is not Status.PLACED:
        return DECIDED[order.status] if order.status else Said.NOT_CALLED
    if is_off(order.calling, order.reason):
        return Said.NOT_CALLED
    newest, follows = order.calls[0] if order.calls else (None, None)
    if newest and newest.live and follows is Follows.CALL_BACK:
        return Said.CALL_BACK
    unreached = order.reason is Reason.NOT_REACHED or any(state is CallState.UNANSWERED for state, _ in order.calls)
    return Said.NO_ANSWER if unreached else Said.PENDING


@dataclass(frozen=True, slots=True)
class Wanted:
    """What Shopify is to show of an order. ``fields``: its metafields, by key, as texts."""

    said: Said
    tag: str
    fields: Mapping[str, str]


def wanted(order: Standing, rules: WriteBack) -> Wanted:
    """Return what the policy has written of an order."""
    said = said_of(order)
    return Wanted(said, rules.tag_of(said), _fields(order, said) if rules.metafields else {})


def _fields(order: Standing, said: Said) -> dict[str, str]:
    answered = order.decided_at if order.status in (Status.SUCCESS, Status.FAILED) else None
    fields = {
        "status": str(said),
        "attempts": str(sum(state in ENDED for state, _ in order.calls)),
        "language": str(order.language or ""),
        "answered_at": f"{answered.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if answered else "",
    }
    return {name: value for name, value in fields.items() if value}


@dataclass(frozen=True, slots=True)
class Written:
    """What was written of an order, as far as we know.

    Attributes:
        said: what was to be told when it was written last; None: nothing was.
        word: the tag that was wanted then.
        tag: the tag on it that we added ourselves; empty: none.
        adding: another of ours that may be there: it was asked for, or Shopify would not take it away.
        fields: its metafields that we wrote.
    """

    said: Said | None = None
    word: str = ""
    tag: str = ""
    adding: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)


def is_behind(wanted: Wanted, written: Written) -> bool:
    """Return whether Shopify is to be asked for anything.

    An order that is not called begins with nothing: most shops have many, and nobody waits for a word about them.
    """
    if written.said is None and wanted.said is Said.NOT_CALLED:
        return False
    other_tag = wanted.tag != written.word or (wanted.said is not written.said and bool(wanted.tag))
    news = _missing(wanted, written).keys() - TOLD_ALONG
    return other_tag or bool(written.adding) or bool(news)


def _missing(wanted: Wanted, written: Written) -> dict[str, str]:
    return {name: value for name, value in wanted.fields.items() if written.fields.get(name) != value}


@dataclass(frozen=True, slots=True)
class Difference:
    """What Shopify is asked for; empty where it is for nothing.

    Attributes:
        tag: the tag on the order that is ours once it is done.
        had: the one on it that was ours before.
    """

    remove: tuple[str, ...]
    add: str
    fields: Mapping[str, str]
    tag: str = ""
    had: str = ""

    @property
    def is_empty(self) -> bool:
        return not (self.remove or self.add or self.fields)


def difference(wanted: Wanted, written: Written, tags: Collection[str]) -> Difference:
    """Return what is between what is wanted and what is there.

    A tag that somebody else gave the order is never ours, be it the same word; one of ours that somebody took away
    stays away until the order's state is another. Where two of ours are in the way they are taken away first, by a
    request of their own, so that there are never three to be known.

    Args:
        tags: those that the order has in Shopify now, ours and everybody's. Shopify does not tell cases apart.
    """
    there, name = {tag.casefold() for tag in tags}, wanted.tag.casefold()
    ours = {tag.casefold(): tag for tag in (written.tag, written.adding) if tag}
    if written.adding.casefold() not in there | {written.tag.casefold()}:
        ours.pop(written.adding.casefold(), None)
    is_news = name not in ours or (wanted.said, wanted.tag) != (written.said, written.word)
    add = wanted.tag if is_news and name not in there else ""
    found = tuple(tag for each, tag in ours.items() if each in there)
    remove = tuple(tag for tag in found if tag.casefold() != name)
    if add and len(remove) > 1:
        return Difference(remove, "", {})
    tag = wanted.tag if add or name in ours else ""
    return Difference(remove, add, _missing(wanted, written), tag=tag, had=found[-1] if found else "")


def begun(written: Written, asked: Difference) -> Written:
    """Return what is to be known before the request leaves, for whoever finds the order after a crash."""
    if asked.remove:
        return _with_tags(written, *asked.remove, asked.tag)
    return replace(written, tag=asked.had or written.tag, adding=asked.add)


def ended(wanted: Wanted, written: Written, asked: Difference, refused: Collection[str] = ()) -> Written:
    """Return what is known once all of it is done, but for what Shopify refused of it.

    Args:
        refused: the parts that it refused: ``removed``, ``added``, ``set``.
    """
    stay = asked.remove if "removed" in refused else ()
    tag = asked.tag if not asked.add or "added" not in refused else ""
    fields = written.fields if "set" in refused else {**written.fields, **asked.fields}
    is_all = bool(refused) or not (len(asked.remove) > 1 and wanted.tag)
    told = Written(wanted.said, wanted.tag) if is_all else Written()
    return _with_tags(replace(told, fields=fields), *stay, tag)


def _with_tags(written: Written, *ours: str) -> Written:
    """Return it with these tags of ours, of which there are two at most."""
    first, second = (*filter(None, ours), "", "")[:2]
    return replace(written, tag=first, adding=second)
