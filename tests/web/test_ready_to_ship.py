"""The tab *Ready to ship*: what waits for its parcel, of any day, the oldest answer first."""

from __future__ import annotations

import csv
import io
from datetime import time

import pytest
from flask.testing import FlaskClient
from forms_of_rules import draft, filled_in, in_force, publish

from reading import HETAL, decide, look, names, row, tabs
from web_app import Page, Shop, send_form

TAB = "/?status=to-ship"
PHONE = "+915550001001"
POLL = {"HX-Request": "true", "HX-Target": "div#fresh"}


@pytest.fixture
def waiting(shop: Shop) -> Shop:
    """Three confirmed orders, #1001 of yesterday and answered between the others, and one that nobody has answered."""
    yesterday, first, last, _ = (shop.receive(number) for number in (1001, 1002, 1003, 1004))
    shop.change(yesterday, placed_at=shop.now.timestamp() - 86_400)
    for order_id in (first, yesterday, last):
        decide(shop, order_id, "Success")
        shop.pass_time(hours=2)
    return shop


def test_the_oldest_answer_comes_first_whatever_the_day(waiting: Shop, person: FlaskClient) -> None:
    page = look(person, TAB)

    assert names(page) == ["#1002", "#1001", "#1003"]
    assert (tabs(page)["Ready to ship"], tabs(page)["Success"]) == (3, 2)
    assert tabs(look(person, "/?range=yesterday"))["Ready to ship"] == 3


def test_a_row_says_how_long_ago_it_was_answered(waiting: Shop, person: FlaskClient) -> None:
    page = look(person, TAB)

    assert [row(page, name).one("td", css="c-when").text for name in names(page)] == ["6 h ago", "4 h ago", "2 h ago"]
    assert page.one("th", text="Answered").attrs["aria-sort"] == "ascending"


def test_the_way_to_another_tab_keeps_period_and_sort_of_that_tab(waiting: Shop, person: FlaskClient) -> None:
    links = {tab.text[:3]: tab.attrs["href"] for tab in look(person, f"{TAB}&range=7d").one("nav", css="tabs").all("a")}
    chosen = look(person, f"{TAB}&sort=-total").one("nav", css="tabs").one("a", text="All").attrs["href"]

    assert (links["All"], links["Rea"]) == ("?range=7d", "?status=to-ship&range=7d")
    assert chosen == "?sort=-total"


def test_a_search_finds_an_order_of_any_day_and_is_counted(waiting: Shop, person: FlaskClient) -> None:
    decide(waiting, waiting.receive(1005, person=HETAL), "Success")

    assert names(look(person, f"{TAB}&q=1001")) == ["#1001"]
    assert tabs(look(person, "/?q=1001"))["Ready to ship"] == 1
    assert tabs(look(person, f"{TAB}&q=hetal")) == tabs(look(person, "/?q=hetal"))
    assert tabs(look(person, "/?q=hetal"))["All"] == 1


def test_a_filter_holds_for_what_is_ready_too(waiting: Shop, person: FlaskClient) -> None:
    waiting.change(waiting.receive(1005), calling_state="not_called", calling_reason="paid")

    assert tabs(look(person, "/?reason=paid"))["Ready to ship"] == 0


def test_an_open_list_hears_the_new_number(waiting: Shop, person: FlaskClient) -> None:
    since = look(person, TAB).one(id="fresh").attrs["hx-get"]
    send_form(person, f"/orders/{waiting.receive(1006)}/status", status="Success")

    news = Page(person.get(since, headers=POLL))

    assert tabs(news)["Ready to ship"] == 4
    assert news.one(id="fresh").text.startswith("1 new order since ")


def test_the_export_and_a_run_take_the_list_as_it_stands(waiting: Shop, person: FlaskClient) -> None:
    page = look(person, TAB)
    sent = {each.attrs["name"]: each.attrs.get("value", "") for each in page.one("form", id="bulk").all("input")}

    exported = person.get(f"/orders.csv?status={sent['status']}&format=plain").get_data(as_text=True)
    made = person.post("/bulk", data=sent | {"all": "3", "action": "Returned"})

    assert [line["order"] for line in csv.DictReader(io.StringIO(exported))] == ["#1002", "#1001", "#1003"]
    assert "to-ship orders, all dates" in look(person, made.location).one("h1").text
    assert waiting.rows("SELECT count(*) FROM bulk_items")[0][0] == 3


def test_the_way_from_an_order_leads_along_the_list(waiting: Shop, person: FlaskClient) -> None:
    link = row(look(person, TAB), "#1001").one("a", css="go").attrs["href"]

    page = look(person, link)

    assert "2 of 3" in page.source
    assert page.one("h1").text == "#1001"
    assert page.one("a", rel="next").attrs["aria-label"] == "Newer order"
    assert look(person, page.one("a", rel="next").attrs["href"]).one("h1").text == "#1003"


@pytest.mark.parametrize(
    ("columns", "ready"),
    [
        ({}, True),
        ({"fulfillment_status": "partial"}, True),
        ({"fulfillment_status": "fulfilled"}, False),
        ({"shopify_cancelled_at": "2026-11-24T12:00:00+05:30"}, False),
        ({"cancel_state": "working"}, False),
        ({"cancel_state": "unclear"}, False),
        ({"cancel_state": "refused"}, True),
    ],
)
def test_list_tab_and_page_say_the_same_of_an_order(
    shop: Shop, person: FlaskClient, columns: dict[str, str], ready: bool
) -> None:
    order_id = shop.receive(1001)
    shop.change(order_id, **{"confirmation_status": "Success"} | columns)

    page = look(person, f"/orders/{order_id}")

    assert bool(names(look(person, TAB))) is ready
    assert page.has("span", css="bdg", text="Ready to ship") is ready


def test_a_cancel_under_way_stands_in_the_list(shop: Shop, person: FlaskClient) -> None:
    order_id = shop.receive(1001)
    decide(shop, order_id, "Failed")
    shop.change(order_id, cancel_state="working")

    assert row(look(person), "#1001").has("span", css="bdg", text="Cancelling")


def test_other_orders_of_the_phone_wear_what_became_of_their_parcels(shop: Shop, person: FlaskClient) -> None:
    for number, columns in ((1001, {"fulfillment_status": "fulfilled"}), (1002, {"cancel_state": "done"})):
        shop.change(shop.receive(number, phone=PHONE), confirmation_status="Success", **columns)
        shop.pass_time(minutes=1)

    page = look(person, f"/orders/{shop.receive(1003, phone=PHONE)}")
    others = page.one("section", aria_labelledby="customer-title")

    assert [one.text for one in others.all("span", css="bdg")] == [
        *("Success", "Cancelled in Shopify"),
        *("Success", "Shipped"),
    ]


def test_an_empty_list_says_that_nothing_waits(shop: Shop, person: FlaskClient) -> None:
    shop.receive(1001)

    assert "Nothing is ready to ship" in look(person, TAB).source


# -- the pickup


def come_at(person: FlaskClient, pickup: str) -> None:
    """Have the courier come each day at this time."""
    assert publish(person, draft(person, pickup=pickup)).status_code == 303


def counted_down(page: Page) -> str:
    return page.one(id="pickup").text


def test_without_a_pickup_in_the_policy_nothing_is_said_of_one(waiting: Shop, person: FlaskClient) -> None:
    page = look(person, TAB)

    assert counted_down(page) == ""
    assert "Missed pickup" not in page.source


def test_the_list_counts_down_to_the_pickup_and_names_whom_the_last_one_left(
    waiting: Shop, person: FlaskClient
) -> None:
    come_at(person, "14:00")
    waiting.pass_time(hours=18, minutes=48)  # a quarter to one on the next day, and the answers at 12, 2 and 4 pm

    page = look(person, TAB)

    assert counted_down(page) == (
        "3 orders, pickup in 1 h 12 min at 2:00 pm. 1 answered before the last one (24 Nov, 2:00 pm) and still here."
    )
    missed = [name for name in names(page) if row(page, name).has("span", css="bdg", text="Missed pickup")]
    assert missed == ["#1002"]


def test_whom_the_last_pickup_left_follows_a_search(waiting: Shop, person: FlaskClient) -> None:
    come_at(person, "17:00")

    assert "3 answered before" in counted_down(look(person, TAB))
    assert "1 answered before" in counted_down(look(person, f"{TAB}&q=1001"))


def test_other_lists_say_nothing_of_the_pickup(waiting: Shop, person: FlaskClient) -> None:
    come_at(person, "17:00")

    assert not look(person, "/?status=Success").has(id="pickup")
    assert "Missed pickup" not in look(person, "/?status=Success").source


def test_an_open_list_hears_of_the_pickup_that_was_missed_meanwhile(waiting: Shop, person: FlaskClient) -> None:
    come_at(person, "18:30")
    since = look(person, TAB).one(id="fresh").attrs["hx-get"]
    waiting.pass_time(hours=1)
    waiting.receive(1006)

    assert "3 answered before the last one (6:30 pm)" in Page(person.get(since, headers=POLL)).text


def test_the_pickup_is_written_in_the_form(shop: Shop, person: FlaskClient) -> None:
    come_at(person, "17:00")

    assert in_force(shop).policy.shipping.pickup == time(17)
    assert filled_in(person)["pickup"] == "17:00"
    assert "Pickup: write a time such as" in draft(person, pickup="5 pm").text
