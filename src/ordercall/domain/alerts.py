"""What somebody on call is told of: which states there are, when one has begun or ended, and the words of a message.

A state must hold for its time before it counts as begun, and its absence for as long before it counts as ended; what
comes and goes faster is told to nobody. Between the two there is no further message: the pages show what stands.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import uuid4

LONGEST_GAP = 300.0
"""Seconds between two looks in which a state is taken to have gone on: a start takes some, and an upgrade a minute or
two. After a longer gap, or a clock that was put, its time begins anew."""

HELP = "docs/operations.md"
"""The document that has a section for each state."""


class Alert(StrEnum):
    """A state that somebody is told of.

    Attributes:
        told: what is so.
        over: the same, once it is over.
        hold: for how many seconds it must be so, or be so no longer, before that counts.
    """

    told: str
    over: str
    hold: float

    WORKER = "worker", "No worker is running", "A worker is running again", 180
    DATABASE = "database", "Nothing can be stored", "Orders can be stored again", 120
    DISK = "disk", "The disk is nearly full", "The disk has room again", 300
    WEBHOOKS = "webhooks", "No webhook comes from Shopify", "Webhooks come from Shopify again", 120
    CALLS = "calls", "Calls stand still", "Calls go their way again", 180
    SHOPIFY = "shopify", "Shopify does not answer", "Shopify answers again", 180
    CREDENTIALS = "credentials", "A credential is refused", "All credentials are accepted again", 120
    CANCELS = "cancels", "Cancels are frozen", "No cancel is frozen any more", 60
    QUEUE = "queue", "Jobs wait for too long", "Jobs no longer wait for too long", 300
    HOLDS = "holds", "Parcels are held for too long", "No parcel is held for too long any more", 600

    def __new__(cls, value: str, told: str, over: str, hold: float) -> Alert:
        made = str.__new__(cls, value)
        made._value_ = value
        made.told, made.over, made.hold = told, over, hold
        return made


class Stage(StrEnum):
    """What a message says of its state."""

    BEGUN = "begun"
    ENDED = "ended"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class Reading:
    """What a look saw of a state. ``is_so``: None where it cannot be told now, as when another state hides it.

    ``words``: numbers and times of it, in whole sentences, without personal data.
    """

    is_so: bool | None
    words: str = ""


WELL, UNTOLD = Reading(False), Reading(None)


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a state is; all times are unix seconds.

    Attributes:
        is_on: it has begun and not ended.
        changed_at: when it last began or ended; None: never.
        doubt_since: since when the looks have seen the contrary of ``is_on``; None: they have not.
        looked_at: when the last of these looks was.
        words: what was read of it when it began.
    """

    is_on: bool = False
    changed_at: float | None = None
    doubt_since: float | None = None
    looked_at: float | None = None
    words: str = ""


def after(known: Standing, alert: Alert, reading: Reading, now: float) -> Standing:
    """Return how a state stands after a look, which is the same object as before where nothing is to be stored."""
    if reading.is_so is None or reading.is_so is known.is_on:
        return known if known.doubt_since is None else replace(known, doubt_since=None, looked_at=None)
    since = known.doubt_since
    if since is None or known.looked_at is None or abs(now - known.looked_at) > LONGEST_GAP:
        since = now
    if now - since < alert.hold:
        return replace(known, doubt_since=since, looked_at=now)
    return Standing(is_on=reading.is_so, changed_at=now, words=reading.words)


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent, the same by every channel. ``id`` tells it from all others, also where it is sent twice.

    ``at`` and ``since`` are unix seconds: when it was made, and since when it is so, or was.
    """

    id: str
    alert: str
    stage: Stage
    at: float
    since: float
    title: str
    words: str
    page: str
    help: str


def message_of(alert: Alert, before: Standing, now: Standing, *, at: float, pages: str) -> Message:
    """Return what is said of a state that has begun or ended.

    Args:
        before: how it stood until now.
        pages: the address of this installation.
    """
    stage = Stage.BEGUN if now.is_on else Stage.ENDED
    seen = before.doubt_since if now.is_on else before.changed_at
    return Message(
        id=uuid4().hex,
        alert=alert,
        stage=stage,
        at=at,
        since=at if seen is None else seen,
        title=alert.told if now.is_on else alert.over,
        words=now.words or before.words,
        page=f"{pages}/settings/alerts#{alert}",
        help=f"{HELP}#alert-{alert}",
    )


def message_of_test(*, at: float, pages: str) -> Message:
    """Return a message that only shows that messages arrive."""
    return Message(
        id=uuid4().hex,
        alert=Stage.TEST,
        stage=Stage.TEST,
        at=at,
        since=at,
        title="A test of alerts",
        words="Nothing is wrong: somebody asked whether messages arrive.",
        page=f"{pages}/settings/alerts",
        help=f"{HELP}#alerts",
    )
