"""Asking for a token of a day: what is sent, and how each answer is read."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from asking import error_of

from makers import make_settings
from ordercall.errors import CredentialsRefused, OutcomeUnknown, ProviderBusy, ProviderError
from ordercall.providers.shopify.admin import shopify_http
from ordercall.providers.shopify.tokens import Granted, request_token
from stub import Stub

PAIR = {"SHOPIFY_ACCESS_TOKEN": "", "SHOPIFY_CLIENT_ID": "an-id", "SHOPIFY_CLIENT_SECRET": "a-secret"}
ANSWER = {"access_token": "a-granted-token", "scope": "read_orders,write_orders", "expires_in": 86_399}

type Ask = Callable[[], Granted]


@pytest.fixture
def ask(stub: Stub) -> Iterator[Ask]:
    settings = make_settings(SHOPIFY_ADMIN_URL=stub.url, **PAIR)
    http = shopify_http(settings)
    stub.answers(ANSWER)
    yield lambda: request_token(settings, http)
    http.close()


def test_a_token_is_asked_for_with_id_and_secret_and_no_token(stub: Stub, ask: Ask) -> None:
    ask()

    assert stub.asked == ("POST", "/admin/oauth/access_token")
    assert stub.payload == {
        "grant_type": "client_credentials",
        "client_id": "an-id",
        "client_secret": "a-secret",
    }
    assert "X-Shopify-Access-Token" not in stub.heard


@pytest.mark.parametrize(
    ("answer", "granted"),
    [
        (ANSWER, Granted("a-granted-token", timedelta(seconds=86_399), "read_orders,write_orders")),
        ({"access_token": "a-token"}, Granted("a-token", timedelta(seconds=86_399), "")),
        ({"access_token": "a-token", "expires_in": 60}, Granted("a-token", timedelta(seconds=60), "")),
        ({"access_token": "a-token", "expires_in": "soon"}, Granted("a-token", timedelta(seconds=86_399), "")),
        ({"access_token": "a-token", "expires_in": -1}, Granted("a-token", timedelta(seconds=86_399), "")),
    ],
)
def test_a_token_lives_as_long_as_the_answer_says_else_a_day(
    stub: Stub, ask: Ask, answer: dict[str, Any], granted: Granted
) -> None:
    stub.answers(answer)

    assert ask() == granted


@pytest.mark.parametrize(
    "body",
    [b"<!doctype html><title>Log in</title>", b"", [], ["a-token"], {}, {"access_token": " "}, {"access_token": "a\n"}],
)
def test_an_answer_without_a_token_is_no_answer(stub: Stub, ask: Ask, body: Any) -> None:
    stub.answers(body)

    assert type(error_of(ask)) is OutcomeUnknown


@pytest.mark.parametrize(
    ("status", "meaning"), [(400, CredentialsRefused), (401, CredentialsRefused), (429, ProviderBusy)]
)
def test_a_refusal_is_one_of_the_credentials_and_haste_is_none(
    stub: Stub, ask: Ask, status: int, meaning: type[ProviderError]
) -> None:
    stub.answers({"error": "invalid_client"}, status)

    assert type(error_of(ask)) is meaning


@pytest.mark.parametrize("status", [200, 400, 500])
def test_the_secret_is_hidden_wherever_it_is_quoted(stub: Stub, ask: Ask, status: int) -> None:
    stub.answers({"error": "a-secret is wrong", "a-secret": ["a-secret"]}, status)

    error = error_of(ask)

    assert error.call
    assert "a-secret" not in str(error) + json.dumps(error.call.to_json())
