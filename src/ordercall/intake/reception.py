"""What happens to one webhook between its bytes and its answer. It knows nothing of Flask, nor of an event loop."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import NoReturn

from ordercall.domain.topics import PRIVACY, Topic, usual_topic
from ordercall.errors import DatabaseFault
from ordercall.intake.committer import Committer
from ordercall.intake.refusals import RefusalCounter
from ordercall.intake.signature import Cause, NamedSecret, cause_without_a_body, likely_cause, matching_secret
from ordercall.measures import WEBHOOK_SECONDS, WEBHOOKS
from ordercall.storage.records.deliveries import Delivery, Outcome

LARGEST_BODY = 10 * 1024 * 1024
"""An order of 500 lines is less than one megabyte."""

HEADER_PREFIXES = ("x-shopify-", "shopify-")
SIGNATURE = "hmac-sha256"
KNOWN_TOPICS = frozenset(map(str, Topic))

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class WebhookAnswer:
    """The HTTP status, and the JSON to send with it."""

    status: int
    body: dict[str, object]


class Refused(Exception):
    """A webhook that is not taken in."""

    def __init__(self, answer: WebhookAnswer) -> None:
        super().__init__()
        self.answer = answer


class Reception:
    """Verifies webhooks and has them stored.

    Args:
        secrets: those a signature may be made with; without any, everything is refused.
        committer: stores what was verified; an event loop leaves it there by itself, and does not wait in it.
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
        self.committer = committer
        self._secrets = secrets
        self._refusals = refusals
        self._clock = clock

    def answer(self, headers: Iterable[tuple[str, str]], body: bytes, *, announced: int | None = None) -> WebhookAnswer:
        """Store one webhook and return its answer: 200 means stored, 503 asks Shopify to send it again.

        Args:
            announced: the Content-Length that came with the body, or None.
        """
        about = shopify_headers(headers)
        try:
            self.refuse_unread(about, announced)
            return stored(self.committer.store(self.verify(about, body, announced)))
        except Refused as refused:
            return refused.answer
        except Exception as error:  # noqa: BLE001 - whatever it is, the delivery must come again
            return not_stored(error)

    def refuse_unread(self, about: dict[str, str], announced: int | None) -> None:
        """Refuse a webhook of which a look at its headers is enough.

        Raises:
            Refused: it is too large, or no secret can have made its signature.
        """
        if announced is not None and announced > LARGEST_BODY:
            raise Refused(too_large())
        cause = cause_without_a_body(about.get(SIGNATURE), any_secret=bool(self._secrets))
        if cause:
            self._refuse(about, cause)

    def verify(self, about: dict[str, str], body: bytes, announced: int | None) -> Delivery:
        """Return the delivery that a body is, if a secret of ours has signed it.

        Raises:
            Refused: none has.
        """
        secret = matching_secret(body, about.get(SIGNATURE), self._secrets)
        if secret is None:
            any_secret = bool(self._secrets)
            self._refuse(about, likely_cause(body, about.get(SIGNATURE), announced=announced, any_secret=any_secret))
        digest = hashlib.sha256(body).hexdigest()
        return Delivery(
            webhook_id=about.get("webhook-id") or f"{about.get('topic', '')}:{digest}",
            body_digest=digest,
            topic=usual_topic(about.get("topic", "")),
            shop=about.get("shop-domain", ""),
            headers={name: value for name, value in about.items() if name != SIGNATURE},
            body=body,
            secret_name=secret,
            received_at=self._clock(),
        )

    def _refuse(self, about: dict[str, str], cause: Cause) -> NoReturn:
        self._refusals.count(cause)
        raise Refused(_bad_signature(usual_topic(about.get("topic", ""))))


def count_answer(about: dict[str, str], answer: WebhookAnswer, seconds: float) -> None:
    """Measure a webhook that was answered after so long.

    Its topic is a header, which anybody may write: one that is not Shopify's own is counted with all others.
    """
    topic = usual_topic(about.get("topic", ""))
    error = answer.body.get("error")
    result = error["code"] if isinstance(error, dict) else str(answer.body["outcome"])
    WEBHOOKS.add(topic if topic in KNOWN_TOPICS else "other", result)
    if error is None:
        WEBHOOK_SECONDS.observe(seconds)


def stored(outcome: Outcome) -> WebhookAnswer:
    return WebhookAnswer(200, {"success": True, "outcome": outcome})


def not_stored(error: Exception) -> WebhookAnswer:
    """Return the answer to a webhook that could not be stored, or not in time."""
    if isinstance(error, DatabaseFault):  # which the log was told of once
        return refusal(503, "NotStored", f"The delivery could not be stored; send it again. {error}")
    logger.error("could not store a webhook (%s); Shopify will send it again", type(error).__name__)
    return refusal(503, "NotStored", "The delivery could not be stored; send it again.")


def too_large() -> WebhookAnswer:
    """Return the answer to a body that is larger than any order."""
    return refusal(413, "RequestEntityTooLarge", "The body is too large.")


def refusal(status: int, code: str, message: str) -> WebhookAnswer:
    return WebhookAnswer(status, {"success": False, "error": {"code": code, "message": message}})


def _bad_signature(topic: str) -> WebhookAnswer:
    """Shopify tests the privacy topics with a wrong signature and wants 401; the description says 403."""
    status = 401 if topic in PRIVACY else 403
    return refusal(status, "BadSignature", "The signature does not match the body and any of the webhook secrets.")


def shopify_headers(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return Shopify's headers by their bare lower-case names: ``topic``, ``hmac-sha256``, ``webhook-id`` …

    They come as ``X-Shopify-…`` or, from newer subscriptions, as ``shopify-…``, in any case. The first of several that
    holds something counts.
    """
    all_of_them = list(headers)
    found: dict[str, str] = {}
    for name, value in all_of_them:
        bare = _bare_name(name)
        if bare:
            found.setdefault(bare, value)
    if "" in found.values() or _is_odd("".join(found.values())):
        plain = [(_bare_name(name), _plain(value)) for name, value in reversed(all_of_them)]
        return {bare: value for bare, value in plain if bare and value}
    return found


def _is_odd(written: str) -> bool:
    """Return whether something stands in headers that Shopify writes in none, of what a server lets through."""
    return not written.isascii() or " " in written or "," in written or "\t" in written or "\0" in written


def _plain(value: str) -> str:
    """Return a header's value without the blanks around it, signs that show nothing, and copies that a proxy joined."""
    parts = ("".join(filter(str.isprintable, part)).strip() for part in value.split(","))
    return ", ".join(dict.fromkeys(filter(None, parts)))


@lru_cache(maxsize=256)
def _bare_name(header: str) -> str | None:
    """Return what Shopify calls a header, or None for one that is not Shopify's. The same few names come each time."""
    plain = header.casefold()
    prefix = next((prefix for prefix in HEADER_PREFIXES if plain.startswith(prefix)), None)
    return plain.removeprefix(prefix) if prefix else None
