"""The settings: what holds when nothing is set, and what is said of a value that cannot be used."""

from __future__ import annotations

import subprocess
import sys
from datetime import time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from faults import faults
from ordercall.config import read_settings
from ordercall.domain.calls.calling import CallingHours
from ordercall.errors import ConfigurationError

DEV_DASHBOARD = {"SHOPIFY_CLIENT_ID": "an-id", "SHOPIFY_CLIENT_SECRET": "a secret"}


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


@pytest.mark.parametrize(("written", "host"), [("localhost", "127.0.0.1"), ("0.0.0.0", "0.0.0.0"), ("::1", "::1")])
def test_the_host_is_an_address_or_the_name_of_this_machine(written: str, host: str) -> None:
    assert read_settings({"HOST": written}).host == host


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
            "PORT is 'http'; it must be a whole number, such as 5000.",
        ),
        ("PORT", "65536", "PORT is 65536; it must lie between 1 and 65535."),
        ("PORT", "0", "PORT is 0; it must lie between 1 and 65535."),
        ("SANDBOX_PORT", "70000", "SANDBOX_PORT is 70000; it must lie between 1 and 65535."),
        (
            "HOST",
            "ordercall.example",
            "HOST is 'ordercall.example'; it must be localhost or an IP address of this machine, such as 127.0.0.1.",
        ),
        ("TRUSTED_PROXIES", "11", "TRUSTED_PROXIES is 11; it must lie between 0 and 10."),
        *(
            (
                "TRUSTED_PROXIES",
                wrong,
                f"TRUSTED_PROXIES is '{wrong}'; it must be a number, addresses and networks, or both, such as"
                " 1 or 10.0.3.0/24 or 2, 10.0.3.7.",
            )
            for wrong in ("yes", "-1", "10.0.3.7/24", "1, 2", "nginx", "10.0.3.7,", "1 10.0.3.7")
        ),
        ("WORKER_CONCURRENCY", "0", "WORKER_CONCURRENCY is 0; it must lie between 1 and 256."),
        (
            "KALIMERA_REQUESTS_PER_SECOND",
            "1001",
            "KALIMERA_REQUESTS_PER_SECOND is 1001; it must lie between 0 and 1000.",
        ),
        ("RAW_DELIVERY_DAYS", "0", "RAW_DELIVERY_DAYS is 0; it must lie between 1 and 3650."),
        (
            "CALLING_HOURS",
            "always",
            "CALLING_HOURS is 'always'; it must be two times of a day, the second at least five minutes later,"
            " such as 09:00-21:00.",
        ),
        (
            "CALLING_HOURS",
            "21:00-09:00",
            "CALLING_HOURS is '21:00-09:00'; it must be two times of a day, the second at least five minutes later,"
            " such as 09:00-21:00.",
        ),
        (
            "CALLING_HOURS",
            "25:00-26:00",
            "CALLING_HOURS is '25:00-26:00'; it must be two times of a day, the second at least five minutes later,"
            " such as 09:00-21:00.",
        ),
        (
            "DISPLAY_TIMEZONE",
            "Mars/Olympus",
            "DISPLAY_TIMEZONE is 'Mars/Olympus'; it must be the name of a time zone, such as Asia/Kolkata.",
        ),
        (
            "DISPLAY_LOCALE",
            "xx_YY",
            "DISPLAY_LOCALE is 'xx_YY'; it must be the name of a locale, such as en_IN.",
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
            "SHOPIFY_TIMEOUT_SECONDS is 'soon'; it must be a number, such as 10.",
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


@pytest.mark.parametrize(
    "zone", ["Asia", "../etc/passwd", "/etc/localtime", "Asia/Kolkata\x00", "localtime", "Factory", "right/UTC"]
)
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
        "  - PORT is -1; it must lie between 1 and 65535.\n"
        "  - WORKER is 'none'; it must be embedded or external."
    )


def test_a_value_that_cannot_be_used_spoils_no_look_at_the_others() -> None:
    environment = {"DATABASE_URL": "postgresql://localhost/orders", "KALIMERA_TIMEOUT_SECONDS": "soon"}

    assert [fault.split()[0] for fault in faults(environment)] == ["KALIMERA_TIMEOUT_SECONDS"]


@pytest.mark.parametrize("quote", ["'", '"', "`"])
@pytest.mark.parametrize("name", ["KALIMERA_AUTH_TOKEN", "PORT", "SHOPIFY_STORE_DOMAIN"])
@pytest.mark.parametrize("value", ["8081", ""])
def test_a_value_that_came_with_its_quotes_is_a_fault(name: str, quote: str, value: str) -> None:
    assert faults({name: f"{quote}{value}{quote}"}) == [
        f"{name} begins and ends with a quote, which `docker --env-file` keeps as a part of it; remove both."
    ]


TYPESET = {
    "English": "\u201csecret-of-the-shop\u201d",
    "German": "\u201esecret-of-the-shop\u201c",
    "French": "\u00ab secret-of-the-shop \u00bb",
    "single": "\u2018secret-of-the-shop\u2019",
    "at the beginning": "\u201csecret-of-the-shop",
    "at the end": "secret-of-the-shop\u201d",
    "mixed": '"secret-of-the-shop\u201d',
}


@pytest.mark.parametrize("value", TYPESET.values(), ids=TYPESET)
@pytest.mark.parametrize("name", ["SYNC_API_TOKEN", "KALIMERA_CAMPAIGN_ID", "FLASK_SECRET_KEY"])
def test_a_value_in_the_quotes_of_a_text_processor_is_a_fault(name: str, value: str) -> None:
    assert faults({name: value}) == [
        f"{name} begins or ends with a typographic quote, which would be a part of it; remove both quotes."
    ]


@pytest.mark.parametrize("sign", ["\u200b", "\ufeff", "\u00a0", "\u202e", "\x1b", "\x00", "\u00ad", "\t"])
@pytest.mark.parametrize("name", ["SHOPIFY_SHARED_SECRET", "KALIMERA_CAMPAIGN_ID", "SHOPIFY_STORE_DOMAIN"])
def test_a_value_with_a_character_that_shows_nothing_is_a_fault(name: str, sign: str) -> None:
    assert faults({name: f"secret{sign}-of-the-shop"}) == [
        f"{name} holds a character that is not seen (U+{ord(sign):04X}); type or copy it again."
    ]


def test_a_sign_that_joins_letters_belongs_to_a_value() -> None:
    joined = "\u0915\u094d\u200d\u0937"

    assert read_settings({"KALIMERA_CAMPAIGN_ID": joined}).kalimera_campaign_id == joined


def test_a_typographic_quote_inside_a_value_belongs_to_it() -> None:
    assert read_settings({"ADMIN_PASSWORD": "it\u2019s long enough"}).admin_password == "it\u2019s long enough"


@pytest.mark.parametrize("value", ["first\nKALIMERA_AGENT_ID_EN=second", "first\r\nsecond", "first\u2028second"])
@pytest.mark.parametrize("name", ["SYNC_API_TOKEN", "KALIMERA_AUTH_TOKEN", "DATABASE_PATH"])
def test_a_value_that_swallowed_the_next_line_is_a_fault(name: str, value: str) -> None:
    assert faults({name: value}) == [
        f"{name} goes over more than one line; perhaps a quote at its beginning is not closed."
    ]


def test_a_quote_at_one_end_belongs_to_the_value() -> None:
    assert read_settings({"ADMIN_PASSWORD": "'tis long enough"}).admin_password == "'tis long enough"


def test_a_process_reads_the_file_in_its_folder(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text('PORT=8081\nHOST=0.0.0.0\nKALIMERA_AUTH_TOKEN="Bearer a token with spaces"\n')
    ask = "from ordercall.config import read_settings as r; s = r(); print(s.host, s.port, s.kalimera_auth_token)"

    said = subprocess.run(
        [sys.executable, "-c", ask], cwd=tmp_path, env={"PORT": "8082"}, capture_output=True, text=True, check=True
    )

    assert said.stdout == "0.0.0.0 8082 Bearer a token with spaces\n"


@pytest.mark.parametrize("token", ["Bearer …", "Bearer a\nb", "Bearer é"])
@pytest.mark.parametrize("name", ["KALIMERA_AUTH_TOKEN", "SHOPIFY_ACCESS_TOKEN"])
def test_a_token_that_no_header_can_carry_is_a_fault(name: str, token: str) -> None:
    [fault] = faults({name: token})

    assert fault.startswith(f"{name} ")
    assert token not in fault
