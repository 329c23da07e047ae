"""Marking an order in Shopify by a tag once its confirmation has ended. Tags are added; nobody's are changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from ordercall.config import Settings
from ordercall.domain.activity import Event, ProviderCall
from ordercall.domain.orders import Status
from ordercall.errors import ProviderRefused
from ordercall.providers.shopify.orders import ShopOrders
from ordercall.services.demo import SHOPIFYS, is_foreign
from ordercall.storage.engine.database import Database
from ordercall.storage.records import activity, orders
from ordercall.storage.records.stored_order import StoredOrder


class TagService:
    """Adds the tag that the settings name for a status."""

    def __init__(self, db: Database, shopify: ShopOrders, settings: Settings, clock: Callable[[], datetime]) -> None:
        self._db = db
        self._shopify = shopify
        self._settings = settings
        self._clock = clock

    def tag(self, shopify_id: int, status: Status) -> None:
        """Tag the order, unless it has another status by now or the status has no tag any more.

        Raises:
            ProviderBusy, OutcomeUnknown: try again later; a tag that is there already is no second one.
        """
        tag, order = self._settings.tags.get(status), self._order(shopify_id, status)
        if tag is None or order is None:
            return
        foreign = is_foreign(order, self._settings)
        if foreign and order.is_demo:
            return
        if foreign or self._settings.missing_for_cancels:
            missing = ", ".join(self._settings.missing_for_cancels) or SHOPIFYS
            self._log(shopify_id, Event.TAG_ERROR, f"Not tagged '{tag}' in Shopify: {missing} not set.", None)
            return
        try:
            call = self._shopify.add_tag(shopify_id, tag)
        except ProviderRefused as refusal:
            self._log(shopify_id, Event.TAG_ERROR, f"Not tagged '{tag}' in Shopify. {refusal}", refusal.call)
        else:
            self._log(shopify_id, Event.TAG_ADDED, f"Tagged '{tag}' in Shopify.", call)

    def give_up(self, shopify_id: int) -> None:
        """Store that tagging keeps crashing the worker."""
        message = "Not tagged in Shopify: the worker stopped again and again while it did."
        self._log(shopify_id, Event.TAG_ERROR, message, None)

    def _order(self, shopify_id: int, status: Status) -> StoredOrder | None:
        """Return the order while it has this status."""
        with self._db.read() as tx:
            order = orders.find(tx, shopify_id)
        return order if order is not None and order.confirmation_status == status else None

    def _log(self, shopify_id: int, event: Event, message: str, call: ProviderCall | None) -> None:
        with self._db.begin() as tx:
            activity.record(tx, shopify_id, event, message, now=self._clock(), call=call)
