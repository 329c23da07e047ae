"""Reading the shop's orders again and again, because webhooks get lost and Shopify says so.

A run reads what changed since a little before the last one began, and hands to the intake what is newer than what
is known, as if a webhook had brought it. A page's orders and how far reading got are one commit, so a run that is
cut off goes on where it was. One process at a time reads.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from ordercall.config import SANDBOX_STORE, Settings
from ordercall.domain.activity import Event
from ordercall.domain.calls.calling import Language, Reason
from ordercall.domain.orders.order import Order, OrderFacts
from ordercall.domain.quiet_webhooks import LOOKED_BACK, silent_since
from ordercall.domain.topics import Topic
from ordercall.errors import ProviderRefused
from ordercall.providers.shopify.orders import ShopOrders
from ordercall.providers.shopify.payload import read_order_if_any
from ordercall.services import hidden_customers
from ordercall.services.decision_service import DecisionService
from ordercall.services.demo import is_foreign
from ordercall.services.intake_service import IntakeService, ReceivedDelivery
from ordercall.services.shop_name_watch import ShopNameWatch
from ordercall.services.shop_service import ShopService
from ordercall.services.subscription_watch import SubscriptionWatch
from ordercall.storage.engine.database import Database
from ordercall.storage.records import activity, deliveries, orders, reconciliations, shop_notices
from ordercall.storage.records.deliveries import Delivery
from ordercall.storage.records.reconciliations import Progress, Run
from ordercall.storage.records.stored_order import StoredOrder

OVERLAP = timedelta(minutes=10)
"""So much is read again each time: Shopify's clock is not ours, and its list may lag behind its orders."""

FIRST_LOOK = timedelta(hours=24)
"""How far the first reading of a shop goes back: as far as an order may be old and be called."""
ON_ITS_WAY = timedelta(minutes=2)
"""What changed less long ago than this is taken in, but nobody says that its webhook was missed: it may come yet."""

NOT_SHOWN = "Shopify does not show it; it is older than 60 days, or deleted."
OTHER_SHOP = "it is of another shop: one of the two is the sandbox's."
WATCHED = (Topic.CREATED, Topic.UPDATED)


class ReconcileService:
    """Brings the database to what the shop says.

    Args:
        watch: looks whether the app's webhooks still come here.
        names: learns the names by which the shop's webhooks may come.
    """

    def __init__(
        self,
        db: Database,
        intake: IntakeService,
        shop_orders: ShopOrders,
        shop: ShopService,
        settings: Settings,
        decisions: DecisionService,
        clock: Callable[[], datetime],
        watch: SubscriptionWatch,
        names: ShopNameWatch,
    ) -> None:
        self._db = db
        self._intake = intake
        self._shop_orders = shop_orders
        self._shop = shop
        self._settings = settings
        self._decisions = decisions
        self._clock = clock
        self._watch = watch
        self._names = names

    @property
    def missing(self) -> list[str]:
        """The settings without which no order can be read."""
        return self._settings.missing_for_cancels

    def run(self, *, since: datetime | None = None, by: str = "Ordercall") -> Run | None:
        """Read what changed, from where the last run began or from an earlier time, and return how it went.

        None: somebody else reads at this moment. Settings that are missing, and a refusal of Shopify, end the run and
        stand in it as its fault. Whether a busy topic fell silent is looked at in every case.

        Raises:
            ProviderBusy, OutcomeUnknown: run again later; it goes on where it was.
        """
        with self._db.only_one("reconcile") as mine:
            return self._run(since, by) if mine else None

    def read_again(self, shopify_id: int) -> None:
        """Read one order that was changed in a way which its webhook does not spell out, and take it in.

        Raises:
            ProviderBusy, OutcomeUnknown: try again later.
        """
        if self.missing:
            self._could_not_read(shopify_id, f"{', '.join(self.missing)} not set.")
            return
        if self._is_foreign(shopify_id):
            self._could_not_read(shopify_id, OTHER_SHOP)
            return
        try:
            body = self._shop_orders.read_order_body(shopify_id)
        except ProviderRefused as refusal:
            self._could_not_read(shopify_id, refusal.sentence)
            return
        received = self._received(body, Topic.READ_AGAIN) if body else None
        if received is None:
            self._could_not_read(shopify_id, NOT_SHOWN)
            return
        with self._db.begin() as tx:
            self._intake.receive(tx, [received])

    def _is_foreign(self, shopify_id: int) -> bool:
        with self._db.read() as tx:
            order = orders.find(tx, shopify_id)
        return order is not None and is_foreign(order, self._settings)

    def _could_not_read(self, shopify_id: int, why: str) -> None:
        """Tell on the order's timeline that what is known of it may be old."""
        with self._db.begin() as tx:
            if order := orders.find(tx, shopify_id):
                what = "Known in part, and" if order.unknown else "Changed in Shopify, but"
                message = f"{what} it could not be read again: {why}"
                activity.record(tx, shopify_id, Event.ORDER_CHANGED, message, now=self._clock(), actor="Shopify")

    def _run(self, since: datetime | None, by: str) -> Run:
        run = self._begin(since, by)
        fault = f"{', '.join(self.missing)} not set" if self.missing else self._read_pages(run)
        gone = self._unsubscribed(run)
        with self._db.begin() as tx:
            now = self._clock()
            reconciliations.end(tx, run.id, now=now, silent=_silent(tx, now), fault=fault, unsubscribed=gone)
            return reconciliations.find(tx, run.id)

    def _unsubscribed(self, run: Run) -> list[str] | None:
        with self._db.read() as tx:
            before = reconciliations.latest(tx)
        if self.missing:
            return before.unsubscribed if before else None
        return self._watch.look(before, run.started_at)

    def _read_pages(self, run: Run) -> str | None:
        """Take in all that changed; return what Shopify said where it refused."""
        self._names.look()
        try:
            for page in self._shop_orders.orders_updated_since(run.goes_on_at):
                self._take(run.id, page)
        except ProviderRefused as refusal:
            return str(refusal)
        self._settle_connection(run)
        return None

    def _begin(self, since: datetime | None, by: str) -> Run:
        with self._db.begin() as tx:
            now = self._clock()
            if self._settings.sandboxed:
                by = reconciliations.THE_SANDBOX
            else:
                reconciliations.forget_the_sandbox(tx)
            cut_off = reconciliations.cut_off(tx)
            start = cut_off.goes_on_at if cut_off else self._after_the_last(tx, now)
            if start > now:  # by a clock that was ahead
                since = min(since or start, self._after_the_last(tx, now))
            if cut_off is None:
                return reconciliations.begin(tx, asked_by=by, since=min(since or start, start), now=now)
            if since and since < start:
                reconciliations.start_earlier(tx, cut_off.id, since)
            return reconciliations.find(tx, cut_off.id)

    def _after_the_last(self, tx: Connection, now: datetime) -> datetime:
        """Return where the next run begins: before the last one did, or where webhooks first came, a day back at most.

        That the sandbox was tried this morning is no reason to call the customers of a shop that joins at noon.
        """
        if last := reconciliations.last_complete(tx, by=now):
            return last.started_at - OVERLAP
        if reconciliations.last_complete(tx):  # by a clock that was ahead
            return now - FIRST_LOOK
        other = None if self._settings.shopify_store_domain == SANDBOX_STORE else f"{SANDBOX_STORE}.myshopify.com"
        first = deliveries.first_since(tx, now - FIRST_LOOK, but_of=other)
        return (first or now) - OVERLAP

    def _take(self, run_id: int, page: list[dict[str, Any]]) -> None:
        """Take in what is news in a page, and note how far it reached."""
        read = [received for body in page if (received := self._received(body, Topic.FOUND))]
        times = [
            order.shopify_updated_at for received in read if (order := received.order) and order.shopify_updated_at
        ]
        if not page or not times:
            return
        with self._db.begin() as tx:
            known = {order.shopify_id: order for order in orders.find_all(tx, [_id(received) for received in read])}
            news = [received for received in read if self._is_news(tx, received.order, known.get(_id(received)))]
            late = [received for received in news if self._is_late(received.order)]
            new = sum(_id(received) not in known for received in late)
            self._intake.receive(tx, news)
            progress = Progress(
                read_to=max(times),
                seen=len(page),
                missed_orders=new,
                missed_changes=len(late) - new,
                unreadable=len(page) - len(read),
            )
            reconciliations.advance(tx, run_id, progress)

    def _received(self, body: dict[str, Any], topic: Topic) -> ReceivedDelivery | None:
        raw = json.dumps(body, ensure_ascii=False).encode()
        order = read_order_if_any(raw)
        if order is None:
            return None
        store = self._settings.shopify_store_domain
        return ReceivedDelivery(Delivery.read_from_shopify(topic, order, raw, store=store, now=self._clock()), order)

    def _is_late(self, order: Order | None) -> bool:
        return bool(order and order.shopify_updated_at and self._clock() - order.shopify_updated_at > ON_ITS_WAY)

    def _is_news(self, tx: Connection, order: Order | None, known: StoredOrder | None) -> bool:
        if order is None or known is None:
            return order is not None
        order = hidden_customers.as_shown(tx, order, known, now=self._clock())
        if known.unknown or (order.shopify_cancelled_at and not known.shopify_cancelled_at):
            return True
        if order.shopify_updated_at is None:
            return False
        if known.shopify_updated_at is None or order.shopify_updated_at > known.shopify_updated_at:
            return True
        same_time = order.shopify_updated_at == known.shopify_updated_at
        if not same_time or known.erased_at is not None:
            return False
        return self._call_of(tx, order.completed_from(known)) != self._call_of(tx, known)

    def _call_of(self, tx: Connection, order: OrderFacts) -> tuple[Reason | None, str | None, Language]:
        """Return what decides whether and how a customer is rung: of two changes in one second one may be lost.

        The rest of an order may be written a little differently where it is read, and would be a change each time.
        """
        decided = self._decisions.by_facts(tx, order)
        return decided.reason, order.customer_phone, decided.language

    def _settle_connection(self, run: Run) -> None:
        """A shop that shows its orders has the app installed, whatever was said before."""
        with self._db.read() as tx:
            away_since = shop_notices.disconnected_since(tx)
        if away_since is not None and away_since < run.started_at.timestamp():
            self._shop.reconnect(by="Shopify")


def _silent(tx: Connection, now: datetime) -> dict[str, float]:
    found = {
        topic: silent_since(deliveries.times_of_topic(tx, topic, LOOKED_BACK), now.timestamp()) for topic in WATCHED
    }
    return {str(topic): last for topic, last in found.items() if last is not None}


def _id(received: ReceivedDelivery) -> int:
    return received.order.shopify_id if received.order else 0
