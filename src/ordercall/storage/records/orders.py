"""The orders: stored once, changed in small steps."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, bindparam, or_, select, update

from ordercall.domain.calling import CallingState, CallWindow, Language, Reason
from ordercall.domain.orders import (
    CHANGING,
    LARGEST_ID,
    CancelChoices,
    CancelReason,
    CancelState,
    Order,
    OrderFacts,
    Status,
)
from ordercall.storage.engine.batches import insert_all
from ordercall.storage.tables import orders

OrderRow = Row[Any]

# A statement that every order runs is made once: SQLAlchemy takes longer to build one than SQLite to run it. Those of a
# sync took 2.8 ms of the processor, and take 0.9.
_KNOWN_IDS = select(orders.c.shopify_id).where(orders.c.shopify_id.in_(bindparam("ids", expanding=True)))
_ONE = select(orders).where(orders.c.shopify_id == bindparam("id"))
_ONE_TO_CHANGE = _ONE.with_for_update()
_SET_ROUTE = (
    update(orders)
    .where(orders.c.shopify_id == bindparam("id"))
    .values(
        language=bindparam("language"),
        campaign_id=bindparam("campaign"),
        calling_state=CallingState.QUEUED,
        calling_reason=None,
        calling_detail=None,
        calling_changed_at=bindparam("now"),
    )
)
_SET_CONTACT = update(orders).where(orders.c.shopify_id == bindparam("id")).values(contact_id=bindparam("contact"))


def lock_name(shopify_id: int) -> str:
    """Name the advisory lock of whoever stores something about an order, there yet or not, or erases it."""
    return f"order {shopify_id}"


def find(tx: Connection, shopify_id: int) -> OrderRow | None:
    """Return one order's row, or None. An id that no order can have is simply not there."""
    if not 0 < shopify_id <= LARGEST_ID:
        return None
    return tx.execute(_ONE, {"id": shopify_id}).first()


def find_to_change(tx: Connection, shopify_id: int) -> OrderRow | None:
    """Return one order's row, which nobody else changes until the transaction ends, or None.

    For whoever decides by what the row says and then writes.
    """
    if not 0 < shopify_id <= LARGEST_ID:
        return None
    return tx.execute(_ONE_TO_CHANGE, {"id": shopify_id}).first()


def find_all(tx: Connection, shopify_ids: Iterable[int]) -> list[OrderRow]:
    return list(tx.execute(select(orders).where(orders.c.shopify_id.in_(list(shopify_ids)))))


def find_all_to_change(tx: Connection, shopify_ids: Iterable[int]) -> list[OrderRow]:
    """Return the rows of many orders, locked in the order of their ids so that no two wait for each other."""
    mine = select(orders).where(orders.c.shopify_id.in_(list(shopify_ids)))
    return list(tx.execute(mine.order_by(orders.c.shopify_id).with_for_update()))


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


def kept_back(tx: Connection, reason: Reason, *, placed_since: datetime) -> list[OrderRow]:
    """Return the orders that are not called for this reason, unless they were placed before that time."""
    waiting = select(orders).where(orders.c.calling_state == CallingState.NOT_CALLED, orders.c.calling_reason == reason)
    return list(tx.execute(waiting.where(orders.c.placed_at >= placed_since.timestamp())))


def latest_placed(tx: Connection) -> OrderRow | None:
    """Return the Placed order that reached us last, or None.

    One of the earlier program may not say when that was. It is never the last while another says so: Postgres would
    have it in front of all others.
    """
    received = orders.c.webhook_timestamp
    newest = select(orders).where(orders.c.confirmation_status == Status.PLACED).limit(1)
    newest = newest.order_by(received.desc(), orders.c.shopify_id.desc())
    return tx.execute(newest.where(received.is_not(None))).first() or tx.execute(newest).first()


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


def facts(order: OrderFacts) -> dict[str, Any]:
    """Return what Shopify may change about an order, by column, as it is stored."""
    said: dict[str, Any] = {name: getattr(order, name) for name in CHANGING}
    return said | {
        "total_price": _number(order.total_price),
        "total_outstanding": _number(order.total_outstanding),
        "fulfillment_status": order.fulfillment_status.word,
        "is_test": int(order.is_test),
        "shopify_updated_at": order.shopify_updated_at.timestamp() if order.shopify_updated_at else None,
    }


def _number(amount: Decimal | None) -> float | None:
    """Return the number that Shopify sent."""
    return None if amount is None else float(amount)


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
    """Store what changed about an order in Shopify: some of its :func:`facts`."""
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


def version(order: OrderRow) -> str:
    """Return what tells this status of the stored order from every other it had or will have, the same one too."""
    return f"{order.confirmation_status} {order.status_changed_at or 0!r}"


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


def set_contact(tx: Connection, shopify_id: int, contact_id: str) -> None:
    tx.execute(_SET_CONTACT, {"id": shopify_id, "contact": contact_id})


def forget_contact(tx: Connection, shopify_ids: Iterable[int]) -> None:
    tx.execute(update(orders).where(orders.c.shopify_id.in_(list(shopify_ids))).values(contact_id=None))


def set_route(tx: Connection, shopify_id: int, language: Language, campaign_id: str, *, now: datetime) -> None:
    """Store which agent and campaign the order goes to, and that it is on its way there."""
    route = {"id": shopify_id, "language": language, "campaign": campaign_id, "now": now.timestamp()}
    tx.execute(_SET_ROUTE, route)


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


def cancel_choices(order: OrderRow) -> CancelChoices:
    """Return how this stored order is to be cancelled; one for which nobody chose, by the defaults."""
    if order.cancel_reason is None:
        return CancelChoices()
    return CancelChoices(
        reason=CancelReason(order.cancel_reason), restock=bool(order.cancel_restock), email=bool(order.cancel_email)
    )
