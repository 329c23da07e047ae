"""By which names Shopify knows the shop that is set."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from ordercall.errors import ProviderError
from ordercall.providers.shopify.app import ShopifyApp
from ordercall.services.own_shop import OTHER_SHOP, domain_of
from ordercall.storage.engine.database import Database
from ordercall.storage.records import deliveries, shop_names


class ShopNameWatch:
    """Asks Shopify, beside the readings of the shop, when webhooks came in another name."""

    def __init__(self, db: Database, app: ShopifyApp, store: str, clock: Callable[[], datetime]) -> None:
        self._db = db
        self._app = app
        self._domain = domain_of(store)
        self._clock = clock

    def look(self) -> None:
        """Ask, unless nothing has come since the last time that may be the shop's under another name."""
        with self._db.read() as tx:
            asked_at = shop_names.seen_at(tx, self._domain)
            is_past = asked_at is not None and asked_at <= self._clock()  # a clock that was ahead is put right
            if asked_at and is_past and not deliveries.any_unused(tx, OTHER_SHOP, since=asked_at):
                return
        try:
            shop = self._app.shop()
        except ProviderError:
            return
        with self._db.begin() as tx:
            shop_names.remember(tx, shop.id, {shop.domain.lower(), self._domain}, now=self._clock())
