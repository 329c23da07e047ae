"""What Shopify tells us about orders, in whatever order it comes.

Webhooks are stored many at a time, in one transaction, because in a rush the commit is what costs. New orders of
a batch go in first and together; what was said about orders that are known follows, one after the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from ordercall.domain.activity import SHOPIFY, Event
from ordercall.domain.calls.calling import CallingState, Reason
from ordercall.domain.orders.order import PERSONAL, Order, Status
from ordercall.domain.parcels.holds import HoldNews
from ordercall.domain.shop_notices import PrivacyRequest, ShopNotice
from ordercall.domain.topics import Topic
from ordercall.jobs.engine import JobEngine
from ordercall.services import hidden_customers
from ordercall.services.decision_service import DecisionService
from ordercall.services.inbox import Inbox
from ordercall.services.order_changes import OrderChanges
from ordercall.services.order_rules import want_holds
from ordercall.services.own_shop import OTHER_SHOP, domain_of, is_of_another
from ordercall.services.shop_notices import ShopNotices
from ordercall.storage.engine.dialects import dialect
from ordercall.storage.records import activity, calls, deliveries, erasure, holds, orders
from ordercall.storage.records.activity import Entry
from ordercall.storage.records.deliveries import DELETION, Delivery, Outcome, ProcessedDelivery
from ordercall.storage.records.orders import NewOrder

FOUND = "found in Shopify, because no webhook had brought it"
PRIVACY_AGAIN = timedelta(days=1)
"""Shopify asks to erase a shop two days after the app was taken out, each time with the same words."""

CAME_LATER = "The customer was to be erased before the order came; it was stored without them."
NOT_HELD = "It is about no order that Ordercall holds or has held."
NO_NEWS = "It says nothing that was not known already."


@dataclass(frozen=True, slots=True)
class ReceivedDelivery:
    """A verified delivery and what was read from it.

    One of these is set: ``order``; ``notice``; ``points_at``, the id of an order that must be read again;
    ``parcels_of``, of one whose parcels must be looked at; ``holds_of``, fulfilment orders whose holds must be;
    ``deleted``, the id of an order that is gone. None is for a topic we do not use and for a body we cannot read;
    ``reason`` then says why.
    """

    delivery: Delivery
    order: Order | None = None
    notice: ShopNotice | None = None
    points_at: int | None = None
    parcels_of: int | None = None
    holds_of: HoldNews | None = None
    deleted: int | None = None
    outcome: Outcome = Outcome.RECORDED
    reason: str | None = None

    @property
    def again_after(self) -> timedelta | None:
        """For how long the same body under the same topic asks for nothing new; None: it is looked at each time.

        An order says by itself whether it is news; that the app was taken out of the shop, or a return closed, may be
        true again at once.
        """
        if self.points_at is not None or self.deleted is not None:
            return timedelta.max
        return PRIVACY_AGAIN if isinstance(self.notice, PrivacyRequest) else None

    @property
    def about(self) -> int | None:
        """The id of the order that it is about, if it is about one."""
        return self.order.shopify_id if self.order else self.points_at or self.parcels_of or self.deleted

    @property
    def is_new_order(self) -> bool:
        return self.order is not None and self.delivery.topic == Topic.CREATED


class IntakeService:
    """Stores deliveries with their orders, log lines and jobs, in a transaction of the caller's.

    Args:
        store: the shop whose orders and notices are believed; empty: any.
        sandboxed: every order is one of the sandbox's, since nobody else has the secrets that sign here.
    """

    def __init__(self, jobs: JobEngine, decisions: DecisionService, *, store: str, sandboxed: bool) -> None:
        self._jobs = jobs
        self._decisions = decisions
        self._sandboxed = sandboxed
        self._own = domain_of(store)
        self._notices = ShopNotices(jobs, self._own)
        self._changes = OrderChanges(jobs, decisions)

    def receive(self, tx: Connection, batch: list[ReceivedDelivery]) -> list[Outcome]:
        """Store a batch and return what became of each. What was kept before is counted and adds nothing."""
        batch = [self._unless_of_another_shop(tx, received) for received in batch]
        dialect(tx).take_advisory_locks(tx, _lock_names(batch))
        inbox = Inbox(deliveries.with_these_bodies(tx, {received.delivery.body_digest for received in batch}))
        outcomes: dict[int, Outcome] = {}
        fresh: list[tuple[int, ReceivedDelivery]] = []
        repeats: list[Delivery] = []
        for index, received in enumerate(batch):
            if inbox.has(received.delivery, again_after=received.again_after):
                repeats.append(received.delivery)
                outcomes[index] = Outcome.REPEAT
            else:
                inbox.add(received.delivery)
                fresh.append((index, received))
        kept = self._record_new(tx, [numbered for numbered in fresh if numbered[1].is_new_order])
        # Deletions last: what is stored for the first time asks for those that came before this batch.
        rest = sorted((numbered for numbered in fresh if numbered[0] not in kept), key=_is_deletion)
        kept |= {index: self._apply(tx, received) for index, received in rest}
        new, copies = inbox.divide(kept[index] for index, _ in fresh)
        deliveries.add_all(tx, new)
        deliveries.count_repeats(tx, [*repeats, *copies])
        outcomes |= {index: one.outcome for index, one in kept.items()}
        return [outcomes[index] for index in range(len(batch))]

    def _unless_of_another_shop(self, tx: Connection, received: ReceivedDelivery) -> ReceivedDelivery:
        """Use no order of a shop that has the same app: its customers and its parcels are not ours."""
        delivery = received.delivery
        if delivery.shop == self._own or received.about is None:
            return received
        if not is_of_another(tx, delivery.shop, self._own):
            return received
        return ReceivedDelivery(delivery, outcome=Outcome.UNUSED, reason=OTHER_SHOP)

    def _record_new(self, tx: Connection, run: list[tuple[int, ReceivedDelivery]]) -> dict[int, ProcessedDelivery]:
        """Store new orders together. An order that is known already stays as it is: nothing is older than new.

        What is said about one that is known in part is left to be applied.
        """
        known = orders.known_ids(tx, [received.order.shopify_id for _, received in run if received.order])
        kept: dict[int, ProcessedDelivery] = {}
        new: list[tuple[Order, Delivery]] = []
        for index, received in run:
            order, delivery = received.order, received.delivery
            assert order is not None  # noqa: S101 - a run of new orders has orders
            if known.get(order.shopify_id) is False:
                continue  # known in part: this may be the rest
            outcome = Outcome.REPEAT if order.shopify_id in known else Outcome.RECORDED
            if order.shopify_id not in known:
                known[order.shopify_id] = not order.unknown
                new.append((order, delivery))
            kept[index] = ProcessedDelivery(delivery=delivery, outcome=outcome, shopify_id=order.shopify_id)
        nobodys = self._store(tx, new)
        return _without_erased(tx, kept, nobodys)

    def _apply(self, tx: Connection, received: ReceivedDelivery) -> ProcessedDelivery:
        """Apply what was said about one order; an order that was never heard of is stored as it is now."""
        delivery, order = received.delivery, received.order
        if order is None:
            return self._apply_what_is_no_order(tx, received)
        known = orders.find_to_change(tx, order.shopify_id)
        nobodys = self._store(tx, [(order, delivery)]) if known is None else known.erased_at is not None
        if nobodys:
            delivery = _emptied(delivery)
        if order.to_be_read or (order.unknown and known is not None and known.unknown):
            self._jobs.read_order_again(tx, order.shopify_id)
        if known is not None and not self._changes.follow(tx, known, order, now=delivery.received_at):
            return ProcessedDelivery(
                delivery=delivery, outcome=Outcome.REPEAT, shopify_id=order.shopify_id, reason=NO_NEWS
            )
        return ProcessedDelivery(delivery=delivery, outcome=Outcome.RECORDED, shopify_id=order.shopify_id)

    def _apply_what_is_no_order(self, tx: Connection, received: ReceivedDelivery) -> ProcessedDelivery:
        delivery = received.delivery
        if received.notice is not None:
            outcome, reason = self._notices.take(tx, received.notice, delivery)
            return ProcessedDelivery(delivery=_emptied(delivery), outcome=outcome, reason=reason)
        if pointed_at := received.points_at or received.parcels_of:
            look = self._jobs.read_order_again if received.points_at else self._jobs.look_at_parcels
            look(tx, pointed_at)
            if erasure.erased(tx, [pointed_at]):
                delivery = _emptied(delivery)
            return ProcessedDelivery(delivery=delivery, outcome=Outcome.RECORDED, shopify_id=pointed_at)
        if received.holds_of is not None:
            return self._look_at_holds(tx, received.holds_of, delivery)
        if received.deleted is not None:
            return self._delete(tx, received.deleted, delivery)
        return ProcessedDelivery(delivery=delivery, outcome=received.outcome, reason=received.reason)

    def _look_at_holds(self, tx: Connection, news: HoldNews, delivery: Delivery) -> ProcessedDelivery:
        """Have the orders looked at of which something was held, freed, split or moved; that we held it is no news."""
        about = [] if news.is_ours and delivery.topic == Topic.HOLD_ADDED else sorted(news.fulfilment_orders)
        found = holds.of_fulfilment_orders(tx, about)
        live = {each.shopify_id for each in holds.of_orders(tx, found).values() if each.is_live}
        for shopify_id in found:
            if shopify_id in live:
                self._jobs.align_hold(tx, shopify_id)
            elif not news.is_ours:
                self._jobs.see_other_holds(tx, shopify_id)
        if found and erasure.erased(tx, found):
            delivery = _emptied(delivery)
        outcome, reason = (Outcome.RECORDED, None) if found else (Outcome.UNUSED, NOT_HELD)
        return ProcessedDelivery(delivery=delivery, outcome=outcome, shopify_id=next(iter(found), None), reason=reason)

    def _delete(self, tx: Connection, shopify_id: int, delivery: Delivery) -> ProcessedDelivery:
        """Follow a deletion. One of an order that was never heard of is kept: the order itself may come later."""
        known = orders.find_to_change(tx, shopify_id)
        news = known is None or self._changes.follow_deletion(tx, known, now=delivery.received_at)
        outcome, reason = (Outcome.RECORDED, DELETION) if news else (Outcome.REPEAT, NO_NEWS)
        return ProcessedDelivery(delivery=delivery, outcome=outcome, shopify_id=shopify_id, reason=reason)

    def _store(self, tx: Connection, arrivals: list[tuple[Order, Delivery]]) -> set[int]:
        """Store orders that come for the first time; return those that were to be erased before they came."""
        awaited = erasure.take_awaited(tx, [order.shopify_id for order, _ in arrivals])
        told = [_nobodys(order) if order.shopify_id in awaited else order for order, _ in arrivals]
        explained = hidden_customers.explain(tx, told)
        told = _with_deletions(tx, explained)
        arrivals = [(order, delivery) for order, (_, delivery) in zip(told, arrivals, strict=True)]
        came = [(order, _status(order), delivery.received_at) for order, delivery in arrivals]
        against = self._decisions.against_new(tx, came)
        new_orders = [
            self._new(order, delivery, Reason.ERASED if order.shopify_id in awaited else reason)
            for (order, delivery), reason in zip(arrivals, against, strict=True)
        ]
        orders.add_all(tx, new_orders)
        refused = [each for each, reason in zip(came, against, strict=True) if reason and not reason.of_all]
        self._decisions.keep_new(tx, refused)
        activity.record_all(
            tx,
            [
                entry
                for new, arrival in zip(new_orders, arrivals, strict=True)
                for entry in _first_entries(new, arrival[1])
            ],
        )
        if awaited:
            _say_erased(tx, awaited, now=arrivals[0][1].received_at)
        if new_orders:
            self._bring_on_their_way(tx, new_orders, now=arrivals[0][1].received_at)
            hidden_customers.explain_earlier(tx, [new.order for new in new_orders], now=new_orders[-1].received_at)
        return awaited

    def _bring_on_their_way(self, tx: Connection, new_orders: list[NewOrder], *, now: datetime) -> None:
        """Plan the calls of new orders and queue their jobs, and have those read that are known in part."""
        queued = [
            (new.order.shopify_id, new.order.customer_phone)
            for new in new_orders
            if new.calling is CallingState.QUEUED and new.order.customer_phone
        ]
        if queued:
            ids = [shopify_id for shopify_id, _ in queued]
            calls.plan(tx, ids, now=now)
            want_holds(tx, self._jobs, self._decisions, ids, now=now)
        self._jobs.sync_orders(tx, queued)
        for new in new_orders:
            if new.order.unknown:
                self._jobs.read_order_again(tx, new.order.shopify_id)

    def _new(self, order: Order, delivery: Delivery, reason: Reason | None) -> NewOrder:
        """Return the new order. What keeps all orders from their calls at present is looked at by its job."""
        against = None if reason and reason.of_all else reason
        if "customer_phone" in order.unknown:
            absent = order.absent | {"phone_source"}
            order = replace(order, customer_phone=None, phone_source=None, phone_fault=None, absent=absent)
        return NewOrder(
            order=order,
            status=_status(order),
            calling=CallingState.NOT_CALLED if against else CallingState.QUEUED,
            reason=against,
            received_at=delivery.received_at,
            demo=self._sandboxed,
        )


def _status(order: Order) -> Status:
    return Status.FAILED if order.shopify_cancelled_at else Status.PLACED


def _lock_names(batch: list[ReceivedDelivery]) -> Iterator[str]:
    """Name what a batch looks for before it is there; deliveries of one order may reach several machines at once.

    An erasure takes the locks of its orders as well. It cannot see a body that is not committed yet, and who stores one
    cannot see an erasure that is not.
    """
    for received in batch:
        yield f"delivery {received.delivery.body_digest}"
        if received.about:
            yield orders.lock_name(received.about)
        if received.notice is not None:
            yield "notices"


def _is_deletion(numbered: tuple[int, ReceivedDelivery]) -> bool:
    return numbered[1].deleted is not None


def _without_erased(
    tx: Connection, kept: dict[int, ProcessedDelivery], nobodys: set[int]
) -> dict[int, ProcessedDelivery]:
    """Keep no body of an order whose customer's data was erased: repeats, and those that were stored as nobody's."""
    repeats = [one.shopify_id for one in kept.values() if one.outcome is Outcome.REPEAT and one.shopify_id]
    gone = nobodys | (erasure.erased(tx, repeats) if repeats else set())
    return {
        index: replace(one, delivery=_emptied(one.delivery)) if one.shopify_id in gone else one
        for index, one in kept.items()
    }


def _with_deletions(tx: Connection, new: list[Order]) -> list[Order]:
    """Return new orders, with when they were deleted where that was told before they came."""
    gone = deliveries.deletions(tx, [order.shopify_id for order in new])
    return [
        replace(order, shopify_deleted_at=gone[order.shopify_id]) if order.shopify_id in gone else order
        for order in new
    ]


def _say_erased(tx: Connection, shopify_ids: set[int], *, now: datetime) -> None:
    erasure.mark_erased(tx, shopify_ids, now=now)
    activity.record_for_all(tx, sorted(shopify_ids), Event.CUSTOMER_ERASED, CAME_LATER, now=now, actor=SHOPIFY)


def _nobodys(order: Order) -> Order:
    """Return an order without its customer, and with nothing left open that a reading of the shop might bring."""
    nothing: dict[str, Any] = dict.fromkeys(PERSONAL)
    return replace(order, **nothing, absent=order.absent - set(PERSONAL))


def _emptied(delivery: Delivery) -> Delivery:
    """Return the delivery without its body, where that holds what must not be kept."""
    return replace(delivery, body=None)


def _first_entries(new: NewOrder, delivery: Delivery) -> Iterable[Entry]:
    order = new.order
    how = FOUND if delivery.topic in (Topic.FOUND, Topic.READ_AGAIN) else f"received from Shopify ({delivery.topic})"
    received = f"Order {order.order_name or order.shopify_id} {how}."
    message = " ".join((received, *(() if order.unknown else order.remarks)))
    yield Entry(order.shopify_id, Event.WEBHOOK_RECEIVED, message, delivery.received_at, SHOPIFY)
    if new.reason:
        yield Entry(order.shopify_id, Event.NOT_CALLED, f"Not called: {new.reason.sentence}", delivery.received_at)
