"""The words of calling: how far it got, why nobody is called, in which language and within which hours."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from ordercall.domain.transitions import Transitions, sources
from ordercall.domain.words import Word

INDIA = ZoneInfo("Asia/Kolkata")
SHORTEST_WINDOW = timedelta(minutes=5)
"""With less than this left before closing time nobody would be reached: the order waits for the next opening."""
WINDOW_TOLERANCE = timedelta(minutes=1)
"""A campaign's window is sent again only when its end would move by more than this."""

POINT_OF_SALE = "pos"
"""Where Shopify says that an order comes from, when it was sold at a counter."""


class Language(Word):
    """The language of the voice agent, and what it is called."""

    label: str

    ENGLISH = "en", "English"
    HINDI = "hi", "Hindi"
    ASSAMESE = "as", "Assamese"
    BENGALI = "bn", "Bengali"
    GUJARATI = "gu", "Gujarati"
    KANNADA = "kn", "Kannada"
    MALAYALAM = "ml", "Malayalam"
    MARATHI = "mr", "Marathi"
    ODIA = "or", "Odia"
    PUNJABI = "pa", "Punjabi"
    TAMIL = "ta", "Tamil"
    TELUGU = "te", "Telugu"
    URDU = "ur", "Urdu"


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
    DO_NOT_CALL = (
        "do_not_call",
        "Wants no calls",
        "Its customer has asked not to be called.",
        "Confirm it another way, such as by e-mail.",
    )
    PAID = (
        "paid",
        "Paid",
        "Nothing of it is to be collected, and the policy calls only where something is (who.payment).",
        "Have it called by hand, or change the policy.",
    )
    OTHER_PAYMENT = (
        "other_payment",
        "Other payment",
        "It is paid through none of the gateways that the policy calls (who.gateways).",
        "Have it called by hand, or change the policy.",
    )
    SMALL_AMOUNT = (
        "small_amount",
        "Small amount",
        "Less is due than the policy calls for (who.least_due).",
        "Have it called by hand, or change the policy.",
    )
    OTHER_COUNTRY = (
        "other_country",
        "Other country",
        "It ships to none of the countries that the policy calls (who.countries).",
        "Have it called by hand, or change the policy.",
    )
    OTHER_PHONE = (
        "other_phone",
        "Other kind of number",
        "Its number is of a kind that the policy does not call (who.phones_not_called).",
        "Have it called by hand, or change the policy.",
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
    NOT_REACHED = (
        "not_reached",
        "Not reached",
        "Nobody was reached, and by the policy no further call follows by itself (attempts).",
        "Call the customer yourself, or call the order again.",
    )
    ALREADY_LISTED = (
        "already_listed",
        "Not rung again",
        "Kalimera has the contact on the campaign already, and does not ring it again.",
        "Call the customer yourself, or take the contact off the campaign at Kalimera and call it again.",
    )
    OUTCOME_UNKNOWN = (
        "outcome_unknown",
        "Outcome unknown",
        "Kalimera gave no clear answer, so it may or may not be on the campaign.",
        "Look in Kalimera first: another sync could ring the customer twice.",
    )
    NOT_HEARD = (
        "not_heard",
        "May have answered",
        "Its call ended while Ordercall could not hear: the customer may have answered.",
        "Look in Kalimera what came of the call, and set the status.",
    )
    PASSED_OVER = (
        "passed_over",
        "Not answered with it",
        "It was called together with another order, and only of that one its customer's answer was reported.",
        "Look what was said of it, or call it again.",
    )
    PHONE_CHANGED = (
        "phone_changed",
        "Phone corrected too late",
        "Its phone was corrected when Kalimera had been told of the earlier one, which may still be rung.",
        "Call the customer yourself: nobody is taken off Kalimera's list, and the new phone is not put on it.",
    )
    CANCEL_UNDONE = (
        "cancel_undone",
        "Cancel undone",
        "Its cancellation was undone before Shopify was asked.",
        "Ask the customer, then set the status.",
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
        """Whether somebody must look at an order with this reason: it may be worth a call, or has another way."""
        return self in (
            *(Reason.NO_PHONE, Reason.TOO_OLD, Reason.PARTLY_KNOWN),
            *(Reason.DO_NOT_CALL, Reason.NOT_HEARD),
        )

    @property
    def of_all(self) -> bool:
        """Whether it is so for all orders at present, and none of this order's own."""
        return self in (Reason.DISCONNECTED, Reason.SETTINGS_MISSING)

    @property
    def asks_a_person(self) -> bool:
        """Whether a decision for this reason asks a person, and is not that nobody is ever called."""
        return self is Reason.SETTINGS_MISSING or (self.waits_for_a_person and self is not Reason.DO_NOT_CALL)


def is_off(calling: CallingState | None, reason: Reason | None) -> bool:
    """Return whether nobody is to be called. What a person is to look at still may be, and is waited for."""
    asks = reason is not None and (reason.asks_a_person or reason.of_all)
    return calling is None or (calling is CallingState.NOT_CALLED and not asks)


CALLING_TRANSITIONS: Transitions[CallingState] = {
    None: frozenset(CallingState) - {CallingState.WAITING_FOR_HOURS},
    # QUEUED again: a person asks once more, or a correction of the order sets the call up anew.
    CallingState.QUEUED: frozenset(CallingState),
    CallingState.WAITING_FOR_HOURS: frozenset(CallingState) - {CallingState.WAITING_FOR_HOURS},
    # ON_CAMPAIGN, FAILED: the request had left when the order was stopped. See calling_sources for FAILED.
    CallingState.NOT_CALLED: frozenset({CallingState.QUEUED, CallingState.ON_CAMPAIGN, CallingState.FAILED}),
    # ON_CAMPAIGN: a worker that was taken for dead had added it all the same.
    CallingState.FAILED: frozenset({CallingState.QUEUED, CallingState.ON_CAMPAIGN, CallingState.NOT_CALLED}),
    # Kalimera takes nobody off a campaign. See calling_sources for FAILED, and for QUEUED: a further call.
    CallingState.ON_CAMPAIGN: frozenset({CallingState.FAILED, CallingState.QUEUED}),
}


_SETTLED = frozenset({CallingState.ON_CAMPAIGN, CallingState.NOT_CALLED})


def calling_sources(
    target: CallingState, reason: Reason | None = None, *, further: bool = False
) -> frozenset[CallingState | None]:
    """Return the calling states that may become *target* for this reason.

    Only a *further* call brings an order on its way that is on its campaign. What goes wrong with the call of an order
    that is not called any more is no news, unless its customer may be rung. One that is on its campaign is off it for a
    person only once its phone is another, it was called often enough, or it was passed over in a joint call. What a
    person undid waits for them, wherever it was.
    """
    found = sources(CALLING_TRANSITIONS, target)
    if target is CallingState.QUEUED and not further:
        return found - {CallingState.ON_CAMPAIGN}
    if target is not CallingState.FAILED:
        return found
    if reason is Reason.CANCEL_UNDONE:
        return found
    if reason in (Reason.PHONE_CHANGED, Reason.NOT_REACHED, Reason.PASSED_OVER):
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
