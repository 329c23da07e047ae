"""What Shopify tells us: new orders, and orders that the shop cancelled.

Webhooks are stored many at a time, in one transaction, because in a rush the commit is what costs. New orders of
a batch go in together; anything else is applied by itself, in the order of arrival.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import groupby

from sqlalchemy import Connection

from ordercall.domain.activity import Event
from ordercall.domain.calling import CallingState, Reason, why_not_called
from ordercall.domain.orders import Order, Status
from ordercall.jobs.engine import JobEngine
from ordercall.services.order_service import stop_calling, store_status
from ordercall.storage import activity, deliveries, orders
from ordercall.storage.activity import Entry
from ordercall.storage.deliveries import Delivery, Kept, Outcome
from ordercall.storage.orders import NewOrder, OrderRow

NEW_ORDER = "orders/create"
CANCELLED_ORDER = "orders/cancelled"
TOPICS = frozenset({NEW_ORDER, CANCELLED_ORDER})
SHOPIFY = "Shopify"


@dataclass(frozen=True, slots=True)
class Received:
    """A verified delivery and what was read from it.

    ``order`` is None for a topic we do not use and for a body we cannot read; ``reason`` then says why.
    """

    delivery: Delivery
    order: Order | None = None
    outcome: Outcome = Outcome.RECORDED
    reason: str | None = None

    @property
    def is_new_order(self) -> bool:
        return self.order is not None and self.delivery.topic == NEW_ORDER


class IntakeService:
    """Stores deliveries with their orders, first log lines and jobs, in a transaction of the caller's."""

    def __init__(self, jobs: JobEngine) -> None:
        self._jobs = jobs

    def receive(self, tx: Connection, batch: list[Received]) -> list[Outcome]:
        """Store a batch and return what became of each. What was kept before is counted and adds nothing."""
        known = deliveries.known_keys(tx, [received.delivery.webhook_id for received in batch])
        outcomes: dict[int, Outcome] = {}
        fresh: list[tuple[int, Received]] = []
        repeats: list[Delivery] = []
        for index, received in enumerate(batch):
            if received.delivery.key in known:
                repeats.append(received.delivery)
                outcomes[index] = Outcome.REPEAT
            else:
                known.add(received.delivery.key)
                fresh.append((index, received))
        for are_new_orders, run in groupby(fresh, key=lambda numbered: numbered[1].is_new_order):
            apply = self._record_new if are_new_orders else self._apply_each
            outcomes |= apply(tx, list(run))
        deliveries.count_repeats(tx, repeats)
        return [outcomes[index] for index in range(len(batch))]

    def _record_new(self, tx: Connection, run: list[tuple[int, Received]]) -> dict[int, Outcome]:
        """Store a run of new orders together. An order that is known already stays as it is."""
        known = orders.known_ids(tx, [received.order.shopify_id for _, received in run if received.order])
        outcomes: dict[int, Outcome] = {}
        new: list[tuple[Order, Delivery]] = []
        kept: list[Kept] = []
        for index, received in run:
            order, delivery = received.order, received.delivery
            assert order is not None  # noqa: S101 - a run of new orders has orders
            outcomes[index] = Outcome.REPEAT if order.shopify_id in known else Outcome.RECORDED
            if order.shopify_id not in known:
                known.add(order.shopify_id)
                new.append((order, delivery))
            kept.append(Kept(delivery=delivery, outcome=outcomes[index], shopify_id=order.shopify_id))
        self._store(tx, new)
        deliveries.keep_all(tx, kept)
        return outcomes

    def _apply_each(self, tx: Connection, run: list[tuple[int, Received]]) -> dict[int, Outcome]:
        for _, received in run:
            if received.order is not None:
                self._cancelled(tx, received.order, received.delivery)
            shopify_id = received.order.shopify_id if received.order else None
            kept = Kept(
                delivery=received.delivery, outcome=received.outcome, shopify_id=shopify_id, reason=received.reason
            )
            deliveries.keep_all(tx, [kept])
        return {index: received.outcome for index, received in run}

    def _store(self, tx: Connection, arrivals: list[tuple[Order, Delivery]]) -> None:
        new_orders = [_decide(order, delivery) for order, delivery in arrivals]
        orders.add_all(tx, new_orders)
        activity.record_all(
            tx,
            [
                entry
                for new, arrival in zip(new_orders, arrivals, strict=True)
                for entry in _first_entries(new, arrival[1])
            ],
        )
        self._jobs.sync_orders(
            tx,
            [
                (new.order.shopify_id, new.order.phone)
                for new in new_orders
                if new.calling is CallingState.QUEUED and new.order.phone
            ],
        )

    def _cancelled(self, tx: Connection, order: Order, delivery: Delivery) -> None:
        """The shop cancelled an order: nobody is called, the status becomes Failed, and no second cancel is sent."""
        known = orders.find(tx, order.shopify_id)
        if known is None:
            cancelled = order if order.cancelled_at else replace(order, cancelled_at=delivery.received_at.isoformat())
            self._store(tx, [(cancelled, delivery)])
        elif not known.shopify_cancelled_at:
            _store_cancellation(tx, known, order.cancelled_at or delivery.received_at.isoformat(), delivery)


def _decide(order: Order, delivery: Delivery) -> NewOrder:
    status = Status.FAILED if order.cancelled_at else Status.PLACED
    reason = why_not_called(is_test=order.is_test, cancelled_at=order.cancelled_at, phone=order.phone, status=status)
    return NewOrder(
        order=order,
        status=status,
        calling=CallingState.NOT_CALLED if reason else CallingState.QUEUED,
        reason=reason,
        received_at=delivery.received_at,
    )


def _first_entries(new: NewOrder, delivery: Delivery) -> Iterable[Entry]:
    order = new.order
    received = f"Order {order.name or order.shopify_id} received from Shopify ({delivery.topic})."
    message = " ".join((received, *order.remarks))
    yield Entry(order.shopify_id, Event.WEBHOOK_RECEIVED, message, delivery.received_at, SHOPIFY)
    if new.reason:
        yield Entry(order.shopify_id, Event.NOT_CALLED, f"Not called: {new.reason.sentence}", delivery.received_at)


def _store_cancellation(tx: Connection, known: OrderRow, cancelled_at: str, delivery: Delivery) -> None:
    now = delivery.received_at
    orders.mark_cancelled_in_shopify(tx, known.shopify_id, cancelled_at)
    activity.record(tx, known.shopify_id, Event.ORDER_CANCELLED, "Cancelled in Shopify.", now=now, actor=SHOPIFY)
    if known.confirmation_status != Status.FAILED:
        store_status(tx, known, Status.FAILED, by=SHOPIFY, now=now)
    stop_calling(tx, known, Reason.CANCELLED, now=now)
