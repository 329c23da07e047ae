"""The next step of a cancellation in Shopify, from what is stored of it and what Shopify said in this attempt.

A cancellation cannot be undone, so the order is looked at before anything is sent. After an unclear answer, too, it is
the order that is believed. A refusal says nothing of a request that may have left before it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, auto

from ordercall.domain.orders import CancelState

LONGEST_TRY = timedelta(hours=1)
"""How long after Shopify was first asked a person must hear that no clear answer came."""

LOST_ANSWER = timedelta(minutes=5)
"""How long after a lost answer a refusal may only mean that Shopify is at it already."""


class Shown(Enum):
    """How Shopify shows the order."""

    HIDDEN = auto()  # not at all
    LIVE = auto()
    SHIPPED = auto()  # live, and a parcel of it has left
    CANCELLED = auto()


class Job(Enum):
    """What Shopify says of its own job for the cancellation."""

    UNDER_WAY = auto()
    FAILED = auto()
    FORGOTTEN = auto()


class Trouble(Enum):
    """Why Shopify gave no answer to go on with."""

    LOST = auto()  # no clear answer came
    REFUSED = auto()
    LOCKED_OUT = auto()  # looking at the order would be refused too, or cannot be tried


class Step(Enum):
    """What is done next. Each but LOOK and SEND ends the attempt or leads to one that does."""

    NOTHING = auto()  # it has come to its end, or nobody asked for it
    LOOK = auto()
    SEND = auto()
    WITHDRAW = auto()  # it is not wanted any more, and nothing of it is on its way
    FINISH = auto()
    REFUSE = auto()  # the order stands; a person must look
    LEAVE_UNCLEAR = auto()  # whether it stands is not known; a person must look
    WAIT = auto()  # Shopify's job is at it
    DOUBT = auto()  # Shopify may be at it
    RETRY = auto()  # later: the next attempt looks first


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancellation:
    """What is stored.

    Attributes:
        wanted: the order is still Failed.
        has_job: Shopify named a job of its own.
        age: since Shopify was first asked, or None.
        out_of_reach: the order is the sandbox's, and this is no sandbox.
    """

    state: CancelState | None
    wanted: bool = True
    has_job: bool = False
    age: timedelta | None = None
    out_of_reach: bool = False

    @property
    def may_have_left(self) -> bool:
        return self.state is not None and self.state.may_have_left


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What Shopify said in this attempt.

    Attributes:
        shown: None until it is looked at, also once more after a request or trouble.
        said_yes: to a request of this attempt.
    """

    shown: Shown | None = None
    job: Job | None = None
    said_yes: bool = False
    trouble: Trouble | None = None


def next_step(stored: Cancellation, heard: Heard) -> Step:
    """Return what is to be done next."""
    if stored.state is None or not stored.state.under_way:
        return Step.NOTHING
    if heard.shown is Shown.CANCELLED:
        return Step.FINISH
    if stored.out_of_reach or (stored.state is CancelState.QUEUED and not stored.wanted):
        return Step.WITHDRAW
    if heard.trouble is Trouble.LOST:
        return _after_a_lost_answer(stored, heard)
    if heard.trouble:
        return _after_a_refusal(stored, heard)
    if heard.shown is None:
        return Step.LOOK
    if heard.said_yes or stored.has_job:
        return _after_a_yes(heard)
    return _after_the_first_look(stored, heard)


def _after_the_first_look(stored: Cancellation, heard: Heard) -> Step:
    if not stored.wanted:
        return Step.WITHDRAW
    return Step.REFUSE if heard.shown is Shown.SHIPPED else Step.SEND


def _after_a_yes(heard: Heard) -> Step:
    """The order is not cancelled yet, whatever the answer said, which may have come from something in between."""
    if heard.job is Job.FAILED:
        return Step.REFUSE
    return Step.WAIT if heard.job is Job.UNDER_WAY else Step.DOUBT


def _after_a_refusal(stored: Cancellation, heard: Heard) -> Step:
    """Shopify also refuses what is done already or being done, in words that it does not document: look."""
    locked_out = heard.trouble is Trouble.LOCKED_OUT
    if not locked_out and heard.shown is None:
        return Step.LOOK
    lost = stored.state in (CancelState.SENDING, CancelState.UNKNOWN)
    if lost and not locked_out and stored.age is not None and stored.age < LOST_ANSWER:
        return Step.DOUBT
    return Step.LEAVE_UNCLEAR if stored.may_have_left else Step.REFUSE


def _after_a_lost_answer(stored: Cancellation, heard: Heard) -> Step:
    """A job that began in this attempt has its time: Shopify may have been away before."""
    overdue = stored.may_have_left and stored.age is not None and stored.age > LONGEST_TRY
    if not overdue or (heard.said_yes and stored.has_job):
        return Step.RETRY
    return Step.LOOK if heard.shown is None else Step.LEAVE_UNCLEAR
