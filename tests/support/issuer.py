"""An OpenID Connect issuer over real HTTP, which signs with real keys, and says what a test wants it to say."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from flask.testing import FlaskClient

from web_app import MEMBER_PASSWORD, Page, Shop, send_form

PUBLIC = "http://localhost:5000"
CLIENT, SECRET = "ordercall-of-a-test", "secret/of: a test"


@cache
def rsa_key(name: str, bits: int = 2048) -> rsa.RSAPrivateKey:
    """Return the key of this name; making one takes a while."""
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


@cache
def ec_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def public(key: Any, algorithm: str, name: str) -> dict[str, Any]:
    """Return a key as the issuer publishes it."""
    kinds = {"RS256": jwt.algorithms.RSAAlgorithm, "ES256": jwt.algorithms.ECAlgorithm}
    return {**kinds[algorithm].to_jwk(key.public_key(), as_dict=True), "kid": name, "use": "sig"}


class StandIn:
    """An issuer at which one account signs in. Each test begins it anew by :meth:`forget`.

    Attributes:
        subject: of the account.
        more: claims beside the usual ones; None takes one out.
        sign: makes the token of the claims.
        down: it answers 503 to all.
    """

    def __init__(self) -> None:
        self.now: Callable[[], datetime] = datetime.now
        issuer = self

        class Door(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1

            def do_GET(self) -> None:
                issuer.asked.append(urlsplit(self.path).path)
                self.say(*issuer.document(urlsplit(self.path).path))

            def do_POST(self) -> None:
                issuer.asked.append(self.path)
                form = self.rfile.read(int(self.headers["Content-Length"])).decode()
                self.say(*issuer.token(form, self.headers.get("Authorization", "")))

            def say(self, status: int, answer: Any) -> None:
                body = json.dumps(answer).encode()
                self.send_response(503 if issuer.down else status)
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.forget()

    def forget(self) -> None:
        self.asked: list[str] = []
        self.codes: dict[str, dict[str, str]] = {}
        self.down = False
        self.subject = "248289761001"
        self.more: dict[str, Any] = {}
        self.about: dict[str, Any] = {}
        self.keys = [public(rsa_key("one"), "RS256", "one"), public(ec_key(), "ES256", "curve")]
        self.sign: Callable[[dict[str, Any]], str] = by_rsa

    def document(self, path: str) -> tuple[int, Any]:
        """Return what stands at a path of the issuer's."""
        documents = {
            "/.well-known/openid-configuration": {
                "issuer": self.url,
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "jwks_uri": f"{self.url}/keys",
                **self.about,
            },
            "/keys": {"keys": [{"kty": "OKP", "crv": "of tomorrow"}, *self.keys]},
        }
        return (200, documents[path]) if path in documents else (404, {})

    def sign_in(self, address: str) -> str:
        """Have the account sign in at the address that a browser was sent to; return where it is sent back to."""
        asked = {name: value for name, [value] in parse_qs(urlsplit(address).query).items()}
        assert address.startswith(f"{self.url}/authorize?")
        assert (asked["response_type"], asked["client_id"]) == ("code", CLIENT)
        assert (asked["scope"].split()[0], asked["code_challenge_method"]) == ("openid", "S256")
        code = secrets.token_urlsafe(8)
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state'], 'iss': self.url})}"

    def token(self, form: str, authorization: str) -> tuple[int, Any]:
        """Answer a code with a token, once, to whoever knows client, secret and the verifier of its challenge."""
        sent = {name: value for name, [value] in parse_qs(form).items()}
        asked = self.codes.pop(sent["code"], None)
        if asked is None or asked["redirect_uri"] != sent["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        digest = hashlib.sha256(sent["code_verifier"].encode()).digest()
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != asked["code_challenge"]:
            return 400, {"error": "invalid_grant"}
        user, _, password = base64.b64decode(authorization.removeprefix("Basic ")).decode().partition(":")
        if (user, password) != (CLIENT, "secret%2Fof%3A%20a%20test"):
            return 401, {"error": "invalid_client"}
        now = int(self.now().timestamp())
        claims = {"iss": self.url, "sub": self.subject, "aud": CLIENT, "iat": now, "exp": now + 300}
        claims |= {"nonce": asked["nonce"], **self.more}
        token = self.sign({name: value for name, value in claims.items() if value is not None})
        return 200, {"access_token": "of no use here", "token_type": "Bearer", "id_token": token}


def by_rsa(claims: dict[str, Any]) -> str:
    return jwt.encode(claims, rsa_key("one"), "RS256", {"kid": "one"})


@contextmanager
def stand_in() -> Iterator[StandIn]:
    """Let an issuer answer on a port of its own."""
    issuer = StandIn()
    thread = threading.Thread(target=issuer.server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield issuer
    finally:
        issuer.server.shutdown()
        issuer.server.server_close()
        thread.join()


def with_issuer(new_shop: Any, there: StandIn, **more: str) -> Shop:
    """Return a shop whose people may log in by the stand-in."""
    names = {"OIDC_ISSUER": there.url, "OIDC_CLIENT_ID": CLIENT, "OIDC_CLIENT_SECRET": SECRET}
    made: Shop = new_shop(**names, OIDC_LABEL="Example", PUBLIC_URL=PUBLIC, **more)
    there.now = lambda: made.now
    forget_issuer(made)
    return made


def path_of(address: str) -> str:
    parts = urlsplit(address)
    assert f"{parts.scheme}://{parts.netloc}" == PUBLIC
    return f"{parts.path}?{parts.query}"


def sign_in(client: FlaskClient, there: StandIn, *, next_page: str = "/") -> Any:
    """Log a browser in by the issuer, as far as that lets it."""
    begun = client.get("/login/issuer", query_string={"next": next_page})
    return client.get(path_of(there.sign_in(begun.location)))


def link(client: FlaskClient, there: StandIn, **form: str) -> Any:
    """Link the issuer's account to whoever is logged in."""
    page = Page(send_form(client, "/account/issuer", **({"current": MEMBER_PASSWORD} | form)))
    return client.get(path_of(there.sign_in(page.one("a", text="Go on to Example").attrs["href"])))


def forget_issuer(shop: Shop) -> None:
    """Let a shop know nothing of the issuer any more."""
    assert shop.context.access.issuer
    shop.context.access.issuer._issuer.forget()
