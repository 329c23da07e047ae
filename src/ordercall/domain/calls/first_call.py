"""The first real call: its steps, what it is known by afterwards, and how it stands."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from ordercall.domain.activity import ProviderCall
from ordercall.domain.words import Word

WINDOW = timedelta(minutes=30)
"""A phone that has not rung by then does not; the campaign stays open for no longer than somebody watches it."""

LOOKS = ("token", "campaign")
"""The steps that change nothing at Kalimera, in their order."""

PLACES = ("set_agent", "contact", "listing")
"""The steps after them, once a person has agreed; with the last one the phone rings."""


LISTING = "On the list: from here on the phone rings"
"""What the step is called with which it does."""


@dataclass(slots=True)
class Step:
    """What was asked in a step, and what its answers say.

    ``failed``: why no other may follow; empty: it went well. ``was_there``: it was refused as what is there already.
    """

    name: str
    calls: list[ProviderCall] = field(default_factory=list)
    understood: list[str] = field(default_factory=list)
    not_understood: list[str] = field(default_factory=list)
    failed: str = ""
    was_there: bool = False


@dataclass(slots=True)
class Trace:
    """What a call is known by when it is reported.

    Attributes:
        phone: E.164.
        order_number: what its card has in place of an order's.
        last_report: the number of the newest report before it.
        contact_id: as it is kept; empty until it has one.
    """

    phone: str
    order_number: int
    last_report: int
    contact_id: str = ""


class CallStage(Word):
    """How a call stands, and how that reads."""

    short: str

    LOOKING = "looking", "Kalimera is looked at"
    ASKING = "asking", "Waits for your yes"
    PLACING = "placing", "The number is being put on the list"
    WAITING = "waiting", "On the list: the phone may ring"
    STOPPING = "stopping", "Being stopped"
    BY_HAND = "by_hand", "Under way from a command line"
    REPORTED = "reported", "The agent has reported"
    SILENT = "silent", "No report came"
    FAILED = "failed", "A step failed"
    STOPPED = "stopped", "Stopped"
    LAPSED = "lapsed", "Not gone on with"

    @property
    def is_open(self) -> bool:
        return self.is_workers or self in (CallStage.ASKING, CallStage.WAITING, CallStage.BY_HAND)

    @property
    def is_workers(self) -> bool:
        """Whether a worker has it in hand, or will."""
        return self in (CallStage.LOOKING, CallStage.PLACING, CallStage.STOPPING)


class Rang(Word):
    """What a person says of their phone."""

    short: str

    ONCE = "once", "It rang"
    AGAIN = "again", "It rang once more by itself"
    NOT = "not", "It did not ring"


REDIALS = "K4: Kalimera rings again by itself; set KALIMERA_RINGS_AGAIN=redials, and no call of ours follows."
"""What follows where a phone rang once more."""


def in_words(call: ProviderCall) -> str:
    """Return a request and its answer as people read them."""
    answered = f"answered {call.status}" if call.status else "no answer"
    took = f"{answered} after {call.milliseconds} ms"
    return f"{call.method} {call.path} {as_json(call.request)}\n{took} {as_json(call.response)}"


def as_json(value: Any) -> str:
    """Return a value as indented JSON; nothing for None."""
    return "" if value is None else json.dumps(value, ensure_ascii=False, indent=2)


def shown_number(phone: str) -> str:
    """Return what may be shown and kept of a number: enough to tell one's own from a neighbour's."""
    return f"{phone[:3]}•••{phone[-2:]}"
