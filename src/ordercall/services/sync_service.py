"""The three steps that put orders' customers on the calling campaign: contact, campaign, list.

Each finished step is stored before the next begins, and no transaction is open while Kalimera answers. So a
worker that dies resumes at the first unfinished step, and a request whose answer was lost is looked up
before it is sent again. What is stored is stored for a batch of orders at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import datetime

from sqlalchemy import Connection

from ordercall.domain.activity import Event
from ordercall.domain.calls.call import CallState, Waits
from ordercall.domain.calls.calling import CallingState, Language, Reason
from ordercall.domain.calls.decision import ASKED_FOR, Decision
from ordercall.domain.contact_ids import shown
from ordercall.errors import ProviderRefused
from ordercall.jobs.engine import JobEngine
from ordercall.providers import outgoing
from ordercall.providers.http import ProviderHttp
from ordercall.services.contact_maker import ContactMaker, FoundContact, NotTaken, ReadyOrder, card_of, reused
from ordercall.services.decision_service import DecisionService
from ordercall.services.joint_calls import Answered, announce, for_each, gather, ready_orders
from ordercall.services.order_rules import do_not_call, park, queue_call, wait_for_opening, want_missing_holds
from ordercall.storage.engine.database import Database
from ordercall.storage.records import activity, belt, calls, campaigns, contacts, further_calls, joint_calls, orders
from ordercall.storage.records.activity import Entry
from ordercall.storage.records.campaigns import ListingState
from ordercall.storage.records.stored_order import StoredOrder

ON_THE_WAY = frozenset({*campaigns.UNFINISHED, ListingState.LISTED})


type WithContact = tuple[StoredOrder, ReadyOrder, FoundContact]
"""An order as it is now and as it was, and its contact."""


class SyncService:
    """Brings orders to the point where they wait for their campaign; the campaign's writer does the rest.

    For each order :meth:`prepare`, :meth:`contact_for` and :meth:`store` follow each other. The first and the last take
    a batch of orders in one transaction; requests go between them, as many at once as the caller likes.
    """

    def __init__(
        self,
        db: Database,
        jobs: JobEngine,
        maker: ContactMaker,
        decisions: DecisionService,
        clock: Callable[[], datetime],
    ) -> None:
        self._db = db
        self._jobs = jobs
        self._maker = maker
        self._decisions = decisions
        self._clock = clock

    @property
    def breaker(self) -> ProviderHttp:
        """Whether Kalimera answers and takes our token."""
        return self._maker.breaker

    async def contact_for(self, ready: ReadyOrder) -> FoundContact | ProviderRefused:
        """Return the order's contact, or why Kalimera makes none, as :meth:`ContactMaker.contact_for` does."""
        return await self._maker.contact_for(ready)

    def sync(self, shopify_id: int) -> None:
        """Make or find one order's contact and queue it for its campaign.

        Raises:
            ProviderBusy, OutcomeUnknown: try again later; what is done stays done.
        """
        self.breaker.check_circuit()
        with self._db.begin() as tx:
            ready = self.prepare(tx, [shopify_id])
        try:
            answered = [(one, outgoing.run(self.contact_for(one))) for one in ready]
        except NotTaken as error:
            self._jobs.check_lease()  # who took this order over may have begun by now
            with self._db.begin() as tx:
                self.take_back(tx, ready)
            raise error.busy from None
        with self._db.begin() as tx:
            self.store(tx, answered)

    def give_up(self, shopify_id: int) -> None:
        """Store that this order keeps crashing the worker; a person must look, unless it has got on without that."""
        with self._db.begin() as tx:
            order, now = orders.find_to_change(tx, shopify_id), self._clock()
            if order is None or not order.on_its_way:
                return
            orders.move_calling(tx, [shopify_id], CallingState.FAILED, now=now, reason=Reason.CRASHED)
            calls.move(tx, [shopify_id], CallState.WITHDRAWN, now=now, reason=Reason.CRASHED)
            message = f"Not on the campaign: {Reason.CRASHED.sentence}"
            activity.record(tx, shopify_id, Event.SYNC_ERROR, message, now=now)

    # -- before Kalimera is asked

    def prepare(self, tx: Connection, shopify_ids: Collection[int]) -> list[ReadyOrder]:
        """Store what is known before Kalimera is asked, and return the orders whose customers may be rung now.

        That their contacts may exist from now on is stored before the requests leave. An order that was called is
        called again only where that was planned. The caller holds the locks of the phones.
        """
        if not shopify_ids:
            return []
        together = self._decisions.policy(tx).attempts.together and not self._maker.rings_once
        beside = joint_calls.beside(tx, shopify_ids) if together else set()
        locked = orders.find_all_to_change(tx, [*shopify_ids, *beside])
        waiting = joint_calls.waiting(tx, [order.shopify_id for order in locked]) if together else {}
        found = [order for order in locked if order.shopify_id not in beside]
        others = [order for order in locked if order.shopify_id in beside & waiting.keys()]
        places, decided = campaigns.places_of(tx, list(shopify_ids)), self._decisions.for_calls(tx, [*found, *others])
        rang = further_calls.that_rang(tx, [order.shopify_id for order in found if not order.on_its_way])
        new = [
            order
            for order in found
            if order.shopify_id not in rang
            and order.calling_state is not CallingState.ON_CAMPAIGN
            and not order.is_left_to_a_person  # a job of before may still stand
            and places.get(order.shopify_id) not in ON_THE_WAY
        ]
        meant = [order for order in new if self._may_be_rung(tx, order, decided[order.shopify_id])]
        groups = gather(tx, self._due(tx, meant, decided), others, decided, waiting)
        going = [order for group in groups for order in group.all]
        want_missing_holds(tx, self._jobs, self._decisions, [order.shopify_id for order in going])
        self._choose_agents(tx, going, decided)
        in_use = self._maker.in_use(tx, going)
        asked = [group.first.phone_to_ring for group in groups if group.first.shopify_id not in in_use]
        planned = calls.live_of(tx, [order.shopify_id for order in going])
        known = contacts.find_and_announce(tx, asked, now=self._clock())
        joint = announce(tx, groups, known, planned, waiting)
        languages = {shopify_id: decision.language for shopify_id, decision in decided.items()}
        old_cards = belt.old_cards(tx, in_use).keys() | contacts.on_shared_cards(tx, in_use)
        return ready_orders(groups, in_use, known, planned, languages, joint, old_cards)

    def _may_be_rung(self, tx: Connection, order: StoredOrder, decided: Decision) -> bool:
        """Return whether the order's customer may be rung, if it is the time for it; otherwise store why not."""
        missing = decided.reason is Reason.SETTINGS_MISSING
        if decided.reason and not missing:
            do_not_call(tx, order.shopify_id, decided.reason, now=self._clock())
            return False
        if not order.on_its_way:  # what kept it from its call has gone since this job was queued
            queue_call(tx, [order.shopify_id], now=self._clock())
        if missing:
            self._miss_settings(tx, order, decided)
        return not missing

    def _miss_settings(self, tx: Connection, order: StoredOrder, decided: Decision) -> None:
        now, reason = self._clock(), Reason.SETTINGS_MISSING
        detail = f"{', '.join(decided.missing)} not set."
        orders.move_calling(tx, [order.shopify_id], CallingState.FAILED, now=now, reason=reason, detail=detail)
        calls.move(tx, [order.shopify_id], CallState.WITHDRAWN, now=now, reason=reason, detail=detail)
        activity.record(tx, order.shopify_id, Event.SYNC_ERROR, f"Not on the campaign: {detail}", now=now)

    def _due(self, tx: Connection, meant: list[StoredOrder], decided: dict[int, Decision]) -> list[StoredOrder]:
        """Return those who may be rung now; the others are looked at again when they may."""
        now, later = self._clock(), defaultdict[tuple[datetime | None, Waits], list[int]](list)
        for order in meant:
            decision = decided[order.shopify_id]
            if not decision.rings:
                later[decision.not_before, decision.waits].append(order.shopify_id)
                self._jobs.sync_at_opening(tx, order.shopify_id, order.phone_to_ring, decision.next_look)
        for (opening, waits), waiting in later.items():
            wait_for_opening(tx, waiting, opening, waits, now=now)
        return [order for order in meant if decided[order.shopify_id].rings]

    def _choose_agents(self, tx: Connection, found: list[StoredOrder], decided: dict[int, Decision]) -> None:
        now, entries = self._clock(), []
        for (language, campaign_id), group in _by_route(found, decided):
            news = [
                one for one in group if one.language is not language or one.calling_state is not CallingState.QUEUED
            ]
            if news:
                orders.set_route(tx, [order.shopify_id for order in news], language, campaign_id, now=now)
            whys = [(one.shopify_id, _why(language, decided[one.shopify_id])) for one in news]
            entries += [Entry(shopify_id, Event.AGENT_SELECTED, why, now) for shopify_id, why in whys]
        activity.record_all(tx, entries)

    # -- after it has answered

    def store(self, tx: Connection, answered: list[Answered]) -> None:
        """Store the contacts, and a place in the queue for each order that may still be rung as it was meant to be.

        An order may have changed while Kalimera answered. A correction of the phone, or of the state where that
        changes the agent, has queued a sync of its own.
        """
        if not answered:
            return
        every = [one.shopify_id for ready, _ in answered for one in (ready, *ready.others)]
        there = {order.shopify_id: order for order in orders.find_all_to_change(tx, every)}
        with_contact: list[WithContact] = []
        for ready, answer in for_each(tx, _as_known(tx, answered)):
            current = there.get(ready.shopify_id)
            if current is None:
                continue
            if not isinstance(answer, ProviderRefused):
                with_contact.append((current, ready, answer))
            elif current.customer_phone == ready.phone:
                contacts.forget_begun(tx, ready.phone)  # a person's next try begins anew, whatever was made before
                park(tx, [ready.shopify_id], Reason.KALIMERA_REFUSED, answer, now=self._clock())
        decided, waiting = self._decisions.for_calls(tx, list(there.values())), []
        for order, ready, found in self._store_contacts(tx, with_contact):
            decision = decided[order.shopify_id]
            if decision.reason:
                do_not_call(tx, order.shopify_id, decision.reason, now=self._clock())
            elif decision.language is ready.language:
                waiting.append((order, found))
        self._queue_for_campaign(tx, waiting, decided)

    def take_back(self, tx: Connection, tried: Iterable[ReadyOrder]) -> None:
        """Forget what was announced for these orders, for which nothing was made: else busy answers set them aside."""
        contacts.take_back(tx, {one.phone: one.known for one in tried if not one.contact_id})

    def _store_contacts(self, tx: Connection, answered: list[WithContact]) -> list[WithContact]:
        """Write down whose contacts they are; return those that are their orders': a phone may have been corrected.

        Where the customer was erased meanwhile, the entry is all that tells which contact Kalimera has of them.
        """
        now = self._clock()
        news = [one for one in answered if one[2].event]
        activity.record_all(tx, [_entry(order, found, now) for order, _, found in news])
        contacts.remember(tx, {ready.phone: found.contact_id for _, ready, found in news}, now=now)
        same = [one for one in answered if one[0].customer_phone == one[1].phone]
        orders.set_contacts(tx, {order.shopify_id: found.contact_id for order, _, found in same})
        belt.name_old_cards(tx, [order.shopify_id for order, _, _ in same])
        belt.card_is_new(
            tx, [order.shopify_id for order, one, found in same if _tells_of_it(order, one, found)], now=now
        )
        calls.mark_on_card(tx, {order.shopify_id: one.call_id for order, one, found in same if found.is_own})
        for order, _, found in same:
            if found.told_with:
                contacts.card_is_shared(tx, found.contact_id, order.shopify_id, found.told_with)
        kept = [order.shopify_id for order, one, found in same if found.contact_id == one.order.contact_id]
        further_calls.keep_cards(tx, kept)
        if corrected := {ready.phone for _, ready, _ in answered} - {ready.phone for _, ready, _ in same}:
            contacts.forget_unneeded(tx, corrected)
        return same

    def _queue_for_campaign(
        self, tx: Connection, waiting: list[tuple[StoredOrder, FoundContact]], decided: dict[int, Decision]
    ) -> None:
        contact_ids = {order.shopify_id: found.contact_id for order, found in waiting}
        for (language, campaign_id), group in _by_route([order for order, _ in waiting], decided):
            mine = {order.shopify_id: contact_ids[order.shopify_id] for order in group}
            campaigns.wait_for_place(tx, mine, campaign_id=campaign_id, language=language, now=self._clock())
            self._jobs.flush_campaign(tx, campaign_id)


def _as_known(tx: Connection, answered: list[Answered]) -> Iterator[Answered]:
    """Yield the answers as far as our own book lets them be believed.

    Some Kalimeras answer with a contact that they had: its card tells of another order. Of a family that shares an
    e-mail it may be another member's, who is not to be rung.
    """
    named = {found.contact_id for _, found in answered if isinstance(found, FoundContact) and found.call}
    known = contacts.known_for(tx, named, [ready.phone for ready, _ in answered])
    for ready, found in answered:
        phones = known.get(found.contact_id) if isinstance(found, FoundContact) and found.call else None
        if isinstance(found, ProviderRefused) or not phones:
            yield ready, found
        elif ready.phone in phones:
            yield ready, reused(found.contact_id, "it was the phone's before", call=found.call)
        else:
            reason = f"its answer names the contact {shown(found.contact_id)}, by which another number was rung"
            yield ready, ProviderRefused("Kalimera", "create the contact", reason, call=found.call)


def _tells_of_it(order: StoredOrder, ready: ReadyOrder, found: FoundContact) -> bool:
    """Return whether an old card was written anew with what the order still is: it may have changed meanwhile."""
    written = ready.card_is_old and found.is_own
    return written and card_of(order, ready.on_card) == card_of(ready.order, ready.on_card)


def _by_route(
    found: list[StoredOrder], decided: dict[int, Decision]
) -> Iterator[tuple[tuple[Language, str], list[StoredOrder]]]:
    """Return the orders by language and campaign."""
    routes = dict.fromkeys(decided[order.shopify_id].route for order in found)
    for route in routes:
        yield route, [order for order in found if decided[order.shopify_id].route == route]


def _why(language: Language, decided: Decision) -> str:
    place = decided.place
    chosen = "the customer asked for it" if place == ASKED_FOR else f"the order ships to {place}"
    return f"{language.label} agent, because {chosen}."


def _entry(order: StoredOrder, found: FoundContact, now: datetime) -> Entry:
    assert found.event is not None  # noqa: S101 - only what is new is written down
    return Entry(order.shopify_id, found.event, found.message, now, call=None if order.erased_at else found.call)
