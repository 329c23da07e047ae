"""An OpenID Connect issuer: where people sign in with it, and what it says of who did.

Its documents and keys are asked for at the first sign-in and kept for an hour. What it says is believed for its
signature alone, made with a key of its own by one of two algorithms that are chosen here and not by the token.
"""

from __future__ import annotations

import base64
import logging
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from ordercall.domain.outside_json import read_json
from ordercall.errors import InvalidRequest

DEADLINE = 5.0
"""Seconds for each of at most three requests: somebody waits before a white page, and a thread with them."""

KEPT_FOR = 3_600.0
"""Seconds: issuers change their keys every few days, and announce the next one long before."""

ASKED_AGAIN_AFTER = 30.0
"""Seconds after which an unknown key, or no answer, has the issuer asked once more: a stranger cannot have it asked
more often."""

ALGORITHMS = {"RS256": "RSA", "ES256": "EC"}
"""Those that are taken, with the type of their keys. A shared secret (HS256) is none: a public key would do as one."""

LONGEST_TOKEN = 32 * 1024
"""Characters: Microsoft's with two hundred groups have some ten thousand."""

logger = logging.getLogger(__name__)


class IssuerFault(InvalidRequest):
    """The issuer gave no usable answer. The message is for who wants to log in; why is in the log, for who runs it."""

    status = 502


class Issuer:
    """One issuer, as the settings name it. Its methods are called by threads, with no transaction open.

    Args:
        url: without a query, as it stands in its ID tokens.
        label: what people call it.
        client, secret: what it knows this installation by.
    """

    def __init__(self, url: str, label: str, client: str, secret: str) -> None:
        self.url = url
        self.label = label
        self.client = client
        self._secret = secret
        self._asking = threading.Lock()
        self.forget()

    def forget(self) -> None:
        """Know nothing of the issuer, so that the next sign-in asks it."""
        self._about: Mapping[str, Any] = {}
        self._keys: list[Any] = []
        self._known_since = self._failed_at = -KEPT_FOR

    def address(self, *, back: str, state: str, nonce: str, challenge: str) -> str:
        """Return where somebody signs in; their browser returns to *back*.

        Raises:
            IssuerFault: it does not say where.
        """
        asked = {
            "response_type": "code",
            "client_id": self.client,
            "redirect_uri": back,
            "scope": "openid email",
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        begins = str(self._known()["authorization_endpoint"])
        return f"{begins}{'&' if urlsplit(begins).query else '?'}{urlencode(asked)}"

    def claims(self, code: str, *, back: str, verifier: str) -> dict[str, Any]:
        """Return what the issuer says, for the code that a browser brought, of who signed in.

        Raises:
            IssuerFault: it gives nothing for this code, or nothing that it has signed.
        """
        about = self._known()
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": verifier}
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        ways = about.get("token_endpoint_auth_methods_supported")
        if isinstance(ways, list) and "client_secret_post" in ways and "client_secret_basic" not in ways:
            form |= {"client_id": self.client, "client_secret": self._secret}
        else:
            pair = f"{quote(self.client, safe='')}:{quote(self._secret, safe='')}"
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        answer = self._ask("POST", str(about["token_endpoint"]), body=urlencode(form).encode(), headers=headers)
        token = answer.get("id_token")
        if not isinstance(token, str) or len(token) > LONGEST_TOKEN:
            raise self._fault("it gave no ID token")
        return self._read(token)

    def _read(self, token: str) -> dict[str, Any]:
        """Return the claims of a token that the issuer has signed."""
        import jwt  # late: with cryptography 13 MB, for those alone who log in so

        try:
            header = jwt.get_unverified_header(token)
            key = self._key(header.get("alg"), header.get("kid"))
            signed = jwt.PyJWS(options={"enforce_minimum_key_length": True})  # 2048 bits of RSA: RFC 7518, 3.3
            said = read_json(signed.decode(token, key, algorithms=list(ALGORITHMS)))
        except (jwt.PyJWTError, ValueError) as fault:
            raise self._fault(f"its ID token is not signed as it should be ({type(fault).__name__})") from None
        if not isinstance(said, dict):
            raise self._fault("its ID token says nothing")
        return said

    def _key(self, algorithm: object, name: object) -> Any:
        """Return the issuer's key of this name for this algorithm; without a name, the only one that there is."""
        for look in (self._present_keys, self._newer_keys):
            fitting = [each for each in look() if each.algorithm_name == algorithm and name in (None, each.key_id)]
            if len(fitting) == 1:
                return fitting[0]
        raise self._fault("its ID token names no key of its own")

    def _present_keys(self) -> list[Any]:
        return self._keys

    def _newer_keys(self) -> list[Any]:
        """Ask for the keys again, unless that was done a moment ago: it may have begun to use another one."""
        if time.monotonic() - self._known_since < ASKED_AGAIN_AFTER:
            return []
        self._known_since = -KEPT_FOR
        self._known()
        return self._keys

    # -- what it says of itself

    def _known(self) -> Mapping[str, Any]:
        """Return the issuer's document. One thread asks; the others do not wait for what may not come."""
        now = time.monotonic()
        if now - self._known_since < KEPT_FOR:
            return self._about
        if now - self._failed_at < ASKED_AGAIN_AFTER:
            raise self._fault("it gave none a moment ago, either")
        if not self._asking.acquire(blocking=False):
            if self._about:
                return self._about
            raise self._fault("it is being asked at this moment")
        try:
            about = self._ask("GET", f"{self.url.rstrip('/')}/.well-known/openid-configuration")
            self._look_at(about)
            keys = self._ask("GET", str(about["jwks_uri"])).get("keys")
            self._about, self._keys = about, _usable(keys if isinstance(keys, list) else [])
            self._known_since = time.monotonic()
        except IssuerFault:
            self._failed_at = time.monotonic()
            raise
        finally:
            self._asking.release()
        return self._about

    def _look_at(self, about: Mapping[str, Any]) -> None:
        if about.get("issuer") != self.url:
            raise self._fault("its document names another issuer than OIDC_ISSUER, to the letter")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            there = about.get(name)
            if not isinstance(there, str) or urlsplit(there).scheme not in ("https", urlsplit(self.url).scheme):
                raise self._fault(f"its document has no {name} that can be used")

    def _ask(
        self, method: str, url: str, *, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        from ordercall.providers.connections import Connections, NoAnswer  # late: 10 MB that sending alone loads

        connections = Connections(DEADLINE)
        try:
            answer = connections.ask_and_wait(method, url, body=body, headers=headers)
        except NoAnswer as fault:
            raise self._fault(f"no answer ({type(fault).__name__})") from None
        finally:
            connections.close()
        if not answer.succeeded:
            raise self._fault(f"it answered {answer.status} to {method} {urlsplit(url).path}")
        try:
            said = read_json(answer.body)
        except ValueError:
            said = None
        if not isinstance(said, dict):
            raise self._fault("it answered no JSON")
        return said

    def _fault(self, why: str) -> IssuerFault:
        logger.warning("sign-in by %s: %s", self.label, why)
        message = f"{self.label} gave no answer that can be used. Try again in a minute, or log in by your password."
        return IssuerFault(message, code="IssuerFault")


def _usable(keys: list[Any]) -> list[Any]:
    """Return those of the keys that sign by an algorithm that is taken; an issuer may have others besides."""
    import jwt

    found = []
    for key in keys:
        if not isinstance(key, dict) or key.get("use", "sig") != "sig":
            continue
        with suppress(jwt.PyJWTError, ValueError, TypeError):
            made = jwt.PyJWK(key)
            if ALGORITHMS.get(made.algorithm_name) == key["kty"] and key.get("crv") in (None, "P-256"):
                found.append(made)
    return found
