"""Settings, connections: what each side is told and how it stands, and no secret of anybody's."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from makers import make_settings
from ordercall.config import SETTINGS
from ordercall.domain.shapes import AnswerShape
from ordercall.storage.records import answer_shapes, refused_credentials, silent_providers
from ordercall.web.pages.connections import PARTIES, Shown, shown_settings
from properties import always
from reading import look
from web_app import Page, Shop

PATH = "/settings/connections"
SECRETS = sorted(name for name, declared in SETTINGS.items() if declared.secret)
SHOP = make_settings()
OF_A_PARTY = tuple(PARTIES.values())


def told(page: Page, name: str) -> str:
    """Return what the page says is the value of a setting."""
    return page.one("li", id=name).all("p")[-1].text


def stands(page: Page, party: str) -> str:
    return page.one("ul", aria_label=f"How {party} stands").text


def shown_with(name: str, value: str) -> list[Shown]:
    """Return what would be shown of all settings, of which this one has this value."""
    changed: dict[str, Any] = {SETTINGS[name].field: value}
    return shown_settings(replace(SHOP, **changed), "")


def test_each_setting_is_shown_with_its_sentence_and_its_value(shop: Shop, person: FlaskClient) -> None:
    page = look(person, PATH)

    shown = [name for name in SETTINGS if name.startswith(OF_A_PARTY)]
    assert len(shown) > 20
    assert [name for name in shown if not page.has("li", id=name)] == []
    assert told(page, "SHOPIFY_STORE_DOMAIN") == "shop"
    assert told(page, "KALIMERA_TIMEOUT_SECONDS") == "not set, so 10"
    assert told(page, "SHOPIFY_CLIENT_ID") == "not set"
    assert SETTINGS["KALIMERA_SIP_LIST_ID"].says in page.one("li", id="KALIMERA_SIP_LIST_ID").text


@given(st.sampled_from(SECRETS), st.text(min_size=1), st.text(min_size=1))
@always
def test_of_a_secret_only_that_it_is_set_can_be_told_whatever_it_is(name: str, one: str, other: str) -> None:
    assert shown_with(name, one) == shown_with(name, other)
    assert Shown(name, SETTINGS[name].says, "set") in shown_with(name, one)
    assert Shown(name, SETTINGS[name].says, "not set") in shown_with(name, "")


@pytest.mark.parametrize(
    ("store", "shown"), [("", "not set"), ("shop", "not set, so https://shop.myshopify.com")], ids=["no shop", "a shop"]
)
def test_without_a_shop_nothing_is_shown_as_its_address(store: str, shown: str) -> None:
    settings = make_settings(SHOPIFY_STORE_DOMAIN=store)

    assert {each.name: each.value for each in shown_settings(settings, "SHOPIFY_")}["SHOPIFY_ADMIN_URL"] == shown


ADDRESSES = ("SHOPIFY_ADMIN_URL", "KALIMERA_CONTACT_URL", "KALIMERA_CAMPAIGN_URL", "KALIMERA_CAMPAIGN_CONTACTS_URL")


@pytest.mark.parametrize("name", ADDRESSES)
@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("https://shop:S3cret@proxy.example:8443/kalimera", "https://…@proxy.example:8443/kalimera"),
        ("https://proxy.example/kalimera?key=S3cret", "https://proxy.example/kalimera?…"),
        ("https://proxy.example/kalimera#S3cret", "https://proxy.example/kalimera#…"),
        ("https://proxy.example/<campaign id>/contacts", "https://proxy.example/<campaign id>/contacts"),
        ("https://[S3cret", "set"),
    ],
)
def test_what_may_be_a_secret_in_an_address_is_not_shown(name: str, written: str, shown: str) -> None:
    [value] = [each.value for each in shown_with(name, written) if each.name == name]

    assert value.removeprefix("not set, so ") == shown


@pytest.mark.parametrize("other", [{}, {"SHOPIFY_CLIENT_ID": "the-app", "SHOPIFY_ACCESS_TOKEN": ""}])
def test_no_secret_stands_in_the_page(new_shop: Any, other: dict[str, str]) -> None:
    replaced = {"DATABASE_URL", "SHOPIFY_CLIENT_SECRET" if not other else "SHOPIFY_ACCESS_TOKEN"}
    values = {name: f"never-to-be-shown-{name}" for name in SECRETS if name not in replaced}
    values |= {f"ALERT_{name}": "https://never-to-be-shown" for name in ("URL", "SLACK_URL")}
    values |= {"SMTP_URL": "smtp://never-to-be-shown"}
    issuer = {"OIDC_ISSUER": "https://issuer.example", "OIDC_CLIENT_ID": "it", "PUBLIC_URL": "http://localhost"}
    shop = new_shop(**values | issuer | other)

    page = look(shop.person(), PATH)

    assert "never-to-be-shown" not in page.source
    assert [name for name in values if name.startswith(OF_A_PARTY) and told(page, name) != "set"] == []


def test_the_settings_lead_to_the_connections_and_the_answers(shop: Shop, person: FlaskClient) -> None:
    page = look(person, PATH)

    tabs = page.one("nav", aria_label="Settings")
    assert tabs.one("a", aria_current="page").text == "Connections"
    assert tabs.one("a", href="/reported").text == "Answers"
    assert [each.text for each in page.one("aside").all("a", aria_current="page")] == ["Settings"]


def test_each_page_of_the_settings_names_itself_in_its_heading_and_title(person: FlaskClient) -> None:
    links = [each for each in look(person, PATH).one("nav", aria_label="Settings").all("a") if each.text != "Answers"]

    for link in links:
        page = look(person, link.attrs["href"])
        assert page.one("h1").text == f"Settings: {link.text}"
        assert page.one("title").text == f"Settings: {link.text} · Ordercall"
    assert len(links) == 10


def test_the_page_tells_since_when_a_credential_is_refused(shop: Shop, person: FlaskClient) -> None:
    with shop.db.begin() as tx:
        refused_credentials.store(tx, "Kalimera", "KALIMERA_AUTH_TOKEN", "it says 401", now=shop.now)

    page = look(person, PATH)

    assert "KALIMERA_AUTH_TOKEN is not accepted since" in stands(page, "Kalimera")
    assert "it says 401" in stands(page, "Kalimera")
    assert "not accepted" not in stands(page, "Shopify")


def test_the_page_and_the_light_tell_since_when_a_provider_is_silent(shop: Shop, person: FlaskClient) -> None:
    shop.receive(1001)
    with shop.db.begin() as tx:
        silent_providers.begin(tx, "Kalimera", now=shop.now)
        silent_providers.begin(tx, "Shopify", now=shop.now)

    page = look(person, PATH)

    assert "Kalimera has not answered since 12:00 pm; 1 order waits." in stands(page, "Kalimera")
    assert "Shopify has not answered since 12:00 pm; cancels and tags wait." in stands(page, "Shopify")
    for label in ("Kalimera", "Shop read"):
        light = page.one(id="health").one("p", text=label)
        assert light.text == f"{label} out since 12:00 pm"
        assert not light.has(css="dot")


def test_of_a_provider_that_answers_nothing_is_told(shop: Shop, person: FlaskClient) -> None:
    assert "has not answered" not in look(person, PATH).text


CREATED = AnswerShape("create the contact", 201, "application/json", "done", '{"data":{"ref":"text, contact id"}}')


def test_the_shapes_of_kalimeras_answers_are_shown_and_exported(shop: Shop, person: FlaskClient) -> None:
    with shop.db.begin() as tx:
        answer_shapes.store(tx, {CREATED: 3}, now=shop.now)

    shown = look(person, PATH).one("ul", aria_label="Shapes of Kalimera's answers").text
    file = person.get(f"{PATH}/answers.json")

    assert "Create the contact: done" in shown
    assert "201 application/json, about 3 times" in shown
    assert CREATED.body in shown
    assert file.headers["Content-Disposition"] == 'attachment; filename="kalimera-answers.json"'
    assert file.get_json() == {
        "answers": [
            {
                "operation": "create the contact",
                "status": 201,
                "content_type": "application/json",
                "outcome": "done",
                "times": 3,
                "body": {"data": {"ref": "text, contact id"}},
            }
        ]
    }


def test_before_the_first_answer_no_shape_can_be_exported(shop: Shop, person: FlaskClient) -> None:
    page = look(person, PATH)

    assert "they come with the first answers" in page.text
    assert not page.has("a", href=f"{PATH}/answers.json")
