"""A call: one time that a customer is to be rung, from the plan to what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from ordercall.domain.calls.calling import Language
from ordercall.domain.orders.order import Status
from ordercall.domain.transitions import Transitions
from ordercall.domain.words import Word

GRACE = timedelta(minutes=15)
"""After the end of a call's window its customer may still be talking, and the report of it on its way."""


class CallState(Word):
    """How far a call got, and that in two or three words."""

    short: str

    PLANNED = "planned", "Planned"
    # Stored before the request leaves: from here on the customer may be rung.
    PLACING = "placing", "Going to Kalimera"
    PLACED = "placed", "Rings"
    # The request left and its answer was lost.
    IN_DOUBT = "in_doubt", "May ring"
    REJECTED = "rejected", "Kalimera refused"
    WITHDRAWN = "withdrawn", "Not called"
    UNANSWERED = "unanswered", "No answer"
    ENDED_UNKNOWN = "ended_unknown", "Outcome unknown"
    OVERTAKEN = "overtaken", "Settled before"
    ANSWERED = "answered", "Answered"

    @property
    def live(self) -> bool:
        """Whether it is planned or open: an order has one such call at most."""
        return self is CallState.PLANNED or self in MAY_RING


MAY_RING = frozenset({CallState.PLACING, CallState.PLACED, CallState.IN_DOUBT})
"""The call is open: Kalimera rings, or may have been asked to."""

CALL_TRANSITIONS: Transitions[CallState] = {
    None: frozenset(),
    # REJECTED: Kalimera takes the contact or the campaign's settings not, so the add is never tried.
    CallState.PLANNED: frozenset({CallState.PLACING, CallState.WITHDRAWN, CallState.REJECTED}),
    CallState.PLACING: frozenset(
        {
            CallState.PLACED,
            CallState.PLANNED,  # Kalimera was busy
            CallState.REJECTED,
            CallState.IN_DOUBT,
            CallState.OVERTAKEN,
            CallState.ANSWERED,
        }
    ),
    CallState.IN_DOUBT: frozenset(
        {
            CallState.PLACED,
            CallState.PLANNED,  # a list that proves the contrary
            CallState.ENDED_UNKNOWN,
            CallState.OVERTAKEN,
            CallState.ANSWERED,
        }
    ),
    CallState.PLACED: frozenset(
        {
            CallState.UNANSWERED,
            CallState.ENDED_UNKNOWN,  # a report could not have reached us
            CallState.OVERTAKEN,
            CallState.ANSWERED,
        }
    ),
    # A report may come late, and is believed before silence.
    CallState.ENDED_UNKNOWN: frozenset({CallState.UNANSWERED, CallState.ANSWERED}),
    CallState.UNANSWERED: frozenset({CallState.ANSWERED}),
    CallState.OVERTAKEN: frozenset({CallState.ANSWERED}),
    CallState.REJECTED: frozenset(),
    CallState.WITHDRAWN: frozenset(),
    CallState.ANSWERED: frozenset(),
}


class Waits(Word):
    """Why a planned call is not due yet."""

    sentence: str

    HOURS = "hours", "It is outside the calling hours."
    PAUSE = "pause", "Calling is paused."
    CAMPAIGN = "campaign", "Its campaign is paused at Kalimera."
    DELAY = "delay", "The policy has more time pass before the call."
    AGAIN = "again", "It is a further call, whose time has not come."


class Follows(Word):
    """Why a call follows another of its order; its first call follows nothing."""

    short: str

    ASKED = "asked", "A person asked for it"
    SILENCE = "silence", "Nobody answered"
    CALL_BACK = "call_back", "The customer asked to be called then"
    LANGUAGE = "language", "The customer asked for another language"
    PAUSE = "pause", "A pause ended the window of the call before it"

    @property
    def by_customer(self) -> bool:
        """Whether the customer asked for it."""
        return self in (Follows.CALL_BACK, Follows.LANGUAGE)


CUSTOMER = "the customer"
"""By whom a call is asked for in the call before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is asked of an order's call beyond what its order and the policy say.

    Attributes:
        follows: why it follows another; None: it is the first, or one that was set up anew.
        attempt: of the calls that the program makes by itself, after silence, which one it is.
        not_before: its gap, the time that its customer asked for, or until when the call before it may still ring.
        language: in which the customer asked to be called.
        despite: the status of its order that whoever asked for it knew of and set aside.
    """

    follows: Follows | None = None
    attempt: int = 1
    not_before: datetime | None = None
    language: Language | None = None
    despite: Status | None = None


NOTHING_ASKED = Plan()
"""Of a first call."""


class Answer(Word):
    """What a customer said of an order, and how that reads on a page."""

    short: str

    CONFIRMED = "confirmed", "Confirmed by phone"
    REFUSED = "refused", "Refused by phone"


def silent_since(now: datetime) -> datetime:
    """Return by when a call's window must have ended for it to be over, with nobody having said how it went."""
    return now - GRACE
