"""Webhooks as Shopify sends them: signed over the exact bytes, and sent again until the product has them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import threading
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from ordercall.providers.connections import Connections, NoAnswer
from ordercall.sandbox.delivery_plan import DeliveryPlan
from ordercall.sandbox.schedule import Schedule

API_VERSION = "2026-10"
PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0)
"""Seconds between the attempts. Shopify also repeats eight times, but spreads that over four hours."""
TIMEOUT = 5.0  # seconds, after which Shopify hangs up


@dataclass(slots=True)
class Delivery:
    """One webhook on its way. Every attempt carries the same bytes and the same id.

    ``status`` is the product's last answer, None before any; ``problem`` names why there was none.
    """

    topic: str
    body: bytes
    headers: dict[str, str]
    attempts: int = 0
    status: int | None = None
    problem: str = ""
    ended: threading.Event = field(default_factory=threading.Event)

    @property
    def accepted(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    def wait(self, seconds: float) -> int | None:
        """Wait until the product took it or the attempts are used up; return the product's last answer."""
        self.ended.wait(seconds)
        return self.status


class Webhooks:
    """Sends webhooks to one product, in the background. ``plan`` says how badly they travel."""

    def __init__(
        self,
        product_url: str,
        secret: str,
        shop_domain: str,
        *,
        other_secrets: Mapping[str, str] | None = None,
        pauses: Sequence[float] = PAUSES,
    ) -> None:
        """Get ready to send.

        Args:
            product_url: without a path.
            secret: signs the bodies.
            other_secrets: those that may sign instead, by the names of the plan.
            pauses: seconds between attempts.
        """
        self.plan = DeliveryPlan()
        self._url = f"{product_url}/shopify/webhook"
        known = {name: value for name, value in (other_secrets or {}).items() if value}
        self._secrets = {"shared": secret} | known | {"foreign": secrets.token_urlsafe(24)}
        self._shop = shop_domain
        self._pauses = tuple(pauses)
        self._schedule = Schedule("sandbox-webhooks")
        self._sent: list[Delivery] = []
        self._http = Connections(TIMEOUT)

    def send(self, topic: str, order: dict[str, Any]) -> Delivery:
        """Start to send *order* under *topic* and return at once."""
        body = json.dumps(order, ensure_ascii=False, separators=(",", ":")).encode()
        fate = self.plan.next()
        delivery = self._begin(topic, body, self._headers(topic, body, test=order.get("test") is True))
        if fate.lost:
            delivery.problem = "lost on the way"
            delivery.ended.set()
            return delivery
        self._schedule.after(fate.delay, lambda: self._attempt(delivery))
        if fate.twice:
            copy = self._begin(topic, body, delivery.headers)
            self._schedule.after(fate.delay, lambda: self._attempt(copy))
        return delivery

    def forget(self) -> None:
        """Send no more of what is under way."""
        for delivery in tuple(self._sent):
            delivery.ended.set()

    @property
    def under_way(self) -> int:
        """How many webhooks neither arrived nor were given up."""
        self._sent = [delivery for delivery in self._sent if not delivery.ended.is_set()]
        return len(self._sent)

    @property
    def names_of_secrets(self) -> list[str]:
        """The secrets that may sign here."""
        return list(self._secrets)

    def _begin(self, topic: str, body: bytes, headers: dict[str, str]) -> Delivery:
        delivery = Delivery(topic, body, headers)
        self._sent.append(delivery)
        return delivery

    def _headers(self, topic: str, body: bytes, *, test: bool) -> dict[str, str]:
        secret = self._secrets.get(self.plan.signed_with, self._secrets["shared"])
        headers = signed_headers(body, topic=topic, secret=secret, shop=self._shop, test=test)
        return {name.replace("X-Shopify", self.plan.family): value for name, value in headers.items()}

    def stop(self) -> None:
        self._schedule.stop()
        self._http.close()

    def _attempt(self, delivery: Delivery) -> None:
        if delivery.ended.is_set():
            return
        delivery.attempts += 1
        try:
            answer = self._http.ask_and_wait("POST", self._url, body=delivery.body, headers=delivery.headers)
        except NoAnswer as error:
            delivery.status, delivery.problem = None, str(error)
        else:
            delivery.status, delivery.problem = answer.status, ""
        if delivery.accepted or delivery.attempts > len(self._pauses):
            delivery.ended.set()
        else:
            self._schedule.after(self._pauses[delivery.attempts - 1], lambda: self._attempt(delivery))


def signed_headers(
    body: bytes,
    *,
    topic: str,
    secret: str,
    shop: str = "sandbox-shop.myshopify.com",
    test: bool = False,
    webhook_id: str | None = None,
) -> dict[str, str]:
    """Return the headers of a webhook with this body.

    Args:
        body: the exact bytes that are sent.
        topic: ``orders/create`` …
        secret: the shared secret.
        shop: the shop's ``….myshopify.com`` name.
        test: whether it is about a test order.
        webhook_id: the id of the delivery; default: a new one.
    """
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Shopify-Captain-Hook",
        "X-Shopify-Topic": topic,
        "X-Shopify-Hmac-SHA256": signature(body, secret),
        "X-Shopify-Shop-Domain": shop,
        "X-Shopify-API-Version": API_VERSION,
        "X-Shopify-Webhook-Id": webhook_id or str(uuid.uuid4()),
        "X-Shopify-Event-Id": str(uuid.uuid4()),
        "X-Shopify-Triggered-At": _with_nanoseconds(time.time_ns()),
    }
    return headers | ({"X-Shopify-Test": "true"} if test else {})


def signature(body: bytes, secret: str) -> str:
    """Return base64 of the HMAC-SHA256 of *body* under *secret*."""
    return base64.b64encode(hmac.digest(secret.encode(), body, hashlib.sha256)).decode()


def _with_nanoseconds(nanoseconds: int) -> str:
    seconds, rest = divmod(nanoseconds, 1_000_000_000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest:09d}Z"
