"""What everybody must know before they read on."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import insert

from ordercall.domain.hidden_customers import ENOUGH
from ordercall.sandbox.orders import make_order, without_customer
from ordercall.storage import tables
from ordercall.storage.records import paused_campaigns, reconciliations, refused_credentials
from reading import flashed, look
from web_app import Page, Shop, deliver, send_form


@pytest.mark.parametrize(("version", "shown"), [("2024-07", True), ("2026-10", False)])
def test_a_closed_version_of_shopify_is_announced(new_shop: Any, version: str, shown: bool) -> None:
    page = Page(new_shop(SHOPIFY_API_VERSION=version).person().get("/"))

    assert ("closed its API version" in " ".join(banner.text for banner in page.all("p", css="ban"))) is shown


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        (
            {"missed_orders": 2},
            "found 2 orders that none had brought. ordercall shopify connect lists those of the app",
        ),
        ({"silent": '{"orders/create": 0}'}, "orders/create used to come often"),
        ({"unsubscribed": '["orders/create"]'}, "None of the app's webhooks brings all of orders/create here"),
        ({"fault": "Shopify could not list the orders: 401"}, "The shop's orders cannot be read,"),
        ({}, None),
    ],
    ids=["missed orders", "a silent topic", "a removed subscription", "a refusal", "nothing"],
)
def test_what_the_webhooks_missed_is_announced(shop: Shop, columns: dict[str, Any], said: str | None) -> None:
    values = {"asked_by": "Ordercall", "started_at": 1, "since": 0, "ended_at": shop.now.timestamp()} | columns
    with shop.db.begin() as tx:
        tx.execute(insert(tables.reconciliations).values(values))

    page = Page(shop.person().get("/"))

    banners = " ".join(banner.text for banner in page.all(css="ban"))
    assert said in banners if said else "webhooks" not in banners
    assert "Shop read" in page.text


@pytest.mark.parametrize(("minutes", "told"), [(59, False), (61, True)])
def test_a_shopify_that_gives_no_answer_is_announced(shop: Shop, minutes: int, told: bool) -> None:
    with shop.db.begin() as tx:
        reconciliations.begin(tx, asked_by="Ordercall", since=shop.now, now=shop.now)
    shop.pass_time(minutes=minutes)

    banners = " ".join(banner.text for banner in Page(shop.person().get("/")).all(css="ban"))

    assert ("The shop could not be read since 1 h ago. Shopify does not answer, or no worker runs." in banners) is told


def test_a_refused_credential_is_announced_with_the_setting_to_put_right(shop: Shop) -> None:
    with shop.db.begin() as tx:
        refused_credentials.store(tx, "Kalimera", "KALIMERA_AUTH_TOKEN", "401 Unauthorized", now=shop.now)
    shop.pass_time(minutes=5)

    page = Page(shop.person().get("/"))

    banners = " ".join(banner.text for banner in page.all(css="ban"))
    assert "Kalimera does not accept KALIMERA_AUTH_TOKEN since 5 min ago: 401 Unauthorized." in banners


def test_a_campaign_that_a_person_paused_is_announced_until_somebody_says_that_it_runs(shop: Shop) -> None:
    with shop.db.begin() as tx:
        paused_campaigns.begin(tx, "autumn <1>", now=shop.now)
    shop.pass_time(minutes=5)
    person = shop.person()

    banners = " ".join(banner.text for banner in Page(person.get("/")).all(css="ban"))
    assert "The campaign autumn <1> is paused at Kalimera, first seen 5 min ago. Orders that wait for it: 0." in banners

    send_form(person, "/campaigns/go-on", campaign_id="autumn <1>")
    assert "paused at Kalimera" not in " ".join(banner.text for banner in Page(person.get("/")).all(css="ban"))


def test_to_say_of_a_campaign_that_nobody_saw_paused_that_it_runs_makes_no_work(
    shop: Shop, person: FlaskClient
) -> None:
    before = shop.rows("SELECT count(*) FROM procrastinate_jobs")

    answer = send_form(person, "/campaigns/go-on", campaign_id=" ".join(map(str, range(3_000))))

    assert answer.status_code == 303
    assert flashed(look(person)) == ["They go on already."]
    assert shop.rows("SELECT count(*) FROM procrastinate_jobs") == before


def test_a_shop_that_hides_its_customers_is_announced_with_what_to_do_until_an_order_shows_one(shop: Shop) -> None:
    said = []
    for number in range(1, ENOUGH + 1):
        receive_hidden(shop, number)
        said.append("Shopify hides from this app who the customers are" in banners_of(shop))
    assert said == [False] * (ENOUGH - 1) + [True]
    assert "API access, Protected customer data access" in banners_of(shop)
    shop.pass_time(minutes=1)

    shop.receive(99, created_at=shop.now.isoformat())

    assert "Shopify hides" not in banners_of(shop)


def test_a_shop_that_hides_phones_alone_is_announced_as_such(shop: Shop) -> None:
    for number in range(1, ENOUGH + 1):
        before = banners_of(shop)
        order = without_customer(make_order(number, created_at=shop.now.isoformat()))
        deliver(shop.client(), order | {"email": "asha@example.com"})

    assert "no phone" not in before
    assert "New orders are not called: Shopify shows this app no phone in any of the newest orders." in banners_of(shop)
    assert "under Settings, Checkout" in banners_of(shop)


def test_an_order_that_came_hidden_asks_nobody_to_add_a_phone(shop: Shop) -> None:
    ids = [receive_hidden(shop, number) for number in range(1, ENOUGH + 1)]

    pages = " ".join(Page(shop.person().get(path)).text for path in ("/", "/needs-you", f"/orders/{ids[0]}"))

    assert "Phone not shown by Shopify" in pages
    assert "Add a phone in Shopify" not in pages


def receive_hidden(shop: Shop, number: int) -> int:
    return deliver(shop.client(), without_customer(make_order(number, created_at=shop.now.isoformat())))


def banners_of(shop: Shop) -> str:
    return " ".join(banner.text for banner in Page(shop.person().get("/")).all(css="ban"))
