"""How the calling of an order reads: what happened, or what is to happen and when."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask

from ordercall.domain.calls.call import Answer, CallState, Follows, Waits
from ordercall.domain.calls.calling import CallingState, Reason
from ordercall.domain.calls.pausing import in_words
from ordercall.domain.orders.order import Status
from ordercall.domain.reports.fates import Why
from ordercall.storage.records import calls
from ordercall.storage.records.calls import Call
from ordercall.storage.records.stored_order import StoredOrder
from ordercall.web.context import context
from ordercall.web.view.format import brief


@dataclass(frozen=True, slots=True)
class Words:
    """A few words, their icon and the class of their colour.

    Attributes:
        why: a sentence more.
        attempt: which of how many calls it is that the program makes by itself, as "2 of 3".
    """

    text: str
    icon: str
    css: str
    why: str = ""
    attempt: str = ""


STATES = {
    CallingState.ON_CAMPAIGN: ("phone-call", "s-ring"),
    CallingState.QUEUED: ("clock", "s-wait"),
    CallingState.WAITING_FOR_HOURS: ("moon", "s-wait"),
    CallingState.NOT_CALLED: ("phone-off", "s-off"),
    CallingState.FAILED: ("phone-off", "s-off"),
}
CALLS = {
    CallState.PLANNED: ("clock", "s-wait"),
    CallState.PLACING: ("clock", "s-wait"),
    CallState.PLACED: ("phone-call", "s-ring"),
    CallState.IN_DOUBT: ("triangle-alert", "s-miss"),
    CallState.REJECTED: ("triangle-alert", "s-you"),
    CallState.WITHDRAWN: ("phone-off", "s-off"),
    CallState.UNANSWERED: ("phone-off", "s-miss"),
    CallState.ENDED_UNKNOWN: ("triangle-alert", "s-you"),
    CallState.OVERTAKEN: ("phone-off", "s-off"),
    CallState.ANSWERED: ("check", "s-ok"),
}
HELD_BACK = {Waits.HOURS: "moon", Waits.PAUSE: "pause", Waits.CAMPAIGN: "pause"}
PAUSED = {Waits.PAUSE: "Waits: calls are paused", Waits.CAMPAIGN: "Waits: campaign is paused"}
AGAIN = {
    Follows.SILENCE: "No answer, again",
    Follows.CALL_BACK: "Call back",
    Follows.LANGUAGE: "Other language, again",
    Follows.PAUSE: "After the pause, again",
}
"""What a call that waits for its time is called, by why it follows another."""

TO_A_PERSON = {
    Why.UNCLEAR: "Unclear answer",
    Why.CHANGED: "Wants it changed",
    Why.EDITED: "Edited meanwhile",
    Why.WRONG_PERSON: "Wrong person",
    Why.DO_NOT_CALL: "Wants no calls",
    Why.INVALID_NUMBER: "Number cannot be rung",
    Why.NO_AGENT: "Other language",
    Why.LANGUAGE: "Other language",
    Why.TOO_FAR: "Wants a call back",
    Why.CALL_BACK: "Wants a call back",
    Why.ASKED_OFTEN: "Wants a call back",
    Why.DECIDED: "Says something else",
    Why.CONTRADICTION: "Contradicts itself",
    Why.UNKNOWN_WORD: "Unknown word",
}
"""What somebody reported that a person must decide on, in two or three words; of other reasons it is a report."""

DECIDED = "Decided meanwhile"


def register(app: Flask) -> None:
    """Give the templates their filters."""
    app.jinja_env.filters["how_called"] = how_called
    app.jinja_env.filters["call_words"] = call_words
    app.jinja_env.filters["pause_words"] = in_words


def how_called(
    order: StoredOrder, last: Call | None, *, reported: Why | None = None, attempts: int = 1
) -> Words | None:
    """Return how far the calling of an order got; None where nobody knows.

    Args:
        last: the last call.
        reported: why a report about it waits for a person.
        attempts: how many calls the program makes by itself where nobody is reached.
    """
    if reported:
        return Words(TO_A_PERSON.get(reported, "A report to look at"), "flag", "s-you", reported.sentence)
    if order.address_waits:
        return Words("Address to approve", "flag", "s-you", Why.ADDRESS.sentence)
    state, reason = order.calling_state, order.calling_reason
    untold = last is None or last.state is CallState.WITHDRAWN or (last.state is CallState.PLANNED and not _waits(last))
    if state is not None and state.off_campaign:
        return _off_campaign(order, state, reason, last, attempts)
    if state is not None and untold:
        return Words("Waits for Kalimera" if state is CallingState.QUEUED else state.short, *STATES[state])
    return call_words(last, attempts) if last else None


def call_words(call: Call, attempts: int = 1) -> Words:
    """Return what became of a call, or is to become."""
    reason = Reason.of(call.reason)
    icon, css = CALLS[call.state]
    if call.state is CallState.PLANNED and _waits(call):
        icon = HELD_BACK.get(call.waits, "phone" if call.follows else icon) if call.waits else icon
        css = "s-miss" if call.follows is Follows.SILENCE else css
    if call.answer is Answer.REFUSED:
        icon, css = "x", "s-no"
    return Words(_text(call, reason), icon, css, _sentence(reason), _attempt(call, attempts))


def _off_campaign(
    order: StoredOrder, state: CallingState, reason: Reason | None, last: Call | None, attempts: int
) -> Words:
    """Return why nobody rings; what a person can still do about it stands out."""
    failed = state is CallingState.FAILED
    text, attempt = _not_called(state, reason), ""
    if failed and reason is Reason.NOT_REACHED and last:
        text, attempt = CallState.UNANSWERED.short, _attempt(last, attempts)
    elif failed and reason:
        text = reason.short
    waits = order.confirmation_status == Status.PLACED and (
        failed or (reason is not None and reason.waits_for_a_person)
    )
    return Words(text, *(("flag", "s-you") if waits else STATES[state]), _sentence(reason), attempt)


def _attempt(call: Call, attempts: int) -> str:
    own = call.asked_by is None and call.follows in (None, Follows.SILENCE, Follows.PAUSE)
    told = call.state not in (CallState.ANSWERED, CallState.OVERTAKEN, *calls.NEVER_RANG)
    return f"{call.attempt} of {attempts}" if own and told and call.attempt <= attempts > 1 else ""


def _not_called(state: CallingState, reason: Reason | None) -> str:
    known = state is CallingState.NOT_CALLED and reason is not None
    return f"{state.short}: {reason.short[0].lower()}{reason.short[1:]}" if known and reason else state.short


def _text(call: Call, reason: Reason | None) -> str:
    over = call.window_end is not None and call.window_end <= context().clock()
    until = brief(call.window_end)
    match call.state:
        case CallState.PLANNED:
            return _planned(call)
        case CallState.PLACED | CallState.IN_DOUBT if over:
            return f"{'Rang' if call.state is CallState.PLACED else 'May have rung'} until {until}"
        case CallState.PLACED if call.window_start and call.window_start > context().clock():
            return f"Will ring at {brief(call.window_start)}"
        case CallState.PLACED | CallState.IN_DOUBT:
            return f"{call.state.short} until {until}"
        case CallState.WITHDRAWN if reason:
            return _not_called(CallingState.NOT_CALLED, reason)
        case CallState.OVERTAKEN if reason:
            return DECIDED if reason is Reason.ALREADY_DECIDED else reason.short
        case CallState.ENDED_UNKNOWN if call.was_cut_off:
            return "Cut off by a pause"
        case CallState.ANSWERED if call.answer:
            return call.answer.short
    return call.state.short


def _planned(call: Call) -> str:
    if call.waits in PAUSED:
        return PAUSED[call.waits]
    if not _waits(call):
        return call.state.short
    again = AGAIN.get(call.follows) if call.follows else None
    return f"{again or 'Waits for'} {brief(call.not_before)}"


def _waits(call: Call) -> bool:
    return call.not_before is not None and call.not_before > context().clock()


def _sentence(reason: Reason | None) -> str:
    return reason.sentence if reason else ""
