"""What a public installation must have set before it starts, and what is never shown."""

from __future__ import annotations

import base64
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faults import faults
from ordercall.config import SETTINGS, read_settings
from ordercall.guessable import any_guessable
from properties import always

SECRETS = {name for name, setting in SETTINGS.items() if setting.secret}
PUBLIC = {
    "APP_ENV": "production",
    "FLASK_SECRET_KEY": "u7Yt3wq9Zk1-6bnM9aQ.r5Tg8hjU2sD!",
    "SHOPIFY_SHARED_SECRET": "p0Lk4mnB7vX-2sDr",
    "SYNC_API_TOKEN": "r5Tg8hjU2sD-9aQc3Vf6bnM.",
    "ADMIN_PASSWORD": "c3Vf6bnM9aQ!",
}


def test_a_public_installation_with_all_its_secrets_starts() -> None:
    assert read_settings(PUBLIC).production


@pytest.mark.parametrize("name", ["FLASK_SECRET_KEY", "SHOPIFY_SHARED_SECRET", "SYNC_API_TOKEN"])
def test_a_public_installation_does_not_start_without_a_secret(name: str) -> None:
    assert faults(PUBLIC | {name: ""}) == [f"{name} is missing; APP_ENV=production needs it."]


def test_a_public_installation_does_not_start_without_a_password() -> None:
    assert faults(PUBLIC | {"ADMIN_PASSWORD": ""}) == [
        "ADMIN_PASSWORD is a default or an example that anyone can guess; choose a long random value."
    ]


@pytest.mark.parametrize("value", ["admin", "Secret", "changeme", "dev", "your-secret-key", "example-key", "CHANGE_ME"])
@pytest.mark.parametrize("name", ["FLASK_SECRET_KEY", "SHOPIFY_SHARED_SECRET", "SYNC_API_TOKEN", "ADMIN_PASSWORD"])
def test_a_public_installation_does_not_start_with_a_secret_that_anyone_can_guess(name: str, value: str) -> None:
    assert faults(PUBLIC | {name: value}) == [
        f"{name} is a default or an example that anyone can guess; choose a long random value."
    ]


FEWEST = {"FLASK_SECRET_KEY": 32, "SHOPIFY_SHARED_SECRET": 16, "SYNC_API_TOKEN": 24, "ADMIN_PASSWORD": 12}


@pytest.mark.parametrize("name", FEWEST)
def test_a_public_installation_starts_with_the_shortest_secrets_and_none_that_is_shorter(name: str) -> None:
    shortest = PUBLIC[name]

    assert len(shortest) == FEWEST[name]
    assert faults(PUBLIC | {name: shortest[:-1]}) == [
        f"{name} is too short; APP_ENV=production needs {FEWEST[name]} characters or more of it."
    ]


COMMON = [
    "1q2w3e4r5t6y",
    "password1234",
    "Password2026!",
    "ordercall2026-11",
    "Sunshine-2911",
    "aaaaaaaaaaaaaaaa",
    "1212121212121212",
    "passwordpassword",
    "iloveyouiloveyou",
    "passwordpasswordpassword",
    "passwordpassword-2026",
    "tr7-kq9.tr7-kq9.tr7-kq9.",
    "0123456789abcdef0123456789abcdef",
    "abcdefghijklmnopqrstuvwxyz123456",
    "zxcvbnmasdfghjklqwertyuiop",
    "replace-me-with-a-long-random-value",
    "<a long random value>",
    "${ADMIN_PASSWORD}",
    "sharma-traders-2026",
    "the-boss-1234567",
]


@pytest.mark.parametrize("password", COMMON)
def test_a_password_that_others_use_or_that_is_made_of_what_everybody_knows_is_refused(password: str) -> None:
    whose = {"SHOPIFY_STORE_DOMAIN": "sharma-traders", "ADMIN_USERNAME": "the-boss"}

    assert faults(PUBLIC | whose | {"ADMIN_PASSWORD": password}) == [
        "ADMIN_PASSWORD is a default or an example that anyone can guess; choose a long random value."
    ]


@given(st.integers())
@always
def test_what_the_documented_command_makes_is_refused_to_nobody(seed: int) -> None:
    made = Random(seed).randbytes(16)  # noqa: S311 - no secret: it only has to look like one, evenly spread
    text = base64.urlsafe_b64encode(made).decode().rstrip("=")

    assert any_guessable([text], []) == set()


def test_the_secret_of_webhooks_made_by_hand_is_enough_for_a_public_installation() -> None:
    environment = PUBLIC | {"SHOPIFY_SHARED_SECRET": "", "SHOPIFY_NOTIFICATIONS_SECRET": "u8Rw2nQx5Zt-7vXp0"}

    assert read_settings(environment).shopify_notifications_secret == "u8Rw2nQx5Zt-7vXp0"


def test_the_client_secret_of_an_app_is_enough_for_a_public_installation_unless_it_can_be_guessed() -> None:
    app = PUBLIC | {"SHOPIFY_SHARED_SECRET": "", "SHOPIFY_CLIENT_ID": "an-id"}

    assert read_settings(app | {"SHOPIFY_CLIENT_SECRET": "u8Rw2nQx5Zt-7vXp0"}).production
    assert [fault[:21] for fault in faults(app | {"SHOPIFY_CLIENT_SECRET": "changeme"})] == ["SHOPIFY_CLIENT_SECRET"]


def test_the_secret_before_a_change_is_not_enough_for_a_public_installation() -> None:
    assert faults(PUBLIC | {"SHOPIFY_SHARED_SECRET": "", "SHOPIFY_OLD_SHARED_SECRET": "u8Rw2nQx5Zt-7vXp0"}) == [
        "SHOPIFY_SHARED_SECRET is missing; APP_ENV=production needs it."
    ]


@pytest.mark.parametrize("name", ["SHOPIFY_OLD_SHARED_SECRET", "SHOPIFY_NOTIFICATIONS_SECRET"])
def test_no_secret_of_webhooks_may_be_guessed_beside_a_good_one(name: str) -> None:
    assert faults(PUBLIC | {name: "changeme"}) == [
        f"{name} is a default or an example that anyone can guess; choose a long random value."
    ]


def test_a_public_installation_without_any_secret_hears_of_each() -> None:
    assert [fault.split()[0] for fault in faults({"APP_ENV": "production"})] == [
        "FLASK_SECRET_KEY",
        "ADMIN_PASSWORD",
        "SYNC_API_TOKEN",
        "SHOPIFY_SHARED_SECRET",
    ]


@pytest.mark.parametrize("show", [repr, str, "{}".format, "{!r}".format], ids=["repr", "str", "format", "format r"])
def test_settings_show_no_secret(show: Any) -> None:
    secrets = {name: f"hush-{name}" for name in SECRETS - {"DATABASE_URL", "SHOPIFY_ACCESS_TOKEN"}}
    secrets |= {"SMTP_URL": "smtp://hush", "ALERT_URL": "https://hush", "ALERT_SLACK_URL": "https://hush"}

    secrets |= {"OIDC_ISSUER": "https://accounts.example.com", "OIDC_CLIENT_ID": "an-id"}

    shown = show(read_settings(secrets | {"SHOPIFY_CLIENT_ID": "an-id", "PUBLIC_URL": "https://calls.example.com"}))

    assert "Settings" in shown
    assert "hush" not in shown


@pytest.mark.parametrize("name", sorted(SECRETS))
def test_a_refusal_shows_no_secret(name: str) -> None:
    told = faults({"APP_ENV": "production", "PORT": "x", "FLASK_SECRET_KEY": "your-flask-key", name: "hush\u2026\n,"})

    assert not [fault for fault in told if "hush" in fault or "your-flask-key" in fault]


def test_the_sandbox_has_no_say_in_a_public_installation() -> None:
    assert not read_settings(PUBLIC | {"ORDERCALL_SANDBOXED": "1"}).sandboxed
    assert read_settings({"ORDERCALL_SANDBOXED": "1"}).sandboxed
