"""The webhook subscriptions that an app made through the API, which lists them; those made by hand it never shows."""

from __future__ import annotations

import itertools
import threading
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

TAKEN = "for this topic has already been taken"
THIS_MACHINE = ("localhost", "127.0.0.1")


@dataclass(frozen=True, slots=True)
class Subscription:
    """One topic and the address that its webhooks go to, in the API version in which it was asked for."""

    id: int
    topic: str
    uri: str
    api_version: str
    format: str = "JSON"
    include_fields: tuple[str, ...] = ()
    filter: str = ""


class AddressRefused(ValueError):
    """Shopify does not send webhooks to this address. The message says why, without the address."""


class Subscriptions:
    """The subscriptions of one app. Safe to use from any thread."""

    def __init__(self) -> None:
        self._ids = itertools.count(1_800_000_000_001)
        self._by_id: dict[int, Subscription] = {}
        self._lock = threading.RLock()

    def all(self) -> list[Subscription]:
        """Return all subscriptions, oldest first."""
        with self._lock:
            return list(self._by_id.values())

    def of_topic(self, topic: str) -> list[Subscription]:
        return [subscription for subscription in self.all() if subscription.topic == topic]

    def create(self, topic: str, uri: str, api_version: str, **more: Any) -> Subscription:
        """Subscribe. Raises AddressRefused: not an address for webhooks, or one that has this topic already.

        Args:
            more: ``format``, ``include_fields`` and ``filter``.
        """
        with self._lock:
            self._check(topic, uri)
            made = Subscription(next(self._ids), topic, uri, api_version, **more)
            self._by_id[made.id] = made
            return made

    def change(self, subscription_id: int, **new: Any) -> Subscription:
        """Change address, format, fields or filter. Raises AddressRefused; KeyError: there is no such subscription."""
        with self._lock:
            old = self._by_id[subscription_id]
            if new.get("uri", old.uri) != old.uri:
                self._check(old.topic, new["uri"])
            self._by_id[old.id] = replace(old, **new)
            return self._by_id[old.id]

    def delete(self, subscription_id: int) -> bool:
        """Remove a subscription, as Shopify does itself when its webhooks keep failing; False if there is none."""
        with self._lock:
            return self._by_id.pop(subscription_id, None) is not None

    def _check(self, topic: str, uri: str) -> None:
        address = urlsplit(uri)
        if not address.hostname or (address.scheme != "https" and address.hostname not in THIS_MACHINE):
            raise AddressRefused(f"protocol {address.scheme or 'of nothing'}:// is not supported")
        if any(subscription.uri == uri for subscription in self.of_topic(topic)):
            raise AddressRefused(TAKEN)
