"""What customers say when the phone rings: one table of numbers, and what the agent posts of each talk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from ordercall.sandbox.dialer import Ring

CALL_BACK_IN = timedelta(seconds=20)
"""How soon a customer asks to be called back: somebody watches."""

AFTER_THE_WINDOW = timedelta(hours=1)
"""So long after its window a late call is said to have been made: more than any grace. Nobody waits for it here."""

PAUSE = 2.0
"""Seconds between two reports of one talk, so that the first is answered before the second is sent."""


class Answer(StrEnum):
    """What the customer of an order says whose number is not in the table; reported as a bare status."""

    CONFIRMS = "confirms"
    REFUSES = "refuses"
    SILENT = "does not answer"
    SURPRISE = "surprise me"


class Door(StrEnum):
    """Where the agent reports to, without the product's address."""

    OUTCOMES = "/api/outcomes"
    STATUS = "/api/orders/{order_id}/status"


@dataclass(frozen=True, slots=True)
class Post:
    """One report.

    Attributes:
        keys: keys of docs/calls.md; a function makes a value of the ring. At ``OUTCOMES`` the ids come beside them.
        after: seconds after the phone was picked up.
        copies: how often it is sent, each time with the same ``report_id``.
    """

    keys: Mapping[str, Any]
    door: Door = Door.OUTCOMES
    after: float = 0.0
    copies: int = 1

    def about(self, ring: Ring) -> dict[str, Any]:
        """Return what it says of this ring."""
        return {key: value(ring) if callable(value) else value for key, value in self.keys.items()}


@dataclass(frozen=True, slots=True)
class Talk:
    """What comes of one ring.

    Attributes:
        said: how that reads on the page.
        posts: what the agent reports of it.
        reached: whether somebody picked up: then nobody redials.
    """

    said: str
    posts: tuple[Post, ...] = ()
    reached: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """Somebody with a number of their own.

    Attributes:
        name: what they do, behind "A customer who".
        seen: what is to be seen of it in Ordercall.
        talks: about an order, one for each ring; the last for all further ones.
        next_talks: the same, about every further order of this number; none: as about the first.
        looks_up: whether the agent asks what is open before it talks; otherwise it knows the card alone.
    """

    name: str
    seen: str
    talks: tuple[Talk, ...]
    next_talks: tuple[Talk, ...] = ()
    looks_up: bool = True


def soon(_ring: Ring) -> str:
    """Return when a customer wants to be called back."""
    return (datetime.now(UTC) + CALL_BACK_IN).isoformat(timespec="seconds")


def after_the_window(ring: Ring) -> str:
    """Return when a late call is said to have been made."""
    return (ring.until + AFTER_THE_WINDOW).isoformat(timespec="seconds")


def _heard(**keys: Any) -> Post:
    return Post({"connection": "connected", "completion": "completed", "duration_seconds": 41} | keys)


def _talk(words: str, **keys: Any) -> tuple[Talk]:
    return (Talk(words, (_heard(**keys),)),)


def _nobody(words: str, connection: str) -> tuple[Talk]:
    return (Talk(words, (Post({"connection": connection}),), reached=False),)


def _status(word: str, **beside: Any) -> Post:
    return Post({"status": word} | beside, Door.STATUS)


TALKS: Mapping[str, Talk] = {
    Answer.CONFIRMS: Talk(Answer.CONFIRMS, (_status("Success"),)),
    Answer.REFUSES: Talk(Answer.REFUSES, (_status("Failed"),)),
    Answer.SILENT: Talk(Answer.SILENT, reached=False),
}
"""What is said about an order of any other number."""

YES = _heard(answer="confirmed", quote="Haan, bhej do.")
CONFIRMED = (Talk(Answer.CONFIRMS, (YES,)),)
REFUSED = _talk(Answer.REFUSES, answer="refused", reason="Ordered by mistake")
CALL_BACK = _talk("Wants a call back", completion="partial", callback_at=soon)
HINDI = _talk("Wants Hindi", completion="partial", language="hi")
YES_THEN_NO = Talk("Yes, then no", (_status("Success"), replace(_status("Failed"), after=PAUSE)))
NEW_ADDRESS = {"address1": "7 Corrected Street", "city": "Kochi", "state": "Kerala", "zip": "682031"}

CUSTOMERS: Mapping[str, Customer] = {
    "+915559999901": Customer(name="says yes", seen="Success.", talks=CONFIRMED),
    "+915559999902": Customer(name="says no", seen="Failed, and cancelled in Shopify.", talks=REFUSED),
    "+915559999903": Customer(name="never picks up", seen="No answer.", talks=_nobody(Answer.SILENT, "no_answer")),
    "+915559999904": Customer(
        name="is busy, and confirms at the next ring",
        seen="No answer; Success once rung again.",
        talks=_nobody("Busy", "busy") + CONFIRMED,
    ),
    "+915559999905": Customer(name="has voicemail", seen="No answer.", talks=_nobody("Voicemail", "voicemail")),
    "+915559999906": Customer(
        name="wants a call back, and confirms then",
        seen="Wants to be called 20 seconds later; Success once rung again.",
        talks=CALL_BACK + CONFIRMED,
    ),
    "+915559999907": Customer(
        name="wants to speak Hindi, and confirms then",
        seen="Wants another language; Success once rung again.",
        talks=HINDI + CONFIRMED,
    ),
    "+915559999908": Customer(
        name="confirms, and corrects the address",
        seen="Success; a person approves the address before the order is ready to ship.",
        talks=(Talk("New address", (_status("Success", address=NEW_ADDRESS),)),),
    ),
    "+915559999909": Customer(
        name="is the wrong person", seen="A person decides.", talks=_talk("Wrong person", answer="wrong_person")
    ),
    "+915559999910": Customer(
        name="opts out", seen="A person confirms another way.", talks=_talk("Do not call", do_not_call=True)
    ),
    "+915559999911": Customer(
        name="says yes and then no", seen="Success stays: the no is answered 409.", talks=(YES_THEN_NO,)
    ),
    "+915559999912": Customer(
        name="answers after the window",
        seen="A person decides.",
        talks=(Talk("Confirmed late", (Post({**YES.keys, "happened_at": after_the_window}),)),),
    ),
    "+915559999913": Customer(
        name="is reported twice",
        seen="Success; the second report counts as a repeat.",
        talks=(Talk(Answer.CONFIRMS, (replace(YES, copies=2),)),),
    ),
    "+915559999914": Customer(
        name="returns, and refuses the next order",
        seen="The first order is Success, the next Failed: the agent looked up what is open.",
        talks=CONFIRMED,
        next_talks=REFUSED,
    ),
    "+915559999915": Customer(
        name="returns, and is reported by the card of the first order",
        seen="The first order is Success, and stays it; a person decides about the next.",
        talks=CONFIRMED,
        next_talks=REFUSED,
        looks_up=False,
    ),
    "+915559999916": Customer(
        name="is reported in unknown words",
        seen="A person explains the word under Reported.",
        talks=_talk("Said something", answer="pakka"),
    ),
    "+915559999917": Customer(
        name="is never reported", seen="No answer when the window is over.", talks=(Talk("Talked, unreported"),)
    ),
    "+915559999918": Customer(
        name="orders twice, and says yes once",
        seen="Success; both are, where both wait at the same moment.",
        talks=CONFIRMED,
        looks_up=False,
    ),
}
"""Everybody with a number of their own, by the number."""

NUMBERS = {customer.name: number for number, customer in CUSTOMERS.items()}
