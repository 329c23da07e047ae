"""How the calling of an order reads: what happened, or what is to happen and when."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask

from ordercall.domain.calls.call import CallState, Follows
from ordercall.domain.calls.calling import CallingState, Reason
from ordercall.domain.calls.pausing import in_words
from ordercall.storage.records.calls import Call
from ordercall.storage.records.stored_order import StoredOrder
from ordercall.web.context import context
from ordercall.web.view.format import brief


@dataclass(frozen=True, slots=True)
class Words:
    """A few words, their icon and the class of their badge; ``why`` is a sentence more."""

    text: str
    icon: str
    css: str
    why: str = ""


BADGES = {
    CallingState.ON_CAMPAIGN: ("phone-call", "b-on"),
    CallingState.QUEUED: ("clock", "b-queued"),
    CallingState.WAITING_FOR_HOURS: ("moon", "b-queued"),
    CallingState.NOT_CALLED: ("phone-off", "b-queued"),
    CallingState.FAILED: ("triangle-alert", "b-failed"),
}
CALL_BADGES = {
    CallState.PLANNED: ("clock", "b-queued"),
    CallState.PLACING: ("clock", "b-queued"),
    CallState.PLACED: ("phone-call", "b-on"),
    CallState.IN_DOUBT: ("triangle-alert", "b-failed"),
    CallState.REJECTED: ("triangle-alert", "b-failed"),
    CallState.WITHDRAWN: ("phone-off", "b-queued"),
    CallState.UNANSWERED: ("phone-off", "b-queued"),
    CallState.ENDED_UNKNOWN: ("triangle-alert", "b-failed"),
    CallState.OVERTAKEN: ("phone-off", "b-queued"),
    CallState.ANSWERED: ("check", "b-on"),
}
AGAIN = {
    Follows.SILENCE: "No answer, again",
    Follows.CALL_BACK: "Call back",
    Follows.LANGUAGE: "Other language, again",
    Follows.PAUSE: "After the pause, again",
}
"""What a call that waits for its time is called, by why it follows another."""

DECIDED = "Decided meanwhile"


def register(app: Flask) -> None:
    """Give the templates their filters."""
    app.jinja_env.filters["how_called"] = how_called
    app.jinja_env.filters["call_words"] = call_words
    app.jinja_env.filters["pause_words"] = in_words


def how_called(order: StoredOrder, last: Call | None) -> Words | None:
    """Return how far the calling of an order got, of which *last* is the last call; None where nobody knows."""
    state = order.calling_state
    untold = last is None or last.state is CallState.WITHDRAWN or (last.state is CallState.PLANNED and not _waits(last))
    if state is not None and (untold or state.off_campaign):
        return Words(_not_called(state, order.calling_reason), *BADGES[state], _sentence(order.calling_reason))
    return call_words(last) if last else None


def call_words(call: Call) -> Words:
    """Return what became of a call, or is to become."""
    reason = Reason.of(call.reason)
    return Words(_text(call, reason), *CALL_BADGES[call.state], _sentence(reason))


def _not_called(state: CallingState, reason: Reason | None) -> str:
    known = state is CallingState.NOT_CALLED and reason is not None
    return f"{state.short}: {reason.short[0].lower()}{reason.short[1:]}" if known and reason else state.short


def _text(call: Call, reason: Reason | None) -> str:
    over = call.window_end is not None and call.window_end <= context().clock()
    until = brief(call.window_end)
    match call.state:
        case CallState.PLANNED if _waits(call):
            again = AGAIN.get(call.follows) if call.follows else None
            return f"{again or 'Waits for'} {brief(call.not_before)}"
        case CallState.PLACED | CallState.IN_DOUBT if over:
            return f"{'Rang' if call.state is CallState.PLACED else 'May have rung'} until {until}"
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


def _waits(call: Call) -> bool:
    return call.not_before is not None and call.not_before > context().clock()


def _sentence(reason: Reason | None) -> str:
    return reason.sentence if reason else ""
