"""Which Kalimera contact a phone has: the newest, as each order has a card of its own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, delete, or_, select, update

from ordercall.domain.calls.call import MAY_RING, CallState
from ordercall.domain.orders.order import Status
from ordercall.storage.call_tables import LIVE, OWN_CARD, SHARED_CARD
from ordercall.storage.engine.dialects import upsert
from ordercall.storage.records.calls import NEVER_RANG
from ordercall.storage.tables import call_orders, calls, contacts, orders

# Made once, as what every order runs in ``orders``.
_FIND = select(contacts.c.phone, contacts.c.contact_id, contacts.c.state).where(
    contacts.c.phone.in_(bindparam("phones", expanding=True))
)
_ANNOUNCE = upsert(
    lambda insert: (
        insert(contacts)
        .values(phone=bindparam("phone"), state="creating", changed_at=bindparam("now"))
        .on_conflict_do_nothing()
    )
)
_BEGIN = update(contacts).where(contacts.c.phone.in_(bindparam("phones", expanding=True)), contacts.c.state == "known")
_KNOWN: dict[str, Any] = {"contact_id": bindparam("contact"), "state": "known", "changed_at": bindparam("now")}
_REMEMBER = upsert(
    lambda insert: (
        insert(contacts)
        .values(phone=bindparam("phone"), **_KNOWN)
        .on_conflict_do_update(index_elements=["phone"], set_=_KNOWN)
    )
)
_WAITS_FOR_AN_ANSWER = MAY_RING | {CallState.UNANSWERED}


@dataclass(frozen=True, slots=True)
class Contact:
    """What we know of one phone.

    Attributes:
        contact_id: of an earlier order, or None.
        state: ``known``; or ``creating``, ``creating again`` while the outcome of a creation is not known.
    """

    phone: str
    contact_id: str | None
    state: str

    @property
    def is_begun(self) -> bool:
        return self.state != "known"


def find_and_announce(tx: Connection, phones: Collection[str], *, now: datetime) -> dict[str, Contact]:
    """Return what is known of these phones, and note of each that from now on a new contact may exist at Kalimera.

    To be stored before a creation is sent. The caller sees to it that nobody else does the same for one of them.
    """
    known = {row.phone: Contact(*row) for row in tx.execute(_FIND, {"phones": list(phones)})}
    if new := [{"phone": phone, "now": now.timestamp()} for phone in phones if phone not in known]:
        tx.execute(_ANNOUNCE.of(tx), new)
    if earlier := [phone for phone, contact in known.items() if not contact.is_begun]:
        tx.execute(_BEGIN.values(state="creating", changed_at=now.timestamp()), {"phones": earlier})
    return known


def remember(tx: Connection, contact_ids: Mapping[str, str], *, now: datetime) -> None:
    """Store the ids that Kalimera gave the contacts of these phones."""
    if contact_ids:
        known = [{"phone": phone, "contact": found, "now": now.timestamp()} for phone, found in contact_ids.items()]
        tx.execute(_REMEMBER.of(tx), known)


def begin_again(tx: Connection, phone: str, *, now: datetime) -> bool:
    """Note that the contact of this phone is made once more; return False if that was so before."""
    mine = update(contacts).where(contacts.c.phone == phone, contacts.c.state == "creating")
    return tx.execute(mine.values(state="creating again", changed_at=now.timestamp())).rowcount > 0


def take_back(tx: Connection, before: Mapping[str, Contact | None]) -> None:
    """Put what is known of these phones back as it was before a try that certainly made no contact.

    None: nothing was known. What somebody else stored meanwhile stays.
    """
    announced = [phone for phone, was in before.items() if was is None]
    if announced:
        tx.execute(delete(contacts).where(contacts.c.phone.in_(announced), contacts.c.state == "creating"))
    for state, later in (("creating", "creating again"), ("known", "creating")):
        if begun := [phone for phone, was in before.items() if was and was.state == state]:
            mine = update(contacts).where(contacts.c.phone.in_(begun), contacts.c.state == later)
            tx.execute(mine.values(state=state))


def forget_begun(tx: Connection, phone: str) -> None:
    """Forget that a contact of this phone may have been made; one that is known stays."""
    tx.execute(delete(contacts).where(contacts.c.phone == phone, contacts.c.contact_id.is_(None)))


def of_phone(tx: Connection, phone: str) -> frozenset[str]:
    """Return the contacts that the orders of a phone have, or were rung by."""
    mine = select(orders.c.contact_id).where(orders.c.customer_phone == phone)
    newest = select(contacts.c.contact_id).where(contacts.c.phone == phone)
    rung = select(calls.c.contact_id).join(call_orders, call_orders.c.call_id == calls.c.call_id)
    rung = rung.join(orders, orders.c.shopify_id == call_orders.c.shopify_id)
    rung = rung.where(orders.c.customer_phone == phone, calls.c.state.not_in(NEVER_RANG))
    return frozenset(tx.execute(mine.union(newest, rung)).scalars()) - {None}


def known_for(tx: Connection, contact_ids: Collection[str], phones: Collection[str]) -> dict[str, set[str]]:
    """Return the phones at which each of these contacts was rung, and those of these *phones* whose orders have it."""
    rung = select(calls.c.contact_id, calls.c.phone).where(calls.c.contact_id.in_(contact_ids))
    there = orders.c.customer_phone.in_(phones), orders.c.contact_id.in_(contact_ids)
    both = rung.where(calls.c.phone.is_not(None)).union(
        select(orders.c.contact_id, orders.c.customer_phone).where(*there)
    )
    found = defaultdict[str, set[str]](set)
    for contact_id, phone in tx.execute(both) if contact_ids else ():
        found[contact_id].add(phone)
    return found


def take_card(tx: Connection, contact_id: str, phone: str, shopify_ids: Collection[int], *, now: datetime) -> bool:
    """Let a contact's card be written anew with the data of these orders, unless another order may be rung by it.

    To be stored before the card is sent: what its earlier orders were rung by is no card of their own any more, so that
    no report by the contact alone is taken for theirs, and a further call of theirs asks for a contact anew.
    """
    theirs = orders.c.contact_id == contact_id, orders.c.shopify_id.not_in(shopify_ids)
    tx.execute(select(orders.c.shopify_id).where(*theirs).order_by(orders.c.shopify_id).with_for_update()).all()
    phones = known_for(tx, [contact_id], [phone]).get(contact_id)
    planned = select(call_orders.c.shopify_id).join(orders, orders.c.shopify_id == call_orders.c.shopify_id)
    rung = select(call_orders.c.shopify_id).join(calls, calls.c.call_id == call_orders.c.call_id)
    rung = rung.where(calls.c.contact_id == contact_id, call_orders.c.shopify_id.not_in(shopify_ids))
    ringing = rung.where(or_(LIVE, calls.c.may_ring_until >= now.timestamp()))
    in_use = tx.execute(planned.where(LIVE, *theirs).union(ringing).limit(1)).first()
    if in_use or (phones and phone not in phones):
        return False
    of_contact = select(calls.c.call_id).where(calls.c.contact_id == contact_id)
    others = call_orders.c.call_id.in_(of_contact), call_orders.c.shopify_id.not_in(shopify_ids)
    tx.execute(update(call_orders).where(*others, call_orders.c.on_card > 0).values(on_card=0))
    tx.execute(update(orders).where(*theirs).values(contact_id=None))
    return True


def open_beside(
    tx: Connection, contact_id: str, phone: str, shopify_ids: Collection[int], *, now: datetime
) -> list[int]:
    """Return the other orders that may be rung by a contact, the oldest first, where its card may tell of them all.

    Else none: where one of them waits for no answer any more, is not on the list yet or rings for several, as who rings
    may have the card of before in hand. The locks of :func:`take_card` count.
    """
    rows = (
        select(orders.c.shopify_id, orders.c.customer_phone, orders.c.confirmation_status, calls.c.state)
        .add_columns(calls.c.rings_with)
        .join(call_orders, call_orders.c.shopify_id == orders.c.shopify_id)
        .join(calls, calls.c.call_id == call_orders.c.call_id)
        .where(orders.c.shopify_id.not_in(shopify_ids), or_(LIVE, calls.c.may_ring_until >= now.timestamp()))
        .where(or_(calls.c.contact_id == contact_id, and_(LIVE, orders.c.contact_id == contact_id)))
    )
    ringing = tx.execute(rows).all()
    open_ones = all(
        row.confirmation_status == Status.PLACED
        and row.customer_phone == phone
        and row.state in _WAITS_FOR_AN_ANSWER
        and row.rings_with is None
        for row in ringing
    )
    return sorted({row.shopify_id for row in ringing}) if open_ones else []


def share_card(tx: Connection, contact_id: str) -> None:
    """Store, before it is sent, that a contact's card may come to tell of other orders than those it was made for."""
    of_contact = select(calls.c.call_id).where(calls.c.contact_id == contact_id)
    theirs = call_orders.c.call_id.in_(of_contact), call_orders.c.on_card == OWN_CARD
    tx.execute(update(call_orders).where(*theirs).values(on_card=SHARED_CARD))


def card_is_shared(tx: Connection, contact_id: str, shopify_id: int, others: Collection[int]) -> None:
    """Store that a contact's card tells of an order that is about to be rung by it, and of these others."""
    of_contact = select(calls.c.call_id).where(calls.c.contact_id == contact_id)
    theirs = and_(call_orders.c.shopify_id.in_(others), call_orders.c.call_id.in_(of_contact))
    mine = and_(call_orders.c.shopify_id == shopify_id, LIVE)
    tx.execute(update(call_orders).where(or_(theirs, mine)).values(on_card=SHARED_CARD))


def on_shared_cards(tx: Connection, shopify_ids: Collection[int]) -> set[int]:
    """Return those of these orders whose contact's card told of others as well when they were rung by it."""
    rung = select(orders.c.shopify_id).join(call_orders, call_orders.c.shopify_id == orders.c.shopify_id)
    rung = rung.join(calls, calls.c.call_id == call_orders.c.call_id).where(calls.c.contact_id == orders.c.contact_id)
    mine = orders.c.shopify_id.in_(shopify_ids), call_orders.c.on_card == SHARED_CARD
    return set(tx.execute(rung.where(*mine)).scalars()) if shopify_ids else set()


def forget(tx: Connection, contact_ids: Iterable[str]) -> None:
    """Drop what we know of these contacts."""
    tx.execute(delete(contacts).where(contacts.c.contact_id.in_(list(contact_ids))))


def forget_unneeded(tx: Connection, phones: Collection[str]) -> set[str]:
    """Forget the contacts of those phones that stand in no order any more; return their ids at Kalimera."""
    needed = tx.execute(select(orders.c.customer_phone).where(orders.c.customer_phone.in_(phones))).scalars()
    leaving = set(phones) - set(needed)
    gone = delete(contacts).where(contacts.c.phone.in_(leaving)).returning(contacts.c.contact_id)
    return set(tx.execute(gone).scalars()) - {None}
