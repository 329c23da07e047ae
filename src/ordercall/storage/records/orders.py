"""The orders: stored once, changed in small steps. A state moves only where its table in ``domain`` allows it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Select, bindparam, or_, select, update

from ordercall.domain.calls.calling import CallingState, CallWindow, Language, Reason, calling_sources
from ordercall.domain.orders.order import (
    CANCEL_TRANSITIONS,
    LARGEST_ID,
    PHONE_NOT_SHOWN,
    STATUS_TRANSITIONS,
    CancelChoices,
    CancelState,
    Order,
    Status,
)
from ordercall.domain.transitions import sources
from ordercall.storage.engine.batches import insert_all, look_up
from ordercall.storage.records.stored_order import StoredOrder, facts, stored_order
from ordercall.storage.tables import call_orders, calls, orders


def _among[State: StrEnum](
    column: Column[Any], kind: type[State], states: Collection[State | None]
) -> ColumnElement[bool]:
    """Return the condition that a column holds one of these states. None: no word, or one that this version lacks."""
    if None in states:
        return or_(column.is_(None), column.not_in([word for word in kind if word not in states]))
    return column.in_(states)


# A statement that every order runs is made once: SQLAlchemy takes longer to build one than SQLite to run it. Those of a
# sync took 2.8 ms of the processor, and take 0.9.
_ONE = select(orders).where(orders.c.shopify_id == bindparam("id"))
_ONE_TO_CHANGE = _ONE.with_for_update()
_SET_CONTACT = update(orders).where(orders.c.shopify_id == bindparam("id")).values(contact_id=bindparam("contact"))

_TAKE_FROM_A_PERSON = (
    update(orders)
    .where(orders.c.shopify_id.in_(bindparam("ids", expanding=True)), orders.c.calling_reason == bindparam("reason"))
    .where(orders.c.calling_state == CallingState.ON_CAMPAIGN)
    .values(calling_reason=None)
)


def lock_name(shopify_id: int) -> str:
    """Name the advisory lock of whoever stores something about an order, there yet or not, or erases it."""
    return f"order {shopify_id}"


def find(tx: Connection, shopify_id: int) -> StoredOrder | None:
    """Return one order, or None. An id that no order can have is simply not there."""
    return _find(tx, _ONE, shopify_id)


def find_to_change(tx: Connection, shopify_id: int) -> StoredOrder | None:
    """Return one order, which nobody else changes until the transaction ends, or None.

    For whoever decides by what it is and then writes.
    """
    return _find(tx, _ONE_TO_CHANGE, shopify_id)


def _find(tx: Connection, one: Select[Any], shopify_id: int) -> StoredOrder | None:
    if not 0 < shopify_id <= LARGEST_ID:
        return None
    row = tx.execute(one, {"id": shopify_id}).first()
    return stored_order(row) if row else None


def find_all(tx: Connection, shopify_ids: Iterable[int]) -> list[StoredOrder]:
    mine = select(orders).where(orders.c.shopify_id.in_(list(shopify_ids)))
    return [stored_order(row) for row in tx.execute(mine)]


def find_all_to_change(tx: Connection, shopify_ids: Iterable[int]) -> list[StoredOrder]:
    """Return many orders, locked in the order of their ids so that no two wait for each other."""
    mine = select(orders).where(orders.c.shopify_id.in_(list(shopify_ids)))
    return [stored_order(row) for row in tx.execute(mine.order_by(orders.c.shopify_id).with_for_update())]


def with_other_window(tx: Connection, shopify_ids: Iterable[int], window: CallWindow) -> list[int]:
    """Return those of the orders whose call window is not this one yet."""
    other = or_(orders.c.window_end.is_(None), orders.c.window_end != window.end.timestamp())
    return list(
        tx.execute(select(orders.c.shopify_id).where(orders.c.shopify_id.in_(list(shopify_ids)), other)).scalars()
    )


def kept_back(tx: Connection, reason: Reason, *, placed_since: datetime) -> list[StoredOrder]:
    """Return the orders that are not called for this reason, unless they were placed before that time."""
    waiting = select(orders).where(orders.c.calling_state == CallingState.NOT_CALLED, orders.c.calling_reason == reason)
    young = waiting.where(orders.c.placed_at >= placed_since.timestamp())
    return [stored_order(row) for row in tx.execute(young)]


def latest_placed(tx: Connection) -> dict[str, Any] | None:
    """Return the Placed order that reached us last, each of its columns as it is stored, or None.

    One of the earlier program may not say when that was. It is never the last while another says so: Postgres would
    have it in front of all others.
    """
    received = orders.c.webhook_timestamp
    newest = select(orders).where(orders.c.confirmation_status == Status.PLACED).limit(1)
    newest = newest.order_by(received.desc(), orders.c.shopify_id.desc())
    found = tx.execute(newest.where(received.is_not(None))).first() or tx.execute(newest).first()
    return found._asdict() if found else None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrder:
    """An order that is stored for the first time, and what was decided about it. ``demo``: the sandbox placed it."""

    order: Order
    status: Status
    calling: CallingState
    reason: Reason | None
    received_at: datetime
    demo: bool = False


def add_all(tx: Connection, new_orders: list[NewOrder]) -> None:
    """Store new orders. Their money enters as the number Shopify sent."""
    insert_all(tx, orders, map(_row, new_orders))


def known_ids(tx: Connection, shopify_ids: Iterable[int]) -> dict[int, bool]:
    """Return those of the ids whose orders are stored, with whether all of each is known."""
    found = look_up(tx, [orders.c.shopify_id, orders.c.fact_times], orders.c.shopify_id, shopify_ids)
    return {shopify_id: fact_times is None for shopify_id, fact_times in found}


def _row(new: NewOrder) -> dict[str, Any]:
    order, received = new.order, new.received_at.timestamp()
    return facts(order) | {
        "shopify_id": order.shopify_id,
        "is_cod": int(order.is_cod or False),
        "created_at": order.created_at,
        "confirmation_status": new.status,
        "webhook_timestamp": received,
        "placed_at": order.placed_at.timestamp() if order.placed_at else received,
        "shopify_cancelled_at": order.shopify_cancelled_at,
        "shopify_deleted_at": order.shopify_deleted_at.timestamp() if order.shopify_deleted_at else None,
        "status_changed_at": received,
        "calling_state": new.calling,
        "calling_reason": new.reason,
        "calling_changed_at": received,
        "cancel_state": CancelState.DONE if order.shopify_cancelled_at else None,
        "is_demo": int(new.demo),
        "fact_times": json.dumps(dict.fromkeys(sorted(order.absent))) if order.unknown else None,
    }


def change_facts(tx: Connection, shopify_id: int, changes: dict[str, Any]) -> None:
    """Store what changed about an order in Shopify: some of its :func:`stored_order.facts`."""
    tx.execute(update(orders).where(orders.c.shopify_id == shopify_id).values(changes))


def move_status(tx: Connection, shopify_ids: Collection[int], status: Status, *, by: str, now: datetime) -> set[int]:
    """Store another status of these orders, and return of which it was another."""
    moving = {"ids": sorted(shopify_ids), "at": now.timestamp(), "by": by}
    return set(tx.execute(_to_status(status), moving).scalars())


@cache
def _to_status(status: Status) -> Any:
    mine = update(orders).where(orders.c.shopify_id.in_(bindparam("ids", expanding=True)))
    others = _among(orders.c.confirmation_status, Status, sources(STATUS_TRANSITIONS, status))
    changed = mine.where(others).values(confirmation_status=status, status_changed_at=bindparam("at"))
    return changed.values(status_changed_by=bindparam("by")).returning(orders.c.shopify_id)


def move_calling(
    tx: Connection,
    shopify_ids: Iterable[int],
    state: CallingState,
    *,
    now: datetime,
    reason: Reason | None = None,
    detail: str | None = None,
    further: bool = False,
) -> list[int]:
    """Store how far the calling got, and why no further, where it may come to that; return of which orders it did.

    Args:
        further: for a further call, which an order may have that is on its campaign.
    """
    ids = list(shopify_ids)
    coming = _to_calling(state, reason, further)
    moved = set(tx.execute(coming, {"ids": ids, "at": now.timestamp(), "words": detail}).scalars())
    return [shopify_id for shopify_id in ids if shopify_id in moved]


@cache
def _to_calling(state: CallingState, reason: Reason | None, further: bool) -> Any:
    mine = update(orders).where(orders.c.shopify_id.in_(bindparam("ids", expanding=True)))
    coming = mine.where(_among(orders.c.calling_state, CallingState, calling_sources(state, reason, further=further)))
    moved = coming.values(calling_state=state, calling_reason=reason, calling_detail=bindparam("words"))
    return moved.values(calling_changed_at=bindparam("at")).returning(orders.c.shopify_id)


def move_cancel(
    tx: Connection,
    shopify_id: int,
    state: CancelState | None,
    *,
    among: Collection[CancelState | None] = (None, *CancelState),
    detail: str | None = None,
    job: str | None = None,
    asked_at: datetime | None = None,
) -> bool:
    """Store how far the cancellation in Shopify got if it may come to that, and return whether it did.

    Args:
        among: only from one of these states; default: from each that may become *state*.
        job: Shopify's own that is at it. None: there is none any more.
        asked_at: when Shopify is asked for the first time. None: what is stored of that stays.
    """
    changes: dict[str, Any] = {"cancel_detail": detail, "cancel_job": job}
    if asked_at:
        changes["cancel_asked_at"] = asked_at.timestamp()
    return _move_cancel(tx, shopify_id, state, among, changes)


def mark_cancelled_in_shopify(tx: Connection, shopify_id: int, cancelled_at: str) -> None:
    changes = {"shopify_cancelled_at": cancelled_at, "cancel_detail": None, "cancel_job": None}
    _move_cancel(tx, shopify_id, CancelState.DONE, (None, *CancelState), changes)


def mark_deleted_in_shopify(tx: Connection, shopify_id: int, now: datetime) -> None:
    tx.execute(update(orders).where(orders.c.shopify_id == shopify_id).values(shopify_deleted_at=now.timestamp()))


def _move_cancel(
    tx: Connection,
    shopify_id: int,
    state: CancelState | None,
    among: Collection[CancelState | None],
    changes: dict[str, Any],
) -> bool:
    before = sources(CANCEL_TRANSITIONS, state).intersection(among)
    mine = update(orders).where(orders.c.shopify_id == shopify_id, _among(orders.c.cancel_state, CancelState, before))
    return tx.execute(mine.values(cancel_state=state, **changes)).rowcount == 1


def waiting_of_phones(tx: Connection, phones: Collection[str]) -> list[StoredOrder]:
    """Return the Placed orders of these phones, locked in the order of their ids."""
    if not phones:
        return []
    mine = select(orders).where(orders.c.customer_phone.in_(phones), orders.c.confirmation_status == Status.PLACED)
    return [stored_order(row) for row in tx.execute(mine.order_by(orders.c.shopify_id).with_for_update())]


def with_reason(tx: Connection, shopify_ids: Collection[int], reason: Reason) -> set[int]:
    """Return those of the orders whose calling has this reason."""
    mine = select(orders.c.shopify_id).where(orders.c.shopify_id.in_(shopify_ids), orders.c.calling_reason == reason)
    return set(tx.execute(mine).scalars())


def leave_to_a_person(tx: Connection, shopify_ids: Collection[int], reason: Reason) -> list[int]:
    """Store why a person must look at orders that stay on their campaign; return of which that is news."""
    mine = update(orders).where(orders.c.shopify_id.in_(shopify_ids), orders.c.calling_reason.is_(None))
    there = orders.c.calling_state == CallingState.ON_CAMPAIGN, orders.c.confirmation_status == Status.PLACED
    left = mine.where(*there).values(calling_reason=reason).returning(orders.c.shopify_id)
    return list(tx.execute(left).scalars()) if shopify_ids else []


def take_from_a_person(tx: Connection, shopify_ids: Collection[int], reason: Reason) -> None:
    """Undo :func:`leave_to_a_person`."""
    tx.execute(_TAKE_FROM_A_PERSON, {"ids": list(shopify_ids), "reason": reason})


def phones_are_hidden(tx: Connection, shopify_ids: Iterable[int]) -> list[int]:
    """Store of orders that are not called for want of a phone that it is not shown; return of which that is news."""
    mine = update(orders).where(orders.c.shopify_id.in_(list(shopify_ids)), orders.c.phone_fault.is_(None))
    not_called = orders.c.calling_state == CallingState.NOT_CALLED, orders.c.calling_reason == Reason.NO_PHONE
    changes = {"phone_fault": PHONE_NOT_SHOWN, "calling_reason": Reason.PHONE_HIDDEN}
    return list(tx.execute(mine.where(*not_called).values(changes).returning(orders.c.shopify_id)).scalars())


def set_contacts(tx: Connection, contact_ids: Mapping[int, str]) -> None:
    """Store the contact of each of these orders."""
    if contact_ids:
        tx.execute(_SET_CONTACT, [{"id": number, "contact": contact} for number, contact in contact_ids.items()])


def forget_contact(tx: Connection, shopify_ids: Collection[int]) -> None:
    """Forget the contact of these orders, and that of those of their calls that have not left its card is their own."""
    tx.execute(update(orders).where(orders.c.shopify_id.in_(shopify_ids)).values(contact_id=None))
    not_left = select(calls.c.call_id).where(calls.c.call_id == call_orders.c.call_id, calls.c.contact_id.is_(None))
    theirs = update(call_orders).where(call_orders.c.shopify_id.in_(shopify_ids), call_orders.c.on_card == 1)
    tx.execute(theirs.where(not_left.exists()).values(on_card=0))


def set_route(
    tx: Connection, shopify_ids: Collection[int], language: Language, campaign_id: str, *, now: datetime
) -> None:
    """Store which agent and campaign these orders go to, and that they are on their way there, unless they arrived."""
    route = (
        update(orders)
        .where(orders.c.shopify_id.in_(list(shopify_ids)))
        .where(_among(orders.c.calling_state, CallingState, calling_sources(CallingState.QUEUED)))
    )
    tx.execute(
        route.values(
            language=language,
            campaign_id=campaign_id,
            calling_state=CallingState.QUEUED,
            calling_reason=None,
            calling_detail=None,
            calling_changed_at=now.timestamp(),
        )
    )


def set_window(tx: Connection, shopify_ids: Iterable[int], window: CallWindow) -> None:
    changes = {"window_start": window.start.timestamp(), "window_end": window.end.timestamp()}
    tx.execute(update(orders).where(orders.c.shopify_id.in_(list(shopify_ids))).values(changes))


def set_cancel_choices(tx: Connection, shopify_id: int, choices: CancelChoices) -> None:
    """Store how the order is to be cancelled in Shopify."""
    changes = {
        "cancel_reason": choices.reason,
        "cancel_restock": int(choices.restock),
        "cancel_email": int(choices.email),
    }
    tx.execute(update(orders).where(orders.c.shopify_id == shopify_id).values(changes))
