"""Cancelling a failed order in Shopify. It cannot be undone, so the order is looked at before anything is sent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection

from ordercall.config import Settings
from ordercall.domain.activity import Event, ProviderCall
from ordercall.domain.orders import CancelChoices, CancelState, Status
from ordercall.errors import CredentialsRefused, OutcomeUnknown, ProviderRefused
from ordercall.services.order_service import under_way
from ordercall.services.shopify_service import ShopifyClient
from ordercall.storage import activity, orders
from ordercall.storage.database import Database
from ordercall.storage.orders import OrderRow


class CancelService:
    """Carries one cancellation to an end that a person can read."""

    def __init__(self, db: Database, shopify: ShopifyClient, settings: Settings, clock: Callable[[], datetime]) -> None:
        self._db = db
        self._shopify = shopify
        self._settings = settings
        self._clock = clock

    def cancel(self, shopify_id: int) -> None:
        """Cancel the order unless that is done, no longer wanted, or too late.

        Raises:
            ProviderBusy, OutcomeUnknown: try again later; the next try looks at the order first.
        """
        with self._db.begin() as tx:
            if self._wanted(tx, shopify_id) is None:
                return
        if self._settings.missing_for_cancels:
            missing = ", ".join(self._settings.missing_for_cancels)
            self._refused(shopify_id, f"Set {missing}, then try again.", None)
            return
        try:
            self._cancel(shopify_id)
        except ProviderRefused as refusal:
            self._settle_refusal(shopify_id, refusal)

    def give_up(self, shopify_id: int) -> None:
        """Store that this cancellation keeps crashing the worker; a person must look."""
        self._refused(shopify_id, "The worker stopped again and again while it cancelled this order.", None)

    def _cancel(self, shopify_id: int) -> None:
        seen = self._shopify.read_order(shopify_id)
        if seen and seen.cancelled_at:
            self._done(shopify_id, seen.cancelled_at, "It was cancelled in Shopify already.", None)
            return
        if seen and seen.shipped:
            self._refused(shopify_id, "The parcel has left already; Shopify keeps the order.", None)
            return
        choices = self._about_to_send(shopify_id)
        if choices is None:
            return
        try:
            cancelled = self._shopify.cancel_order(shopify_id, choices)
        except OutcomeUnknown:
            self._set(shopify_id, CancelState.UNKNOWN)
            raise
        when = cancelled.cancelled_at or self._clock().isoformat(timespec="seconds")
        self._done(shopify_id, when, "Cancelled in Shopify.", cancelled.call)

    def _settle_refusal(self, shopify_id: int, refusal: ProviderRefused) -> None:
        """Shopify also refuses what is done already, in words that it does not document: look."""
        cancelled_at = None if isinstance(refusal, CredentialsRefused) else self._cancelled_at(shopify_id)
        if cancelled_at:
            self._done(shopify_id, cancelled_at, "It was cancelled in Shopify already.", refusal.call)
        else:
            self._refused(shopify_id, f"{refusal}.", refusal.call)

    def _cancelled_at(self, shopify_id: int) -> str | None:
        try:
            seen = self._shopify.read_order(shopify_id)
        except ProviderRefused:
            return None
        return seen.cancelled_at if seen else None

    def _about_to_send(self, shopify_id: int) -> CancelChoices | None:
        """Store that a request may leave, and return what it says, or None when nobody wants it any more.

        Somebody may have taken Failed back while Shopify showed the order: this is the last look at that.
        """
        with self._db.begin() as tx:
            order = self._wanted(tx, shopify_id)
            if order is None:
                return None
            orders.set_cancel(tx, shopify_id, CancelState.SENDING)
            return orders.cancel_choices(order)

    def _wanted(self, tx: Connection, shopify_id: int) -> OrderRow | None:
        order = orders.find_to_change(tx, shopify_id)
        if order is None or not under_way(order):
            return None
        if order.confirmation_status == Status.FAILED:
            return order
        orders.set_cancel(tx, shopify_id, None)
        message = f"Not cancelled in Shopify: the order is {order.confirmation_status} again."
        activity.record(tx, shopify_id, Event.CANCEL_WITHDRAWN, message, now=self._clock())
        return None

    def _set(self, shopify_id: int, state: CancelState) -> None:
        with self._db.begin() as tx:
            orders.set_cancel(tx, shopify_id, state)

    def _done(self, shopify_id: int, cancelled_at: str, message: str, call: ProviderCall | None) -> None:
        with self._db.begin() as tx:
            orders.mark_cancelled_in_shopify(tx, shopify_id, cancelled_at)
            activity.record(tx, shopify_id, Event.CANCEL_SUCCESS, message, now=self._clock(), call=call)

    def _refused(self, shopify_id: int, why: str, call: ProviderCall | None) -> None:
        with self._db.begin() as tx:
            orders.set_cancel(tx, shopify_id, CancelState.REFUSED, why)
            message = f"Not cancelled in Shopify. {why}"
            activity.record(tx, shopify_id, Event.CANCEL_ERROR, message, now=self._clock(), call=call)
