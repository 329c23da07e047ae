"""The dashboard, as a person without JavaScript sees it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient

from ordercall.config import CREDENTIALS
from ordercall.sandbox.orders import FIRST_ID, make_order
from reading import ANANYA, decide, flashed, look, names, revenue, row, tabs, tiles
from web_app import Shop, send_form

# -- the list


def test_the_newest_order_comes_first(shop: Shop, person: FlaskClient) -> None:
    for number in (1001, 1003, 1002):
        shop.receive(number)
        shop.pass_time(minutes=1)

    assert names(look(person)) == ["#1002", "#1003", "#1001"]


def test_a_row_tells_who_bought_what_for_how_much(shop: Shop, person: FlaskClient) -> None:
    shop.receive(1001, person=ANANYA, total_price="143570.00")

    shown = row(look(person), "#1001").text

    for text in (
        "Ananya Iyer",
        "Chennai, Tamil Nadu",
        "Steel Tiffin, Three Tiers",
        "COD",
        "₹1,43,570",
        "Waits for Kalimera",
        "Placed",
    ):
        assert text in shown


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ({}, "COD ₹1,299"),
        ({"financial_status": "paid", "total_outstanding": "0.00"}, "COD ₹1,299nothing due"),
        ({"financial_status": "partially_paid", "total_outstanding": "499.00"}, "COD ₹1,299₹499 due"),
        ({"payment_gateway_names": ["Razorpay"], "total_outstanding": "0.00"}, "Prepaid ₹1,299"),
        ({"payment_gateway_names": ["Razorpay"]}, "Prepaid ₹1,299₹1,299 due"),
        ({"payment_gateway_names": [], "financial_status": None}, "₹1,299"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_row_tells_how_an_order_is_paid_and_what_is_due_where_it_is_not_the_usual(
    shop: Shop, person: FlaskClient, body: dict[str, object], shown: str
) -> None:
    shop.receive(1001, total_price="1299.00", **body)

    assert row(look(person), "#1001").one(css="c-total").text == shown


def test_an_order_that_is_paid_later_is_still_one_that_is_paid_at_the_door(shop: Shop, person: FlaskClient) -> None:
    shop.receive(1001)

    shop.receive(1001, topic="orders/paid", financial_status="paid", total_outstanding="0.00")

    assert [small.text for small in row(look(person), "#1001").one(css="c-total").all("small")] == [
        "COD",
        "nothing due",
    ]


def test_a_row_opens_the_order_and_remembers_the_list(shop: Shop, person: FlaskClient) -> None:
    order_id = shop.receive(1001)

    link = look(person, "/?status=Placed").one("a", css="go").attrs["href"]

    assert urlsplit(link).path == f"/orders/{order_id}"
    assert look(person, link).one("nav", aria_label="Breadcrumb").all("a")[0].attrs["href"] == "/?status=Placed"


def test_an_order_without_a_name_is_shown_by_its_id(shop: Shop, person: FlaskClient) -> None:
    order_id = shop.receive(1001, name=None)

    assert names(look(person)) == [str(order_id)]


MOST_NODES = 1_450
"""With a box to tick in each row the page may have 1,500."""


def test_the_page_of_a_busy_day_stays_small(shop: Shop, person: FlaskClient) -> None:
    midnight = shop.now.replace(hour=0)
    for week in (0, 7):
        moments = [midnight - timedelta(days=week) + timedelta(minutes=20 * number) for number in range(36)]
        shop.store(
            *(
                make_order(1001 + 100 * week + number, created_at=at.isoformat(), currency=("INR", "AED")[number % 2])
                for number, at in enumerate(moments)
            )
        )
    for number, status in zip(range(1001, 1037), 9 * ["Placed", "Success", "Returned", "Failed"], strict=True):
        decide(shop, FIRST_ID + number, status)

    page = look(person)

    assert len(names(page)) == 25
    assert sum(1 for _ in page.every()) <= MOST_NODES


# -- tabs


def test_the_tabs_count_the_orders_of_each_status(mixed: Shop, person: FlaskClient) -> None:
    counted = {"All": 6, "Placed": 3, "Success": 1, "Returned": 1, "Failed": 1}

    assert tabs(look(person)) == counted | {"Not on campaign": 1, "Ready to ship": 1}


TABS = [
    ("Placed", ["#1006", "#1002", "#1001"]),
    ("Success", ["#1003"]),
    ("Returned", ["#1004"]),
    ("Failed", ["#1005"]),
    ("Not on campaign", ["#1006"]),
    ("Ready to ship", ["#1003"]),
    ("All", ["#1006", "#1005", "#1004", "#1003", "#1002", "#1001"]),
]


@pytest.mark.parametrize(("tab", "expected"), TABS)
def test_a_tab_shows_its_orders_alone(mixed: Shop, person: FlaskClient, tab: str, expected: list[str]) -> None:
    link = look(person).one("nav", css="tabs").one("a", text=tab).attrs["href"]

    page = look(person, link)

    assert names(page) == expected
    assert page.one("nav", css="tabs").one("a", aria_current="true").text.startswith(tab)


def test_the_counts_stay_when_a_tab_is_chosen(mixed: Shop, person: FlaskClient) -> None:
    assert tabs(look(person, "/?status=Failed")) == tabs(look(person))


def test_an_unknown_status_in_the_address_shows_all(mixed: Shop, person: FlaskClient) -> None:
    assert len(names(look(person, "/?status=Paid"))) == 6


# -- numbers above the list


def test_the_tiles_count_the_period(mixed: Shop, person: FlaskClient) -> None:
    shown = tiles(look(person))

    assert {label: number for label, (number, _) in shown.items()} == {
        "Orders": "6",
        "Placed": "3",
        "Success": "1",
        "Returned": "1",
        "Failed": "1",
        "Confirmed": "₹2,450",
    }


def test_a_tile_compares_with_the_same_time_a_week_ago(shop: Shop, person: FlaskClient) -> None:
    shop.receive(1001)
    shop.receive(1002)
    shop.receive(1003, created_at="2026-11-17T11:59:00+05:30")
    shop.receive(1004, created_at="2026-11-17T12:01:00+05:30")

    assert tiles(look(person))["Orders"] == ("2", "+1 on last Tuesday at this hour")


def test_a_tile_tells_of_a_worse_day_too(shop: Shop, person: FlaskClient) -> None:
    shop.receive(1001)
    for number in range(1002, 1005):
        shop.receive(number, created_at="2026-11-17T11:00:00+05:30")

    assert tiles(look(person))["Orders"] == ("1", "−2 on last Tuesday at this hour")


def test_days_are_compared_with_as_many_before_them(shop: Shop, person: FlaskClient) -> None:
    shop.receive(1001)
    shop.receive(1002, created_at="2026-11-10T11:59:00+05:30")
    shop.receive(1003, created_at="2026-11-10T12:01:00+05:30")
    shop.receive(1004, created_at="2026-11-17T13:00:00+05:30")

    assert tiles(look(person, "/?range=7d"))["Orders"] == ("1", "+1 on the 7 days before")
    assert tiles(look(person, "/?range=14d"))["Orders"] == ("2", "+1 on the 14 days before")
    assert tiles(look(person, "/?range=yesterday"))["Orders"] == ("0", "+0 on the Monday before")


def test_an_hour_in_which_the_clocks_are_changed_is_one_hour(new_shop: Any) -> None:
    shop = new_shop(DISPLAY_TIMEZONE="Europe/Berlin")
    shop.now = datetime(2026, 10, 25, 20, 0, tzinfo=UTC)
    for number, moment in enumerate(
        ("02:30:00+02:00", "02:30:00+01:00", "03:30:00+01:00", "20:59:00+01:00"), start=1001
    ):
        shop.receive(number, created_at=f"2026-10-25T{moment}")

    page = look(shop.person())
    lines = page.one("table", css="numbers").one("tbody").all("tr")
    hours = {line.one("th").text: line.all("td")[0].text for line in lines}

    assert hours == {"02:00": "2", "03:00": "1", "20:00": "1"}
    assert names(look(shop.person(), "/?hour=2")) == ["#1002", "#1001"]


def test_all_dates_are_compared_with_nothing(shop: Shop, person: FlaskClient) -> None:
    shop.receive(1001)

    assert tiles(look(person, "/?range=all"))["Orders"] == ("1", "since the first day")


def test_a_tile_tells_its_share_of_what_is_decided(mixed: Shop, person: FlaskClient) -> None:
    assert tiles(look(person))["Success"] == ("1", "33 % of decided")


def test_a_tile_leads_to_its_orders(mixed: Shop, person: FlaskClient) -> None:
    tile = next(tile for tile in look(person).all("a", css="kpi") if tile.one(css="l").text == "Failed")

    assert names(look(person, tile.attrs["href"])) == ["#1005"]


def test_money_is_never_added_across_currencies(shop: Shop, person: FlaskClient) -> None:
    shop.receive(1001, total_price="1000.00", currency="INR")
    shop.receive(1002, total_price="500.00", currency="INR")
    shop.receive(1003, total_price="99.50", currency="USD")

    page = look(person)

    assert revenue(page)["Status"] == ["INR", "USD"]
    assert revenue(page)["All orders"] == ["₹1,500", "$99.50"]
    assert tiles(page)["Placed"][1] == "₹1,500, $99.50 to confirm"
    assert "1,599" not in page.text


def test_the_revenue_is_told_for_each_status(shop: Shop, person: FlaskClient) -> None:
    decide(shop, shop.receive(1001, total_price="1000.00"), "Success")
    decide(shop, shop.receive(1002, total_price="0.10"), "Success")
    decide(shop, shop.receive(1003, total_price="0.20"), "Success")
    decide(shop, shop.receive(1004, total_price="20.00", currency="USD"), "Failed")

    shown = revenue(look(person))

    assert shown["Success"] == ["₹1,000.30", "–"]
    assert shown["Failed"] == ["–", "$20"]
    assert shown["Placed"] == ["–", "–"]


def test_an_unknown_amount_is_not_guessed(shop: Shop, person: FlaskClient) -> None:
    shop.receive(1001, total_price="a lot")

    page = look(person)

    assert "unknown" in row(page, "#1001").text
    assert page.has("p", text="No amounts in this period.")


def test_the_hours_of_the_day_are_told_in_a_table(shop: Shop, person: FlaskClient) -> None:
    shop.receive(1001, created_at="2026-11-24T10:15:00+05:30")
    shop.receive(1002, created_at="2026-11-24T10:45:00+05:30")
    shop.receive(1003, created_at="2026-11-17T10:45:00+05:30")

    table = look(person).one("section", aria_labelledby="bars-title").one("tbody")

    assert [cell.text for cell in table.all() if cell.tag in ("th", "td")] == ["10:00", "2", "0", "0", "0", "1"]


def test_the_way_from_order_to_outcome_is_counted(mixed: Shop, person: FlaskClient) -> None:
    mixed.change(6_300_000_001_001, calling_state="on_campaign")

    steps = [step.text for step in look(person).one("section", aria_labelledby="funnel-title").all("ol")[0].all("li")]

    assert steps == [
        "Received from Shopify 6 100 %",
        "On the calling campaign 1 17 %",
        "Decided 3 50 %",
        "Success 1 17 %",
    ]


# -- what people must look at


def test_orders_that_nobody_is_called_for_are_announced(shop: Shop, person: FlaskClient) -> None:
    shop.receive(1001, phone=None)
    shop.change(shop.receive(1002), calling_state="failed", calling_reason="kalimera_refused")
    shop.receive(1003)

    banner = look(person).one("div", css="ban", text="not on the calling campaign")

    assert banner.one("b").text == "2 orders are not on the calling campaign."
    assert names(look(person, banner.one("a").attrs["href"])) == ["#1002", "#1001"]


def test_one_such_order_is_announced_in_the_singular(shop: Shop, person: FlaskClient) -> None:
    shop.receive(1001, phone=None)

    assert look(person).has("b", text="1 order is not on the calling campaign.")


SETTLED = [{"test": True}, {"cancelled_at": "2026-11-24T11:00:00+05:30"}, {}]


@pytest.mark.parametrize("changes", SETTLED, ids=["a test order", "a cancelled order", "an order on its way"])
def test_orders_that_need_no_call_are_not_announced(shop: Shop, person: FlaskClient, changes: dict[str, Any]) -> None:
    shop.receive(1001, **changes)

    assert not look(person).has("b", text="not on the calling campaign")


def test_a_failed_call_can_be_sent_again_from_the_list(shop: Shop, person: FlaskClient) -> None:
    shop.settles_at_once("calling_state", calling_state="on_campaign")
    order_id = shop.receive(1001)
    shop.change(order_id, calling_state="failed", calling_reason="kalimera_refused")
    page = look(person, "/?status=Placed")
    button = page.one("button", css="lnk", text="Re-sync")

    answer = send_form(person, button.attrs["formaction"], **{"back": "list", "from": "?status=Placed"})

    assert page.has("form", id=button.attrs["form"], method="post")
    assert answer.location == "/?status=Placed"
    assert flashed(look(person)) == ["#1001: Order synced to Kalimera successfully."]


def test_a_longer_period_has_a_bar_for_each_day(shop: Shop, person: FlaskClient) -> None:
    shop.receive(1001)
    shop.receive(1002, created_at="2026-11-23T11:59:00+05:30")

    page = look(person, "/?range=7d")
    table = page.one("section", aria_labelledby="bars-title").one("table")

    assert page.one("h2", id="bars-title").text == "Orders by day"
    assert [head.text for head in table.one("thead").all("th")] == ["Day", "Placed", "Success", "Returned", "Failed"]
    assert [line.one("th").text for line in table.one("tbody").all("tr")] == ["23 Nov", "24 Nov"]
    assert not look(person, "/?range=all").has("h2", id="bars-title")


def test_a_single_day_is_named_with_its_date(shop: Shop, person: FlaskClient) -> None:
    names_of_periods = [option.text for option in look(person).one("select", id="range").all("option")]

    assert names_of_periods[:3] == ["Today, 24 Nov", "Yesterday, 23 Nov", "Last 7 days"]


def test_missing_settings_are_told_on_every_page(new_shop: Any) -> None:
    shop = new_shop(KALIMERA_AUTH_TOKEN="", SHOPIFY_ACCESS_TOKEN="")

    page = look(shop.person(), "/reports/placed")

    assert page.has("p", css="ban", text="Nobody is called: KALIMERA_AUTH_TOKEN not set.")
    assert page.has("p", css="ban", text=f"Nothing is cancelled in Shopify: {CREDENTIALS} not set.")


def test_the_default_password_is_told_on_a_development_machine(person: FlaskClient) -> None:
    assert look(person).has("p", css="ban", text="admin / admin opens this dashboard from this machine.")


def test_the_sandbox_is_told(new_shop: Any) -> None:
    shop = new_shop(ORDERCALL_SANDBOXED="1")

    assert look(shop.person()).has("div", css="ban", text="Sandbox: nobody is really called.")
