"""The words of a decision about a call: its answers, its rules, and what each rule says of what it has read.

They are stored as names and facts; the sentences are made when a decision is shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ordercall.domain.calls.calling import Reason
from ordercall.domain.words import Word

type Facts = Mapping[str, Any]
"""What a rule has read, as JSON could hold it; nothing that says who the customer is but where they live."""


class Answer(Word):
    """What is decided about the call of an order, in a few words."""

    short: str

    CALL = "call", "Is called"
    NEVER = "never", "Is not called"
    ASK = "ask", "A person decides"


class Rule(Word):
    """A rule, and what it says where it lets the call be; the braces hold the facts that it has read.

    Where it speaks against the call, the sentence of its reason says so.
    """

    short: str
    passes: str

    KIND = "kind", "Kind of order", "The order belongs to this installation."
    TEST = "test", "Test order", "It is no test order."
    CANCELLED = "cancelled", "Cancelled", "It is not cancelled in Shopify."
    DELETED = "deleted", "Deleted", "It is not deleted in Shopify."
    DECIDED = "decided", "Status", "Its status is {status}."
    COUNTER = "counter", "Point of sale", "It was not sold at a counter. Sold through: {source}."
    SHIPPED = "shipped", "Shipping", "No parcel has left: {shipping}."
    REFUNDED = "refunded", "Refund", "It is not refunded in full. Payment: {payment}."
    PAYABLE = "payable", "Payment's state", "Its payment is neither voided nor expired: {payment}."
    LEFT = "left", "What is left", "Something of it is left to deliver: {pieces} pieces, {total} in all."
    ARCHIVED = "archived", "Archived", "It is not archived in Shopify."
    KNOWN = "known", "Whole order", "All of it is known that decides about a call."
    SHOWN = "shown", "Shown phone", "Shopify shows this app its customer."
    PHONE = "phone", "Phone", "It has a usable phone number."
    DO_NOT_CALL = "do_not_call", "Do not call", "Its customer has not asked to be left alone."
    CONNECTED = "connected", "App", "The app is in the shop."
    AGE = "age", "Age", "It came {hours} hours after it was placed; {most} are allowed."
    PAYMENT = "payment", "Payment", "The policy calls this way of payment ({wanted})."
    AMOUNT = "amount", "Amount due", "Enough is due for a call: {due}, of at least {least}."
    COUNTRY = "country", "Country", "The policy calls this country: {country}."
    ATTEMPTS = "attempts", "Attempts", "The policy calls so often by itself: call {attempt} of {most}."
    SETTINGS = "settings", "Settings", "Nothing is missing that a call takes."
    PAUSE = "pause", "Pause", "Calling is not paused."
    DELAY = "delay", "Delay", "The policy has no more time pass before the call: {minutes} minutes after it came."
    AGAIN = "again", "Further call", "It is the first call, or the time of a further one has come."
    HOURS = "hours", "Calling hours", "It is within the calling hours: {hours}, {zone}."
    LANGUAGE = "language", "Language", "For {place}: {language}."
    AGENT = "agent", "Agent", "Called by the agent {agent} on the campaign {campaign}."


WAITING = {
    Rule.PAUSE: "Calling is paused.",
    Rule.DELAY: "The call waits until {minutes} minutes after it came.",
    Rule.AGAIN: "It is a further call, whose time has not come: {follows}.",
    Rule.HOURS: "It waits for the calling hours: {hours}, {zone}.",
}
"""What the rules say that have a call wait."""

PASSES, WAITS = "passes", "waits"
"""What a rule says of a call that it is not against; it says the :class:`Reason`'s word where it is."""


class _Told(dict[str, Any]):
    """Facts as they read in a sentence. One that an earlier version did not store is unknown, as one that is None."""

    def __missing__(self, name: str) -> str:
        return "unknown"

    def __getitem__(self, name: str) -> Any:
        value = super().__getitem__(name)
        return "unknown" if value is None else value


@dataclass(frozen=True, slots=True)
class Look:
    """A rule that was looked at: what it said, and what it had read."""

    rule: Rule
    verdict: str
    facts: Facts

    @property
    def sentence(self) -> str:
        """What the rule said, to a person."""
        if reason := Reason.of(self.verdict):
            return reason.sentence
        sentence = WAITING[self.rule] if self.verdict == WAITS else self.rule.passes
        return sentence.format_map(_Told(self.facts))
