"""What an OpenID Connect issuer says of who signed in, and whether that is said to us, now, and about this sign-in.

The signature is looked at elsewhere (``providers/issuer.py``); here is what the signed words must say.
"""

from __future__ import annotations

import hmac
import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeGuard

LEEWAY = timedelta(minutes=1)
"""By which two clocks that are set by the network may differ."""

LONGEST_SUBJECT = 255
"""Characters: OpenID Connect Core 1.0, section 2."""


@dataclass(frozen=True, slots=True)
class Identity:
    """An account at an issuer. Its subject is never given to another one there, as its e-mail address may be."""

    issuer: str
    subject: str


class NotForUs(ValueError):
    """An ID token that opens nothing here; the message is why, without what it says of a person."""


def identity_of(
    claims: Mapping[str, Any], *, issuer: str, client: str, nonce: str, domains: Collection[str], now: datetime
) -> Identity:
    """Return whose account the claims of an ID token are about.

    Args:
        issuer: as the settings name it; the token's must be the same to the letter.
        client: our id at the issuer.
        nonce: what this sign-in began with.
        domains: of e-mail addresses; with none, any account of the issuer counts.

    Raises:
        NotForUs: they were said by another issuer, to another program, in another sign-in, at another time, or about
            an account outside of the domains.
    """
    if claims.get("iss") != issuer:
        raise NotForUs("it is of another issuer")
    _look_at_audience(claims, client)
    _look_at_times(claims, now.timestamp(), LEEWAY.total_seconds())
    said = claims.get("nonce")
    if not isinstance(said, str) or not hmac.compare_digest(said.encode("utf-8", "replace"), nonce.encode()):
        raise NotForUs("it is of another sign-in")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT or not subject.isprintable():
        raise NotForUs("it names no account")
    if domains and _proven_domain(claims) not in domains:
        raise NotForUs("its account has no verified e-mail address of OIDC_DOMAINS")
    return Identity(issuer, subject)


def _look_at_audience(claims: Mapping[str, Any], client: str) -> None:
    """Whoever else a token is for could send it on to us, so of several it must be us that asked for it."""
    audience, asked_by = claims.get("aud"), claims.get("azp")
    named = [audience] if isinstance(audience, str) else audience
    if not isinstance(named, list) or client not in named:
        raise NotForUs("it is for another program")
    if asked_by != client and (len(named) > 1 or asked_by is not None):
        raise NotForUs("another program asked for it")


def _look_at_times(claims: Mapping[str, Any], now: float, leeway: float) -> None:
    ends, made, begins = claims.get("exp"), claims.get("iat"), claims.get("nbf", 0)
    if not (_is_time(ends) and _is_time(made) and _is_time(begins)):
        raise NotForUs("it does not say from when to when it is good")
    if ends <= now - leeway:
        raise NotForUs("it is over")
    if max(made, begins) > now + leeway:
        raise NotForUs("it is of a time to come; compare the clocks")


def _is_time(value: object) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _proven_domain(claims: Mapping[str, Any]) -> str | None:
    """Return the domain of an e-mail address that the issuer has verified, and says so: a word like "true" does not."""
    address = claims.get("email")
    if claims.get("email_verified") is not True or not isinstance(address, str):
        return None
    return address.rpartition("@")[2].casefold()
