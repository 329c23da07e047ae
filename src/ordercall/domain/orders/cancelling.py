"""The next step of a cancellation in Shopify, from what is stored of it and what Shopify said in this attempt.

A cancellation cannot be undone, so the order is looked at before anything is sent. After an unclear answer, too, it is
the order that is believed. A refusal says nothing of a request that may have left before it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, auto

from ordercall.domain.orders.order import CancelState

LONGEST_TRY = timedelta(hours=1)
"""How long after Shopify was first asked a person must hear that no clear answer came."""

LOST_ANSWER = timedelta(minutes=5)
"""How long after a lost answer Shopify may be at it, though it shows the order live and refuses another request."""


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
    """What is done next. After LOOK, SEND, WAIT and MARK_UNKNOWN the attempt goes on; each other step ends it."""

    NOTHING = auto()  # it has come to its end, or nobody asked for it
    LOOK = auto()
    SEND = auto()
    WITHDRAW = auto()  # it is not wanted any more, and nothing of it is on its way
    FINISH = auto()
    REFUSE = auto()  # the order stands; a person must look
    LEAVE_UNCLEAR = auto()  # whether it stands is not known; a person must look
    FREEZE = auto()  # the limit of an hour is reached: a person must say whether more may
    WAIT = auto()  # Shopify's job is at it
    MARK_UNKNOWN = auto()  # Shopify may be at it
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

    @property
    def just_lost(self) -> bool:
        """Whether the answer to a request was lost only a moment ago."""
        lost = self.state in (CancelState.SENDING, CancelState.UNKNOWN)
        return lost and self.age is not None and self.age < LOST_ANSWER


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What this attempt has found out so far.

    Attributes:
        shown: how Shopify shows the order; None before the look, and again after a request or an error.
        accepted: Shopify accepted a request of this attempt.
    """

    shown: Shown | None = None
    job: Job | None = None
    accepted: bool = False
    trouble: Trouble | None = None


def next_step(stored: Cancellation, attempt: Attempt) -> Step:
    """Return what is to be done next."""
    if stored.state is None or not stored.state.under_way:
        return Step.NOTHING
    if attempt.shown is Shown.CANCELLED:
        return Step.FINISH
    if stored.out_of_reach or (stored.state is CancelState.QUEUED and not stored.wanted):
        return Step.WITHDRAW
    if attempt.trouble is Trouble.LOST:
        return _after_a_lost_answer(stored, attempt)
    if attempt.trouble:
        return _after_a_refusal(stored, attempt)
    if attempt.shown is None:
        return Step.LOOK
    if attempt.accepted or stored.has_job:
        return _after_a_yes(attempt)
    return _after_the_first_look(stored, attempt)


def _after_the_first_look(stored: Cancellation, attempt: Attempt) -> Step:
    if not stored.wanted:
        return Step.MARK_UNKNOWN if stored.just_lost else Step.WITHDRAW
    return Step.REFUSE if attempt.shown is Shown.SHIPPED else Step.SEND


def _after_a_yes(attempt: Attempt) -> Step:
    """The order is not cancelled yet, whatever the answer said, which may have come from something in between."""
    if attempt.job is Job.FAILED:
        return Step.REFUSE
    return Step.WAIT if attempt.job is Job.UNDER_WAY else Step.MARK_UNKNOWN


def _after_a_refusal(stored: Cancellation, attempt: Attempt) -> Step:
    """Shopify also refuses what is done already or being done, in words that it does not document: look."""
    locked_out = attempt.trouble is Trouble.LOCKED_OUT
    if not locked_out and attempt.shown is None:
        return Step.LOOK
    if stored.just_lost and not locked_out:
        return Step.MARK_UNKNOWN
    return Step.LEAVE_UNCLEAR if stored.may_have_left else Step.REFUSE


def _after_a_lost_answer(stored: Cancellation, attempt: Attempt) -> Step:
    """A job that began in this attempt has its time: Shopify may have been away before."""
    overdue = stored.may_have_left and stored.age is not None and stored.age > LONGEST_TRY
    if not overdue or (attempt.accepted and stored.has_job):
        return Step.RETRY
    return Step.LOOK if attempt.shown is None else Step.LEAVE_UNCLEAR
