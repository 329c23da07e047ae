"""Whether the app's webhooks still come here.

Shopify removes a subscription after eight deliveries in a row that failed, and notifies nobody. The app can list those
that it asked for; what was made by hand, or stands in the app's own configuration, it never sees.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from ordercall.config import Settings
from ordercall.errors import ProviderError
from ordercall.providers.shopify.app import ShopifyApp
from ordercall.providers.shopify.subscriptions import Deed, plan, webhook_address
from ordercall.storage.records.reconciliations import Run

PAUSE = timedelta(hours=1)
"""Shopify removes a subscription after four hours of failures, so this is soon enough to notice it."""


class SubscriptionWatch:
    """Looks at the app's subscriptions once an hour, beside the readings of the shop."""

    def __init__(self, app: ShopifyApp, settings: Settings) -> None:
        self._app = app
        self._settings = settings

    def look(self, before: Run | None, now: datetime) -> list[str] | None:
        """Return the topics that none of the app's subscriptions brings here.

        Args:
            before: the last reading of the shop, which knows what was seen then.

        Returns:
            None where the app asks for no webhooks, as far as anybody knows. One that lost all it had is reported.
        """
        known = before.unsubscribed if before else None
        if not self._settings.public_url or (before and _hour_of(before.started_at) == _hour_of(now)):
            return known
        try:
            steps = plan(self._app.subscriptions(), webhook_address(self._settings.public_url))
        except ProviderError:
            return known
        missing = [str(step.topic) for step in steps if step.deed is not Deed.NOTHING]
        return None if known is None and len(missing) == len(steps) else missing


def _hour_of(moment: datetime) -> int:
    """Return which hour since 1970 this is in; the first reading of each looks."""
    return int(moment.timestamp() // PAUSE.total_seconds())
