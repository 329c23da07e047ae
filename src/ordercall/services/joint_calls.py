"""Orders that are rung for together: who joins whom before a card is made, and who is left alone after that.

What is stored before the request leaves is which orders the card tells of. So whoever finds that card later, after a
crash or a lost answer, knows of whom; and who is left of them is never rung by it, but by a card of their own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from ordercall.domain.activity import Event
from ordercall.domain.calls.calling import Language
from ordercall.domain.calls.decision import Decision
from ordercall.domain.calls.joint_calls import Waiting, called_with, keeps_card
from ordercall.errors import ProviderRefused
from ordercall.services.contact_maker import FoundContact, ReadyOrder
from ordercall.storage.records import joint_calls, orders
from ordercall.storage.records.call_ids import new_call_id
from ordercall.storage.records.campaigns import Listing
from ordercall.storage.records.contacts import Contact
from ordercall.storage.records.stored_order import StoredOrder

type Answered = tuple[ReadyOrder, FoundContact | ProviderRefused]
"""An order, and its contact or why Kalimera makes none."""


@dataclass(frozen=True, slots=True)
class Group:
    """Orders of which one card is to tell; mostly there are no others."""

    first: StoredOrder
    others: tuple[StoredOrder, ...] = ()

    @property
    def all(self) -> tuple[StoredOrder, ...]:
        return self.first, *self.others


def gather(
    tx: Connection,
    going: Sequence[StoredOrder],
    beside: Sequence[StoredOrder],
    decided: Mapping[int, Decision],
    before: Mapping[int, str | None],
) -> list[Group]:
    """Return the orders that are called now, each with those that join it; a card that tells of more is forgotten.

    Args:
        beside: the orders of the same phones that wait; all rows are locked.
        before: by the orders that wait, with which joint call theirs was to ring.
    """
    waiting = _waiting_by_id(tx, [*going, *beside], decided)
    announced = _announced(tx, going, before) if beside else {}
    groups = [_group(order, beside, waiting, announced.get(order.shopify_id)) for order in going]
    parting = [one for group in groups if not _keeps(group, waiting) for one in group.all if one.contact_id]
    if parting:
        orders.forget_contact(tx, [order.shopify_id for order in parting])
    return [_without_cards(group, parting) for group in groups]


def announce(
    tx: Connection,
    groups: Sequence[Group],
    known: Mapping[str, Contact],
    planned: Mapping[int, str],
    before: Mapping[int, str | None],
) -> dict[int, str]:
    """Store, before their cards are made, which calls ring together, and which no longer do.

    Where an earlier request may have made a card it stays written down of how many that tells.

    Args:
        planned: the calls of the orders.
        before: by the orders that wait, with which joint call theirs was to ring.

    Returns:
        The ids of the joint calls of these orders; one that rings alone is missing.
    """
    joint: dict[int, str] = {}
    for group in groups:
        first, contact = group.first, known.get(group.first.customer_phone or "")
        announced = before.get(first.shopify_id)
        if announced and contact and contact.is_begun and not first.contact_id:
            joint |= dict.fromkeys((order.shopify_id for order in group.all), announced)
        elif group.others:
            rings_with = new_call_id()
            joint_calls.join(tx, rings_with, [planned[order.shopify_id] for order in group.all])
            joint |= dict.fromkeys((order.shopify_id for order in group.all), rings_with)
        elif announced:
            joint_calls.part(tx, [planned[first.shopify_id]])
    return joint


def ready_orders(
    groups: Sequence[Group],
    in_use: Mapping[int, str],
    known: Mapping[str, Contact],
    planned: Mapping[int, str],
    languages: Mapping[int, Language],
    joint: Mapping[int, str],
    old_cards: Collection[int],
) -> list[ReadyOrder]:
    """Return the first order of each group, with the others, as Kalimera is to be asked for them."""

    def ready(order: StoredOrder, others: tuple[StoredOrder, ...] = ()) -> ReadyOrder:
        return ReadyOrder(
            order,
            planned[order.shopify_id],
            in_use.get(order.shopify_id),
            languages[order.shopify_id],
            None if order.shopify_id in in_use else known.get(order.phone_to_ring),
            tuple(map(ready, others)),
            joint.get(order.shopify_id),
            order.shopify_id in old_cards,
        )

    return [ready(group.first, group.others) for group in groups]


def for_each(tx: Connection, answered: Iterable[Answered]) -> Iterator[Answered]:
    """Yield what was answered for each order of the joint calls whose card tells of all of them.

    Of any other card nobody knows of whom it tells: who waited with the first goes on alone. So does who has lost the
    others, unless the card of all of them is found: that they were to ring by it is kept, see :func:`leave_incomplete`.
    """
    for ready, found in answered:
        own = found if isinstance(found, FoundContact) and (found.is_own or found.event is None) else None
        if own and ready.others:
            yield from _told_together(ready, own)
            continue
        tells_of_others = own is not None and own.event is Event.CONTACT_REUSED
        if ready.rings_with and not tells_of_others:
            joint_calls.part(tx, [one.call_id for one in (ready, *ready.others)])
        yield ready, found


def _told_together(ready: ReadyOrder, found: FoundContact) -> Iterator[Answered]:
    for one in (ready, *ready.others):
        names = " and ".join(each.order.name for each in (ready, *ready.others) if each is not one)
        yield one, replace(found, message=f"{found.message} Its card tells of {names} as well: one call.")


def leave_incomplete(tx: Connection, group: Sequence[Listing]) -> list[Listing]:
    """Return those of a group that are not rung by the card that they have, as it tells of one who is not among them.

    They are called by cards of their own: it is stored that they ring with nobody and have no contact.
    """
    parts = [part for part in joint_calls.parts_of(tx, [one.shopify_id for one in group]) if part.is_live]
    cards = {one.shopify_id: one.contact_id for one in group}
    there = Counter((part.rings_with, cards[part.shopify_id]) for part in parts)
    left = {
        part.shopify_id: part.call_id
        for part in parts
        if there[part.rings_with, cards[part.shopify_id]] < part.card_orders
    }
    if left:
        joint_calls.part(tx, list(left.values()))
        orders.forget_contact(tx, list(left))
    return [one for one in group if one.shopify_id in left]


def _waiting_by_id(tx: Connection, found: Sequence[StoredOrder], decided: Mapping[int, Decision]) -> dict[int, Waiting]:
    """Return what is known of the orders and, where their cards are those of joint calls, of whom these tell."""
    of_order = {
        part.shopify_id: part for part in joint_calls.parts_of(tx, [one.shopify_id for one in found if one.contact_id])
    }
    members = joint_calls.members(tx, {part.rings_with for part in of_order.values()})
    waiting = {order.shopify_id: _waiting(order, decided[order.shopify_id]) for order in found}
    for shopify_id, part in of_order.items():
        told = members[part.rings_with]
        waiting[shopify_id] = replace(waiting[shopify_id], on_card=told, card_tells_of=part.card_orders)
    return waiting


def _announced(
    tx: Connection, going: Sequence[StoredOrder], before: Mapping[int, str | None]
) -> dict[int, frozenset[int]]:
    """Return, by the orders of whose phones an earlier request may have made a card, of whom that tells."""
    begun = joint_calls.begun(tx, {order.customer_phone for order in going})
    mine = [order.shopify_id for order in going if order.customer_phone in begun and not order.contact_id]
    members = joint_calls.members(tx, {joint for one in mine if (joint := before.get(one))})
    return {one: members.get(before.get(one) or "", frozenset()) for one in mine}


def _waiting(order: StoredOrder, decision: Decision) -> Waiting:
    return Waiting(
        shopify_id=order.shopify_id,
        phone=order.customer_phone,
        status=order.confirmation_status,
        decision=decision,
        told_once=told_once(order),
        contact_id=order.contact_id,
    )


def told_once(order: StoredOrder) -> tuple[str, ...]:
    """Return what a card has room for once: of whom and where to it tells, and the currencies of its sums."""
    once = (order.first_name, order.last_name, order.address, order.address2, order.city, order.state)
    return tuple(
        " ".join((word or "").split()).casefold() for word in (*once, order.currency, order.money_now.currency)
    )


def _group(
    first: StoredOrder,
    beside: Sequence[StoredOrder],
    waiting: Mapping[int, Waiting],
    announced: Collection[int] | None,
) -> Group:
    mine = [one for one in beside if one.customer_phone == first.customer_phone]
    joined = called_with(waiting[first.shopify_id], [waiting[one.shopify_id] for one in mine], announced=announced)
    return Group(first, tuple(one for one in mine if one.shopify_id in joined))


def _keeps(group: Group, waiting: Mapping[int, Waiting]) -> bool:
    return keeps_card([waiting[order.shopify_id] for order in group.all])


def _without_cards(group: Group, parting: Collection[StoredOrder]) -> Group:
    def freed(order: StoredOrder) -> StoredOrder:
        return replace(order, contact_id=None) if order in parting else order

    return Group(freed(group.first), tuple(map(freed, group.others)))
