"""Which orders a list shows: those that a search finds, and those of a period."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask.testing import FlaskClient

from ordercall.sandbox.orders import FIRST_ID, make_order
from ordercall.web.view.filters import period_bounds
from reading import ANANYA, HETAL, look, names, sent_with, tabs
from web_app import Page, Shop

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
    ("५५५०००१००१", "#1001"),
    ("+९१ ५५५०० ०१००१", "#1001"),
    ("૫૫૫૦૦૦૧૦૦૧", "#1001"),
    ("१००२", "#1002"),
    ("#૧૦૦૨", "#1002"),
    ("＃1002", "#1002"),
    (f"gid://shopify/Order/{FIRST_ID + 1002}", "#1002"),
    (f"https://admin.shopify.com/store/{'a-long-name-' * 8}/orders/{FIRST_ID + 1002}?link=mail", "#1002"),
]


@pytest.mark.parametrize(("text", "found"), SEARCHES)
def test_the_search_finds_an_order(shop: Shop, person: FlaskClient, text: str, found: str) -> None:
    shop.receive(1001, person=ANANYA)
    shop.receive(1002, person=HETAL)

    page = Page(person.get("/", query_string={"q": text}))

    assert names(page) == [found]


def test_a_search_finds_a_name_that_is_written_with_joiners(shop: Shop, person: FlaskClient) -> None:
    shop.receive(1001, person=ANANYA._replace(city="മോഹന്\u200d നഗര്\u200d"))

    assert names(Page(person.get("/", query_string={"q": "നഗര്\u200d"}))) == ["#1001"]


@pytest.mark.parametrize("text", ["%", "_", "\\", "'", '"', "' OR 1=1 --", "12", "zz", "💥", "%\x00"])
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
    shop.receive(1001)

    assert sent_with(look(person, "/?range=7d&status=Placed"), "search") == {"range": "7d", "status": "Placed"}
    assert sent_with(look(person, "/reports/placed"), "search") == {"range": "14d"}


def test_a_period_keeps_the_search_and_the_tab(shop: Shop, person: FlaskClient) -> None:
    page = look(person, "/?q=ananya&status=Failed&sort=total&hour=9")

    assert sent_with(page, "period") == {"q": "ananya", "status": "Failed", "sort": "total"}


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


@pytest.mark.parametrize("hour", [0, 12])
@pytest.mark.parametrize("fold", [0, 1])
def test_a_day_begins_once_where_clocks_are_put_back_at_midnight(hour: int, fold: int) -> None:
    """In Havana the hour after midnight comes twice on the first of November 2026."""
    now = datetime(2026, 11, 1, hour, 30, fold=fold, tzinfo=ZoneInfo("America/Havana"))

    (start, end), (_, yesterdays) = period_bounds("today", now), period_bounds("yesterday", now)

    assert start is not None
    assert end is not None
    assert yesterdays is not None
    assert start.timestamp() == yesterdays.timestamp() <= now.timestamp()
    assert end.timestamp() - start.timestamp() == timedelta(hours=25).total_seconds()


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


@pytest.mark.parametrize(
    "written",
    ["status=failed", "status=FAILED", "status=%20Failed", "status=Failed&range=ALL", "range=7D&status=failed"],
)
def test_the_words_of_an_address_count_in_any_case(shop: Shop, person: FlaskClient, written: str) -> None:
    """A status that is not understood would show, and export, the orders of all of them."""
    shop.receive(1001)
    shop.change(shop.receive(1002), confirmation_status="Failed")

    assert names(look(person, f"/?{written}")) == ["#1002"]


def test_a_list_is_sorted_by_a_word_in_any_case(shop: Shop, person: FlaskClient) -> None:
    shop.receive(1002, created_at=(shop.now - timedelta(minutes=1)).isoformat())
    shop.receive(1001, created_at=shop.now.isoformat())

    assert names(look(person, "/?sort=PLACED")) == ["#1002", "#1001"]
