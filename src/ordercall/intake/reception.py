"""What happens to one webhook between its bytes and its answer. It knows nothing of Flask."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError

from ordercall.errors import DatabaseBusy
from ordercall.intake.committer import Committer
from ordercall.intake.payload import UnreadableBody, read_order
from ordercall.intake.signature import NamedSecret, matching_secret
from ordercall.services.intake_service import TOPICS, Received
from ordercall.storage.deliveries import Delivery, Outcome

LARGEST_BODY = 10 * 1024 * 1024
HEADER_PREFIXES = ("x-shopify-", "shopify-")
SIGNATURE = "hmac-sha256"

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class WebhookAnswer:
    """The HTTP status, and the JSON to send with it."""

    status: int
    body: dict[str, object]


class Reception:
    """Verifies, reads and stores webhooks.

    Args:
        secrets: those a signature may be made with; without any, everything is refused.
        clock: the present, aware.
    """

    def __init__(self, secrets: list[NamedSecret], committer: Committer, clock: Callable[[], datetime]) -> None:
        self._secrets = secrets
        self._committer = committer
        self._clock = clock

    def answer(self, headers: Iterable[tuple[str, str]], body: bytes) -> WebhookAnswer:
        """Store one webhook and return its answer: 200 means stored, 503 asks Shopify to send it again."""
        about = shopify_headers(headers)
        secret = matching_secret(body, about.get(SIGNATURE), self._secrets)
        if secret is None:
            logger.warning("refused a webhook: its signature is %s", "wrong" if SIGNATURE in about else "missing")
            return _refusal(403, "BadSignature", "The signature does not match the body and the SHOPIFY_SHARED_SECRET.")
        try:
            outcome = self._committer.store(_read(self._delivery(about, body, secret)))
        except (DatabaseBusy, SQLAlchemyError) as error:
            logger.error("could not store a webhook (%s); Shopify will send it again", type(error).__name__)
            return _refusal(503, "NotStored", "The delivery could not be stored; send it again.")
        return WebhookAnswer(200, {"success": True, "outcome": outcome})

    def _delivery(self, about: dict[str, str], body: bytes, secret: str) -> Delivery:
        digest = hashlib.sha256(body).hexdigest()
        return Delivery(
            webhook_id=about.get("webhook-id") or f"{about.get('topic', '')}:{digest}",
            body_digest=digest,
            topic=about.get("topic", ""),
            shop=about.get("shop-domain", ""),
            headers={name: value for name, value in about.items() if name != SIGNATURE},
            body=body,
            secret_name=secret,
            received_at=self._clock(),
        )


def shopify_headers(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return Shopify's headers by their bare lower-case names: ``topic``, ``hmac-sha256``, ``webhook-id`` …

    They come as ``X-Shopify-…`` or, from newer subscriptions, as ``shopify-…``, in any case.
    """
    found: dict[str, str] = {}
    for name, value in headers:
        plain = name.casefold()
        prefix = next((prefix for prefix in HEADER_PREFIXES if plain.startswith(prefix)), None)
        if prefix:
            found.setdefault(plain.removeprefix(prefix), value)
    return found


def _read(delivery: Delivery) -> Received:
    """Read what the delivery is about; what cannot be used is kept with the reason."""
    if delivery.topic not in TOPICS:
        reason = f"Ordercall does not act on {delivery.topic or 'deliveries without a topic'}."
        return Received(delivery, outcome=Outcome.UNUSED, reason=reason)
    try:
        return Received(delivery, read_order(delivery.body))
    except UnreadableBody as error:
        return Received(delivery, outcome=Outcome.UNREADABLE, reason=str(error))


def _refusal(status: int, code: str, message: str) -> WebhookAnswer:
    return WebhookAnswer(status, {"success": False, "error": {"code": code, "message": message}})
