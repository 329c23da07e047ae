"""Seeing in Shopify that an order came back: all of it, and only then is the order Returned.

Webhooks say that there is something to look at, and a few orders are looked at without them at each reading of the
shop; what is believed is what Shopify shows then. Only an order that its customer confirmed becomes Returned, and once
for each time that it came back: a person may know better and set it to what it was.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from ordercall.config import Settings
from ordercall.domain.activity import SHOPIFY, Event
from ordercall.domain.orders.order import Status
from ordercall.domain.parcels.came_back import Parcels, came_back
from ordercall.errors import ProviderRefused
from ordercall.jobs.engine import JobEngine
from ordercall.providers.shopify.app import ShopifyApp
from ordercall.providers.shopify.parcels import ShopParcels
from ordercall.providers.shopify.scopes import NEEDED_TO_SEE_RETURNS, missing_among
from ordercall.services.demo import is_foreign
from ordercall.services.order_service import OrderService
from ordercall.storage.engine.database import Database
from ordercall.storage.records import activity, orders, parcels
from ordercall.storage.records.parcels import SeenParcels
from ordercall.storage.records.stored_order import StoredOrder

MOST_AT_ONCE = 50
"""Orders that one reading of the shop has looked at without news: 2,000 points at most, 20 seconds of its limit."""

NO_MORE = "It was seen as one that came back, and is not any more: set its status if it is another."


class ParcelService:
    """Looks at the parcels of orders."""

    def __init__(
        self,
        db: Database,
        jobs: JobEngine,
        shopify: ShopParcels,
        app: ShopifyApp,
        orders: OrderService,
        settings: Settings,
        clock: Callable[[], datetime],
    ) -> None:
        self._db = db
        self._jobs = jobs
        self._shopify = shopify
        self._app = app
        self._orders = orders
        self._settings = settings
        self._clock = clock

    def look(self, shopify_id: int) -> None:
        """Look what became of an order's parcels, and make it Returned where all of it came back.

        Raises:
            ProviderBusy, OutcomeUnknown: look again later.
        """
        if not self._is_ours(shopify_id):
            return
        try:
            found = self._shopify.of_order(shopify_id) if self._may_look() else None
        except ProviderRefused as refusal:
            self._tell(
                shopify_id, f"Something became of its parcels, and they could not be looked at: {refusal.sentence}"
            )
            return
        if found is not None:
            self._keep(shopify_id, found)

    def look_at_some(self) -> None:
        """Queue looks at orders on their way that nobody has looked at for longest: webhooks get lost.

        Raises:
            ProviderBusy, OutcomeUnknown: look again later.
        """
        with self._db.read() as tx:
            due = parcels.to_look_at(tx, self._clock(), MOST_AT_ONCE)
        if not due or self._settings.missing_for_cancels or not self._may_look():
            return
        with self._db.begin() as tx:
            for shopify_id in due:
                self._jobs.look_at_parcels(tx, shopify_id)

    def _may_look(self) -> bool:
        """Return whether the app has the scopes: what is denied would be taken for a token that is not accepted."""
        return not missing_among(NEEDED_TO_SEE_RETURNS, self._app.installed().scopes)

    def _is_ours(self, shopify_id: int) -> bool:
        with self._db.read() as tx:
            order = orders.find(tx, shopify_id)
        return order is not None and not is_foreign(order, self._settings) and not self._settings.missing_for_cancels

    def _keep(self, shopify_id: int, found: Parcels) -> None:
        seen = SeenParcels(found.words, came_back(found))
        with self._db.begin() as tx:
            order = orders.find_to_change(tx, shopify_id)
            if order is None:
                return
            before = parcels.find(tx, shopify_id)
            parcels.keep(tx, shopify_id, seen, now=self._clock())
            if message := _news(before, seen):
                activity.record(tx, shopify_id, Event.ORDER_CHANGED, message, now=self._clock(), actor=SHOPIFY)
            if seen.came_back and not before.came_back and _may_return(order):
                self._orders.store_change(tx, order, Status.RETURNED, None, by=SHOPIFY, word=None)

    def _tell(self, shopify_id: int, message: str) -> None:
        with self._db.begin() as tx:
            activity.record(tx, shopify_id, Event.ORDER_CHANGED, message, now=self._clock(), actor=SHOPIFY)


def _may_return(order: StoredOrder) -> bool:
    """Return whether a program may say that an order came back; one that waits or failed is only told about."""
    return order.confirmation_status is Status.SUCCESS


def _news(before: SeenParcels, seen: SeenParcels) -> str:
    """Return what is so of the parcels, where that is another thing than before."""
    if seen == before:
        return ""
    back = seen.came_back.sentence if seen.came_back else NO_MORE if before.came_back else ""
    return " ".join(filter(None, (seen.words, back)))
