"""What an order's page says of its calling, and the button that syncs it now."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from reporting import ring
from sqlalchemy import update

from databases import ask
from ordercall.jobs.engine import JobEngine
from ordercall.storage.records import campaigns
from ordercall.storage.tables import calls
from reading import HETAL, decide, fields, flashed, look
from web_app import Page, Shop, send_form


def test_why_nobody_is_called_is_told(shop: Shop, person: FlaskClient) -> None:
    page = look(person, f"/orders/{shop.receive(1001, phone=None)}")

    assert page.has("div", css="ban", text="Not called. The order has no usable phone number.")


def calling(page: Page) -> dict[str, str]:
    facts = page.one("section", aria_labelledby="calling-title").one("dl")
    return {term.text: value.text for term, value in zip(facts.all("dt"), facts.all("dd"), strict=True)}


def test_the_calling_card_names_the_rules_and_what_comes_next(new_shop: Callable[..., Shop]) -> None:
    shop = new_shop(CALLING_HOURS="09:00-21:00")
    page = look(shop.person(), f"/orders/{shop.receive(1001, person=HETAL)}")

    facts = calling(page)
    assert facts["Next try"] == "as soon as a worker is free"
    assert facts["Agent"] == "not chosen yet It ships to Gujarat, which is called in Hindi."
    expected = "not set yet 2 hours from when the campaign was set, within the calling hours 09:00-21:00 India time."
    assert facts["Call window"] == expected
    assert facts["Outcome"] == "none reported yet"


@pytest.mark.parametrize(("days", "day"), [(0, ""), (1, "24 Nov, ")])
def test_a_call_window_of_another_day_says_which(shop: Shop, person: FlaskClient, days: int, day: str) -> None:
    order_id, start = shop.receive(1001), shop.now.timestamp()
    shop.change(order_id, window_start=start, window_end=start + 7_200)
    shop.pass_time(days=days)

    window = calling(look(person, f"/orders/{order_id}"))["Call window"]

    assert window.replace("\u202f", " ").startswith(f"{day}12:00 pm to 2:00 pm")


def test_the_calling_card_tells_a_try_that_is_to_come_and_an_outcome(shop: Shop, person: FlaskClient) -> None:
    order_id = shop.receive(1001)
    with shop.db.begin() as tx:
        ask(tx, "UPDATE procrastinate_jobs SET attempts = 2, scheduled_at = '2026-11-24 07:00:00'")
    expected = "12:30:00 pm 2 tries have failed so far. It goes on by itself."
    assert calling(look(person, f"/orders/{order_id}"))["Next try"].replace("\u202f", " ") == expected

    shop.change(order_id, calling_state="on_campaign")
    decide(shop, order_id, "Success", by="API")
    facts = calling(look(person, f"/orders/{order_id}"))

    assert facts["Next try"] == "not needed"
    assert facts["Outcome"] == "Success reported by API, just now"


def test_the_calling_card_does_not_count_tries_of_its_campaign_as_those_of_the_order(
    shop: Shop, person: FlaskClient
) -> None:
    order_id = shop.receive(1001)
    shop.change(order_id, campaign_id="main", customer_phone=None)
    with shop.db.begin() as tx:
        for _ in range(12):
            campaigns.count_failure(tx, "main", now=shop.now)
        JobEngine(shop.db).flush_campaign(tx, "main", at=shop.now + timedelta(days=1))

    said = calling(look(person, f"/orders/{order_id}"))["Next try"].replace("\u202f", " ")

    assert said.startswith("25 Nov 2026, 12:00:00 pm IST")
    assert said.endswith("The last 12 tries to add orders to its campaign failed. It goes on by itself.")


def test_an_order_can_be_synced_from_its_page(shop: Shop, person: FlaskClient) -> None:
    shop.settles_at_once("calling_state", calling_state="on_campaign", contact_id="a-contact")
    order_id = shop.receive(1001)
    form = next(form for form in look(person, f"/orders/{order_id}").all("form") if form.has("button", text="Sync now"))

    answer = person.post(form.attrs["action"], data=fields(form))

    assert flashed(look(person, answer.location)) == ["#1001: Order synced to Kalimera successfully."]
    assert "Order_Sync_Requested" in shop.events(order_id)


SYNCED = [{"calling_state": "on_campaign"}, {"confirmation_status": "Success"}]


@pytest.mark.parametrize("columns", SYNCED, ids=["on the campaign", "decided"])
def test_an_order_that_need_not_be_synced_has_no_button(
    shop: Shop, person: FlaskClient, columns: dict[str, str]
) -> None:
    order_id = shop.receive(1001)
    shop.change(order_id, **columns)

    assert not look(person, f"/orders/{order_id}").has("button", text="Sync now")


def test_an_order_without_a_phone_cannot_be_synced(shop: Shop, person: FlaskClient) -> None:
    answer = send_form(person, f"/orders/{shop.receive(1001, phone=None)}/sync")

    assert answer.status_code == 409
    expected = "Order #1001 is not called: The order has no usable phone number."
    assert Page(answer).one("h1").text == expected


def test_each_order_of_a_joint_call_names_the_other(shop: Shop, person: FlaskClient) -> None:
    first, second = ring(shop, 1001), ring(shop, 1002)
    with shop.db.begin() as tx:
        tx.execute(update(calls).values(rings_with="joint", card_orders=2))

    page = look(person, f"/orders/{first}")

    told = page.one("section", aria_labelledby="calls-title")
    assert "Called together with #1002." in " ".join(told.text.split())
    assert told.one("a").attrs["href"] == f"/orders/{second}"
