"""The calls that are one: orders of one phone, rung for by a card that tells of all of them.

Each order keeps a row of its own in ``calls``, so that one of them can be cancelled, corrected or answered alone;
``rings_with`` is the same in all rows of a joint call.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import BindParameter, Connection, bindparam, exists, or_, select, update

from ordercall.domain.calls.call import CallState
from ordercall.domain.calls.calling import CallingState
from ordercall.storage.call_tables import LIVE, TOGETHER
from ordercall.storage.records.campaigns import ListingState
from ordercall.storage.tables import call_orders, calls, contacts, listings, orders

_ON_ITS_WAY = [state for state in CallingState if state.on_its_way]
_GIVEN: BindParameter[Collection[str]] = bindparam("orders", expanding=True)

# Made once, as what every order runs in ``orders``. In two steps: of tables that it has no figures of yet, Postgres
# looked through all calls for each order of a phone when it was asked for both at once (85 ms for 16 orders of 400).
_mine = orders.alias()
_BESIDE = (
    select(orders.c.shopify_id)
    .where(orders.c.customer_phone.in_(select(_mine.c.customer_phone).where(_mine.c.shopify_id.in_(_GIVEN))))
    .where(orders.c.calling_state.in_(_ON_ITS_WAY), orders.c.shopify_id.not_in(_GIVEN))
)
_has_place = exists().where(listings.c.shopify_id == orders.c.shopify_id, listings.c.state != ListingState.PARKED)
_WAITING = (
    select(orders.c.shopify_id, calls.c.rings_with)
    .join(call_orders, call_orders.c.shopify_id == orders.c.shopify_id)
    .join(calls, calls.c.call_id == call_orders.c.call_id)
    .where(LIVE, calls.c.state == CallState.PLANNED, orders.c.calling_state.in_(_ON_ITS_WAY), ~_has_place)
    .where(orders.c.shopify_id.in_(_GIVEN))
)
_PARTS = (
    select(call_orders.c.shopify_id, calls.c.call_id, calls.c.rings_with, calls.c.card_orders, call_orders.c.is_live)
    .join(calls, calls.c.call_id == call_orders.c.call_id)
    .join(orders, orders.c.shopify_id == call_orders.c.shopify_id)
    .where(call_orders.c.shopify_id.in_(_GIVEN), TOGETHER)
    .where(or_(calls.c.contact_id.is_(None), calls.c.contact_id == orders.c.contact_id))
)
_MEMBERS = (
    select(calls.c.rings_with, call_orders.c.shopify_id)
    .join(call_orders, call_orders.c.call_id == calls.c.call_id)
    .where(calls.c.rings_with.in_(bindparam("joint", expanding=True)))
)


@dataclass(frozen=True, slots=True)
class Part:
    """An order's part in a joint call, by the card that it has now or may have.

    Attributes:
        call_id: of its own row.
        card_orders: of how many orders the card tells.
        is_live: it is planned or open.
    """

    shopify_id: int
    call_id: str
    rings_with: str
    card_orders: int
    is_live: bool


def beside(tx: Connection, shopify_ids: Collection[int]) -> set[int]:
    """Return the other orders of these orders' phones that are on their way to a call."""
    return set(tx.execute(_BESIDE, {"orders": list(shopify_ids)}).scalars())


def waiting(tx: Connection, shopify_ids: Collection[int]) -> dict[int, str | None]:
    """Return those of the orders that wait: their calls are planned, and they have no place on a list.

    Returns:
        By their ids, with which joint call theirs was to ring.
    """
    return dict(tx.execute(_WAITING, {"orders": list(shopify_ids)}).all())


def parts_of(tx: Connection, shopify_ids: Collection[int]) -> list[Part]:
    """Return the parts that these orders have in joint calls."""
    if not shopify_ids:
        return []
    return [Part(*row[:4], bool(row.is_live)) for row in tx.execute(_PARTS, {"orders": list(shopify_ids)})]


def members(tx: Connection, joint: Collection[str]) -> dict[str, frozenset[int]]:
    """Return the orders of each of these joint calls, whatever became of them."""
    found = defaultdict[str, set[int]](set)
    for rings_with, shopify_id in tx.execute(_MEMBERS, {"joint": list(joint)}) if joint else ():
        found[rings_with].add(shopify_id)
    return {rings_with: frozenset(mine) for rings_with, mine in found.items()}


def join(tx: Connection, rings_with: str, call_ids: Collection[str]) -> None:
    """Store, before their card is made, that these planned calls ring together."""
    planned = update(calls).where(calls.c.call_id.in_(call_ids), calls.c.state == CallState.PLANNED)
    tx.execute(planned.values(rings_with=rings_with, card_orders=len(call_ids)))


def part(tx: Connection, call_ids: Collection[str]) -> None:
    """Store that these planned calls ring with no others."""
    planned = update(calls).where(calls.c.call_id.in_(call_ids), calls.c.state == CallState.PLANNED)
    tx.execute(planned.values(rings_with=None, card_orders=None))


def begun(tx: Connection, phones: Collection[str | None]) -> set[str]:
    """Return those of the phones of which a contact may have been made without anybody knowing."""
    theirs = select(contacts.c.phone).where(contacts.c.phone.in_(set(phones) - {None}), contacts.c.state != "known")
    return set(tx.execute(theirs).scalars())


def answered(tx: Connection, joint: Collection[str]) -> set[str]:
    """Return those of the joint calls in which an order was answered."""
    if not joint:
        return set()
    spoken = select(calls.c.rings_with).where(calls.c.rings_with.in_(joint), calls.c.state == CallState.ANSWERED)
    return set(tx.execute(spoken.distinct()).scalars())


def others_of(tx: Connection, shopify_id: int) -> dict[str, list[tuple[int, str]]]:
    """Return, by the joint calls of an order, the id and the name of each other order that they are about."""
    own = select(calls.c.rings_with).join(call_orders, call_orders.c.call_id == calls.c.call_id)
    joint = own.where(call_orders.c.shopify_id == shopify_id, TOGETHER)
    found = select(calls.c.rings_with, orders.c.shopify_id, orders.c.order_name)
    found = found.join(call_orders, call_orders.c.call_id == calls.c.call_id)
    found = found.join(orders, orders.c.shopify_id == call_orders.c.shopify_id)
    theirs = found.where(calls.c.rings_with.in_(joint), orders.c.shopify_id != shopify_id)
    named = defaultdict[str, list[tuple[int, str]]](list)
    for rings_with, other, name in tx.execute(theirs.order_by(orders.c.shopify_id)):
        named[rings_with].append((other, name or str(other)))
    return named
