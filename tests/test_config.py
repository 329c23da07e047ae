"""The settings: what holds without any, what each fault says, and what a public installation must not forget."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from datetime import time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from makers import make_settings
from ordercall.config import Settings, read_environment, read_settings, wants_sandbox, with_sandbox
from ordercall.domain.calling import CallingHours, Language
from ordercall.errors import ConfigurationError

PUBLIC = {
    "APP_ENV": "production",
    "FLASK_SECRET_KEY": "u7Yt3wq9Zk1",
    "SHOPIFY_SHARED_SECRET": "p0Lk4mnB7vX",
    "SYNC_API_TOKEN": "r5Tg8hjU2sD",
    "ADMIN_PASSWORD": "c3Vf6bnM9aQ",
}


DEV_DASHBOARD = {"SHOPIFY_CLIENT_ID": "an-id", "SHOPIFY_CLIENT_SECRET": "a secret"}


def faults(environment: Mapping[str, str]) -> list[str]:
    """Return what is wrong with an environment, one sentence each."""
    with pytest.raises(ConfigurationError) as refused:
        read_settings(environment)
    return refused.value.faults


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("app_env", "development"),
        ("production", False),
        ("host", "127.0.0.1"),
        ("port", 5000),
        ("admin_username", "admin"),
        ("admin_password", "admin"),
        ("default_password", True),
        ("sync_api_token", None),
        ("trusted_proxies", 0),
        ("database_path", Path("shopify_orders.db")),
        ("worker", "embedded"),
        ("calling_hours", CallingHours(time(9), time(21))),
        ("display_timezone", ZoneInfo("Asia/Kolkata")),
        ("sandboxed", False),
        ("kalimera_contact_url", "https://api.my-buddy.ai/kalimera/contact"),
        ("kalimera_campaign_url", "https://api.my-buddy.ai/kalimera/campaign/<campaign id>"),
        ("kalimera_campaign_contacts_url", "https://api.my-buddy.ai/kalimera/campaign/contacts"),
        ("kalimera_auth_token", ""),
        ("kalimera_timeout_seconds", 10.0),
        ("shopify_timeout_seconds", 10.0),
        ("shopify_shared_secret", ""),
        ("shopify_access_token", ""),
    ],
)
def test_what_holds_when_nothing_is_set(name: str, expected: Any) -> None:
    assert getattr(read_settings({}), name) == expected


def test_a_setting_that_is_empty_or_blank_counts_as_not_set() -> None:
    settings = read_settings({"PORT": "", "KALIMERA_CONTACT_URL": "  ", "SYNC_API_TOKEN": " "})

    assert (settings.port, settings.sync_api_token) == (5000, None)
    assert settings.kalimera_contact_url == "https://api.my-buddy.ai/kalimera/contact"


def test_spaces_around_a_setting_do_not_matter() -> None:
    assert read_settings({"PORT": " 8080 "}).port == 8080


def test_two_starts_of_a_development_machine_have_different_session_keys() -> None:
    first, second = read_settings({}), read_settings({})

    assert first.flask_secret_key != second.flask_secret_key


@pytest.mark.parametrize(
    "written",
    ["shop", "shop.myshopify.com", "https://shop.myshopify.com", "https://shop.myshopify.com/", " Shop.MyShopify.com "],
)
def test_the_stores_name_may_be_written_in_full(written: str) -> None:
    settings = read_settings({"SHOPIFY_STORE_DOMAIN": written})

    assert (settings.shopify_store_domain, settings.shopify_admin_url) == ("shop", "https://shop.myshopify.com")


@pytest.mark.parametrize(
    ("environment", "api"),
    [
        ({}, "rest"),
        (DEV_DASHBOARD, "graphql"),
        (DEV_DASHBOARD | {"SHOPIFY_ADMIN_API": "rest"}, "rest"),
        ({"SHOPIFY_ADMIN_API": "graphql"}, "graphql"),
    ],
)
def test_a_new_app_is_asked_by_graphql_and_an_old_one_by_rest(environment: dict[str, str], api: str) -> None:
    assert read_settings(environment).shopify_admin_api == api


@pytest.mark.parametrize(
    "address", ["https://ordercall.example", "https://ordercall.example/calls", "http://localhost:5000"]
)
def test_the_public_address_may_have_a_path_and_loses_its_last_slash(address: str) -> None:
    assert read_settings({"PUBLIC_URL": f"{address}/"}).public_url == address


@pytest.mark.parametrize("address", ["ordercall.example", "http://ordercall.example", "https://", "https://a.b/?c"])
def test_a_public_address_that_shopify_cannot_send_to_is_a_fault(address: str) -> None:
    assert faults({"PUBLIC_URL": address}) == [
        f"PUBLIC_URL is '{address.rstrip('/')}'; it must be an address such as https://ordercall.example.com."
    ]


def test_another_admin_address_may_be_set() -> None:
    settings = read_settings({"SHOPIFY_STORE_DOMAIN": "shop", "SHOPIFY_ADMIN_URL": "http://127.0.0.1:5001/shopify/"})

    assert settings.shopify_admin_url == "http://127.0.0.1:5001/shopify"


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("APP_ENV", "staging", "APP_ENV is 'staging'; it must be development or production."),
        ("WORKER", "none", "WORKER is 'none'; it must be embedded or external."),
        (
            "PORT",
            "http",
            "PORT cannot be read: invalid literal for int() with base 10: 'http'. An example: 5000",
        ),
        ("PORT", "65536", "PORT is 65536; it must lie between 0 and 65535."),
        ("PORT", "-1", "PORT is -1; it must lie between 0 and 65535."),
        ("SANDBOX_PORT", "70000", "SANDBOX_PORT is 70000; it must lie between 0 and 65535."),
        ("TRUSTED_PROXIES", "11", "TRUSTED_PROXIES is 11; it must lie between 0 and 10."),
        ("WORKER_CONCURRENCY", "0", "WORKER_CONCURRENCY is 0; it must lie between 1 and 200."),
        ("RAW_DELIVERY_DAYS", "0", "RAW_DELIVERY_DAYS is 0; it must lie between 1 and 3650."),
        (
            "CALLING_HOURS",
            "always",
            "CALLING_HOURS cannot be read: 'always' is not of the form 09:00-21:00. An example: 09:00-21:00",
        ),
        (
            "CALLING_HOURS",
            "21:00-09:00",
            "CALLING_HOURS cannot be read: '21:00-09:00' must open at least five minutes before it closes,"
            " on the same day. An example: 09:00-21:00",
        ),
        (
            "CALLING_HOURS",
            "25:00-26:00",
            "CALLING_HOURS cannot be read: hour must be in 0..23. An example: 09:00-21:00",
        ),
        (
            "DISPLAY_TIMEZONE",
            "Mars/Olympus",
            "DISPLAY_TIMEZONE cannot be read: 'No time zone found with key Mars/Olympus'. An example: Asia/Kolkata",
        ),
        (
            "DISPLAY_LOCALE",
            "xx_YY",
            "DISPLAY_LOCALE cannot be read: unknown locale 'xx_YY'. An example: en_IN",
        ),
        (
            "KALIMERA_TIMEOUT_SECONDS",
            "0",
            "KALIMERA_TIMEOUT_SECONDS is 0.0; it must be more than 0 and at most 300 seconds.",
        ),
        (
            "SHOPIFY_TIMEOUT_SECONDS",
            "nan",
            "SHOPIFY_TIMEOUT_SECONDS is nan; it must be more than 0 and at most 300 seconds.",
        ),
        (
            "SHOPIFY_TIMEOUT_SECONDS",
            "soon",
            "SHOPIFY_TIMEOUT_SECONDS cannot be read: could not convert string to float: 'soon'. An example: 10",
        ),
        (
            "DATABASE_URL",
            "sqlite:///orders.db",
            "DATABASE_URL must begin with postgresql://; a SQLite file is named by DATABASE_PATH.",
        ),
        (
            "DATABASE_URL",
            "postgresql://ordercall:se%cret@localhost/orders",
            "DATABASE_URL cannot be read as an address. An example: postgresql://user:password@host:5432/ordercall"
            " (in a password, write the characters : / @ % as %3A %2F %40 %25)",
        ),
    ],
)
def test_a_value_that_cannot_be_used_is_named_in_a_sentence(name: str, value: str, sentence: str) -> None:
    assert faults({name: value}) == [sentence]


@pytest.mark.parametrize("zone", ["Asia", "../etc/passwd", "/etc/localtime", "Asia/Kolkata\x00"])
def test_a_time_zone_that_is_no_name_is_a_fault(zone: str) -> None:
    assert len(faults({"DISPLAY_TIMEZONE": zone})) == 1


@pytest.mark.parametrize("name", ["../../etc/passwd", "e", "en_IN\x00", "en_IN_x_y_z_a", "_", "1"])
def test_a_locale_that_is_no_name_is_a_fault(name: str) -> None:
    assert len(faults({"DISPLAY_LOCALE": name})) == 1


@pytest.mark.parametrize("name", ["hi_IN", "hi-IN"])
def test_a_locale_is_written_in_either_way(name: str) -> None:
    assert str(read_settings({"DISPLAY_LOCALE": name}).display_locale) == "hi_IN"


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(ConfigurationError) as refused:
        read_settings({"PORT": "-1", "WORKER": "none"})

    assert str(refused.value) == (
        "Ordercall cannot start:\n"
        "  - PORT is -1; it must lie between 0 and 65535.\n"
        "  - WORKER is 'none'; it must be embedded or external."
    )


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


def test_the_secret_of_webhooks_made_by_hand_is_enough_for_a_public_installation() -> None:
    environment = PUBLIC | {"SHOPIFY_SHARED_SECRET": "", "SHOPIFY_NOTIFICATIONS_SECRET": "u8Rw2nQx5Zt"}

    assert read_settings(environment).shopify_notifications_secret == "u8Rw2nQx5Zt"


def test_the_client_secret_of_an_app_is_enough_for_a_public_installation_unless_it_can_be_guessed() -> None:
    app = PUBLIC | {"SHOPIFY_SHARED_SECRET": "", "SHOPIFY_CLIENT_ID": "an-id"}

    assert read_settings(app | {"SHOPIFY_CLIENT_SECRET": "u8Rw2nQx5Zt"}).production
    assert [fault[:21] for fault in faults(app | {"SHOPIFY_CLIENT_SECRET": "changeme"})] == ["SHOPIFY_CLIENT_SECRET"]


def test_the_secret_before_a_change_is_not_enough_for_a_public_installation() -> None:
    assert faults(PUBLIC | {"SHOPIFY_SHARED_SECRET": "", "SHOPIFY_OLD_SHARED_SECRET": "u8Rw2nQx5Zt"}) == [
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
        "SHOPIFY_SHARED_SECRET",
        "SYNC_API_TOKEN",
        "ADMIN_PASSWORD",
    ]


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, True),
        ({"PORT": "8080", "FLASK_SECRET_KEY": "x"}, True),
        ({"KALIMERA_AUTH_TOKEN": ""}, True),
        ({"KALIMERA_AUTH_TOKEN": "  "}, True),
        ({"KALIMERA_AUTH_TOKEN": "Bearer x"}, False),
        ({"KALIMERA_CAMPAIGN_ID": "main"}, False),
        ({"SHOPIFY_SHARED_SECRET": "x"}, False),
        ({"SHOPIFY_ADMIN_URL": "http://proxy"}, False),
        ({"APP_ENV": "production"}, False),
        ({"APP_ENV": " production "}, False),
    ],
)
def test_the_sandbox_is_for_a_development_machine_that_knows_no_provider(
    environment: dict[str, str], expected: bool
) -> None:
    assert wants_sandbox(environment) is expected


def test_with_the_sandbox_every_setting_for_calls_and_cancels_is_there() -> None:
    settings = read_settings(with_sandbox({}))

    assert (settings.sandboxed, settings.missing_for_calls, settings.missing_for_cancels) == (True, [], [])


def test_with_the_sandbox_every_address_is_on_this_machine() -> None:
    settings = read_settings(with_sandbox({"SANDBOX_PORT": "6001"}))

    addresses = [
        settings.kalimera_contact_url,
        settings.kalimera_campaign_url,
        settings.kalimera_campaign_contacts_url,
        settings.shopify_admin_url,
    ]
    assert all(address.startswith("http://127.0.0.1:6001/") for address in addresses)


def test_with_the_sandbox_own_settings_stay() -> None:
    settings = read_settings(with_sandbox({"PORT": "8080", "CALLING_HOURS": "10:00-12:00", "SYNC_API_TOKEN": "mine"}))

    assert (settings.port, settings.sync_api_token) == (8080, "mine")
    assert settings.calling_hours == CallingHours(time(10), time(12))


def test_two_sandboxes_have_different_secrets() -> None:
    first, second = read_settings(with_sandbox({})), read_settings(with_sandbox({}))

    assert first.shopify_client_secret != second.shopify_client_secret
    assert first.kalimera_auth_token != second.kalimera_auth_token


@pytest.mark.parametrize(
    ("url", "campaign", "expected"),
    [
        ("https://k.test/campaign/<campaign id>", "main", "https://k.test/campaign/main"),
        ("https://k.test/campaign/<campaign id>", "other", "https://k.test/campaign/other"),
        ("https://k.test/campaign/<campaign id>/settings", "other", "https://k.test/campaign/other/settings"),
        ("https://k.test/campaign/main", "main", "https://k.test/campaign/main"),
        ("https://k.test/campaign/main", "other", "https://k.test/campaign/other"),
    ],
)
def test_the_address_of_a_campaign(url: str, campaign: str, expected: str) -> None:
    settings = make_settings(KALIMERA_CAMPAIGN_URL=url)

    assert settings.campaign_url_for(campaign) == expected


def test_an_address_without_any_campaigns_id_is_used_as_it_stands() -> None:
    settings = make_settings(KALIMERA_CAMPAIGN_URL="https://k.test/the-campaign")

    assert settings.campaign_url_for("main") == "https://k.test/the-campaign"


def test_an_address_that_cannot_hold_two_campaigns_is_a_fault() -> None:
    environment = {"KALIMERA_CAMPAIGN_URL": "https://k.test/the-campaign", "KALIMERA_CAMPAIGN_ID_HI": "hindi"}

    assert faults(environment) == [
        "KALIMERA_CAMPAIGN_URL must hold <campaign id> when KALIMERA_CAMPAIGN_ID_HI name other campaigns."
    ]


@pytest.mark.parametrize(
    ("environment", "english", "hindi"),
    [
        ({}, "main", "main"),
        ({"KALIMERA_CAMPAIGN_ID_HI": "hindi"}, "main", "hindi"),
        ({"KALIMERA_CAMPAIGN_ID_EN": "english", "KALIMERA_CAMPAIGN_ID_HI": "hindi"}, "english", "hindi"),
    ],
)
def test_each_language_may_have_its_own_campaign(environment: dict[str, str], english: str, hindi: str) -> None:
    settings = make_settings(**environment)

    assert [settings.campaign_for(language) for language in (Language.ENGLISH, Language.HINDI)] == [english, hindi]


def test_each_language_has_its_own_agent() -> None:
    settings = make_settings()

    assert [settings.agent_for(language) for language in Language] == ["agent-english", "agent-hindi"]


@pytest.mark.parametrize(
    "name", ["KALIMERA_AUTH_TOKEN", "KALIMERA_AGENT_ID_EN", "KALIMERA_AGENT_ID_HI", "KALIMERA_CAMPAIGN_ID"]
)
def test_a_setting_without_which_nobody_can_be_called_is_named(name: str) -> None:
    assert make_settings(**{name: ""}).missing_for_calls == [name]


def test_two_campaigns_need_no_third() -> None:
    settings = make_settings(
        KALIMERA_CAMPAIGN_ID="", KALIMERA_CAMPAIGN_ID_EN="english", KALIMERA_CAMPAIGN_ID_HI="hindi"
    )

    assert settings.missing_for_calls == []


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("SHOPIFY_STORE_DOMAIN", "SHOPIFY_STORE_DOMAIN"),
        ("SHOPIFY_ACCESS_TOKEN", "SHOPIFY_CLIENT_ID and SHOPIFY_CLIENT_SECRET (or SHOPIFY_ACCESS_TOKEN)"),
    ],
)
def test_a_setting_without_which_nothing_can_be_cancelled_is_named(name: str, told: str) -> None:
    assert make_settings(**{name: ""}).missing_for_cancels == [told]


def test_an_app_of_the_dev_dashboard_needs_no_token_of_its_own() -> None:
    pair = {"SHOPIFY_CLIENT_ID": "an-id", "SHOPIFY_CLIENT_SECRET": "a-secret"}

    assert make_settings(SHOPIFY_ACCESS_TOKEN="", **pair).missing_for_cancels == []


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({"SHOPIFY_CLIENT_ID": "a"}, "SHOPIFY_CLIENT_ID is set without SHOPIFY_CLIENT_SECRET"),
        ({"SHOPIFY_CLIENT_SECRET": "a"}, "SHOPIFY_CLIENT_SECRET is set without SHOPIFY_CLIENT_ID"),
        (
            {"SHOPIFY_CLIENT_ID": "a", "SHOPIFY_CLIENT_SECRET": "b", "SHOPIFY_ACCESS_TOKEN": "c"},
            "SHOPIFY_ACCESS_TOKEN is set beside SHOPIFY_CLIENT_ID and SHOPIFY_CLIENT_SECRET",
        ),
        ({"SHOPIFY_TAG_FAILED": "one, two"}, "SHOPIFY_TAG_FAILED is 'one, two'; one tag has at most 40 characters"),
        ({"SHOPIFY_STORE_DOMAIN": "www.shop.example"}, "SHOPIFY_STORE_DOMAIN is 'www.shop.example'"),
        ({"SHOPIFY_STORE_DOMAIN": "shop.myshopify.com@elsewhere"}, "SHOPIFY_STORE_DOMAIN is 'shop.myshopify.com@"),
    ],
)
def test_credentials_that_do_not_go_together_are_one_fault(environment: dict[str, str], told: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        read_settings(environment)

    assert [fault.startswith(told) for fault in refused.value.faults] == [True]


def test_a_file_in_the_folder_is_read_below_the_environment(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("HOME=/from/the/file\nORDERCALL_TEST='only in the file'\nEMPTY\n")

    environment = read_environment(tmp_path)

    assert environment["ORDERCALL_TEST"] == "only in the file"
    assert environment["HOME"] == os.environ["HOME"]
    assert "EMPTY" not in environment


def test_a_folder_without_a_file_gives_the_environment(tmp_path: Path) -> None:
    assert read_environment(tmp_path) == dict(os.environ)


def test_a_process_reads_the_file_in_its_folder(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text('PORT=8081\nHOST=0.0.0.0\nKALIMERA_AUTH_TOKEN="Bearer a token with spaces"\n')
    ask = "from ordercall.config import read_settings as r; s = r(); print(s.host, s.port, s.kalimera_auth_token)"

    said = subprocess.run(
        [sys.executable, "-c", ask], cwd=tmp_path, env={"PORT": "8082"}, capture_output=True, text=True, check=True
    )

    assert said.stdout == "0.0.0.0 8082 Bearer a token with spaces\n"


@pytest.mark.parametrize("show", [repr, str, "{}".format, "{!r}".format], ids=["repr", "str", "format", "format r"])
def test_settings_show_no_secret(show: Any) -> None:
    settings = read_settings(PUBLIC | {"KALIMERA_AUTH_TOKEN": "Bearer hush", "SHOPIFY_ACCESS_TOKEN": "shpat_hush"})

    shown = show(settings)

    assert isinstance(settings, Settings)
    assert not [secret for secret in [*PUBLIC.values(), "hush"] if secret in shown.replace("production", "")]


def test_a_refusal_shows_no_secret() -> None:
    environment = PUBLIC | {"PORT": "x", "KALIMERA_AUTH_TOKEN": "Bearer hush", "FLASK_SECRET_KEY": "your-flask-key"}

    assert not [fault for fault in faults(environment) if "hush" in fault or "your-flask-key" in fault]


@pytest.mark.parametrize("token", ["Bearer …", "Bearer a\nb", "Bearer é"])
@pytest.mark.parametrize("name", ["KALIMERA_AUTH_TOKEN", "SHOPIFY_ACCESS_TOKEN"])
def test_a_token_that_no_header_can_carry_is_a_fault(name: str, token: str) -> None:
    [fault] = faults({name: token})

    assert fault.startswith(f"{name} ")
    assert token not in fault
