"""Holding the parcel of an order in Shopify until its customer has answered: whether, and what to ask for next.

State hangs on the order. Its fulfilment orders come some seconds after it, and come and go with edits, moves, splits
and merges; so they are read again before each step, and a step is what is between what they are and what is wished.
Nothing here remembers a step: whoever repeats one, after a crash or twice at once, asks for what is so already.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from ordercall.domain.calls.calling import CallingState, Reason, is_off
from ordercall.domain.characters import one_line
from ordercall.domain.orders.order import Status
from ordercall.domain.words import Word

HANDLE = "ordercall"
"""The name of our hold on a fulfilment order: Shopify refuses a second one of the same app and name."""

OVER = frozenset({"CLOSED", "CANCELLED", "INCOMPLETE"})
"""The states in which nothing of a fulfilment order waits to be shipped."""

SHIPPING = "SHIPPING"

LEAVES = frozenset({SHIPPING, "LOCAL", "PICKUP_POINT", None})
"""The deliveries that a hold is for: by a courier, by the shop, to a locker, and what is not told. Nobody's parcel
leaves with what is picked up in the shop, sold at a counter or downloaded."""

LONGEST_NOTE = 200
"""Characters of what others note: a line or two on the order's page."""

MOST_AGAIN = 1
"""How often an order is held anew that somebody else released: two programs that undo each other never end."""

LOOKS = tuple(timedelta(seconds=age) for age in (2, 5, 15, 60, 180, 420, 900))
"""How old a wish to hold is at each look for fulfilment orders. Shopify makes them after the order, mostly within
seconds; its own manual has people wait for five minutes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldRules:
    """What the policy says about parcels whose customers have not answered.

    Attributes:
        until_answered: they are held.
        release_at_end: where nobody was reached by the last call, the parcel is let go; else it waits for a person.
        longest: so long after it was wanted first, a hold is released whatever is missing.
    """

    until_answered: bool = False
    release_at_end: bool = False
    longest: timedelta = timedelta(hours=48)


class Why(Word):
    """Why nothing of an order is held by us, as a sentence for a person."""

    sentence: str

    GONE = "gone", "It is cancelled, deleted or shipped in Shopify."
    PERSON = "person", "A person let it go."
    OFF = "off", "By the policy nothing is held (hold.until_answered)."
    ANSWERED = "answered", "Its customer has confirmed it."
    RETURNED = "returned", "It came back."
    NOT_CALLED = "not_called", "Its customer is not to be called."
    NOT_REACHED = "not_reached", "Nobody was reached, and the policy lets it go then (hold.release_at_end)."
    TOO_LONG = "too_long", "Its hold was as old as the policy allows (hold.longest_hours), and it waited still."
    NOTHING = "nothing", "Nothing of it leaves as a parcel."
    OTHERS = "others", "It was released in Shopify again after it was held anew; it is not held a third time."


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is so of an order when its hold is decided.

    Attributes:
        status: None for a word that is none of the four.
        is_gone: it is cancelled or deleted in Shopify, or wholly shipped.
        let_go: why nothing brings the hold back; None: nothing was said.
        since: when the hold was wanted first.
        address_waits: its customer gave another address in a call, which is not dealt with.
        is_erased: its customer's data is erased, so that nobody can be asked any more.
    """

    status: Status | None
    calling: CallingState | None
    reason: Reason | None = None
    is_gone: bool = False
    let_go: Why | None = None
    since: datetime | None = None
    address_waits: bool = False
    is_erased: bool = False


def why_free(order: Standing, rules: HoldRules, now: datetime) -> Why | None:
    """Return why the order is not held; None: it is to be held.

    One that failed stays held until Shopify has cancelled it, however long that takes: its customer does not want it.
    One whose customer gave another address stays held until that is dealt with, whatever became of its calls.
    """
    if order.is_gone:
        return Why.GONE
    if order.let_go or not rules.until_answered:
        return order.let_go or Why.OFF
    if order.status is Status.FAILED:
        return None
    if order.address_waits and order.status in (Status.PLACED, Status.SUCCESS):
        return _why_too_long(order, rules, now)
    return _why_answered(order) or _why_given_up(order, rules) or _why_too_long(order, rules, now)


def _why_answered(order: Standing) -> Why | None:
    return {Status.SUCCESS: Why.ANSWERED, Status.RETURNED: Why.RETURNED, None: Why.NOT_CALLED}.get(order.status)


def _why_given_up(order: Standing, rules: HoldRules) -> Why | None:
    """Return why nobody is waited for. Who is erased may still answer a ring under way, and then a no cancels."""
    if order.is_erased:
        return Why.NOT_CALLED
    if order.reason is Reason.NOT_REACHED:
        return Why.NOT_REACHED if rules.release_at_end else None
    return Why.NOT_CALLED if is_off(order.calling, order.reason) else None


def _why_too_long(order: Standing, rules: HoldRules, now: datetime) -> Why | None:
    return Why.TOO_LONG if order.since is not None and now - order.since >= rules.longest else None


# -- fulfilment orders


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A hold on a fulfilment order. ``is_ours``: of this app, and by our handle."""

    id: str
    is_ours: bool
    notes: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FulfilmentOrder:
    """A fulfilment order as Shopify shows it now, in its words.

    Attributes:
        actions: what Shopify offers to do with it.
        method: how it is delivered; None where that is not told, as of orders that a person made by hand.
    """

    id: str
    status: str
    actions: frozenset[str] = frozenset()
    method: str | None = SHIPPING
    holds: tuple[Hold, ...] = ()

    @property
    def waits_to_ship(self) -> bool:
        """Whether a parcel of it may still leave."""
        return self.status not in OVER and self.method in LEAVES

    @property
    def ours(self) -> tuple[str, ...]:
        """The ids of our holds on it."""
        return tuple(hold.id for hold in self.holds if hold.is_ours)


@dataclass(frozen=True, slots=True)
class HeldInShop:
    """The ids of the orders of which something is on hold in the whole shop: by us, and by others; by both in both."""

    ours: frozenset[int]
    others: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldNews:
    """What a webhook tells of fulfilment orders: the numbers of their ids, and of a hold its handle."""

    fulfilment_orders: frozenset[int]
    handle: str | None = None

    @property
    def is_ours(self) -> bool:
        return self.handle == HANDLE


@dataclass(frozen=True, slots=True)
class Release:
    """Holds of ours that go. Never none: without an id Shopify releases everybody's."""

    fulfilment_order: str
    holds: tuple[str, ...]


def to_hold(found: Iterable[FulfilmentOrder]) -> list[str]:
    """Return the fulfilment orders that wait to ship, lack our hold and can get one."""
    return [one.id for one in found if one.waits_to_ship and not one.ours and "HOLD" in one.actions]


def to_release(found: Iterable[FulfilmentOrder]) -> list[Release]:
    """Return what is held by us, whatever else is so of it."""
    return [Release(one.id, one.ours) for one in found if one.ours]


def is_covered(found: Collection[FulfilmentOrder]) -> bool:
    """Return whether each unit that still waits to ship lies under our hold, and there is one."""
    waiting = [one for one in found if one.waits_to_ship]
    return bool(waiting) and all(one.ours for one in waiting)


def held_by_others(found: Iterable[FulfilmentOrder]) -> str | None:
    """Return what others noted at their holds on what waits to ship, all that tells who they are; None: nobody does."""
    theirs = [hold for one in found if one.waits_to_ship for hold in one.holds if not hold.is_ours]
    notes = dict.fromkeys(one_line(hold.notes or "", LONGEST_NOTE) for hold in theirs)
    return " ".join(filter(None, notes))[:LONGEST_NOTE] if theirs else None


def has_left(found: Iterable[FulfilmentOrder]) -> bool:
    """Return whether a parcel of it may have left, and none waits."""
    parcels = [one for one in found if one.method in LEAVES]
    return bool(parcels) and not any(one.waits_to_ship for one in parcels)


def cannot_be_held(found: Iterable[FulfilmentOrder]) -> list[FulfilmentOrder]:
    """Return what waits to ship without our hold, and for which Shopify offers none."""
    return [one for one in found if one.waits_to_ship and not one.ours and "HOLD" not in one.actions]


def released_by_others(found: Iterable[FulfilmentOrder], held: Collection[str]) -> list[str]:
    """Return which of the fulfilment orders that we held wait to ship without our hold.

    Args:
        held: those under our hold when they were last read. One that is new since then was never held.
    """
    return [one.id for one in found if one.id in held and one.waits_to_ship and not one.ours]


def next_look(age: timedelta) -> timedelta | None:
    """Return how long to wait for fulfilment orders that are not there yet; None: for no longer.

    Args:
        age: how long ago the hold was wanted first.
    """
    return next((look - age for look in LOOKS if look > age), None)


def seconds_open(placed_at: datetime | None, held_at: datetime) -> int:
    """Return for how many seconds an order could have been packed before it was held."""
    return max(round((held_at - (placed_at or held_at)).total_seconds()), 0)


@dataclass(frozen=True, slots=True)
class HeldWithin:
    """For how many seconds orders could have been packed before they were held: half of them, and nine of ten."""

    orders: int
    half: int
    most: int

    @classmethod
    def of(cls, seconds: Iterable[int]) -> HeldWithin | None:
        """Return it for these orders; None where there are none."""
        each = sorted(seconds)
        number = len(each)
        return cls(number, each[(number - 1) // 2], each[(9 * number - 1) // 10]) if each else None
