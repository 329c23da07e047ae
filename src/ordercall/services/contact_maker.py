"""The contact by which an order's customer is rung: each order has a card of its own.

The agent reads a card to the customer and reports under its ids, so a card that tells of an earlier order would have
the wrong order confirmed. Where Kalimera keeps one contact a phone, it is taken, and not counted as the order's own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from ordercall.domain.activity import Event, ProviderCall
from ordercall.domain.calls.calling import Language
from ordercall.domain.calls.joint_calls import MOST_TOGETHER
from ordercall.domain.contact_ids import in_words
from ordercall.errors import AlreadyThere, NotShown, OutcomeUnknown, ProviderBusy, ProviderRefused
from ordercall.providers.http import ProviderHttp
from ordercall.providers.kalimera.cards import SeenCard
from ordercall.providers.kalimera.client import KalimeraClient
from ordercall.providers.kalimera.joint_cards import joint_card, shared_card
from ordercall.providers.kalimera.words import ContactCard
from ordercall.storage.engine.database import Database
from ordercall.storage.records import contacts, further_calls, orders
from ordercall.storage.records.contacts import Contact
from ordercall.storage.records.stored_order import StoredOrder


@dataclass(frozen=True, slots=True)
class ReadyOrder:
    """An order whose customer may be rung now.

    Attributes:
        call_id: of the call that is planned.
        contact_id: by which it is rung; None: one is to be made.
        known: its phone's newest contact; None if nothing was known of it, or none is to be made.
        others: of whom its card is to tell as well.
        card_is_old: its contact's card tells of the order as it was before it was changed.
        rings_with: the joint call that it is a part of; where it has lost the others, one whose card may be made.
    """

    order: StoredOrder
    call_id: str
    contact_id: str | None
    language: Language
    known: Contact | None
    others: tuple[ReadyOrder, ...] = ()
    rings_with: str | None = None
    card_is_old: bool = False

    @property
    def tells_of(self) -> tuple[ReadyOrder, ...]:
        """The orders of which its card is to tell."""
        return self, *self.others

    @property
    def on_card(self) -> str:
        """The ``call_id`` that its card is to bear."""
        return self.rings_with if self.others and self.rings_with else self.call_id

    @property
    def shopify_id(self) -> int:
        return self.order.shopify_id

    @property
    def phone(self) -> str:
        return self.order.phone_to_ring

    @property
    def earlier(self) -> str | None:
        """The contact of an earlier call, else of an earlier order of this phone."""
        return self.order.contact_id or (self.known.contact_id if self.known else None)


@dataclass(frozen=True, slots=True)
class FoundContact:
    """The contact of an order's phone, and what to write down about it: nothing if the order had it already.

    Attributes:
        call: the creation whose answer named it; None: it is known by its phone.
        is_own: its card was made with this order's data.
        told_with: the orders of other calls that are open, of which its card tells as well.
    """

    contact_id: str
    event: Event | None = None
    message: str = ""
    call: ProviderCall | None = None
    is_own: bool = False
    told_with: tuple[int, ...] = ()


class NoContactMade(Exception):
    """Kalimera has certainly made no contact in this try: :meth:`SyncService.take_back` what was announced."""


class NotTaken(NoContactMade):
    """It was too busy for the creation, or did not accept our credential, as *busy* says."""

    def __init__(self, busy: ProviderBusy) -> None:
        super().__init__(str(busy))
        self.busy = busy


class ContactMaker:
    """Makes or finds contacts, without a transaction while Kalimera answers, in the loop of ``outgoing``.

    Args:
        rings_once: Kalimera rings a contact but once, so that each call is to have another.
    """

    def __init__(
        self, db: Database, kalimera: KalimeraClient, clock: Callable[[], datetime], *, rings_once: bool = False
    ) -> None:
        self._db = db
        self._kalimera = kalimera
        self._clock = clock
        self.rings_once = rings_once

    @property
    def breaker(self) -> ProviderHttp:
        """Whether Kalimera answers and takes our token."""
        return self._kalimera.breaker

    def in_use(self, tx: Connection, found: Collection[StoredOrder]) -> dict[int, str]:
        """Return the contacts by which these orders are rung as they are; for an order without one, one is made."""
        having = {order.shopify_id: order.contact_id for order in found if order.contact_id}
        spent = further_calls.rung_by_their_contacts(tx, having) if self.rings_once and having else set()
        return {shopify_id: contact_id for shopify_id, contact_id in having.items() if shopify_id not in spent}

    async def contact_for(self, ready: ReadyOrder) -> FoundContact | ProviderRefused:
        """Return the order's contact, or why Kalimera makes none.

        Raises:
            NotTaken: try again later; nothing was made.
            ProviderBusy, OutcomeUnknown: try again later; an earlier request may have made it, or this one.
        """
        if ready.contact_id:
            own = FoundContact(ready.contact_id)
            is_old = any(one.card_is_old for one in ready.tells_of)
            return await self._written_anew(ready, own) if is_old else own
        found = await self._made_or_found(ready)
        return await self._brought_up_to_date(ready, found) if isinstance(found, FoundContact) else found

    async def _brought_up_to_date(self, ready: ReadyOrder, found: FoundContact) -> FoundContact:
        """Return a contact that Kalimera had with a card of the order's own, where that can be written anew."""
        is_own = found.is_own or found.event is not Event.CONTACT_REUSED
        return found if is_own else await self._written_anew(ready, found)

    async def _written_anew(self, ready: ReadyOrder, found: FoundContact) -> FoundContact:
        """Return a contact with a card of the order as it is, where that can be written.

        While others may be rung by it, whose card changes under the agent, it tells of them as well, each to be
        answered by its own id. Where that cannot be, and where Kalimera gives no clear yes, the card stays one that may
        tell of an earlier order, or of this one as it was.
        """
        lost_others = ready.rings_with is not None and not ready.others
        if lost_others or not self._kalimera.rewrites_cards:
            return found
        if (written := await asyncio.to_thread(self._take_card, ready, found.contact_id)) is None:
            return found
        card, others = written
        try:
            await self._kalimera.rewrite_contact(found.contact_id, card)
        except (ProviderBusy, OutcomeUnknown, ProviderRefused) as fault:
            return replace(found, message=f"{found.message} Its card may tell of an earlier order: {fault}")
        mine = found if found.event else reused(found.contact_id, "the order's own")
        tells = f" and tells of {' and '.join(other.name for other in others)} as well" if others else ""
        message = f"{mine.message} Its card was brought up to date{tells}."
        told_with = tuple(other.shopify_id for other in others)
        return replace(mine, message=message, call=None, is_own=True, told_with=told_with)

    def _take_card(self, ready: ReadyOrder, contact_id: str) -> tuple[ContactCard, Sequence[StoredOrder]] | None:
        """Return the card that may be written now and the orders of other calls that it tells of; None: none may."""
        mine = [one.shopify_id for one in ready.tells_of]
        with self._db.begin() as tx:
            if contacts.take_card(tx, contact_id, ready.phone, mine, now=self._clock()):
                return _card(ready), ()
            return None if ready.rings_with else self._share_card(tx, ready, contact_id)

    def _share_card(
        self, tx: Connection, ready: ReadyOrder, contact_id: str
    ) -> tuple[ContactCard, Sequence[StoredOrder]] | None:
        beside = contacts.open_beside(tx, contact_id, ready.phone, [ready.shopify_id], now=self._clock())
        others = orders.find_all(tx, beside)
        told = sorted((ready.order, *others), key=lambda order: order.shopify_id)
        card = shared_card([card_of(order, ready.call_id) for order in told])
        if not card or not others or len(told) > MOST_TOGETHER:
            return None
        contacts.share_card(tx, contact_id)
        return card, others

    async def _made_or_found(self, ready: ReadyOrder) -> FoundContact | ProviderRefused:
        try:
            if ready.known and ready.known.is_begun and (found := await self._find_begun(ready)):
                return reused(found.contact_id, "found at Kalimera", is_own=found.is_ours is True)
            return await self._create(ready)
        except ProviderRefused as refusal:
            return reused(ready.earlier, "Kalimera makes no other") if ready.earlier else refusal

    async def _find_begun(self, ready: ReadyOrder) -> SeenCard | None:
        """Look for a contact of which an earlier request may have made one; None: make it now.

        One whose card bears the id of another call tells of another order, which may be cancelled or another person's.

        Raises:
            NotShown: Kalimera does not tell, and one was made in spite of that already. Another would come with every
                try, so a person must look.
        """
        try:
            found = await self._look(ready)
            return None if found and found.is_ours is False else found
        except NotShown:
            if not await asyncio.to_thread(self._begin_again, ready.phone):
                raise
            return None

    def _begin_again(self, phone: str) -> bool:
        with self._db.begin() as tx:
            return contacts.begin_again(tx, phone, now=self._clock())

    async def _create(self, ready: ReadyOrder) -> FoundContact:
        try:
            created = await self._kalimera.create_contact(_card(ready))
        except ProviderBusy as busy:  # never that of a look after it, which leaves open what the creation did
            raise NotTaken(busy) from busy
        except AlreadyThere as refusal:
            named = refusal.existing_id or ready.earlier
            card = SeenCard(named, None) if named else await self._find(ready, among_all=True)
            if card is None:
                raise
            return reused(card.contact_id, "already at Kalimera", call=refusal.call if refusal.existing_id else None)
        except (OutcomeUnknown, ProviderRefused) as error:
            found = await self._find(ready)
            if found is None:
                raise
            is_own = isinstance(error, OutcomeUnknown) and found.is_ours is True
            return reused(found.contact_id, "found at Kalimera after an unclear answer", is_own=is_own)
        if created.contact_id is None:
            return await self._find_nameless(ready, created.call)
        if created.contact_id == ready.earlier:
            return reused(created.contact_id, "Kalimera keeps one of a phone")
        message = in_words(created.contact_id, "created")
        return FoundContact(created.contact_id, Event.CONTACT_CREATED, message, created.call, is_own=True)

    async def _find(self, ready: ReadyOrder, *, among_all: bool = False) -> SeenCard | None:
        try:
            return await self._look(ready, among_all=among_all)
        except NotShown:
            return None

    async def _look(self, ready: ReadyOrder, *, among_all: bool = False) -> SeenCard | None:
        """Return the contact that Kalimera shows of this phone beside those of its earlier orders, or *among all*.

        These are asked for even where none is known as the phone's newest: that may have been refused and forgotten.
        """
        earlier = frozenset() if among_all else await asyncio.to_thread(self._earlier, ready.phone)
        return await self._kalimera.find_card(ready.phone, ready.rings_with or ready.call_id, beside=earlier)

    def _earlier(self, phone: str) -> frozenset[str]:
        with self._db.read() as tx:
            return contacts.of_phone(tx, phone)

    async def _find_nameless(self, ready: ReadyOrder, call: ProviderCall) -> FoundContact:
        """Return the contact that Kalimera has made without saying which it is; its yes speaks for it as a name would.

        Raises:
            ProviderRefused: it does not show it either. Another try would make another contact.
        """
        found = await self._find(ready)
        if found is None:
            raise ProviderRefused("Kalimera", "name the contact that it made", "its answer holds no id", call=call)
        why = "found at Kalimera, whose answer named no contact"
        return reused(found.contact_id, why, is_own=found.is_ours is not False)


def _card(ready: ReadyOrder) -> ContactCard:
    return joint_card([card_of(one.order, ready.on_card) for one in ready.tells_of])


def card_of(order: StoredOrder, call_id: str) -> ContactCard:
    """Return what Kalimera is told of an order that has a phone: the card that its agent has before it."""
    return ContactCard(
        call_id=call_id,
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
        total_price=order.total_price,
        currency=order.currency,
        items=order.items or order.product_title,
        current_total_price=order.money_now.total,
        total_outstanding=order.money_now.outstanding,
        presentment_currency=order.money_now.currency,
    )


def reused(contact_id: str, why: str, *, call: ProviderCall | None = None, is_own: bool = False) -> FoundContact:
    """Return a contact that Kalimera had, with why it is taken."""
    return FoundContact(contact_id, Event.CONTACT_REUSED, in_words(contact_id, f"reused ({why})"), call, is_own=is_own)
