"""Whether a webhook really comes from Shopify, and if it does not, what the likely cause is.

Shopify signs the raw body: base64 of its HMAC-SHA256 under a secret. Several may be right at the same time. An
app's webhooks are signed with the app's client secret, and while it is rotated with the oldest one that is not
yet revoked; webhooks made by hand under Settings → Notifications are signed with a secret that is shown there.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass
from enum import StrEnum

from ordercall.config import Settings
from ordercall.storage.records.refusals import REPORT as OF_REPORTS


@dataclass(frozen=True, slots=True)
class NamedSecret:
    """A secret and what to call it where it must not be shown."""

    name: str
    value: str

    @property
    def fingerprint(self) -> str:
        """What tells this secret from others without giving it away; the same whatever setting it stands in."""
        return hashlib.sha256(b"ordercall webhook secret " + self.value.encode()).hexdigest()[:8]

    @property
    def mark(self) -> str:
        """What is kept with a delivery. A switch moves the old value to another setting, and so to another name."""
        return f"{self.name} {self.fingerprint}"


class Cause(StrEnum):
    """Why a signature is likely to be wrong, or what else was refused. ``sentence`` says what to do."""

    MISSING = "missing"
    NOT_BASE64 = "not_base64"
    WRONG_LENGTH = "wrong_length"
    EMPTY_BODY = "empty_body"
    BODY_ALTERED = "body_altered"
    NO_SECRET = "no_secret"  # noqa: S105 - a cause, not a secret
    UNKNOWN_SECRET = "unknown_secret"  # noqa: S105 - as above
    REPORT = OF_REPORTS

    @property
    def sentence(self) -> str:
        return _SENTENCES[self]


_SENTENCES = {
    Cause.REPORT: "A report of a call was not let in (401, 403, 404, 413 or 503): see that its sender has the token.",
    Cause.MISSING: "There was no signature: not Shopify, or a proxy took the header away.",
    Cause.NOT_BASE64: "The signature was not base64: not Shopify.",
    Cause.WRONG_LENGTH: "The signature had the wrong length: not Shopify, or the header was cut.",
    Cause.EMPTY_BODY: "The body was empty: a proxy took it away, or a redirect lost it.",
    Cause.BODY_ALTERED: "The body was shorter than announced: it was cut or altered on the way.",
    Cause.NO_SECRET: (
        "No secret is set: SHOPIFY_CLIENT_SECRET, SHOPIFY_SHARED_SECRET or SHOPIFY_NOTIFICATIONS_SECRET."
    ),
    Cause.UNKNOWN_SECRET: (
        "Signed with another secret. Webhooks made by hand have the one under Settings, Notifications "
        "(SHOPIFY_NOTIFICATIONS_SECRET); an app's have its client secret (SHOPIFY_CLIENT_SECRET or "
        "SHOPIFY_SHARED_SECRET)."
    ),
}


def known_secrets(settings: Settings) -> list[NamedSecret]:
    """Return the secrets that are set, each once; without any, no signature is right."""
    offered = [
        NamedSecret("shared", settings.shopify_shared_secret),
        NamedSecret("previous", settings.shopify_old_shared_secret),
        NamedSecret("notifications", settings.shopify_notifications_secret),
        NamedSecret("client", settings.shopify_client_secret),
    ]
    by_value: dict[str, NamedSecret] = {}
    for secret in offered:
        by_value.setdefault(secret.value, secret)
    return [secret for secret in by_value.values() if secret.value]


def sign(body: bytes, secret: str) -> str:
    """Return the signature that Shopify sends with *body*."""
    return base64.b64encode(hmac.digest(secret.encode(), body, hashlib.sha256)).decode()


def matching_secret(body: bytes, signature: str | None, secrets: list[NamedSecret]) -> str | None:
    """Return the mark of the secret that signed *body*, or None. Takes as long for a near miss as for a far one."""
    offered = (signature or "").strip().encode("utf-8", "surrogateescape")
    matches = [secret.mark for secret in secrets if hmac.compare_digest(sign(body, secret.value).encode(), offered)]
    return matches[0] if matches else None


def cause_without_a_body(signature: str | None, *, any_secret: bool) -> Cause | None:
    """Return why a signature is wrong whatever the body is, or None: a secret may have made it.

    Args:
        any_secret: whether this installation has a secret at all.
    """
    if not any_secret:
        return Cause.NO_SECRET
    if not signature or not signature.strip():
        return Cause.MISSING
    try:
        length = len(base64.b64decode(signature.strip(), validate=True))
    except (binascii.Error, ValueError):
        return Cause.NOT_BASE64
    return None if length == hashlib.sha256().digest_size else Cause.WRONG_LENGTH


def likely_cause(body: bytes, signature: str | None, *, announced: int | None, any_secret: bool) -> Cause:
    """Return why a signature that no secret made is likely to be wrong.

    Args:
        announced: the Content-Length that came with the body, or None.
        any_secret: as in :func:`cause_without_a_body`.
    """
    if cause := cause_without_a_body(signature, any_secret=any_secret):
        return cause
    if not body:
        return Cause.EMPTY_BODY
    if announced is not None and announced != len(body):
        return Cause.BODY_ALTERED
    return Cause.UNKNOWN_SECRET
