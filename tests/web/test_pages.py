"""The pages, as a person without JavaScript sees them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from ordercall.domain.activity import Event, ProviderCall, mask
from ordercall.domain.calling import INDIA
from ordercall.sandbox.orders import PEOPLE, Person, make_order
from ordercall.storage import activity
from web_app import Element, Page, Shop, post_webhook, send_form

ANANYA = PEOPLE[0]
HETAL = PEOPLE[1]


def look(person: FlaskClient, address: str = "/", status: int = 200) -> Page:
    """Open a page, as the address in a link has it."""
    answer = person.get(address if address.startswith("/") else f"/{address}")
    assert answer.status_code == status
    return Page(answer)


def names(page: Page) -> list[str]:
    """Return the order numbers of a list, from the top."""
    return [link.text for link in page.all("a", css="go")]


def row(page: Page, name: str) -> Element:
    return next(row for row in page.one("tbody", css="rows").all("tr") if row.all("a", css="go")[0].text == name)


def tabs(page: Page) -> dict[str, int]:
    """Return the tabs above the list and the number on each."""
    shown = page.one("nav", css="tabs").all("a")
    return {tab.text.removesuffix(tab.one(css="n").text): int(tab.one(css="n").text) for tab in shown}


def tiles(page: Page) -> dict[str, tuple[str, str]]:
    """Return number and note of each tile at the top."""
    return {tile.one(css="l").text: (tile.one("strong").text, tile.one("small").text) for tile in page.all(css="kpi")}


def revenue(page: Page) -> dict[str, list[str]]:
    """Return the table of the revenue: its head, and the cells of each line."""
    table = page.one("section", aria_labelledby="revenue-title").one("table")
    lines = [[cell.text for cell in line.children if isinstance(cell, Element)] for line in table.all("tr")]
    return {line[0]: line[1:] for line in lines}


def flashed(page: Page) -> list[str]:
    return [message.text for message in page.all("p", css="ban", role="status")]


def decide(shop: Shop, shopify_id: int, status: str, by: str = "the agent") -> None:
    shop.change(shopify_id, confirmation_status=status, status_changed_by=by, status_changed_at=shop.now.timestamp())


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
        "Queued",
        "Placed",
    ):
        assert text in shown


def test_a_row_opens_the_order_and_remembers_the_list(shop: Shop, person: FlaskClient) -> None:
    order_id = shop.receive(1001)

    link = look(person, "/?status=Placed").one("a", css="go").attrs["href"]

    assert urlsplit(link).path == f"/orders/{order_id}"
    assert look(person, link).one("nav", aria_label="Breadcrumb").all("a")[0].attrs["href"] == "/?status=Placed"


def test_an_order_without_a_name_is_shown_by_its_id(shop: Shop, person: FlaskClient) -> None:
    order_id = shop.receive(1001, name=None)

    assert names(look(person)) == [str(order_id)]


# -- tabs


@pytest.fixture
def mixed(shop: Shop) -> Shop:
    """Two Placed orders, one of each other status, and one Placed order that nobody will be called for."""
    for number, status in ((1001, "Placed"), (1002, "Placed"), (1003, "Success"), (1004, "Returned"), (1005, "Failed")):
        decide(shop, shop.receive(number), status)
    shop.receive(1006, phone=None)
    return shop


def test_the_tabs_count_the_orders_of_each_status(mixed: Shop, person: FlaskClient) -> None:
    counted = {"All": 6, "Placed": 3, "Success": 1, "Returned": 1, "Failed": 1, "Not on campaign": 1}

    assert tabs(look(person)) == counted


TABS = [
    ("Placed", ["#1006", "#1002", "#1001"]),
    ("Success", ["#1003"]),
    ("Returned", ["#1004"]),
    ("Failed", ["#1005"]),
    ("Not on campaign", ["#1006"]),
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


# -- search

SEARCHES = [
    ("ananya", "#1001"),
    ("IYER", "#1001"),
    ("ananya  iyer", "#1001"),
    ("1002", "#1002"),
    ("#1002", "#1002"),
    ("chennai", "#1001"),
    ("customer1002@example.com", "#1002"),
    ("+915550001001", "#1001"),
    ("0555 000 1001", "#1001"),
    ("5550001001", "#1001"),
    ("555-000-1001", "#1001"),
]


@pytest.mark.parametrize(("text", "found"), SEARCHES)
def test_the_search_finds_an_order(shop: Shop, person: FlaskClient, text: str, found: str) -> None:
    shop.receive(1001, person=ANANYA)
    shop.receive(1002, person=HETAL)

    page = Page(person.get("/", query_string={"q": text}))

    assert names(page) == [found]


@pytest.mark.parametrize("text", ["%", "_", "\\", "'", '"', "' OR 1=1 --", "12", "zz", "💥", "\x00"])
def test_a_search_takes_every_sign_as_itself(shop: Shop, person: FlaskClient, text: str) -> None:
    shop.receive(1001, person=ANANYA, email="a@example.com", phone="+915550034567", name="#1000")

    assert names(Page(person.get("/", query_string={"q": text}))) == []


def test_a_search_without_a_match_says_so_and_offers_a_way_on(shop: Shop, person: FlaskClient) -> None:
    shop.receive(1001)

    page = look(person, "/?q=nobody&status=Failed")

    assert page.has("p", text="No orders match “nobody”")
    assert page.one("a", text="Clear search").attrs["href"] == "?status=Failed"
    assert page.one("a", text="Search all dates").attrs["href"] == "?q=nobody&range=all"


def test_the_searched_text_stays_in_the_field(shop: Shop, person: FlaskClient) -> None:
    assert look(person, "/?q=ananya").one("input", type="search").attrs["value"] == "ananya"


def test_the_tabs_count_what_was_found(mixed: Shop, person: FlaskClient) -> None:
    assert tabs(look(person, "/?q=%231003"))["All"] == 1


def test_a_status_without_orders_says_so(shop: Shop, person: FlaskClient) -> None:
    shop.receive(1001)

    assert look(person, "/?status=Failed").has("p", text="No orders here")


def test_a_search_keeps_the_period(shop: Shop, person: FlaskClient) -> None:
    form = look(person, "/?range=7d").one("form", role="search")

    assert form.one("input", name="range").attrs["value"] == "7d"


# -- sorting

SORTS = [
    ("-placed", ["#1003", "#1002", "#1001"], "Placed at", "descending"),
    ("placed", ["#1001", "#1002", "#1003"], "Placed at", "ascending"),
    ("-total", ["#1002", "#1001", "#1003"], "Total", "descending"),
    ("total", ["#1003", "#1001", "#1002"], "Total", "ascending"),
    ("-name", ["#1003", "#1002", "#1001"], "Order", "descending"),
    ("name", ["#1001", "#1002", "#1003"], "Order", "ascending"),
]


@pytest.fixture
def three(shop: Shop) -> Shop:
    """Three orders, each a minute after the other, the second the dearest and the third the cheapest."""
    for number, total in ((1001, "20.00"), (1002, "100.00"), (1003, "3.00")):
        shop.receive(number, total_price=total)
        shop.pass_time(minutes=1)
    return shop


@pytest.mark.parametrize(("sort", "expected", "head", "direction"), SORTS, ids=[sort[0] for sort in SORTS])
def test_the_list_is_sorted_and_says_how(
    three: Shop, person: FlaskClient, sort: str, expected: list[str], head: str, direction: str
) -> None:
    page = look(person, f"/?sort={sort}")

    assert names(page) == expected
    sorted_by = {column.text: column.attrs["aria-sort"] for column in page.all("th") if "aria-sort" in column.attrs}
    assert {name: how for name, how in sorted_by.items() if how != "none"} == {head: direction}


def test_a_click_on_a_head_sorts_and_the_next_turns_round(three: Shop, person: FlaskClient) -> None:
    dearest = look(person, look(person).one("th", text="Total").one("a").attrs["href"])
    cheapest = look(person, dearest.one("th", text="Total").one("a").attrs["href"])

    assert names(dearest)[0] == "#1002"
    assert names(cheapest)[0] == "#1003"


def test_an_order_without_a_total_is_the_cheapest(three: Shop, person: FlaskClient) -> None:
    three.receive(1004, total_price=None)

    assert names(look(person, "/?sort=total"))[0] == "#1004"


# -- pages of the list


@pytest.fixture
def sixty(shop: Shop) -> Shop:
    """Sixty orders, #1001 to #1060, some of them placed in the same second."""
    first = shop.now.timestamp()
    moments = [datetime.fromtimestamp(first + number // 2, INDIA).isoformat() for number in range(60)]
    shop.store(*(make_order(1001 + number, created_at=moment) for number, moment in enumerate(moments)))
    shop.pass_time(minutes=1)
    return shop


def numbered(first: int, last: int) -> list[str]:
    """Return "#1060", "#1059" … down to the last."""
    return [f"#{number}" for number in range(first, last - 1, -1)]


def turn(person: FlaskClient, page: Page, way: str) -> Page:
    return look(person, page.one("nav", aria_label="Pages of orders").one("a", text=way).attrs["href"])


def test_a_list_is_cut_into_pages(sixty: Shop, person: FlaskClient) -> None:
    first = look(person)
    second = turn(person, first, "Older")
    third = turn(person, second, "Older")

    assert names(first) == numbered(1060, 1036)
    assert names(second) == numbered(1035, 1011)
    assert names(third) == numbered(1010, 1001)


def test_one_may_turn_back(sixty: Shop, person: FlaskClient) -> None:
    second = turn(person, look(person), "Older")
    third = turn(person, second, "Older")

    assert names(turn(person, third, "Newer")) == names(second)


def test_the_first_page_has_none_before_it_and_the_last_none_behind(sixty: Shop, person: FlaskClient) -> None:
    first = look(person)
    last = turn(person, turn(person, first, "Older"), "Older")

    assert [link.text for link in first.one("nav", aria_label="Pages of orders").all("a")] == ["Older"]
    assert [link.text for link in last.one("nav", aria_label="Pages of orders").all("a")] == ["Newer"]


def test_an_order_that_arrives_meanwhile_shifts_nothing(sixty: Shop, person: FlaskClient) -> None:
    first = look(person)
    sixty.receive(1061)

    assert names(turn(person, first, "Older")) == numbered(1035, 1011)


def test_an_order_that_arrives_meanwhile_is_found_on_the_way_back(sixty: Shop, person: FlaskClient) -> None:
    second = turn(person, look(person), "Older")
    sixty.receive(1061)

    back = turn(person, second, "Newer")

    assert names(back) == numbered(1060, 1036)
    assert names(turn(person, back, "Newer")) == ["#1061"]


@pytest.mark.parametrize("sort", ["placed", "-total", "name"])
def test_every_order_is_on_one_page_whatever_the_sort(sixty: Shop, person: FlaskClient, sort: str) -> None:
    page = look(person, f"/?sort={sort}")
    seen = names(page)
    while page.has("a", rel="next", text="Older"):
        page = turn(person, page, "Older")
        seen += names(page)

    assert sorted(seen, reverse=True) == numbered(1060, 1001)


def test_a_short_list_has_no_pages(three: Shop, person: FlaskClient) -> None:
    assert not look(person).has("nav", aria_label="Pages of orders")


# -- periods


MIDNIGHT = [
    ("2026-11-24T00:00:00+05:30", "today"),
    ("2026-11-23T23:59:59+05:30", "yesterday"),
    ("2026-11-23T18:30:00Z", "today"),
    ("2026-11-23T18:29:59Z", "yesterday"),
]


@pytest.mark.parametrize(("placed", "day"), MIDNIGHT)
def test_a_day_begins_at_midnight_in_india(shop: Shop, person: FlaskClient, placed: str, day: str) -> None:
    shop.receive(1001, created_at=placed)

    shown = {period: bool(names(look(person, f"/?range={period}"))) for period in ("today", "yesterday")}

    assert shown == {"today": day == "today", "yesterday": day == "yesterday"}


def test_a_day_begins_at_midnight_where_the_shop_is(new_shop: Any) -> None:
    shop = new_shop(DISPLAY_TIMEZONE="Europe/London")
    shop.receive(1001, created_at="2026-11-23T23:59:59Z")

    assert names(look(shop.person(), "/?range=yesterday")) == ["#1001"]


PERIODS = [("today", 1), ("7d", 7), ("14d", 14), ("30d", 30), ("all", 41)]


@pytest.mark.parametrize(("period", "expected"), PERIODS)
def test_a_period_holds_whole_days_up_to_today(shop: Shop, person: FlaskClient, period: str, expected: int) -> None:
    midnight = shop.now.replace(hour=0)
    shop.store(*(make_order(1001 + day, created_at=(midnight - timedelta(days=day)).isoformat()) for day in range(41)))

    assert tabs(look(person, f"/?range={period}"))["All"] == expected


def test_the_usual_period_is_today(shop: Shop, person: FlaskClient) -> None:
    shop.receive(1001, created_at="2026-11-23T12:00:00+05:30")
    shop.receive(1002)

    assert names(look(person)) == ["#1002"]


def test_one_hour_of_a_day_can_be_seen_alone(shop: Shop, person: FlaskClient) -> None:
    shop.receive(1001, created_at="2026-11-24T10:59:59+05:30")
    shop.receive(1002, created_at="2026-11-24T11:00:00+05:30")

    assert names(look(person, "/?hour=10")) == ["#1001"]


ODD_ADDRESSES = [
    "/?range=century",
    "/?sort=luck",
    "/?hour=24",
    "/?hour=-1",
    "/?hour=x",
    "/?hour=0009999999999999999",
    f"/?hour={'0' * 3 + '9' * 5_000}",
    "/?before=abc",
    "/?before=-1",
    f"/?before={2**64}",
    f"/?after={'9' * 5_000}",
    "/?after=1&before=2",
    "/?q=%FF%FE",
    f"/?q={'x' * 5_000}",
    "/?status=%00",
    "/reports/placed?range=all",
    "/reports/placed?range=yesterday&hour=3",
]


@pytest.mark.parametrize("address", ODD_ADDRESSES, ids=lambda address: address[:30])
def test_what_cannot_be_read_in_an_address_counts_as_not_given(person: FlaskClient, address: str) -> None:
    assert person.get(address).status_code == 200


# -- numbers above the list


def test_the_tiles_count_the_period(mixed: Shop, person: FlaskClient) -> None:
    shown = tiles(look(person))

    assert {label: number for label, (number, _) in shown.items()} == {
        "Orders": "6",
        "Placed": "3",
        "Success": "1",
        "Returned": "1",
        "Failed": "1",
    }


def test_a_tile_compares_with_the_same_time_a_week_ago(shop: Shop, person: FlaskClient) -> None:
    shop.receive(1001)
    shop.receive(1002)
    shop.receive(1003, created_at="2026-11-17T11:59:00+05:30")
    shop.receive(1004, created_at="2026-11-17T12:01:00+05:30")

    assert tiles(look(person))["Orders"] == ("2", "+1 on the same time last week")


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
    assert tiles(page)["Placed"][1] == "₹1,500, $99.50 still to confirm"
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

    table = look(person).one("section", aria_labelledby="hours-title").one("tbody")

    assert [cell.text for cell in table.all() if cell.tag in ("th", "td")] == ["10:00", "2", "0", "0", "0", "1"]


def test_the_way_from_order_to_outcome_is_counted(mixed: Shop, person: FlaskClient) -> None:
    mixed.change(6_300_000_001_001, calling_state="on_campaign")

    steps = [step.text for step in look(person).one("section", aria_labelledby="funnel-title").all("li")]

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
    button = page.one("button", text="Re-sync")

    answer = send_form(person, button.attrs["formaction"], **{"back": "list", "from": "?status=Placed"})

    assert page.has("form", id=button.attrs["form"], method="post")
    assert answer.location == "/?status=Placed"
    assert flashed(look(person)) == ["#1001: Order synced to Kalimera successfully."]


def test_an_empty_shop_is_told_where_shopify_must_send_to(shop: Shop, person: FlaskClient) -> None:
    page = look(person)

    assert page.has("p", text="No orders yet")
    assert page.one("p", css="pre").text == "http://localhost/shopify/webhook"
    assert not page.has(css="kpi")


def test_missing_settings_are_told_on_every_page(new_shop: Any) -> None:
    shop = new_shop(KALIMERA_AUTH_TOKEN="", SHOPIFY_ACCESS_TOKEN="")

    page = look(shop.person(), "/reports/placed")

    assert page.has("p", css="ban", text="Nobody is called: KALIMERA_AUTH_TOKEN not set.")
    assert page.has("p", css="ban", text="Nothing is cancelled in Shopify: SHOPIFY_ACCESS_TOKEN not set.")


def test_the_default_password_is_told_on_a_development_machine(person: FlaskClient) -> None:
    assert look(person).has("p", css="ban", text="admin / admin opens this dashboard from this machine.")


def test_the_sandbox_is_told(new_shop: Any) -> None:
    shop = new_shop(ORDERCALL_SANDBOXED="1")

    assert look(shop.person()).has("p", css="ban", text="Sandbox: nobody is really called.")


# -- what is new


def test_nothing_new_is_no_answer(shop: Shop, person: FlaskClient) -> None:
    shop.receive(1001)
    since = look(person).one(id="fresh").attrs["hx-get"]

    assert person.get(since).status_code == 204


def test_new_orders_are_offered(shop: Shop, person: FlaskClient) -> None:
    since = look(person).one(id="fresh").attrs["hx-get"]
    shop.receive(1001)
    shop.receive(1002)

    assert look(person, since).one("a").text == "2 new orders"


def test_changes_are_offered(shop: Shop, person: FlaskClient) -> None:
    order_id = shop.receive(1001)
    since = look(person).one(id="fresh").attrs["hx-get"]
    send_form(person, f"/orders/{order_id}/status", status="Success")

    assert look(person, since).one("a").text == "1 changed"


@pytest.mark.parametrize(
    "since", ["", "x", "-1", "9" * 18, "9" * 19, "9" * 30, "9" * 5_000], ids=lambda text: text[:20]
)
def test_any_place_in_the_log_may_be_asked_for(shop: Shop, person: FlaskClient, since: str) -> None:
    assert person.get(f"/live?since={since}").status_code in (200, 204)


# -- one order


def test_an_order_is_shown_with_all_that_is_known(shop: Shop, person: FlaskClient) -> None:
    order_id = shop.receive(1001, person=ANANYA, total_price="1299.00")

    page = look(person, f"/orders/{order_id}")

    assert page.one("h1").text == "#1001"
    assert page.one(id="customer-title").text == "Ananya Iyer"
    assert page.one("address").text == "14 Lake View Road, AdyarChennai, Tamil Nadu"
    assert page.has("a", href="tel:+915550001001")
    assert page.has("a", href="mailto:customer1001@example.com")
    for text in ("Steel Tiffin, Three Tiers", "₹1,299", "To collect on delivery", "24 Nov 2026, 12:00:00 pm IST"):
        assert text in page.text


def timeline(page: Page) -> list[str]:
    """Return the titles of the timeline's entries, from the top."""
    return [entry.all("b")[0].text for entry in page.one("section", aria_labelledby="timeline-title").all("li")]


def record(shop: Shop, order_id: int, event: Event, message: str, call: ProviderCall | None = None) -> None:
    with shop.db.begin() as tx:
        activity.record(tx, order_id, event, message, now=shop.now, call=call)


@pytest.fixture
def eventful(shop: Shop) -> int:
    """Return the id of an order to which something happened on three days, twice a problem."""
    order_id = shop.receive(1001)
    shop.pass_time(days=1)
    record(shop, order_id, Event.SYNC_ERROR, "Kalimera refused the number.")
    shop.pass_time(hours=1)
    record(shop, order_id, Event.SYNC_SUCCESS, "On the campaign.")
    shop.pass_time(days=1)
    record(shop, order_id, Event.CANCEL_ERROR, "The parcel has left.")
    return order_id


def test_the_timeline_begins_with_the_newest(shop: Shop, person: FlaskClient, eventful: int) -> None:
    page = look(person, f"/orders/{eventful}")

    assert timeline(page) == [
        "Not cancelled in Shopify",
        "On the calling campaign",
        "Not put on the campaign",
        "Received from Shopify",
    ]
    days = page.one("section", aria_labelledby="timeline-title").all("h3")
    assert [day.text for day in days] == ["26 November 2026", "25 November 2026", "24 November 2026"]


def test_the_timeline_shows_the_event_beside_the_words(shop: Shop, person: FlaskClient, eventful: int) -> None:
    codes = [code.text for code in look(person, f"/orders/{eventful}").all(css="code")]

    assert codes == ["Shopify_Cancel_Error", "Kalimera_Sync_Success", "Kalimera_Sync_Error", "Shopify_Webhook_Received"]


def test_the_problems_can_be_seen_alone(shop: Shop, person: FlaskClient, eventful: int) -> None:
    link = look(person, f"/orders/{eventful}").one("nav", aria_label="Which entries").one("a", text="Problems")

    page = look(person, link.attrs["href"])

    assert timeline(page) == ["Not cancelled in Shopify", "Not put on the campaign"]
    assert page.one("nav", aria_label="Which entries").one("a", aria_current="true").text == "Problems"


def test_an_order_without_problems_says_so(shop: Shop, person: FlaskClient) -> None:
    order_id = shop.receive(1001)

    page = look(person, f"/orders/{order_id}?show=problems")

    assert page.has("p", text="No problems with this order.")


def test_the_call_behind_an_entry_is_shown_with_what_is_private_masked(shop: Shop, person: FlaskClient) -> None:
    order_id = shop.receive(1001)
    sent = {"name": "Ananya Iyer", "phone": "+915550001001", "email": "a@example.com", "address": "14 Lake View Road"}
    said = {"error": "phone +91 555 000 1001 exists", "token": "secret-token"}
    call = ProviderCall("POST", "/kalimera/contact", 400, 31, mask(sent), mask(said))
    record(shop, order_id, Event.SYNC_ERROR, "Kalimera refused the contact.", call)

    shown = look(person, f"/orders/{order_id}").one("section", aria_labelledby="timeline-title").one("pre").text

    assert '"status": 400' in shown
    assert "/kalimera/contact" in shown
    for private in ("Ananya", "555000", "555 000", "a@example.com", "Lake View", "secret-token"):
        assert private not in shown


def test_an_event_of_the_original_program_keeps_its_name(shop: Shop, person: FlaskClient) -> None:
    order_id = shop.receive(1001)
    with shop.db.begin() as tx:
        values = (order_id, "2026-11-24T12:30:00", "Some_Old_Event", "As it was.")
        tx.exec_driver_sql("INSERT INTO logs (shopify_id, timestamp, event_type, message) VALUES (?, ?, ?, ?)", values)

    assert timeline(look(person, f"/orders/{order_id}"))[0] == "Some Old Event"


def test_the_other_orders_of_the_same_phone_are_shown(shop: Shop, person: FlaskClient) -> None:
    phone = "+915550009999"
    earlier = shop.receive(1001, phone=phone, created_at="2026-10-01T12:00:00+05:30")
    decide(shop, earlier, "Returned")
    shop.receive(1002)
    order_id = shop.receive(1003, phone=phone)

    others = look(person, f"/orders/{order_id}").one("section", aria_labelledby="customer-title").all("ul")[1]

    assert [link.text for link in others.all("a")] == ["#1001"]
    assert others.has(css="b-Returned")


def test_an_order_without_a_phone_has_no_others(shop: Shop, person: FlaskClient) -> None:
    shop.receive(1001, phone=None)

    page = look(person, f"/orders/{shop.receive(1002, phone=None)}")

    assert page.has("li", text="No usable phone number")
    assert not page.has("h3", text="Other orders from this phone")


def test_why_nobody_is_called_is_told(shop: Shop, person: FlaskClient) -> None:
    page = look(person, f"/orders/{shop.receive(1001, phone=None)}")

    assert page.has("div", css="ban", text="Not called. No usable phone number stands in the order.")


def test_one_can_go_to_the_next_order_of_the_list(mixed: Shop, person: FlaskClient) -> None:
    link = look(person, "/?status=Placed").one("a", css="go", text="#1002").attrs["href"]

    page = look(person, link)
    newer, older = page.one("a", rel="prev").attrs["href"], page.one("a", rel="next").attrs["href"]

    assert look(person, newer).one("h1").text == "#1006"
    assert look(person, older).one("h1").text == "#1001"


def test_one_can_go_to_the_next_order_of_a_report(shop: Shop, person: FlaskClient) -> None:
    shop.receive(1001, created_at="2026-11-20T12:00:00+05:30")
    shop.receive(1002, created_at="2026-11-21T12:00:00+05:30")
    link = look(person, "/reports/placed").one("a", css="go", text="#1002").attrs["href"]

    older = look(person, link).one("a", rel="next").attrs["href"]

    assert look(person, older).one("h1").text == "#1001"


NO_ORDERS = ["1", "0", "-1", "abc", "1.5", str(2**63), "9" * 5_000, "%FF", "٣"]


@pytest.mark.parametrize("text", NO_ORDERS, ids=lambda text: text[:20])
def test_an_unknown_order_has_a_page_that_says_so(person: FlaskClient, text: str) -> None:
    page = look(person, f"/orders/{text}", status=404)

    assert page.one("h1").text.startswith("No order has the Shopify id")
    assert page.one("a", css="btn").attrs["href"] == "/"


# -- changing the status


def status_form(page: Page) -> Element:
    return page.one("section", aria_labelledby="status-title").one("form")


def fields(form: Element) -> dict[str, str]:
    """Return what a browser would send with this form, before a button adds to it."""
    return {field.attrs["name"]: field.attrs["value"] for field in form.all("input", type="hidden")}


def press(person: FlaskClient, form: Element, status: str) -> TestResponse:
    return person.post(form.attrs["action"], data=fields(form) | {"status": status})


def test_a_click_sets_the_status(shop: Shop, person: FlaskClient) -> None:
    order_id = shop.receive(1001)
    form = status_form(look(person, f"/orders/{order_id}"))

    answer = press(person, form, form.one("button", value="Success").attrs["value"])

    assert answer.status_code == 303
    assert shop.order(order_id).confirmation_status == "Success"
    assert flashed(look(person, answer.location)) == ["#1001 marked Success."]


def test_the_timeline_names_who_changed_it(shop: Shop, person: FlaskClient) -> None:
    order_id = shop.receive(1001)
    press(person, status_form(look(person, f"/orders/{order_id}")), "Returned")

    newest = look(person, f"/orders/{order_id}").one("section", aria_labelledby="timeline-title").all("li")

    assert any("Status changed by admin" in entry.text for entry in newest)


def test_the_status_it_has_cannot_be_chosen(shop: Shop, person: FlaskClient) -> None:
    form = status_form(look(person, f"/orders/{shop.receive(1001)}"))

    assert [button.attrs["value"] for button in form.all("button")] == ["Success", "Returned"]
    assert form.one("p", aria_current="true").text.startswith("Placed")


def test_failed_asks_first_and_names_the_order_and_the_consequence(shop: Shop, person: FlaskClient) -> None:
    order_id = shop.receive(1001, person=ANANYA, total_price="1299.00")
    failed = status_form(look(person, f"/orders/{order_id}")).one("a", text="Failed…")

    page = look(person, failed.attrs["href"])

    assert page.one(id="confirm-title").text == "Mark #1001 Failed and cancel it in Shopify?"
    consequence = page.one(id="confirm-text").text
    assert consequence.startswith("Shopify cannot undo a cancellation. Ananya gets an e-mail")
    assert "₹1,299 would have to be ordered again." in consequence
    assert page.has("a", css="btn", text="Keep order")
    assert shop.order(order_id).confirmation_status == "Placed"


def test_failed_is_carried_out_after_the_question(shop: Shop, person: FlaskClient) -> None:
    shop.settles_at_once("cancel_state", cancel_state="done")
    order_id = shop.receive(1001)
    form = look(person, f"/orders/{order_id}?confirm=Failed").one("section", role="group").one("form")

    answer = person.post(form.attrs["action"], data=fields(form))

    assert shop.order(order_id).confirmation_status == "Failed"
    assert flashed(look(person, answer.location)) == ["#1001 marked Failed and cancelled in Shopify."]


def test_a_refused_cancellation_is_shown_and_can_be_tried_again(shop: Shop, person: FlaskClient) -> None:
    shop.settles_at_once("cancel_state", cancel_state="refused", cancel_detail="The parcel has left.")
    order_id = shop.receive(1001)
    send_form(person, f"/orders/{order_id}/status", status="Failed")
    banner = look(person, f"/orders/{order_id}").one("div", css="ban", text="Not cancelled in Shopify.")
    form = banner.one("form")

    person.post(form.attrs["action"], data=fields(form))

    assert "The parcel has left." in banner.text
    assert shop.events(order_id).count("Shopify_Cancel_Requested") == 2


def test_an_order_that_is_not_failed_is_not_cancelled(shop: Shop, person: FlaskClient) -> None:
    order_id = shop.receive(1001)

    answer = send_form(person, f"/orders/{order_id}/cancel")

    assert answer.status_code == 409
    assert shop.order(order_id).cancel_state is None


def test_a_status_that_somebody_changed_meanwhile_is_not_overwritten(shop: Shop, person: FlaskClient) -> None:
    order_id = shop.receive(1001)
    form = status_form(look(person, f"/orders/{order_id}"))
    shop.client().post(
        f"/api/orders/{order_id}/status", json={"status": "Success"}, headers={"X-App-Token": "a-sync-token"}
    )
    shop.pass_time(seconds=40)

    answer = press(person, form, "Returned")

    assert answer.status_code == 409
    assert Page(answer).one("h1").text == "API set this order to Success 40 s ago."
    assert shop.order(order_id).confirmation_status == "Success"


def test_a_change_long_ago_is_told_in_minutes(shop: Shop, person: FlaskClient) -> None:
    order_id = shop.receive(1001)
    form = status_form(look(person, f"/orders/{order_id}"))
    decide(shop, order_id, "Failed", by="Shopify")
    shop.pass_time(minutes=5)

    answer = press(person, form, "Success")

    assert Page(answer).one("h1").text == "Shopify set this order to Failed 5 min ago."


@pytest.mark.parametrize("status", ["", "Paid", "failed"])
def test_no_other_status_can_be_sent(shop: Shop, person: FlaskClient, status: str) -> None:
    order_id = shop.receive(1001)

    answer = send_form(person, f"/orders/{order_id}/status", status=status)

    assert answer.status_code == 400
    assert shop.order(order_id).confirmation_status == "Placed"


def test_after_a_change_one_is_still_in_the_same_list(shop: Shop, person: FlaskClient) -> None:
    order_id = shop.receive(1001)
    form = status_form(look(person, f"/orders/{order_id}?from=%3Fstatus%3DPlaced"))

    answer = press(person, form, "Success")

    assert parse_qs(urlsplit(answer.location).query) == {"from": ["?status=Placed"]}


# -- sync now


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
    expected = "Order #1001 is not called: No usable phone number stands in the order."
    assert Page(answer).one("h1").text == expected


# -- reports

SLUGS = {"placed": ["#1006", "#1002", "#1001"], "success": ["#1003"], "returned": ["#1004"], "failed": ["#1005"]}


@pytest.mark.parametrize(("slug", "expected"), SLUGS.items(), ids=list(SLUGS))
def test_a_report_is_about_one_status(mixed: Shop, person: FlaskClient, slug: str, expected: list[str]) -> None:
    page = look(person, f"/reports/{slug}")

    assert page.one("h1").text == f"{slug.capitalize()} orders"
    assert names(page) == expected
    assert tiles(page)["Orders"] == (str(len(expected)), "of 6 in this period")


@pytest.mark.parametrize("slug", ["paid", "Placed", "PLACED", "off-campaign", "placed%20", "1", "%00"])
def test_there_is_no_other_report(person: FlaskClient, slug: str) -> None:
    assert look(person, f"/reports/{slug}", status=404).one("h1").text == "There is nothing at this address."


def test_a_report_tells_share_revenue_and_time(shop: Shop, person: FlaskClient) -> None:
    placed = shop.receive(1001, total_price="1000.00")
    shop.receive(1002, total_price="20.00", currency="USD")
    shop.pass_time(minutes=45)
    decide(shop, placed, "Success")

    assert tiles(look(person, "/reports/success")) == {
        "Orders": ("1", "of 2 in this period"),
        "Share of all orders": ("50 %", "1 decided"),
        "Revenue": ("₹1,000", ""),
        "Time to decision": ("45 min", "median, from order to status"),
    }


def test_a_report_does_not_add_across_currencies(shop: Shop, person: FlaskClient) -> None:
    shop.receive(1001, total_price="1000.00")
    shop.receive(1002, total_price="500.00")
    shop.receive(1003, total_price="20.00", currency="USD")

    assert tiles(look(person, "/reports/placed"))["Revenue"] == ("₹1,500", "plus $20")


def test_a_report_looks_back_fourteen_days(shop: Shop, person: FlaskClient) -> None:
    shop.receive(1001, created_at="2026-11-11T00:00:00+05:30")
    shop.receive(1002, created_at="2026-11-10T23:59:59+05:30")

    assert names(look(person, "/reports/placed")) == ["#1001"]


def test_a_report_counts_each_day(shop: Shop, person: FlaskClient) -> None:
    shop.receive(1001, created_at="2026-11-23T23:59:00+05:30")
    decide(shop, shop.receive(1002, created_at="2026-11-23T00:01:00+05:30"), "Failed")
    shop.receive(1003)

    page = look(person, "/reports/placed?range=7d")
    table = page.one("section", aria_labelledby="days-title").one("tbody")
    days = {line.one("th").text: [cell.text for cell in line.all("td")] for line in table.all("tr")}

    assert len(days) == 7
    assert (days["22 Nov"], days["23 Nov"], days["24 Nov"]) == (["0", "0"], ["1", "2"], ["1", "1"])


def test_a_report_ranks_states_and_products(shop: Shop, person: FlaskClient) -> None:
    shop.receive(1001, state="Gujarat")
    shop.receive(1007, state="Gujarat")
    shop.receive(1002, state="Kerala")

    page = look(person, "/reports/placed")
    ranked = [[line.text for line in page.one("section", aria_labelledby=f"top-{place}").all("p")] for place in (1, 2)]

    assert ranked[0] == ["Gujarat 2 67 %", "Kerala 1 33 %"]
    assert ranked[1][0] == "Steel Tiffin, Three Tiers 2 67 %"


def test_a_report_without_orders_says_so(person: FlaskClient) -> None:
    assert look(person, "/reports/failed").has("p", text="No Failed orders in this period.")


# -- deliveries


def test_a_webhook_that_could_not_be_read_is_announced_and_explained(shop: Shop, person: FlaskClient) -> None:
    post_webhook(shop.client(), b"not JSON")
    banner = look(person).one("div", css="ban", text="could not be read")

    page = look(person, banner.one("a").attrs["href"])

    assert banner.one("b").text == "1 signed webhook could not be read as an order."
    assert [cell.text for cell in page.one("tbody").all("td")] == [
        "just now",
        "orders/create",
        "Unreadable",
        "The body is not JSON.",
        "8",
        "1",
    ]


def test_unreadable_deliveries_come_before_those_that_are_not_used(shop: Shop, person: FlaskClient) -> None:
    post_webhook(shop.client(), b"not JSON")
    post_webhook(shop.client(), b"{}", topic="products/update")
    shop.receive(1001)

    table = look(person, "/deliveries").one("tbody")

    assert [line.all("td")[1].text for line in table.all("tr")] == ["orders/create", "products/update"]


def test_a_shop_without_odd_deliveries_says_so(shop: Shop, person: FlaskClient) -> None:
    shop.receive(1001)

    assert look(person, "/deliveries").has("p", text="Every webhook so far became an order.")


# -- light and dark


@pytest.mark.parametrize(("chosen", "theme"), [("light", "light"), ("dark", "dark"), ("system", ""), ('"><b>', "")])
def test_the_theme_is_remembered(person: FlaskClient, chosen: str, theme: str) -> None:
    answer = send_form(person, "/theme", theme=chosen)

    assert answer.status_code == 303
    assert look(person).one("html").attrs["data-theme"] == theme


def test_the_theme_comes_back_to_the_page_it_was_chosen_on(person: FlaskClient) -> None:
    token = fields(look(person).one("form", action="/theme"))["csrf_token"]
    referrer = {"Referer": "http://localhost/reports/failed?range=7d"}

    answer = person.post("/theme", data={"theme": "dark", "csrf_token": token}, headers=referrer)

    assert answer.location == "/reports/failed?range=7d"


@pytest.mark.parametrize("referrer", ["https://evil.example/x", "http://localhost//evil.example", "nonsense", ""])
def test_the_theme_leads_to_no_other_site(person: FlaskClient, referrer: str) -> None:
    token = fields(look(person).one("form", action="/theme"))["csrf_token"]

    answer = person.post("/theme", data={"theme": "dark", "csrf_token": token}, headers={"Referer": referrer})

    assert re.fullmatch(r"/([^/\\].*)?", answer.location)


def test_a_theme_that_somebody_wrote_into_the_cookie_is_text(person: FlaskClient) -> None:
    person.set_cookie("theme", "%22%3E%3Cscript%3E")

    assert "<script>" not in look(person).source


# -- every page: what the content policy forbids, and what others may have written

SCRIPT = "<script>alert(1)</script>"
IMAGE = '"><img src=x onerror=alert(1)>'
TEMPLATE = "{{ 7*7 }}"
QUOTES = "' onmouseover='alert(1)"
HOSTILE_TEXTS = [SCRIPT, IMAGE, TEMPLATE, QUOTES]
ALL_PAGES = [
    "/",
    "/?range=all&sort=name",
    "/?q=nobody",
    "/orders/{}",
    "/orders/{}?confirm=Failed",
    "/orders/{}?show=problems",
    "/reports/placed",
    "/reports/success",
    "/reports/returned",
    "/reports/failed",
    "/deliveries",
    "/orders/1",
    "/nowhere",
    "/login",
]
EVERYTHING = [*ALL_PAGES, "/api/orders/latest", "/health", "/static/app.css"]


@pytest.fixture(scope="module")
def answers(new_shop: Any) -> dict[str, TestResponse]:
    """What a person gets from each address of a shop in which each part of each page has something to show."""
    shop: Shop = new_shop()
    shop.receive(1001, phone="+915550009999")
    order_id = shop.receive(1002, phone="+915550009999")
    shop.change(order_id, calling_state="failed", calling_reason="kalimera_refused", cancel_state="refused")
    call = ProviderCall("POST", "/kalimera/contact", 400, 31, {"name": SCRIPT}, {"error": IMAGE})
    record(shop, order_id, Event.SYNC_ERROR, "Kalimera refused it.", call)
    post_webhook(shop.client(), b"not JSON", topic="orders/create")
    person = shop.person()
    return {address: person.get(address.format(order_id), buffered=True) for address in EVERYTHING}


@pytest.fixture(scope="module")
def pages(answers: dict[str, TestResponse]) -> dict[str, Page]:
    return {address: Page(answers[address]) for address in ALL_PAGES}


each_page = pytest.mark.parametrize("address", ALL_PAGES)


@each_page
def test_a_page_holds_no_inline_script_or_style(pages: dict[str, Page], address: str) -> None:
    page = pages[address]

    scripts = [script for script in page.all("script") if "src" not in script.attrs or script.children]
    handlers = [name for element in page.every() for name in element.attrs if name == "style" or name.startswith("on")]
    assert (scripts, handlers, page.all("style")) == ([], [], [])


@each_page
def test_a_page_loads_nothing_from_elsewhere(pages: dict[str, Page], address: str) -> None:
    loaded = [
        element for element in pages[address].every() if element.tag in ("script", "link", "img", "use", "iframe")
    ]

    sources = [element.attrs.get("src") or element.attrs.get("href", "") for element in loaded]
    assert [source for source in sources if not source.startswith("/static/")] == []


@each_page
def test_every_form_that_changes_something_carries_a_csrf_token(pages: dict[str, Page], address: str) -> None:
    forms = [form for form in pages[address].all("form") if form.attrs.get("method") == "post"]

    assert [form.attrs.get("action") for form in forms if not form.has("input", name="csrf_token")] == []


@each_page
def test_an_id_stands_on_a_page_once(pages: dict[str, Page], address: str) -> None:
    ids = [element.attrs["id"] for element in pages[address].every() if "id" in element.attrs]

    assert sorted(ids) == sorted(set(ids))


@each_page
def test_no_page_is_kept_by_a_cache(answers: dict[str, TestResponse], address: str) -> None:
    assert answers[address].headers["Cache-Control"] == "no-store"


POLICY = {
    "default-src": ["'none'"],
    "script-src": ["'self'"],
    "style-src": ["'self'"],
    "base-uri": ["'none'"],
    "form-action": ["'self'"],
    "frame-ancestors": ["'none'"],
}


@pytest.mark.parametrize("address", EVERYTHING)
def test_every_answer_carries_the_security_headers(answers: dict[str, TestResponse], address: str) -> None:
    headers = answers[address].headers

    policy = {part.split()[0]: part.split()[1:] for part in headers["Content-Security-Policy"].split(";")}
    assert {name: policy[name] for name in POLICY} == POLICY
    assert "unsafe" not in str(policy)
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


HOSTILE_PAGES = ["/?range=all", "/orders/{}", "/orders/{}?confirm=Failed", "/reports/placed?range=30d", "/deliveries"]


@pytest.fixture(scope="module", params=HOSTILE_TEXTS, ids=lambda text: text[:12])
def hostile(request: pytest.FixtureRequest, new_shop: Any) -> tuple[str, dict[str, Page]]:
    """Put a hostile text into every field of an order; return it and the pages on which it stands."""
    text: str = request.param
    shop: Shop = new_shop()
    mallory = Person(text, text, text, text, text, text, text)
    order_id = shop.receive(1001, person=mallory, name=text, email=text, currency=text, payment_gateway_names=[text])
    shop.change(
        order_id,
        product_title=text,
        calling_state="failed",
        calling_reason="kalimera_refused",
        calling_detail=text,
        cancel_state="refused",
        cancel_detail=text,
        status_changed_by=text,
        contact_id=text,
        campaign_id=text,
    )
    record(shop, order_id, Event.SYNC_ERROR, text, ProviderCall("POST", text, 400, 31, {text: text}, text))
    post_webhook(shop.client(), b"{}", topic=text)
    person = shop.person()
    return text, {address: look(person, address.format(order_id)) for address in HOSTILE_PAGES}


@pytest.mark.parametrize("address", HOSTILE_PAGES)
def test_hostile_texts_come_out_as_texts(hostile: tuple[str, dict[str, Page]], address: str) -> None:
    text, page = hostile[0], hostile[1][address]

    assert text in page.text
    assert not page.has("img")
    assert [name for element in page.every() for name in element.attrs if name.startswith("on")] == []
    assert [script for script in page.all("script") if script.children] == []


def test_a_hostile_search_comes_out_as_text(shop: Shop, person: FlaskClient) -> None:
    shop.receive(1001)

    page = Page(person.get("/", query_string={"q": IMAGE, "from": SCRIPT}))

    assert page.has("p", text=f"No orders match “{IMAGE}”")
    assert page.one("input", type="search").attrs["value"] == IMAGE
    assert not page.has("img")


def test_a_hostile_name_comes_out_as_text_in_what_a_click_says(shop: Shop, person: FlaskClient) -> None:
    order_id = shop.receive(1001, name=SCRIPT)

    answer = send_form(person, f"/orders/{order_id}/status", status="Success")

    assert flashed(look(person, answer.location)) == [f"{SCRIPT} marked Success."]


# -- one odd order never fails the page of the others

ODD_ORDERS: dict[str, dict[str, Any]] = {
    "no currency": {"currency": None},
    "an unknown currency": {"currency": "XXQ"},
    "a long currency": {"currency": "x" * 400},
    "a currency in other letters": {"currency": "₹₹₹"},
    "no total": {"total_price": None},
    "a negative total": {"total_price": "-5.00"},
    "a huge total": {"total_price": "999999999999999"},
    "a tiny total": {"total_price": "0.0000001"},
    "many decimals": {"total_price": "1.123456789"},
    "a total in yen": {"total_price": "100.50", "currency": "JPY"},
    "a total in dinars": {"total_price": "1.125", "currency": "KWD"},
    "no customer": {"customer": None, "billing_address": None, "shipping_address": None},
    "no lines": {"line_items": []},
    "no times": {"created_at": None, "updated_at": None},
    "a time long ago": {"created_at": "1971-01-01T00:00:00+23:59"},
    "a time before time": {"created_at": "0001-01-01T00:00:00Z"},
    "the last second of time": {"created_at": "9999-12-31T23:59:59Z"},
    "a time in another calendar": {"created_at": "tomorrow"},
    "the largest id": {"id": 2**63 - 1, "admin_graphql_api_id": None},
    "no name": {"name": None},
    "a name of another type": {"name": {"a": 1}},
    "a very long name": {"name": "x" * 100_000},
}


@pytest.mark.parametrize("changes", ODD_ORDERS.values(), ids=list(ODD_ORDERS))
def test_an_odd_order_has_its_page(shop: Shop, person: FlaskClient, changes: dict[str, Any]) -> None:
    order_id = shop.receive(1001, **changes)

    assert person.get(f"/orders/{order_id}").status_code == 200


@pytest.mark.parametrize("address", ["/?range=all", "/reports/placed?range=all"])
def test_odd_orders_stand_in_the_list_like_any_other(shop: Shop, person: FlaskClient, address: str) -> None:
    for number, changes in enumerate(ODD_ORDERS.values(), start=1001):
        shop.receive(number, **changes)

    assert len(names(look(person, address))) == len(ODD_ORDERS)


def test_times_are_shown_where_the_shop_is(shop: Shop, person: FlaskClient) -> None:
    moment = datetime(2026, 11, 24, 3, 4, 5, tzinfo=UTC).isoformat()

    page = look(person, f"/orders/{shop.receive(1001, created_at=moment)}")

    assert "24 Nov 2026, 8:34:05 am IST" in page.one("header", css="mb-5").text
