"""Who is called, by which agent and when."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from ordercall.domain.orders import OrderFacts, Status
from ordercall.domain.payment import REFUNDED

INDIA = ZoneInfo("Asia/Kolkata")
WINDOW = timedelta(hours=2)
"""From now on, as the description has it."""
SHORTEST_WINDOW = timedelta(minutes=5)
"""With less than this left before closing time nobody would be reached: the order waits for the next opening."""
WINDOW_TOLERANCE = timedelta(minutes=1)
"""A campaign's window is sent again only when its end would move by more than this."""

HINDI_STATES = frozenset({"gujarat", "gj", "gujrat"})


class Language(StrEnum):
    """The language of the voice agent."""

    ENGLISH = "en"
    HINDI = "hi"


class CallingState(StrEnum):
    """How far the calling of an order got. Separate from its confirmation status."""

    QUEUED = "queued"
    WAITING_FOR_HOURS = "waiting_for_hours"
    ON_CAMPAIGN = "on_campaign"
    NOT_CALLED = "not_called"
    FAILED = "failed"

    @property
    def on_its_way(self) -> bool:
        """Whether a job brings it on."""
        return self in (CallingState.QUEUED, CallingState.WAITING_FOR_HOURS)

    @property
    def off_campaign(self) -> bool:
        """Whether nobody rings its customer."""
        return self in (CallingState.NOT_CALLED, CallingState.FAILED)


class Reason(StrEnum):
    """Why an order is not called, or why its calling failed. ``sentence`` is what a person reads."""

    TEST_ORDER = "test_order"
    DEMO_ORDER = "demo_order"
    CANCELLED = "cancelled"
    SHIPPED = "shipped"
    REFUNDED = "refunded"
    TOO_OLD = "too_old"
    NO_PHONE = "no_phone"
    ALREADY_DECIDED = "already_decided"
    EARLIER_PROGRAM = "earlier_program"
    DISCONNECTED = "disconnected"
    ERASED = "erased"
    KALIMERA_REFUSED = "kalimera_refused"
    OUTCOME_UNKNOWN = "outcome_unknown"
    SETTINGS_MISSING = "settings_missing"
    CRASHED = "crashed"

    @property
    def short(self) -> str:
        """The same in two or three words."""
        return _SHORT[self]

    @property
    def sentence(self) -> str:
        return _SENTENCES[self]


_SHORT = {
    Reason.TEST_ORDER: "Test order",
    Reason.DEMO_ORDER: "Demo order",
    Reason.CANCELLED: "Cancelled",
    Reason.SHIPPED: "Shipped already",
    Reason.REFUNDED: "Refunded",
    Reason.TOO_OLD: "Came too late",
    Reason.NO_PHONE: "No usable phone",
    Reason.ALREADY_DECIDED: "Decided before the call",
    Reason.EARLIER_PROGRAM: "From the earlier program",
    Reason.DISCONNECTED: "App uninstalled",
    Reason.ERASED: "Data erased",
    Reason.KALIMERA_REFUSED: "Kalimera refused",
    Reason.OUTCOME_UNKNOWN: "Outcome unknown",
    Reason.SETTINGS_MISSING: "Settings missing",
    Reason.CRASHED: "Worker stopped",
}

_SENTENCES = {
    Reason.TEST_ORDER: "It is a test order.",
    Reason.DEMO_ORDER: "It is a demo order, which the sandbox placed.",
    Reason.CANCELLED: "It was cancelled in Shopify.",
    Reason.SHIPPED: "Its parcel has left already, or a part of it.",
    Reason.REFUNDED: "It was refunded in full in Shopify.",
    Reason.TOO_OLD: "It reached Ordercall too long after it was placed (MAX_ORDER_AGE_HOURS).",
    Reason.NO_PHONE: "The order has no usable phone number.",
    Reason.ALREADY_DECIDED: "Its status was set before the call.",
    Reason.EARLIER_PROGRAM: "It was stored before this program took over.",
    Reason.DISCONNECTED: "The app was uninstalled from the shop.",
    Reason.ERASED: "The customer's data was erased at their request.",
    Reason.KALIMERA_REFUSED: "Kalimera refused it.",
    Reason.OUTCOME_UNKNOWN: "Kalimera gave no clear answer, so it may or may not be on the campaign.",
    Reason.SETTINGS_MISSING: "Kalimera's settings are incomplete.",
    Reason.CRASHED: "The worker stopped again and again while it worked on this order.",
}


@dataclass(frozen=True, slots=True)
class CallWindow:
    """The time in which Kalimera may ring: aware start and end in Asia/Kolkata."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class CallingHours:
    """The hours of a day, in Asia/Kolkata, in which customers may be rung."""

    opens: time
    closes: time | None  # None: midnight, the end of the day

    @classmethod
    def parse(cls, text: str) -> CallingHours:
        """Read "09:00-21:00". "00:00-24:00" means always.

        Raises:
            ValueError: the text is not two times of day, the earlier first.
        """
        match = re.fullmatch(r"\s*(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})\s*", text)
        if not match:
            raise ValueError(f"'{text}' is not of the form 09:00-21:00")
        hour, minute, last_hour, last_minute = map(int, match.groups())
        opens = time(hour, minute)
        closes = None if (last_hour, last_minute) == (24, 0) else time(last_hour, last_minute)
        open_for = timedelta(hours=last_hour - hour, minutes=last_minute - minute)
        if open_for < SHORTEST_WINDOW:
            raise ValueError(f"'{text}' must open at least five minutes before it closes, on the same day")
        return cls(opens, closes)

    @property
    def always(self) -> bool:
        return self.opens == time(0) and self.closes is None

    def __str__(self) -> str:
        return f"{self.opens:%H:%M}-{self.closes.strftime('%H:%M') if self.closes else '24:00'}"

    def closing(self, now: datetime) -> datetime:
        """Return the closing time of the day of *now*, in Asia/Kolkata."""
        day = now.astimezone(INDIA)
        if self.closes is None:
            return datetime.combine(day.date() + timedelta(days=1), time(0), INDIA)
        return datetime.combine(day.date(), self.closes, INDIA)

    def next_opening(self, now: datetime) -> datetime:
        """Return *now* if calls may start now, else the next moment at which they may."""
        here = _aware(now).astimezone(INDIA)
        if self.always:
            return here
        opening = datetime.combine(here.date(), self.opens, INDIA)
        if here < opening:
            return opening
        if self.closing(here) - here >= SHORTEST_WINDOW:
            return here
        return opening + timedelta(days=1)


def call_window(now: datetime, hours: CallingHours) -> CallWindow:
    """Return the two hours from *now* in which Kalimera may ring, cut at closing time.

    Args:
        now: aware datetime, any zone, inside the calling hours.
        hours: the shop's calling hours.

    Returns:
        Aware start and end in Asia/Kolkata, at most 120 minutes apart, in whole seconds.

    Raises:
        ValueError: *now* is naive or outside the calling hours; a call at the wrong hour reaches a real person.
    """
    start = _aware(now).astimezone(INDIA).replace(microsecond=0)
    if hours.next_opening(now) > now:
        raise ValueError(f"{start:%H:%M} is outside the calling hours")
    end = start + WINDOW
    return CallWindow(start, end if hours.always else min(end, hours.closing(start)))


def pick_agent(state: str | None) -> Language:
    """Return the language of the agent for an order shipped to *state*: Gujarat hears Hindi, everyone else English."""
    return Language.HINDI if (state or "").strip().lower() in HINDI_STATES else Language.ENGLISH


def agent_rule(state: str | None) -> str:
    """Return, as a sentence for a person, which rule picks the agent of an order shipped to *state*."""
    if not (state or "").strip():
        return "The order names no state, and only Gujarat is called in Hindi."
    rule = "which is called in Hindi" if pick_agent(state) is Language.HINDI else "and only Gujarat is called in Hindi"
    return f"It ships to {state}, {rule}."


def window_rule(hours: CallingHours) -> str:
    """Return, as a sentence for a person, which rule sets the time in which a customer may be rung."""
    length = f"{WINDOW // timedelta(hours=1)} hours from when the campaign was set"
    return f"{length}." if hours.always else f"{length}, within the calling hours {hours} India time."


def why_not_called(order: OrderFacts, status: Status | None) -> Reason | None:
    """Return why nobody may ring this order's customer, or None if a call is in order."""
    reasons = (
        (Reason.TEST_ORDER, order.is_test),
        (Reason.CANCELLED, order.shopify_cancelled_at),
        (Reason.ALREADY_DECIDED, status is not Status.PLACED),
        (Reason.SHIPPED, order.fulfillment_status.has_left),
        (Reason.REFUNDED, order.financial_status == REFUNDED),
        (Reason.NO_PHONE, not order.customer_phone),
    )
    return next((reason for reason, stands in reasons if stands), None)


def oldest_to_call(now: datetime, max_age: timedelta) -> datetime:
    """Return when an order must have been placed, at the earliest, to be put on its way to a call by itself."""
    return now - max_age


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a time without a zone cannot decide whether a customer may be rung")
    return moment
