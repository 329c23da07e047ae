"""ID tokens that are refused: each says or is signed as it should not, and opens nothing."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from flask.testing import FlaskClient

from authenticator import is_in
from issuer import (
    CLIENT,
    StandIn,
    by_rsa,
    ec_key,
    forget_issuer,
    link,
    public,
    rsa_key,
    sign_in,
    with_issuer,
)
from ordercall.domain.people import Role
from web_app import Page, Shop


@pytest.fixture
def shop(new_shop: Any, there: StandIn) -> Shop:
    """A shop whose people may log in by the issuer."""
    return with_issuer(new_shop, there)


@pytest.fixture
def agent(shop: Shop, there: StandIn) -> FlaskClient:
    """The browser of an agent who has linked the issuer's account."""
    client = shop.member(Role.AGENT)
    assert link(client, there).location == "/account"
    return client


def seconds(shop: Shop, more: int) -> int:
    return int(shop.now.timestamp()) + more


CLAIMS = {
    "another nonce": lambda _: {"nonce": "another"},
    "no nonce": lambda _: {"nonce": None},
    "another program's": lambda _: {"aud": "another"},
    "another program's among others": lambda _: {"aud": ["another", "third"]},
    "of two programs, asked for by the other": lambda _: {"aud": [CLIENT, "another"], "azp": "another"},
    "of two programs, and no word who asked": lambda _: {"aud": [CLIENT, "another"]},
    "asked for by another": lambda _: {"azp": "another"},
    "of another issuer": lambda _: {"iss": "https://accounts.google.com"},
    "of nearly the issuer": lambda _: {"iss": None},
    "over": lambda shop: {"exp": seconds(shop, -60)},
    "without an end": lambda _: {"exp": None},
    "with an odd end": lambda _: {"exp": "2099"},
    "of a time to come": lambda shop: {"iat": seconds(shop, 90)},
    "not good yet": lambda shop: {"nbf": seconds(shop, 90)},
    "of nobody": lambda _: {"sub": None},
    "of an odd account": lambda _: {"sub": ["248289761001"]},
}


@pytest.mark.parametrize("kind", CLAIMS)
def test_a_token_that_says_something_else_opens_nothing(
    shop: Shop, there: StandIn, agent: FlaskClient, kind: str
) -> None:
    there.more = CLAIMS[kind](shop)
    browser = shop.client()

    answer = sign_in(browser, there)

    assert answer.status_code == 403
    assert "is not taken" in Page(answer).one("p", role="alert").text
    assert not is_in(browser)


def signed(claims: dict[str, Any], header: dict[str, str], sign: Callable[[bytes], bytes]) -> str:
    """Return a token that the library refuses to make."""
    parts = [base64.urlsafe_b64encode(json.dumps(each).encode()).rstrip(b"=") for each in (header, claims)]
    text = b".".join(parts)
    return b".".join((text, base64.urlsafe_b64encode(sign(text)).rstrip(b"="))).decode()


def unsigned(claims: dict[str, Any]) -> str:
    return signed(claims, {"alg": "none", "kid": "one"}, lambda _: b"")


def by_the_public_key(claims: dict[str, Any]) -> str:
    key = rsa_key("one").public_key()
    pem = key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return signed(claims, {"alg": "HS256", "kid": "one"}, lambda text: hmac.new(pem, text, hashlib.sha256).digest())


def with_its_own_key(claims: dict[str, Any]) -> str:
    key = rsa_key("another")
    return jwt.encode(claims, key, "RS256", {"kid": "another", "jwk": public(key, "RS256", "another")})


def changed_afterwards(claims: dict[str, Any]) -> str:
    head, _, signature = by_rsa(claims).split(".")
    said = base64.urlsafe_b64encode(json.dumps(claims | {"email": "other"}).encode()).rstrip(b"=").decode()
    return f"{head}.{said}.{signature}"


TOKENS = {
    "unsigned": unsigned,
    "signed by the public key as a secret": by_the_public_key,
    "signed by a key that it brings along": with_its_own_key,
    "signed by another key of the same name": lambda c: jwt.encode(c, rsa_key("another"), "RS256", {"kid": "one"}),
    "signed by an algorithm that is not taken": lambda c: jwt.encode(c, rsa_key("one"), "PS256", {"kid": "one"}),
    "signed by a key for the other algorithm": lambda c: jwt.encode(c, ec_key(), "ES256", {"kid": "one"}),
    "changed afterwards": changed_afterwards,
    "no token": lambda _: "a.b.c",
    "not a text of ours": lambda _: "\ud800",
    "endless": lambda c: by_rsa(c | {"groups": ["x" * 100] * 400}),
}


@pytest.mark.parametrize("kind", TOKENS)
def test_a_token_that_the_issuer_has_not_signed_opens_nothing(
    shop: Shop, there: StandIn, agent: FlaskClient, kind: str
) -> None:
    there.sign = TOKENS[kind]
    browser = shop.client()

    assert sign_in(browser, there).status_code == 502
    assert not is_in(browser)


def test_a_short_key_of_the_issuer_is_not_taken(shop: Shop, there: StandIn, agent: FlaskClient) -> None:
    short = rsa_key("short", 1024)
    there.keys = [public(short, "RS256", "short")]
    algorithm = jwt.algorithms.RSAAlgorithm(jwt.algorithms.RSAAlgorithm.SHA256)
    there.sign = lambda claims: signed(
        claims, {"alg": "RS256", "kid": "short"}, lambda text: algorithm.sign(text, short)
    )
    forget_issuer(shop)

    assert sign_in(shop.client(), there).status_code == 502


def test_the_other_algorithm_is_taken_too(shop: Shop, there: StandIn, agent: FlaskClient) -> None:
    there.sign = lambda claims: jwt.encode(claims, ec_key(), "ES256", {"kid": "curve"})

    assert sign_in(shop.client(), there).location == "/"


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"email": "asha@shop.example", "email_verified": True}, 302),
        ({"email": "asha@shop.example"}, 403),
        ({"email": "asha@shop.example", "email_verified": "true"}, 403),
        ({"email": "asha@shop.example.evil.example", "email_verified": True}, 403),
        ({}, 403),
    ],
)
def test_with_domains_only_verified_addresses_of_them_count(
    new_shop: Any, there: StandIn, said: dict[str, Any], status: int
) -> None:
    shop = with_issuer(new_shop, there, OIDC_DOMAINS="Shop.example, other.example")
    there.more = {"email": "asha@shop.example", "email_verified": True}
    link(shop.member(Role.AGENT), there)
    there.more = said

    assert sign_in(shop.client(), there).status_code == status
