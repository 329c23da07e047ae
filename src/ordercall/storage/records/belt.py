"""The cancels that no person asked for, and which orders were changed after their agent was told of them.

Whoever writes here holds the order's row. How far a cancel got stands in ``orders.cancel_state``; what stands here of a
cancel that is over is of no effect.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, bindparam, case, delete, exists, func, or_, select, update

from ordercall.domain.orders.belt import Asked
from ordercall.domain.orders.order import CancelState, Status
from ordercall.storage.belt_tables import FROZEN, SENT, WAITING
from ordercall.storage.engine.dialects import upsert
from ordercall.storage.engine.index_hints import by_index
from ordercall.storage.records.calls import NEVER_RANG
from ordercall.storage.records.stored_order import moment
from ordercall.storage.tables import call_orders, calls, card_edits, orders, program_cancels

BEING_MADE = ""
"""In place of the id of a contact that may have been made, and whose id is not known yet."""

SLICE = 100
"""Orders that are looked at in one transaction, so that no webhook waits for it."""

_WHAT_IS_ASKED = ("asked_at", "before", "forced", "quoted", "undone", "phone", "due_at")
_BEGUN_ANEW: dict[str, None] = dict.fromkeys(("frozen_at", "held_at", "released_at", "person"))
_ASK = upsert(
    lambda make: (put := make(program_cancels)).on_conflict_do_update(
        index_elements=["shopify_id"],
        set_={name: put.excluded[name] for name in (*_WHAT_IS_ASKED, *_BEGUN_ANEW)},
    )
)
_EDITED = upsert(
    lambda make: (put := make(card_edits)).on_conflict_do_update(
        index_elements=["shopify_id"], set_={"contact_id": put.excluded.contact_id}
    )
)
_RANG_BY_IT = (
    exists()
    .where(calls.c.call_id == call_orders.c.call_id, call_orders.c.shopify_id == orders.c.shopify_id)
    .where(calls.c.contact_id == card_edits.c.contact_id, calls.c.phone == orders.c.customer_phone)
    .where(calls.c.state.not_in(NEVER_RANG))
    .correlate(orders, card_edits)
)
_ITS_CARD = and_(
    card_edits.c.shopify_id == orders.c.shopify_id,
    or_(card_edits.c.contact_id == orders.c.contact_id, _RANG_BY_IT),
)
"""Where each call makes a contact, an answer may still come by that of an earlier one."""
_OLD = (
    select(card_edits.c.shopify_id, card_edits.c.contact_id)
    .select_from(card_edits)
    .join(orders, _ITS_CARD)
    .where(card_edits.c.shopify_id.in_(bindparam("orders", expanding=True)))
)
_ONE = select(program_cancels).where(program_cancels.c.shopify_id == bindparam("id"))
_NOW = bindparam("now", type_=program_cancels.c.due_at.type)
_CONTRADICT = (
    update(program_cancels)
    .where(program_cancels.c.shopify_id.in_(bindparam("orders", expanding=True)), program_cancels.c.person.is_(None))
    .values(held_at=_NOW, due_at=case((program_cancels.c.due_at > _NOW, _NOW), else_=program_cancels.c.due_at))
)


@dataclass(frozen=True, slots=True)
class ProgramCancel:
    """A cancel as a program asked for it, and what became of that.

    Attributes:
        due_at: when it leaves, while it waits for that.
        is_held: it is a person's to decide.
        is_released: a person let it leave although the hour's number was reached.
        person: who has made it their own; None: nobody has.
    """

    asked: Asked
    due_at: datetime | None
    is_held: bool
    is_released: bool
    person: str | None


@dataclass(frozen=True, slots=True)
class AskedThen:
    """A cancel as a program asked for it, and what became of that.

    Attributes:
        at: unix seconds.
        edited: its order was changed after its card was made.
        left: it left without a person's word; None: it waits, or waited until a person let more leave.
    """

    asked: Asked
    at: float
    edited: bool
    left: bool | None


def ask(tx: Connection, shopify_id: int, asked: Asked, *, due_at: datetime | None, now: datetime) -> None:
    """Store what a program asks for, in the place of what one asked for earlier."""
    row: dict[str, Any] = {
        "shopify_id": shopify_id,
        "asked_at": now.timestamp(),
        "before": asked.before or Status.PLACED,
        "forced": int(asked.forced),
        "quoted": int(asked.quoted),
        "undone": int(asked.undone),
        "phone": asked.phone,
        "due_at": due_at and due_at.timestamp(),
    }
    tx.execute(_ASK.of(tx), row | _BEGUN_ANEW)


def find(tx: Connection, shopify_id: int) -> ProgramCancel | None:
    """Return what a program asked for last, or None where none ever did."""
    return _find(tx, _ONE, shopify_id)


def find_to_leave(tx: Connection, shopify_id: int) -> ProgramCancel | None:
    """The same for whoever lets it leave: what is being stored of it (:func:`contradict`) is waited for."""
    return _find(tx, _ONE.with_for_update(), shopify_id)


def _find(tx: Connection, one: Select[Any], shopify_id: int) -> ProgramCancel | None:
    row = tx.execute(one, {"id": shopify_id}).first()
    if row is None:
        return None
    asked, due = _asked(row), moment(row.due_at)
    return ProgramCancel(asked, due, row.held_at is not None, row.released_at is not None, row.person)


def asked_for(tx: Connection, shopify_ids: Collection[int]) -> dict[int, AskedThen]:
    """Return what programs asked for last of these orders, by their ids."""
    rows = select(program_cancels, card_edits.c.contact_id.is_not(None).label("edited"))
    rows = rows.join(orders, orders.c.shopify_id == program_cancels.c.shopify_id).outerjoin(card_edits, _ITS_CARD)
    found = tx.execute(rows.where(program_cancels.c.shopify_id.in_(shopify_ids)))
    return {row.shopify_id: AskedThen(_asked(row), row.asked_at, bool(row.edited), _has_left(row)) for row in found}


def asked_since(tx: Connection, since: datetime, most: int) -> list[int]:
    """Return the orders whose cancels programs asked for since a time, among this number of the latest orders."""
    latest = select(program_cancels.c.shopify_id, program_cancels.c.asked_at)
    latest_few = latest.order_by(program_cancels.c.shopify_id.desc()).limit(most).subquery()
    since_then = select(latest_few.c.shopify_id).where(latest_few.c.asked_at >= since.timestamp())
    return list(tx.execute(since_then).scalars())


def _has_left(row: Row[Any]) -> bool | None:
    if row.sent_at is not None:
        return True
    return False if row.held_at or row.person else None


def _asked(row: Row[Any]) -> Asked:
    return Asked(
        before=Status.of(row.before),
        forced=bool(row.forced),
        quoted=bool(row.quoted),
        undone=bool(row.undone),
        phone=row.phone,
    )


def stop_waiting(tx: Connection, shopify_id: int) -> None:
    """Store that the cancel waits for nothing any more."""
    _change(tx, shopify_id, due_at=None, frozen_at=None)


def hold(tx: Connection, shopify_id: int, *, now: datetime) -> None:
    """Store that the cancel is a person's to decide."""
    _change(tx, shopify_id, held_at=now.timestamp())


def contradict(tx: Connection, shopify_ids: Collection[int], *, now: datetime) -> None:
    """Make those of the orders' cancels a person's to decide that are still nobody's; none waits for its time any more.

    The rows of the orders need not be held: whoever lets such a cancel leave waits for what is stored here.
    """
    if shopify_ids:
        tx.execute(_CONTRADICT, {"orders": list(shopify_ids), "now": now.timestamp()})


def freeze(tx: Connection, shopify_id: int, *, now: datetime) -> None:
    _change(tx, shopify_id, frozen_at=now.timestamp())


def release(tx: Connection, shopify_id: int, *, now: datetime) -> None:
    """Store that a person lets the cancel leave, whatever number has left."""
    _change(tx, shopify_id, frozen_at=None, released_at=now.timestamp())


def sent(tx: Connection, shopify_id: int, *, now: datetime) -> None:
    _change(tx, shopify_id, sent_at=now.timestamp())


def take_over(tx: Connection, shopify_id: int, person: str) -> None:
    """Store that a person has made the cancel their own, where there is one of a program's."""
    _change(tx, shopify_id, due_at=None, frozen_at=None, held_at=None, person=person)


def _change(tx: Connection, shopify_id: int, **changes: Any) -> None:
    tx.execute(update(program_cancels).where(program_cancels.c.shopify_id == shopify_id).values(changes))


# -- of all orders


def left_since(tx: Connection, since: datetime, *, but: int) -> int:
    """Return the number of orders whose cancels have left by themselves since a time, without one order's own."""
    others = select(func.count()).where(SENT, program_cancels.c.sent_at > since.timestamp())
    return tx.execute(others.where(program_cancels.c.shopify_id != but)).scalar_one()


def frozen(tx: Connection) -> int:
    """Return the number of orders whose cancels wait until a person lets more leave."""
    return tx.execute(select(func.count()).select_from(_frozen().subquery())).scalar_one()


def some_frozen(tx: Connection) -> list[int]:
    """Return the first of those orders."""
    return list(tx.execute(_frozen().order_by(program_cancels.c.shopify_id).limit(SLICE)).scalars())


def some_due(tx: Connection, now: datetime) -> list[int]:
    """Return the first of the orders whose cancels have waited long enough."""
    due = select(program_cancels.c.shopify_id).where(WAITING, program_cancels.c.due_at <= now.timestamp())
    return list(tx.execute(due.order_by(program_cancels.c.shopify_id).limit(SLICE)).scalars())


def _frozen() -> Select[Any]:
    mine = by_index(select(program_cancels.c.shopify_id), program_cancels, "program_cancels_frozen")
    its_order = exists().where(orders.c.shopify_id == program_cancels.c.shopify_id)
    return mine.where(FROZEN, its_order.where(orders.c.cancel_state == CancelState.FROZEN))


# -- what the agent was told


def card_is_old(tx: Connection, shopify_id: int, contact_id: str) -> None:
    """Store that the order was changed after this contact's card was made with what it was."""
    tx.execute(_EDITED.of(tx), {"shopify_id": shopify_id, "contact_id": contact_id})


def name_old_cards(tx: Connection, shopify_ids: Collection[int]) -> None:
    """Store which contacts those have got of these orders that were changed while their cards were made."""
    its_contact = select(orders.c.contact_id).where(orders.c.shopify_id == card_edits.c.shopify_id).scalar_subquery()
    unnamed = card_edits.c.contact_id == BEING_MADE, card_edits.c.shopify_id.in_(shopify_ids)
    tx.execute(update(card_edits).where(*unnamed, its_contact.is_not(None)).values(contact_id=its_contact))


def old_cards(tx: Connection, shopify_ids: Collection[int]) -> dict[int, str]:
    """Return the contacts by which the customers of those of these orders may answer that were changed since."""
    found = tx.execute(_OLD, {"orders": list(shopify_ids)}) if shopify_ids else ()
    return {row.shopify_id: row.contact_id for row in found}


def card_is_new(tx: Connection, shopify_ids: Collection[int], *, now: datetime) -> None:
    """Store that the cards of these orders tell of them as they are; not where an earlier call may still be talked."""
    mine = call_orders.c.shopify_id == card_edits.c.shopify_id, call_orders.c.call_id == calls.c.call_id
    still = exists().where(*mine, calls.c.may_ring_until >= now.timestamp()).correlate(card_edits)
    if shopify_ids:
        tx.execute(delete(card_edits).where(card_edits.c.shopify_id.in_(shopify_ids), ~still))


def phone_rung(tx: Connection, shopify_id: int, call_id: str | None) -> str | None:
    """Return the phone that a call of the order rang, by default its last one; None where none did, or it is erased."""
    rang = select(calls.c.phone).join(call_orders, call_orders.c.call_id == calls.c.call_id)
    rang = rang.where(call_orders.c.shopify_id == shopify_id, calls.c.phone.is_not(None))
    if call_id is not None:
        rang = rang.where(or_(calls.c.call_id == call_id, calls.c.rings_with == call_id))
    return tx.execute(rang.order_by(calls.c.call_id.desc()).limit(1)).scalar()


# -- forgotten


def forget(tx: Connection, shopify_ids: list[int]) -> None:
    """Forget whom the cancels of these orders were told by, and the contacts whose cards are old."""
    tx.execute(update(program_cancels).where(program_cancels.c.shopify_id.in_(shopify_ids)).values(phone=None))
    tx.execute(delete(card_edits).where(card_edits.c.shopify_id.in_(shopify_ids)))
