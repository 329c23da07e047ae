"""The three steps that put an order's customer on the calling campaign: contact, campaign, list.

Each finished step is stored before the next begins, and no transaction is open while Kalimera answers. So a
worker that dies resumes at the first unfinished step, and a request whose answer was lost is looked up
before it is sent again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from ordercall.config import Settings
from ordercall.domain.activity import Event, ProviderCall
from ordercall.domain.calling import CallingState, Language, Reason, pick_agent
from ordercall.domain.contact_ids import shown
from ordercall.errors import AlreadyThere, NotShown, OutcomeUnknown, ProviderError, ProviderRefused
from ordercall.jobs.engine import JobEngine
from ordercall.providers.kalimera.client import KalimeraClient
from ordercall.providers.kalimera.words import ContactCard
from ordercall.services.demo import KALIMERAS, is_foreign
from ordercall.services.order_service import do_not_call, reason_now
from ordercall.storage.engine.database import Database
from ordercall.storage.records import activity, campaigns, contacts, orders
from ordercall.storage.records.campaigns import Place
from ordercall.storage.records.contacts import Contact
from ordercall.storage.records.stored_order import StoredOrder

ON_THE_WAY = frozenset({Place.WAITING, Place.ADDING, Place.UNKNOWN, Place.LISTED})


@dataclass(frozen=True, slots=True)
class Ready:
    """An order whose customer may be rung now.

    ``known``: its phone's contact; None if nothing was known of it, or the order has its own.
    """

    order: StoredOrder
    language: Language
    known: Contact | None


@dataclass(frozen=True, slots=True)
class Found:
    """The contact of an order's phone, and what to write down about it: nothing if the order had it already."""

    contact_id: str
    event: Event | None = None
    message: str = ""
    call: ProviderCall | None = None


class SyncService:
    """Brings one order to the point where it waits for its campaign; the campaign's writer does the rest."""

    def __init__(
        self,
        db: Database,
        jobs: JobEngine,
        kalimera: KalimeraClient,
        settings: Settings,
        clock: Callable[[], datetime],
    ) -> None:
        self._db = db
        self._jobs = jobs
        self._kalimera = kalimera
        self._settings = settings
        self._clock = clock

    def sync(self, shopify_id: int) -> None:
        """Make or find the order's contact and queue it for its campaign.

        Raises:
            ProviderBusy, OutcomeUnknown: try again later; what is done stays done.
        """
        self._kalimera.check_circuit()
        ready = self._db.together(lambda tx: self._prepare(tx, shopify_id))
        if ready is None:
            return
        try:
            contact = self._contact_for(ready)
        except ProviderRefused as refusal:
            self._park(ready.order, refusal)
        else:
            self._db.together(lambda tx: self._queue_for_campaign(tx, ready, contact))

    def give_up(self, shopify_id: int) -> None:
        """Store that this order keeps crashing the worker; a person must look, unless it has got on without that."""
        with self._db.begin() as tx:
            order, now = orders.find_to_change(tx, shopify_id), self._clock()
            if order is None or not order.on_its_way:
                return
            orders.set_calling(tx, [shopify_id], CallingState.FAILED, now=now, reason=Reason.CRASHED)
            message = f"Not on the campaign: {Reason.CRASHED.sentence}"
            activity.record(tx, shopify_id, Event.SYNC_ERROR, message, now=now)

    def _prepare(self, tx: Connection, shopify_id: int) -> Ready | None:
        """Store what is known before Kalimera is asked; None: the order's customer is not rung, or not now.

        That the contact may exist from now on is stored before the request leaves.
        """
        order = orders.find_to_change(tx, shopify_id)
        if order is None or not self._may_be_rung(tx, order):
            return None
        language = self._choose_agent(tx, order)
        if order.contact_id:
            return Ready(order, language, None)
        return Ready(order, language, contacts.find_or_announce(tx, order.phone_to_ring, now=self._clock()))

    def _may_be_rung(self, tx: Connection, order: StoredOrder) -> bool:
        """Return whether the order's customer may be rung now; otherwise store why not, or when."""
        if campaigns.place_of(tx, order.shopify_id) in ON_THE_WAY:
            return False
        foreign = is_foreign(order, self._settings)
        reason = Reason.DEMO_ORDER if foreign and order.is_demo else reason_now(tx, order)
        if reason:
            self._leave_out(tx, order, reason)
        elif foreign or self._settings.missing_for_calls:
            self._miss_settings(tx, order)
        else:
            return not self._waits_for_hours(tx, order)
        return False

    def _leave_out(self, tx: Connection, order: StoredOrder, reason: Reason) -> None:
        if order.calling_state is not CallingState.NOT_CALLED:
            do_not_call(tx, order.shopify_id, reason, now=self._clock())

    def _miss_settings(self, tx: Connection, order: StoredOrder) -> None:
        now = self._clock()
        detail = f"{', '.join(self._settings.missing_for_calls) or KALIMERAS} not set."
        orders.set_calling(
            tx, [order.shopify_id], CallingState.FAILED, now=now, reason=Reason.SETTINGS_MISSING, detail=detail
        )
        activity.record(tx, order.shopify_id, Event.SYNC_ERROR, f"Not on the campaign: {detail}", now=now)

    def _waits_for_hours(self, tx: Connection, order: StoredOrder) -> bool:
        now = self._clock()
        opening = self._settings.calling_hours.next_opening(now)
        if opening <= now:
            return False
        self._jobs.sync_at_opening(tx, order.shopify_id, order.phone_to_ring, opening)
        wait_for_opening(tx, [order.shopify_id], opening, now=now)
        return True

    def _choose_agent(self, tx: Connection, order: StoredOrder) -> Language:
        language = pick_agent(order.state)
        if order.language is not language or order.calling_state is not CallingState.QUEUED:
            now = self._clock()
            orders.set_route(tx, order.shopify_id, language, self._settings.campaign_for(language), now=now)
            state = order.state or "an unknown state"
            message = f"{language.label} agent, because the order ships to {state}."
            activity.record(tx, order.shopify_id, Event.AGENT_SELECTED, message, now=now)
        return language

    def _queue_for_campaign(self, tx: Connection, ready: Ready, contact: Found) -> None:
        """Store the contact, and the order's place in the queue if it may still be rung as it was meant to be.

        The order may have changed while Kalimera answered. A correction of the phone, or of the state where that
        changes the agent, has queued a sync of its own.
        """
        order = orders.find_to_change(tx, ready.order.shopify_id)
        if order is None or not self._store_contact(tx, order, ready.order.phone_to_ring, contact):
            return
        if reason := reason_now(tx, order):
            self._leave_out(tx, order, reason)
        elif pick_agent(order.state) is ready.language:
            campaign_id = self._settings.campaign_for(ready.language)
            campaigns.wait_for_place(
                tx,
                order.shopify_id,
                campaign_id=campaign_id,
                language=ready.language,
                contact_id=contact.contact_id,
                now=self._clock(),
            )
            self._jobs.flush_campaign(tx, campaign_id)

    def _store_contact(self, tx: Connection, order: StoredOrder, phone: str, contact: Found) -> bool:
        """Write down whose contact it is, and return whether it is the order's: its phone may have been corrected.

        Where the customer was erased meanwhile, the entry is all that tells which contact Kalimera has of them.
        """
        now = self._clock()
        if contact.event:
            call = None if order.erased_at else contact.call
            activity.record(tx, order.shopify_id, contact.event, contact.message, now=now, call=call)
            contacts.remember(tx, phone, contact.contact_id, now=now)
        if order.customer_phone != phone:
            contacts.forget_unneeded(tx, [phone])
            return False
        orders.set_contact(tx, order.shopify_id, contact.contact_id)
        return True

    # -- the contact, without a transaction

    def _contact_for(self, ready: Ready) -> Found:
        order, known = ready.order, ready.known
        if order.contact_id:
            return Found(order.contact_id)
        if known and known.contact_id:
            return _reused(known.contact_id, "already known")
        if known and (found := self._find_begun(known)):
            return _reused(found, "found at Kalimera")
        return self._create(order)

    def _find_begun(self, known: Contact) -> str | None:
        """Look for a contact of which an earlier request may have made one; None: make it now.

        Raises:
            NotShown: Kalimera does not tell, and one was made in spite of that already. Another would come with every
                try, so a person must look.
        """
        try:
            return self._kalimera.find_contact(known.phone)
        except NotShown:
            with self._db.begin() as tx:
                if not contacts.begin_again(tx, known.phone, now=self._clock()):
                    raise
            return None

    def _create(self, order: StoredOrder) -> Found:
        try:
            created = self._kalimera.create_contact(_card(order))
        except AlreadyThere as refusal:
            found = refusal.existing_id or self._find(order)
            if found is None:
                raise
            return _reused(found, "already at Kalimera")
        except (OutcomeUnknown, ProviderRefused):
            found = self._find(order)
            if found is None:
                raise
            return _reused(found, "found at Kalimera after an unclear answer")
        if created.contact_id is None:
            return self._find_nameless(order, created.call)
        contact_id = shown(created.contact_id)
        return Found(created.contact_id, Event.CONTACT_CREATED, f"Contact {contact_id} created.", created.call)

    def _find(self, order: StoredOrder) -> str | None:
        try:
            return self._kalimera.find_contact(order.phone_to_ring)
        except NotShown:
            return None

    def _find_nameless(self, order: StoredOrder, call: ProviderCall) -> Found:
        """Return the contact that Kalimera has made without saying which it is.

        Raises:
            ProviderRefused: it does not show it either. Another try would make another contact.
        """
        found = self._find(order)
        if found is None:
            raise ProviderRefused("Kalimera", "name the contact that it made", "its answer holds no id", call=call)
        return _reused(found, "found at Kalimera, whose answer named no contact")

    def _park(self, order: StoredOrder, refusal: ProviderRefused) -> None:
        """Set the order aside, and let a person's next try begin anew, whatever was made before."""
        with self._db.begin() as tx:
            contacts.forget_begun(tx, order.phone_to_ring)
            park(tx, [order.shopify_id], Reason.KALIMERA_REFUSED, refusal, now=self._clock())


def park(tx: Connection, shopify_ids: list[int], reason: Reason, error: ProviderError, *, now: datetime) -> None:
    """Set these orders aside for a person, with the provider's words."""
    orders.set_calling(tx, shopify_ids, CallingState.FAILED, now=now, reason=reason, detail=str(error))
    call: ProviderCall | None = error.call
    activity.record_for_all(tx, shopify_ids, Event.SYNC_ERROR, f"Not on the campaign: {error}.", now=now, call=call)


def wait_for_opening(tx: Connection, shopify_ids: list[int], opening: datetime, *, now: datetime) -> None:
    """Store that these orders wait for the calling hours; those that wait already are not told again."""
    news = orders.not_in_calling_state(tx, shopify_ids, CallingState.WAITING_FOR_HOURS)
    orders.set_calling(tx, news, CallingState.WAITING_FOR_HOURS, now=now)
    message = f"Outside the calling hours: waits until {opening:%d %b, %H:%M} India time."
    activity.record_for_all(tx, news, Event.SYNC_DEFERRED, message, now=now)


def _reused(contact_id: str, why: str) -> Found:
    return Found(contact_id, Event.CONTACT_REUSED, f"Contact {shown(contact_id)} reused ({why}).")


def _card(order: StoredOrder) -> ContactCard:
    return ContactCard(
        shopify_id=order.shopify_id,
        phone=order.phone_to_ring,
        first_name=order.first_name,
        last_name=order.last_name,
        email=order.customer_email,
        address=order.address,
        city=order.city,
        state=order.state,
        order_name=order.order_name,
        product_title=order.product_title,
        total_price=None if order.total_price is None else float(order.total_price),
        currency=order.currency,
    )
