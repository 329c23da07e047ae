"""The settings of Kalimera, Shopify and the sandbox: what belongs together, and what is missing."""

from __future__ import annotations

from datetime import time
from pathlib import Path

import pytest
from dotenv import dotenv_values

from faults import faults
from makers import make_settings
from ordercall.config import SETTINGS, Settings, read_settings
from ordercall.domain.calls.calling import CallingHours, Language
from ordercall.errors import ConfigurationError
from ordercall.processes.sandbox_settings import wants_sandbox, with_sandbox
from ordercall.providers.kalimera.client import campaign_url
from ordercall.sandbox.other_names import OtherNames
from ordercall.services.decision_service import unset_for_calls
from ordercall.services.policy_service import policy_of


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, True),
        ({"PORT": "8080", "FLASK_SECRET_KEY": "x"}, True),
        ({"KALIMERA_AUTH_TOKEN": ""}, True),
        ({"KALIMERA_AUTH_TOKEN": "  "}, True),
        ({"KALIMERA_AUTH_TOKEN": "Bearer x"}, False),
        ({"KALIMERA_CONTACT_URL": " https://api.my-buddy.ai/kalimera/contact "}, True),
        ({"KALIMERA_CONTACT_URL": "https://proxy.example/contact"}, False),
        ({"KALIMERA_TIMEOUT_SECONDS": "5", "SHOPIFY_TAG_FAILED": "no"}, True),
        ({"KALIMERA_CAMPAIGN_ID": "main"}, False),
        ({"KALIMERA_CAMPAIGN_ID_HI": "hindi"}, False),
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


def example(**filled_in: str) -> dict[str, str]:
    """Return what a copy of ``.env.example`` sets, with some of it filled in."""
    values = dotenv_values(Path(__file__).parents[1] / ".env.example")
    return {name: value or "" for name, value in values.items()} | filled_in


def test_a_copy_of_the_example_runs_against_the_sandbox() -> None:
    assert wants_sandbox(example())


@pytest.mark.parametrize("name", [each.name for each in SETTINGS.values() if each.account])
def test_a_copy_of_the_example_in_which_a_provider_is_filled_in_does_not(name: str) -> None:
    assert not wants_sandbox(example(**{name: "filled in"}))


def test_with_the_sandbox_a_copy_of_the_example_calls_at_any_hour() -> None:
    assert read_settings(with_sandbox(example())).calling_hours.always


def unset(settings: Settings) -> list[str]:
    """Return the settings that calls lack where the policy is what the settings describe."""
    return unset_for_calls(settings, policy_of(settings))


def test_with_the_sandbox_every_setting_for_calls_and_cancels_is_there() -> None:
    settings = read_settings(with_sandbox({}))

    assert (settings.sandboxed, unset(settings), settings.missing_for_cancels) == (True, [], [])


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


@pytest.mark.parametrize("hours", ["", "09:00-21:00"])
def test_with_the_sandbox_customers_are_rung_at_any_hour_unless_others_were_chosen(hours: str) -> None:
    assert read_settings(with_sandbox({"CALLING_HOURS": hours})).calling_hours.always


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

    assert campaign_url(settings, campaign) == expected


def test_an_address_without_any_campaigns_id_is_used_as_it_stands() -> None:
    settings = make_settings(KALIMERA_CAMPAIGN_URL="https://k.test/the-campaign")

    assert campaign_url(settings, "main") == "https://k.test/the-campaign"


@pytest.mark.parametrize("main", ["", "main"])
def test_an_address_that_cannot_hold_two_campaigns_is_a_fault(main: str) -> None:
    environment = {
        "KALIMERA_CAMPAIGN_URL": "https://k.test/the-campaign",
        "KALIMERA_CAMPAIGN_ID": main,
        "KALIMERA_CAMPAIGN_ID_HI": "hindi",
    }

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

    assert [settings.agent_for(language) for language in (Language.ENGLISH, Language.HINDI)] == [
        "agent-english",
        "agent-hindi",
    ]


@pytest.mark.parametrize(
    "name", ["KALIMERA_AUTH_TOKEN", "KALIMERA_AGENT_ID_EN", "KALIMERA_AGENT_ID_HI", "KALIMERA_CAMPAIGN_ID"]
)
def test_a_setting_without_which_nobody_can_be_called_is_named(name: str) -> None:
    assert unset(make_settings(**{name: ""})) == [name]


def test_two_campaigns_need_no_third() -> None:
    settings = make_settings(
        KALIMERA_CAMPAIGN_ID="", KALIMERA_CAMPAIGN_ID_EN="english", KALIMERA_CAMPAIGN_ID_HI="hindi"
    )

    assert unset(settings) == []


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
        ({"SHOPIFY_TAG_FAILED": "x" * 41}, f"SHOPIFY_TAG_FAILED is '{'x' * 41}'; one tag has at most 40 characters"),
        ({"SHOPIFY_STORE_DOMAIN": "www.shop.example"}, "SHOPIFY_STORE_DOMAIN is 'www.shop.example'"),
        ({"SHOPIFY_STORE_DOMAIN": "shop.myshopify.com@elsewhere"}, "SHOPIFY_STORE_DOMAIN is 'shop.myshopify.com@"),
    ],
)
def test_credentials_that_do_not_go_together_are_one_fault(environment: dict[str, str], told: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        read_settings(environment)

    assert [fault.startswith(told) for fault in refused.value.faults] == [True]


def test_a_contract_that_cannot_be_read_is_refused_with_its_file_and_the_remedy(tmp_path: Path) -> None:
    file = tmp_path / "kalimera.toml"
    file.write_text('[contact]\nphone = "email"')

    assert faults({"KALIMERA_CONTRACT": str(file)}) == [
        f'KALIMERA_CONTRACT is {file}, and in it [contact] phone and email are both called "email";'
        " give each a name of its own."
    ]


def test_a_contract_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert faults({"KALIMERA_CONTRACT": str(tmp_path / "none.toml")}) == [
        f"KALIMERA_CONTRACT is {tmp_path}/none.toml, which cannot be read (No such file or directory);"
        " name a file that is there, or remove the setting."
    ]


def test_a_contract_in_another_encoding_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "kalimera.toml"
    file.write_bytes('[contact]\nname = "Námé"'.encode("utf-16"))

    assert "is not written in UTF-8" in faults({"KALIMERA_CONTRACT": str(file)})[0]


def test_a_contract_that_an_editor_began_with_a_mark_is_read_by_product_and_sandbox(tmp_path: Path) -> None:
    file = tmp_path / "kalimera.toml"
    file.write_text('[contact]\nphone = "msisdn"', "utf-8-sig")

    settings = read_settings({"KALIMERA_CONTRACT": str(file)})

    assert settings.kalimera_contract.renamed == {("contact", "phone"): "msisdn"}
    assert OtherNames.in_file(str(file)).name("contact", "phone") == "msisdn"


def test_the_sandbox_is_told_the_same_contract() -> None:
    assert with_sandbox({"KALIMERA_CONTRACT": "kalimera.toml"})["KALIMERA_CONTRACT"] == "kalimera.toml"
