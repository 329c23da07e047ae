"""Who is called, by which agent and when."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from ordercall.domain.orders import OrderFacts, Status
from ordercall.domain.payment import EXPIRED, REFUNDED, VOIDED
from ordercall.domain.provinces import INDIA_NAMED, names_gujarat
from ordercall.domain.transitions import Transitions, sources
from ordercall.domain.words import Word

INDIA = ZoneInfo("Asia/Kolkata")
WINDOW = timedelta(hours=2)
"""From now on, as the description has it."""
SHORTEST_WINDOW = timedelta(minutes=5)
"""With less than this left before closing time nobody would be reached: the order waits for the next opening."""
WINDOW_TOLERANCE = timedelta(minutes=1)
"""A campaign's window is sent again only when its end would move by more than this."""

POINT_OF_SALE = "pos"
"""Where Shopify says that an order comes from, when it was sold at a counter."""

HINDI_PROVINCE = "GJ"
"""The code of Gujarat in Shopify, whatever the language of the checkout."""


class Language(Word):
    """The language of the voice agent, and what it is called."""

    label: str

    ENGLISH = "en", "English"
    HINDI = "hi", "Hindi"


class CallingState(Word):
    """How far the calling of an order got, separate from its confirmation status; and how that reads in two words."""

    short: str

    QUEUED = "queued", "Queued"
    WAITING_FOR_HOURS = "waiting_for_hours", "Waits for hours"
    ON_CAMPAIGN = "on_campaign", "On campaign"
    NOT_CALLED = "not_called", "Not called"
    FAILED = "failed", "Not on campaign"

    @property
    def on_its_way(self) -> bool:
        """Whether a job brings it on."""
        return self in (CallingState.QUEUED, CallingState.WAITING_FOR_HOURS)

    @property
    def off_campaign(self) -> bool:
        """Whether nobody rings its customer."""
        return self in (CallingState.NOT_CALLED, CallingState.FAILED)


class Reason(Word):
    """Why an order is not called, or why its calling failed.

    Attributes:
        short: the same in two or three words.
        sentence: what a person reads.
        remedy: what can be done, a sentence as well.
    """

    short: str
    sentence: str
    remedy: str

    TEST_ORDER = ("test_order", "Test order", "It is a test order.", "Nobody is called for a test.")
    DEMO_ORDER = (
        "demo_order",
        "Demo order",
        "It is a demo order, which the sandbox placed.",
        "Remove the demo orders: `ordercall sandbox clear`.",
    )
    CANCELLED = ("cancelled", "Cancelled", "It was cancelled in Shopify.", "Nothing is left to confirm.")
    DELETED = ("deleted", "Deleted", "It was deleted in Shopify.", "Nothing is left to confirm.")
    COUNTER_SALE = (
        "counter_sale",
        "Sold at the counter",
        "It was sold in a shop, at Shopify's point of sale.",
        "Nobody is called who stood at the counter.",
    )
    SHIPPED = (
        "shipped",
        "Shipped already",
        "Its parcel has left already, or a part of it.",
        "Set it to Returned if it comes back.",
    )
    REFUNDED = (
        "refunded",
        "Refunded",
        "It was refunded in full in Shopify.",
        "Nothing is left to confirm.",
    )
    PAYMENT_VOIDED = (
        "payment_voided",
        "Payment voided",
        "Its payment was voided in Shopify.",
        "Once it is paid or payable again, the call follows by itself.",
    )
    PAYMENT_EXPIRED = (
        "payment_expired",
        "Payment expired",
        "The authorisation of its payment expired before the money was taken.",
        "Once it is paid or payable again, the call follows by itself.",
    )
    EMPTIED = (
        "emptied",
        "Nothing left of it",
        "Nothing that was ordered is left: it was edited or refunded until no piece or no amount remained.",
        "Add what is still wanted in Shopify; the call then follows by itself.",
    )
    ARCHIVED = (
        "archived",
        "Archived",
        "It was archived in Shopify.",
        "Unarchive it in Shopify; the call then follows by itself.",
    )
    TOO_OLD = (
        "too_old",
        "Came too late",
        "It reached Ordercall too long after it was placed (MAX_ORDER_AGE_HOURS).",
        "Have it called if it still makes sense.",
    )
    NO_PHONE = (
        "no_phone",
        "No usable phone",
        "The order has no usable phone number.",
        "Add a phone in Shopify; the call then follows by itself.",
    )
    PARTLY_KNOWN = (
        "partly_known",
        "Known in part",
        "Shopify sent only a part of it, and the rest has not been read from the shop yet.",
        "See that the shop can be read (`ordercall doctor`); webhooks without include_fields send whole orders.",
    )
    PHONE_HIDDEN = (
        "phone_hidden",
        "Phone not shown",
        "Shopify does not show this app the customer's phone.",
        "Give the app what `ordercall doctor` says that it lacks; once the phone is shown, the call follows by itself.",
    )
    ALREADY_DECIDED = (
        "already_decided",
        "Decided before the call",
        "Its status was set before the call.",
        "To have it called all the same, set it to Placed and sync it.",
    )
    EARLIER_PROGRAM = (
        "earlier_program",
        "From the earlier program",
        "It was stored before this program took over.",
        "Sync it if nobody has called yet.",
    )
    DISCONNECTED = (
        "disconnected",
        "App uninstalled",
        "The app was uninstalled from the shop.",
        "Install it again; the call then follows by itself.",
    )
    ERASED = (
        "erased",
        "Data erased",
        "The customer's data was erased at their request.",
        "Nobody can be called any more.",
    )
    KALIMERA_REFUSED = (
        "kalimera_refused",
        "Kalimera refused",
        "Kalimera refused it.",
        "Mend what it names, then sync the order again.",
    )
    OUTCOME_UNKNOWN = (
        "outcome_unknown",
        "Outcome unknown",
        "Kalimera gave no clear answer, so it may or may not be on the campaign.",
        "Look in Kalimera first: another sync could ring the customer twice.",
    )
    PHONE_CHANGED = (
        "phone_changed",
        "Phone corrected too late",
        "Its phone was corrected when Kalimera had been told of the earlier one, which may still be rung.",
        "Call the customer yourself: nobody is taken off Kalimera's list, and the new phone is not put on it.",
    )
    SETTINGS_MISSING = (
        "settings_missing",
        "Settings missing",
        "Kalimera's settings are incomplete.",
        "Set what is missing, then sync the order again.",
    )
    CRASHED = (
        "crashed",
        "Worker stopped",
        "The worker stopped again and again while it worked on this order.",
        "Sync it again; if the worker stops once more, its log says why.",
    )

    @property
    def waits_for_a_person(self) -> bool:
        """Whether an order that is not called for this reason may well be worth a call, so that somebody must look."""
        return self in (Reason.NO_PHONE, Reason.TOO_OLD, Reason.PARTLY_KNOWN)


CALLING_TRANSITIONS: Transitions[CallingState] = {
    None: frozenset(CallingState) - {CallingState.WAITING_FOR_HOURS},
    # QUEUED again: a person asks once more, or a correction of the order sets the call up anew.
    CallingState.QUEUED: frozenset(CallingState),
    CallingState.WAITING_FOR_HOURS: frozenset(CallingState) - {CallingState.WAITING_FOR_HOURS},
    # ON_CAMPAIGN, FAILED: the request had left when the order was stopped. See calling_sources for FAILED.
    CallingState.NOT_CALLED: frozenset({CallingState.QUEUED, CallingState.ON_CAMPAIGN, CallingState.FAILED}),
    # ON_CAMPAIGN: a worker that was taken for dead had added it all the same.
    CallingState.FAILED: frozenset({CallingState.QUEUED, CallingState.ON_CAMPAIGN, CallingState.NOT_CALLED}),
    # Kalimera takes nobody off a campaign. See calling_sources for FAILED.
    CallingState.ON_CAMPAIGN: frozenset({CallingState.FAILED}),
}


_SETTLED = frozenset({CallingState.ON_CAMPAIGN, CallingState.NOT_CALLED})


def calling_sources(target: CallingState, reason: Reason | None = None) -> frozenset[CallingState | None]:
    """Return the calling states that may become *target* for this reason.

    What goes wrong with the call of an order that is not called any more is no news, unless its customer may be rung.
    One that is on its campaign is off it for a person only once its phone is another.
    """
    found = sources(CALLING_TRANSITIONS, target)
    if target is not CallingState.FAILED:
        return found
    if reason is Reason.PHONE_CHANGED:
        return frozenset({CallingState.ON_CAMPAIGN})
    no_news = {CallingState.ON_CAMPAIGN} if reason is Reason.OUTCOME_UNKNOWN else _SETTLED
    return found - no_news


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


def pick_agent(state: str | None, province_code: str | None = None, country: str | None = None) -> Language:
    """Return the language of the agent for an order shipped to a place: Gujarat hears Hindi, everyone else English.

    Args:
        state: the name of the province, in any language.
        province_code: its code in its country, which decides where it is one.
        country: its ISO code or name. GJ is a province of Romania, too.
    """
    code = (province_code or "").strip().upper().removeprefix("IN-")
    if len(code) != 2 or not code.isalpha():
        is_gujarat = names_gujarat(state)
    else:
        is_gujarat = code == HINDI_PROVINCE and (country or "IN").strip().casefold() in INDIA_NAMED
    return Language.HINDI if is_gujarat else Language.ENGLISH


def agent_for(order: OrderFacts) -> Language:
    """Return the language of the agent who rings for an order."""
    return pick_agent(order.state, order.province_code, order.country)


def agent_rule(order: OrderFacts) -> str:
    """Return, as a sentence for a person, which rule picks the agent of an order."""
    if not order.state:
        return "The order names no state, and only Gujarat is called in Hindi."
    language = agent_for(order)
    rule = "which is called in Hindi" if language is Language.HINDI else "and only Gujarat is called in Hindi"
    return f"It ships to {named_place(order)}, {rule}."


def named_place(order: OrderFacts) -> str:
    """Return the state as it stands in the order, with the code where the name alone would be called otherwise."""
    by_name = pick_agent(order.state)
    return f"{order.state} ({order.province_code})" if by_name is not agent_for(order) else f"{order.state}"


def window_rule(hours: CallingHours) -> str:
    """Return, as a sentence for a person, which rule sets the time in which a customer may be rung."""
    length = f"{WINDOW // timedelta(hours=1)} hours from when the campaign was set"
    return f"{length}." if hours.always else f"{length}, within the calling hours {hours} India time."


def why_not_called(order: OrderFacts, status: Status | None) -> Reason | None:
    """Return why nobody may ring this order's customer, or None if a call is in order."""
    reasons = (
        (Reason.TEST_ORDER, order.is_test),
        (Reason.CANCELLED, order.shopify_cancelled_at),
        (Reason.DELETED, order.shopify_deleted_at),
        (Reason.ALREADY_DECIDED, status is not Status.PLACED),
        (Reason.COUNTER_SALE, order.source_name == POINT_OF_SALE),
        (Reason.SHIPPED, order.fulfillment_status.has_left),
        (Reason.REFUNDED, order.financial_status == REFUNDED),
        (Reason.PAYMENT_VOIDED, order.financial_status == VOIDED),
        (Reason.PAYMENT_EXPIRED, order.financial_status == EXPIRED),
        (Reason.EMPTIED, order.is_empty),
        (Reason.ARCHIVED, order.closed_at),
        (Reason.PARTLY_KNOWN, order.unknown),
        (Reason.PHONE_HIDDEN, order.phone_is_hidden),
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
