"""What a shop tells about itself: that the app was taken out of it, and what is asked about its customers' data.

A notice is stored with its delivery, and the work that it asks for is a job; it begins as soon as a worker is free.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Connection

from ordercall.domain.shop_notices import PrivacyRequest, ShopNotice, Uninstalled
from ordercall.jobs.engine import JobEngine
from ordercall.services.own_shop import OTHER_SHOP, is_of_another
from ordercall.storage.records import shop_notices
from ordercall.storage.records.deliveries import Delivery, Outcome

LATE = "The app has been in the shop again since then."
KNOWN = "That the app is out of the shop was known already."


class ShopNotices:
    """Takes in notices, in a transaction of the caller's.

    Args:
        own: the shop's domain under ``myshopify.com``; empty: any shop is believed.
    """

    def __init__(self, jobs: JobEngine, own: str) -> None:
        self._jobs = jobs
        self._own = own

    def take(self, tx: Connection, notice: ShopNotice, delivery: Delivery) -> tuple[Outcome, str | None]:
        """Store a notice and queue its work; return what became of it, and why nothing did."""
        if is_of_another(tx, notice.shop, self._own):
            return Outcome.UNUSED, OTHER_SHOP
        if isinstance(notice, Uninstalled):
            return _disconnect(tx, notice, delivery)
        self._keep(tx, notice, delivery.received_at)
        return Outcome.RECORDED, None

    def _keep(self, tx: Connection, request: PrivacyRequest, now: datetime) -> None:
        self._jobs.answer_privacy_request(tx, shop_notices.add_request(tx, request, now=now))


def _disconnect(tx: Connection, notice: Uninstalled, delivery: Delivery) -> tuple[Outcome, str | None]:
    """Stop all calls. A delivery that was on its way for hours may tell of a time before the app came back."""
    if shop_notices.disconnected_since(tx) is not None:
        return Outcome.REPEAT, KNOWN
    connected = shop_notices.last_connected(tx) or 0.0
    is_past = connected <= delivery.received_at.timestamp()  # else a clock that was ahead wrote it
    if is_past and _written_at(delivery).timestamp() <= connected:
        return Outcome.REPEAT, LATE
    shop_notices.disconnect(tx, notice.shop, now=delivery.received_at)
    return Outcome.RECORDED, None


def _written_at(delivery: Delivery) -> datetime:
    try:
        moment = datetime.fromisoformat(delivery.headers.get("triggered-at", ""))
    except ValueError:
        return delivery.received_at
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
