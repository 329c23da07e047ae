"""What a shop without orders is told: where Shopify must send to, and whether anything came."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from ordercall.storage.records import refusals
from reading import look
from web_app import Page, Shop, post_webhook

# -- the list


def test_an_empty_shop_is_told_where_shopify_must_send_to(shop: Shop, person: FlaskClient) -> None:
    page = look(person)

    assert page.has("p", text="No orders yet")
    assert page.one(css="pre").text == "http://localhost/shopify/webhook"
    assert page.one("button", aria_label="Copy the address").attrs["data-copy"] == "http://localhost/shopify/webhook"
    assert not page.has(css="kpi")


def test_an_empty_shop_can_check_the_connection(shop: Shop, person: FlaskClient) -> None:
    check = look(person).one("a", text="Check the connection").attrs["href"]

    assert look(person, check).has("p", text="Nothing from Shopify yet, as of 12:00:00 pm.")

    post_webhook(shop.client(), b"not JSON")
    heard = look(person, check).one("p", text="Shopify last sent something just now, but it was no order.")
    assert heard.one("a").attrs["href"] == "/deliveries"


@pytest.mark.parametrize(
    ("refused", "said"),
    [
        ({"unknown_secret": 3}, "3 webhooks were refused in the last day, the latest just now."),
        ({"missing": 1}, "1 webhook was refused in the last day, the latest just now. There was no signature"),
    ],
    ids=["several", "one"],
)
def test_the_check_says_why_webhooks_were_refused(
    shop: Shop, person: FlaskClient, refused: dict[str, int], said: str
) -> None:
    with shop.db.begin() as tx:
        refusals.add(tx, refused, now=shop.now)

    page = look(person)

    assert said in page.one(css="empty").one("div", role="status").text
    assert "Nothing from Shopify yet" not in page.text


def test_an_empty_shop_that_shopify_cannot_reach_says_so(new_shop: Any) -> None:
    shop = new_shop(ADMIN_PASSWORD="a-long-password")
    person = shop.person()
    at_home = look(person)
    public = Page(person.get("/", base_url="https://calls.example.com"))

    assert "Shopify sends only to https addresses" in at_home.one(css="empty").text
    assert not public.has(css="empty", text="Shopify sends only")
