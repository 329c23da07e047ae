"""What happens to one webhook between its bytes and its answer. It knows nothing of Flask."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlalchemy.exc import OperationalError, SQLAlchemyError

from ordercall.domain.orders import Order
from ordercall.domain.topics import CARRY_THE_ORDER, POINT_AT_THE_ORDER, PRIVACY, Topic
from ordercall.errors import DatabaseBusy, DatabaseFault
from ordercall.intake.committer import Committer
from ordercall.intake.refusals import RefusalCounter
from ordercall.intake.signature import NamedSecret, likely_cause, matching_secret
from ordercall.providers.shopify.notices import NOTICES, read_notice, read_pointer
from ordercall.providers.shopify.payload import UnreadableBody, read_order
from ordercall.services.intake_service import Received
from ordercall.storage.records.deliveries import Delivery, Outcome

LARGEST_BODY = 10 * 1024 * 1024
"""An order of 500 lines is less than one megabyte; every request under way may hold one such body in memory."""

HEADER_PREFIXES = ("x-shopify-", "shopify-")
SIGNATURE = "hmac-sha256"
USED = CARRY_THE_ORDER | POINT_AT_THE_ORDER | NOTICES

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
        refusals: counts the refused ones.
        clock: the present, aware.
    """

    def __init__(
        self,
        secrets: list[NamedSecret],
        committer: Committer,
        refusals: RefusalCounter,
        clock: Callable[[], datetime],
    ) -> None:
        self._secrets = secrets
        self._committer = committer
        self._refusals = refusals
        self._clock = clock

    def answer(self, headers: Iterable[tuple[str, str]], body: bytes, *, announced: int | None = None) -> WebhookAnswer:
        """Store one webhook and return its answer: 200 means stored, 503 asks Shopify to send it again.

        Args:
            announced: the Content-Length that came with the body, or None.
        """
        about = shopify_headers(headers)
        try:
            outcome = self._store(about, body)
        except _WrongSignature:
            any_secret = bool(self._secrets)
            self._refusals.count(likely_cause(body, about.get(SIGNATURE), announced=announced, any_secret=any_secret))
            return _bad_signature(about.get("topic", ""))
        except DatabaseFault as fault:  # the log was told of it once
            return _refusal(503, "NotStored", f"The delivery could not be stored; send it again. {fault}")
        except (DatabaseBusy, SQLAlchemyError) as error:
            logger.error("could not store a webhook (%s); Shopify will send it again", type(error).__name__)
            return _refusal(503, "NotStored", "The delivery could not be stored; send it again.")
        return WebhookAnswer(200, {"success": True, "outcome": outcome})

    def _store(self, about: dict[str, str], body: bytes) -> Outcome:
        """Store a delivery; an order that is odd in a way nobody thought of is kept for a person to look at."""
        try:
            return self._committer.store(lambda: _read(self._verified(about, body)))
        except (_WrongSignature, DatabaseBusy, OperationalError):
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the delivery must not be lost
            kind = type(error).__name__
            logger.error("a signed webhook could not be stored as an order (%s) and is kept as it came", kind)
            reason = f"It could not be stored as an order ({kind}); this is a fault of Ordercall."
            odd = Received(self._verified(about, body), outcome=Outcome.UNREADABLE, reason=reason)
            return self._committer.store(lambda: odd)

    def _verified(self, about: dict[str, str], body: bytes) -> Delivery:
        secret = matching_secret(body, about.get(SIGNATURE), self._secrets)
        if secret is None:
            raise _WrongSignature
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


class _WrongSignature(Exception):
    """No secret of ours has signed this body."""


def _bad_signature(topic: str) -> WebhookAnswer:
    """Shopify tests the privacy topics with a wrong signature and wants 401; the description says 403."""
    status = 401 if topic in PRIVACY else 403
    return _refusal(status, "BadSignature", "The signature does not match the body and any of the webhook secrets.")


def too_large() -> WebhookAnswer:
    """Return the answer to a body that is larger than any order."""
    return _refusal(413, "RequestEntityTooLarge", "The body is too large.")


def shopify_headers(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return Shopify's headers by their bare lower-case names: ``topic``, ``hmac-sha256``, ``webhook-id`` …

    They come as ``X-Shopify-…`` or, from newer subscriptions, as ``shopify-…``, in any case.
    """
    found: dict[str, str] = {}
    for name, value in headers:
        bare = _bare_name(name)
        if bare:
            found.setdefault(bare, value)
    return found


@lru_cache(maxsize=256)
def _bare_name(header: str) -> str | None:
    """Return what Shopify calls a header, or None for one that is not Shopify's. The same few names come each time."""
    plain = header.casefold()
    prefix = next((prefix for prefix in HEADER_PREFIXES if plain.startswith(prefix)), None)
    return plain.removeprefix(prefix) if prefix else None


def _read(delivery: Delivery) -> Received:
    """Read what the delivery is about; what cannot be used is kept with the reason."""
    if delivery.topic not in USED:
        reason = f"Ordercall does not act on {delivery.topic or 'deliveries without a topic'}."
        return Received(delivery, outcome=Outcome.UNUSED, reason=reason)
    body = delivery.body or b""
    try:
        if delivery.topic in NOTICES:
            return Received(delivery, notice=read_notice(Topic(delivery.topic), body, delivery.shop))
        if delivery.topic in POINT_AT_THE_ORDER:
            return Received(delivery, points_at=read_pointer(Topic(delivery.topic), body))
        return _about_an_order(delivery, read_order(body))
    except UnreadableBody as error:
        return Received(delivery, outcome=Outcome.UNREADABLE, reason=str(error))


def _about_an_order(delivery: Delivery, order: Order) -> Received:
    """Believe the signed body and not the topic, a header, under which whoever got hold of a body may send it again.

    A cancellation that its body does not tell of is looked up in Shopify.
    """
    if delivery.topic == Topic.CANCELLED and not order.shopify_cancelled_at:
        return Received(delivery, points_at=order.shopify_id)
    return Received(delivery, order)


def _refusal(status: int, code: str, message: str) -> WebhookAnswer:
    return WebhookAnswer(status, {"success": False, "error": {"code": code, "message": message}})
