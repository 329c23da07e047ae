"""Holding parcels in Shopify until their customers have answered, and letting them go.

One job does both: it looks what is wished of the order by now, reads its fulfilment orders, and asks for what is
between the two. No transaction is open while Shopify answers, and what was asked for is stored only once it is seen
there; so a worker that dies leaves nothing but a question that is asked again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import batched

from sqlalchemy import Connection

from ordercall.config import Settings
from ordercall.domain.activity import Event, ProviderCall
from ordercall.domain.orders.order import Fulfilment
from ordercall.domain.parcels.holds import (
    LOOKS,
    MOST_AGAIN,
    FulfilmentOrder,
    HoldRules,
    Standing,
    Why,
    has_left,
    held_by_others,
    is_covered,
    next_look,
    released_by_others,
    seconds_open,
    why_free,
)
from ordercall.errors import CredentialsRefused, ProviderRefused
from ordercall.jobs.engine import JobEngine
from ordercall.providers.shopify.holds import ShopHolds
from ordercall.services.decision_service import DecisionService
from ordercall.services.demo import is_foreign
from ordercall.services.hold_steps import Seen, bring_about
from ordercall.services.order_rules import hold_what_waits_again
from ordercall.storage.engine.database import Database
from ordercall.storage.records import activity, holds, orders
from ordercall.storage.records.holds import StoredHold
from ordercall.storage.records.stored_order import StoredOrder

logger = logging.getLogger(__name__)

ASKED_AGAIN = timedelta(minutes=15)
"""How long after a refusal the same is asked for again: whoever mends its cause waits no longer for the parcel."""

NONE_SHOWN = (
    "Shopify shows no fulfilment order of it, 15 minutes after the hold was wanted. Has the app the scopes for "
    "fulfilment orders (`ordercall doctor`)?"
)
LOST_SIGHT = (
    "Shopify no longer shows what was held. Has the app lost the scopes for fulfilment orders (`ordercall doctor`)? "
    "Release the order in Shopify."
)
SHOWN_OTHERWISE = "Shopify takes what it is asked for, and goes on to show it otherwise. Look at the order in Shopify."
FORGOTTEN = "It was found on hold in Shopify by this app, and nothing here knew of that. It is put in order."
HELD_ANEW = "Somebody released it in Shopify. It is held once more, for its customer has not answered."
NOT_CONNECTED = "Shopify is not connected: set {}. It is tried again each quarter of an hour."
CRASHED = "The worker stopped again and again while it worked on the hold."


@dataclass(frozen=True, slots=True)
class Wished:
    """What is to be brought about. ``why``: nothing of ours is to stay, for this; None: all of it is to be held."""

    order: StoredOrder
    hold: StoredHold
    why: Why | None
    tries: int = 0

    @property
    def id(self) -> int:
        return self.order.shopify_id


class HoldService:
    """Brings the holds of orders to what is wished."""

    def __init__(
        self,
        db: Database,
        jobs: JobEngine,
        shopify: ShopHolds,
        settings: Settings,
        decisions: DecisionService,
        clock: Callable[[], datetime],
    ) -> None:
        self._db = db
        self._jobs = jobs
        self._shopify = shopify
        self._settings = settings
        self._decisions = decisions
        self._clock = clock

    def align(self, shopify_id: int, tries: int = 0) -> None:
        """Hold the order, or release it: whatever is wished of it by now.

        Args:
            tries: so often Shopify took what it was asked for, and showed it otherwise.

        Raises:
            ProviderBusy, OutcomeUnknown: try again later; what was asked for already is no second hold.
        """
        with self._db.begin() as tx:
            wished = self._wished(tx, shopify_id, tries)
        if wished is None:
            return
        try:
            wished, seen = self._ask(wished)
        except CredentialsRefused as refusal:
            with self._order(shopify_id) as tx:
                self._refuse(tx, shopify_id, refusal.sentence, refusal.call)
            raise
        except ProviderRefused as refusal:
            with self._order(shopify_id) as tx:
                self._refuse(tx, shopify_id, refusal.sentence, refusal.call)
            return
        with self._order(shopify_id) as tx:
            known = orders.find(tx, shopify_id)
            if known is None:
                return  # removed meanwhile, as the sandbox's orders are
            held = seen.held | seen.out_of_sight(wished.hold.held)
            holds.know(tx, shopify_id, (one.id for one in seen.found))
            holds.seen(tx, shopify_id, held, by_others=_others_note(known, seen.found))
            self._keep_free(tx, wished, wished.why, seen) if wished.why else self._keep_held(tx, wished, seen)

    def see_others(self, shopify_id: int) -> None:
        """Look whether others hold an order that is not held by us, or not any more.

        Raises:
            ProviderBusy, OutcomeUnknown: look again later.
        """
        with self._db.read() as tx:
            order = orders.find(tx, shopify_id)
        if order is None or is_foreign(order, self._settings) or self._settings.missing_for_cancels:
            return
        try:
            found = self._shopify.of_order(shopify_id)
        except ProviderRefused as refusal:
            logger.warning("Whether others hold order %d was not seen: %s", shopify_id, refusal)
            return
        with self._order(shopify_id) as tx:
            known = orders.find(tx, shopify_id)
            if known is None:
                return  # removed meanwhile, as the sandbox's orders are
            holds.know(tx, shopify_id, (one.id for one in found))
            holds.see_others(tx, shopify_id, by_others=_others_note(known, found))
            if any(one.waits_to_ship for one in found) and holds.had_nothing(tx, [shopify_id]):
                hold_what_waits_again(tx, self._jobs, self._decisions, shopify_id)

    def give_up(self, shopify_id: int) -> None:
        """Store that the hold keeps crashing the worker."""
        with self._order(shopify_id) as tx:
            self._refuse(tx, shopify_id, CRASHED, None)

    def look(self) -> None:
        """Queue what nothing else has brought on: holds that have ended or are too old, and orders on their way."""
        with self._db.read() as tx:
            policy = self._decisions.policy(tx).hold
        behind, more = 0, True
        while more:
            with self._db.begin() as tx:
                ids = self._to_look_at(tx, policy, behind)
                self._queue(tx, ids, policy)
            behind, more = max(ids, default=0), bool(ids)
        if policy.until_answered:
            with self._db.begin() as tx:
                let_off = holds.let_off(tx, placed_after=self._clock() - policy.longest)
                for shopify_id in (*holds.not_held_yet(tx), *let_off, *holds.not_readdressed(tx)):
                    self._jobs.align_hold(tx, shopify_id)

    def find_forgotten(self, changed_since: datetime) -> None:
        """Look in Shopify for holds of ours that nobody here knows of, and for orders whose hold is gone there.

        And for those of which a part is not held, as after a split that no webhook told.

        Args:
            changed_since: parts that were made or changed before this time have been looked at.

        Raises:
            ProviderBusy, OutcomeUnknown: look again later.
        """
        began = self._clock()
        with self._db.read() as tx:
            ever = holds.any_ever(tx)
        if not ever or self._settings.missing_for_cancels:
            return
        try:
            held = self._shopify.orders_held()
            unheld = self._shopify.orders_open(changed_since)
        except (CredentialsRefused, ProviderRefused) as refusal:
            logger.warning("What is on hold in Shopify was not looked at: %s", refusal)
            with self._db.begin() as tx:
                holds.forget_others(tx)  # what nobody can look at keeps no parcel out of the list of what is to ship
            return
        for some in batched(sorted(held.ours), holds.SLICE):
            with self._db.begin() as tx:
                self._take_up(tx, some, began)
        behind, more = 0, True
        while more:
            with self._db.begin() as tx:
                ids = holds.held_before(tx, began, behind=behind)
                for shopify_id in set(ids) - (held.ours - unheld):
                    self._jobs.align_hold(tx, shopify_id)
            behind, more = max(ids, default=0), bool(ids)
        self._follow_others(held.others)
        for some in batched(sorted(unheld - held.ours), holds.SLICE):
            with self._db.begin() as tx:
                for shopify_id in holds.had_nothing(tx, some):
                    hold_what_waits_again(tx, self._jobs, self._decisions, shopify_id)

    def _follow_others(self, held: Collection[int]) -> None:
        """Have those orders looked at that we hold no more and of which a hold of others came or went unheard."""
        with self._db.read() as tx:
            known = set(tx.execute(holds.held_by_others()).scalars())
        for some in batched(sorted(known.symmetric_difference(held)), holds.SLICE):
            with self._db.begin() as tx:
                for hold in holds.of_orders(tx, some).values():
                    if not hold.is_live:
                        self._jobs.see_other_holds(tx, hold.shopify_id)

    def _take_up(self, tx: Connection, held: Collection[int], began: datetime) -> None:
        """Have those of the held orders looked at that were not to be held, before the list was read."""
        known = holds.of_orders(tx, held)
        here = {order.shopify_id for order in orders.find_all(tx, held)}
        if strangers := len(set(held) - here):
            logger.warning("On hold in Shopify by this app and not in its database: %d orders", strangers)
        for shopify_id in sorted(here):
            hold = known.get(shopify_id)
            if hold is None or (hold.released_at is not None and hold.released_at < began):
                if hold and hold.let_go:  # for good: a list that is behind brings no hold back
                    holds.reopen(tx, shopify_id)
                else:
                    holds.want(tx, [shopify_id], now=self._clock())
                activity.record(tx, shopify_id, Event.HOLD_ERROR, FORGOTTEN, now=self._clock())
                self._jobs.align_hold(tx, shopify_id, urgent=True)

    # -- what is wished

    def _wished(self, tx: Connection, shopify_id: int, tries: int) -> Wished | None:
        """Return what is wished of an order; None: nothing, or it is so already."""
        order = orders.find_to_change(tx, shopify_id)
        if order is None or is_foreign(order, self._settings):
            return None
        hold = holds.find(tx, shopify_id)
        why = why_free(standing(order, hold), self._decisions.policy(tx).hold, self._clock())
        if why is None:
            holds.want(tx, [shopify_id], now=self._clock())
            hold = holds.find(tx, shopify_id)
        if hold is None or not hold.is_live:
            return None
        if why is Why.GONE:  # Shopify has closed its fulfilment orders, and their holds with them
            holds.release(tx, shopify_id, now=self._clock())
            return None
        if why is Why.TOO_LONG and hold.let_go is None:
            holds.let_go(tx, shopify_id, why)
            logger.warning("Order %s is let go: its hold is as old as hold.longest_hours allows", shopify_id)
        if missing := self._settings.missing_for_cancels:
            self._refuse(tx, shopify_id, NOT_CONNECTED.format(" and ".join(missing)), None)
            return None
        return Wished(order, hold, why, tries)

    def _to_look_at(self, tx: Connection, policy: HoldRules, behind: int) -> list[int]:
        now = self._clock()
        asked_again = now - ASKED_AGAIN
        if not policy.until_answered:
            return holds.live(tx, refused_before=asked_again, behind=behind)
        return holds.perhaps_free(tx, wanted_before=now - policy.longest, refused_before=asked_again, behind=behind)

    def _queue(self, tx: Connection, ids: list[int], policy: HoldRules) -> None:
        known = holds.of_orders(tx, ids)
        for order in orders.find_all(tx, ids):
            hold = known[order.shopify_id]
            if is_foreign(order, self._settings):
                continue  # nobody can be asked about its hold: the sandbox is off, or the shop is
            if why := why_free(standing(order, hold), policy, self._clock()):
                self._jobs.align_hold(tx, order.shopify_id, urgent=why is not Why.GONE)
            elif hold.refused:
                self._jobs.align_hold(tx, order.shopify_id)

    # -- what Shopify is asked for

    def _ask(self, wished: Wished) -> tuple[Wished, Seen]:
        """Bring about what is wished, once it is clear whether somebody else has released what we held."""
        found = None
        if wished.hold.held and not wished.why:
            found = self._shopify.of_order(wished.id)
            wished = self._after_others(wished, found)
        return wished, bring_about(self._shopify, wished.id, free=wished.why is not None, found=found)

    def _after_others(self, wished: Wished, found: list[FulfilmentOrder]) -> Wished:
        if not released_by_others(found, wished.hold.held):
            return wished
        with self._order(wished.id) as tx:
            if wished.hold.again < MOST_AGAIN:
                holds.hold_again(tx, wished.id)
                activity.record(tx, wished.id, Event.HOLD_ERROR, HELD_ANEW, now=self._clock())
                return wished
            holds.let_go(tx, wished.id, Why.OTHERS)
        return replace(wished, why=Why.OTHERS)

    # -- what is kept

    @contextmanager
    def _order(self, shopify_id: int) -> Iterator[Connection]:
        """Hold an order's row before its hold is written: whoever lets its parcel go takes both in that order too."""
        with self._db.begin() as tx:
            orders.find_to_change(tx, shopify_id)
            yield tx

    def _keep_held(self, tx: Connection, wished: Wished, seen: Seen) -> None:
        now = self._clock()
        if is_covered(seen.found):
            holds.made(tx, wished.id, now=now)
            if wished.hold.held_at is None:
                message = f"On hold in Shopify, {seconds_open(wished.order.placed_at, now)} s after it was placed."
                activity.record(tx, wished.id, Event.HOLD_MADE, message, now=now)
        elif any(one.waits_to_ship for one in seen.found):
            self._refuse_or_try_on(tx, wished, seen)
        elif pause := next_look(now - wished.hold.wanted_at):
            self._jobs.align_hold(tx, wished.id, at=now + pause)
        elif seen.found:
            holds.let_go(tx, wished.id, Why.NOTHING)
            holds.release(tx, wished.id, now=now)
            if has_left(seen.found):
                self._jobs.read_order_again(tx, wished.id)  # nobody told that, and its customer may be rung about it
        else:
            self._refuse(tx, wished.id, NONE_SHOWN, None)

    def _keep_free(self, tx: Connection, wished: Wished, why: Why, seen: Seen) -> None:
        was_held = wished.hold.held_at is not None or bool(wished.hold.held)
        if seen.held:
            self._refuse_or_try_on(tx, wished, seen)
        elif seen.out_of_sight(wished.hold.held) and why is not Why.PERSON:
            self._refuse(tx, wished.id, LOST_SIGHT, None)
        else:
            holds.release(tx, wished.id, now=self._clock())
            if was_held:
                event = Event.HOLD_ERROR if why in (Why.TOO_LONG, Why.OTHERS) else Event.HOLD_RELEASED
                activity.record(tx, wished.id, event, f"No longer held in Shopify. {why.sentence}", now=self._clock())

    def _refuse_or_try_on(self, tx: Connection, wished: Wished, seen: Seen) -> None:
        """Leave to a person what Shopify speaks against; what merely changed meanwhile is looked at again, and less
        and less often where Shopify takes what it is asked for and goes on to show it otherwise."""
        if seen.words:
            self._refuse(tx, wished.id, seen.words, seen.call)
        elif wished.tries < len(LOOKS):
            pause, tries = LOOKS[wished.tries], wished.tries + 1
            self._jobs.align_hold(tx, wished.id, at=self._clock() + pause, tries=tries)
        else:
            self._refuse(tx, wished.id, SHOWN_OTHERWISE, None)

    def _refuse(self, tx: Connection, shopify_id: int, words: str, call: ProviderCall | None) -> None:
        if holds.refuse(tx, shopify_id, words, now=self._clock()):
            message = f"Its hold in Shopify could not be brought in order. {words}"
            activity.record(tx, shopify_id, Event.HOLD_ERROR, message, now=self._clock(), call=call)


def standing(order: StoredOrder, hold: StoredHold | None) -> Standing:
    """Return what decides about the hold of an order."""
    is_gone = bool(order.shopify_cancelled_at or order.shopify_deleted_at)
    return Standing(
        status=order.confirmation_status,
        calling=order.calling_state,
        reason=order.calling_reason,
        is_gone=is_gone or order.fulfillment_status is Fulfilment.ALL,
        let_go=hold.let_go if hold else None,
        since=hold.wanted_at if hold and hold.is_live else None,
        address_waits=order.address_waits,
        is_erased=order.erased_at is not None,
    )


def _others_note(order: StoredOrder, found: list[FulfilmentOrder]) -> str | None:
    """Return what others noted who hold the order; of one whose customer is erased, nothing that may name them."""
    note = held_by_others(found)
    return "" if note and order.erased_at else note
