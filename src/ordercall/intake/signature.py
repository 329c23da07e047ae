"""Whether a webhook really comes from Shopify.

Shopify signs the raw body: base64 of its HMAC-SHA256 under the shared secret. While a secret is changed,
Shopify goes on signing with the old one, so two may be right at the same time.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass

from ordercall.config import Settings


@dataclass(frozen=True, slots=True)
class NamedSecret:
    """A secret and what to call it where it must not be shown."""

    name: str
    value: str


def known_secrets(settings: Settings) -> list[NamedSecret]:
    """Return the secrets that are set; without any, no signature is right."""
    secrets = [
        NamedSecret("current", settings.shopify_shared_secret),
        NamedSecret("previous", settings.shopify_old_shared_secret),
    ]
    return [secret for secret in secrets if secret.value]


def sign(body: bytes, secret: str) -> str:
    """Return the signature that Shopify sends with *body*."""
    return base64.b64encode(hmac.digest(secret.encode(), body, hashlib.sha256)).decode()


def matching_secret(body: bytes, signature: str | None, secrets: list[NamedSecret]) -> str | None:
    """Return the name of the secret that signed *body*, or None. Takes as long for a near miss as for a far one."""
    offered = (signature or "").strip().encode("utf-8", "surrogateescape")
    matches = [secret.name for secret in secrets if hmac.compare_digest(sign(body, secret.value).encode(), offered)]
    return matches[0] if matches else None
