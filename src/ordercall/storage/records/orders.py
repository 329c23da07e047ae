"""The orders: stored once, changed in small steps."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, bindparam, or_, select, update

from ordercall.domain.calling import CallingState, CallWindow, Language, Reason
from ordercall.domain.orders import LARGEST_ID, CancelChoices, CancelState, Order, Status
from ordercall.storage.engine.batches import insert_all
from ordercall.storage.records.stored_order import StoredOrder, facts, stored_order
from ordercall.storage.tables import orders

# A statement that every order runs is made once: SQLAlchemy takes longer to build one than SQLite to run it. Those of a
# sync took 2.8 ms of the processor, and take 0.9.
_KNOWN_IDS = select(orders.c.shopify_id).where(orders.c.shopify_id.in_(bindparam("ids", expanding=True)))
_ONE = select(orders).where(orders.c.shopify_id == bindparam("id"))
_ONE_TO_CHANGE = _ONE.with_for_update()
_SET_CONTACT = update(orders).where(orders.c.shopify_id == bindparam("id")).values(contact_id=bindparam("contact"))


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


def not_in_calling_state(tx: Connection, shopify_ids: Iterable[int], state: CallingState) -> list[int]:
    """Return those of the orders whose calling stands elsewhere."""
    elsewhere = or_(orders.c.calling_state.is_(None), orders.c.calling_state != state)
    return list(
        tx.execute(select(orders.c.shopify_id).where(orders.c.shopify_id.in_(list(shopify_ids)), elsewhere)).scalars()
    )


def with_other_window(tx: Connection, shopify_ids: Iterable[int], window: CallWindow) -> list[int]:
    """Return those of the orders that were not yet told of this call window."""
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


def known_ids(tx: Connection, shopify_ids: Iterable[int]) -> set[int]:
    """Return those of the ids whose orders are stored."""
    return set(tx.execute(_KNOWN_IDS, {"ids": list(shopify_ids)}).scalars())


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
        "status_changed_at": received,
        "calling_state": new.calling,
        "calling_reason": new.reason,
        "calling_changed_at": received,
        "cancel_state": CancelState.DONE if order.shopify_cancelled_at else None,
        "is_demo": int(new.demo),
    }


def change_facts(tx: Connection, shopify_id: int, changes: dict[str, Any]) -> None:
    """Store what changed about an order in Shopify: some of its :func:`stored_order.facts`."""
    tx.execute(update(orders).where(orders.c.shopify_id == shopify_id).values(changes))


def mark_cancelled_in_shopify(tx: Connection, shopify_id: int, cancelled_at: str) -> None:
    changes = {
        "shopify_cancelled_at": cancelled_at,
        "cancel_state": CancelState.DONE,
        "cancel_detail": None,
        "cancel_job": None,
    }
    tx.execute(update(orders).where(orders.c.shopify_id == shopify_id).values(changes))


def set_status(tx: Connection, shopify_id: int, status: Status, *, by: str, now: datetime) -> None:
    changes = {"confirmation_status": status, "status_changed_at": now.timestamp(), "status_changed_by": by}
    tx.execute(update(orders).where(orders.c.shopify_id == shopify_id).values(changes))


def set_calling(
    tx: Connection,
    shopify_ids: Iterable[int],
    state: CallingState,
    *,
    now: datetime,
    reason: Reason | None = None,
    detail: str | None = None,
) -> None:
    """Store how far the calling of these orders got, and why it went no further."""
    changes = {
        "calling_state": state,
        "calling_reason": reason,
        "calling_detail": detail,
        "calling_changed_at": now.timestamp(),
    }
    tx.execute(update(orders).where(orders.c.shopify_id.in_(list(shopify_ids))).values(changes))


def set_contacts(tx: Connection, contact_ids: Mapping[int, str]) -> None:
    """Store the contact of each of these orders."""
    if contact_ids:
        tx.execute(_SET_CONTACT, [{"id": number, "contact": contact} for number, contact in contact_ids.items()])


def forget_contact(tx: Connection, shopify_ids: Iterable[int]) -> None:
    tx.execute(update(orders).where(orders.c.shopify_id.in_(list(shopify_ids))).values(contact_id=None))


def set_route(
    tx: Connection, shopify_ids: Collection[int], language: Language, campaign_id: str, *, now: datetime
) -> None:
    """Store which agent and campaign these orders go to, and that they are on their way there."""
    route = update(orders).where(orders.c.shopify_id.in_(list(shopify_ids)))
    tx.execute(route.values(language=language, campaign_id=campaign_id))
    set_calling(tx, shopify_ids, CallingState.QUEUED, now=now)


def set_window(tx: Connection, shopify_ids: Iterable[int], window: CallWindow) -> None:
    changes = {"window_start": window.start.timestamp(), "window_end": window.end.timestamp()}
    tx.execute(update(orders).where(orders.c.shopify_id.in_(list(shopify_ids))).values(changes))


def set_cancel(tx: Connection, shopify_id: int, state: CancelState | None, detail: str | None = None) -> None:
    """Store how far the cancellation in Shopify got, unless a job of Shopify's is at it: see :func:`set_cancel_job`."""
    changes = {"cancel_state": state, "cancel_detail": detail, "cancel_job": None}
    tx.execute(update(orders).where(orders.c.shopify_id == shopify_id).values(changes))


def set_cancel_asked_at(tx: Connection, shopify_id: int, now: datetime) -> None:
    """Store when Shopify is asked to cancel for the first time."""
    changes = {"cancel_asked_at": now.timestamp()}
    tx.execute(update(orders).where(orders.c.shopify_id == shopify_id).values(changes))


def set_cancel_job(tx: Connection, shopify_id: int, job: str) -> None:
    """Store which job of Shopify's is at the cancellation, unless it was heard of its end already."""
    asked = update(orders).where(orders.c.shopify_id == shopify_id, orders.c.cancel_state == CancelState.SENDING)
    tx.execute(asked.values(cancel_state=CancelState.WORKING, cancel_job=job))


def set_cancel_choices(tx: Connection, shopify_id: int, choices: CancelChoices) -> None:
    """Store how the order is to be cancelled in Shopify."""
    changes = {
        "cancel_reason": choices.reason,
        "cancel_restock": int(choices.restock),
        "cancel_email": int(choices.email),
    }
    tx.execute(update(orders).where(orders.c.shopify_id == shopify_id).values(changes))
