"""In which order a list stands, and how it is cut into pages."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient

from databases import ask
from ordercall.domain.calls.calling import INDIA
from ordercall.sandbox.orders import FIRST_ID, make_order
from reading import fields, look, names
from web_app import Page, Shop

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
    assert names(turn(person, back, "Newer")) == numbered(1061, 1037)


@pytest.mark.parametrize(("way", "left"), [("Newer", range(1001, 1036)), ("Older", range(1036, 1061))])
def test_a_page_whose_orders_left_the_list_meanwhile_is_the_first(
    sixty: Shop, person: FlaskClient, way: str, left: range
) -> None:
    first = look(person, "/?status=Placed")
    opened = turn(person, first, "Older") if way == "Newer" else first
    with sixty.db.begin() as tx:
        ids = FIRST_ID + left.start, FIRST_ID + left.stop - 1
        ask(tx, "UPDATE orders SET confirmation_status = 'Success' WHERE shopify_id NOT BETWEEN ? AND ?", *ids)

    assert names(turn(person, opened, way)) == numbered(left.stop - 1, max(left.start, left.stop - 25))


@pytest.mark.parametrize(("sort", "onward"), [("placed", "Newer"), ("-total", "Older"), ("name", "Older")])
def test_every_order_is_on_one_page_whatever_the_sort(sixty: Shop, person: FlaskClient, sort: str, onward: str) -> None:
    page = look(person, f"/?sort={sort}")
    seen = names(page)
    while page.has("a", rel="next", text=onward):
        page = turn(person, page, onward)
        seen += names(page)

    assert sorted(seen, reverse=True) == numbered(1060, 1001)


def test_an_order_and_a_run_lead_back_to_the_page_they_were_chosen_on(sixty: Shop, person: FlaskClient) -> None:
    second = turn(person, look(person), "Older")
    here = look(person, second.all("a", css="go")[0].attrs["href"]).one("a", css="btn-q", text="Orders")
    sent = fields(second.one("form", id="bulk")) | {"id": str(FIRST_ID + 1020), "action": "sync"}

    run = look(person, person.post("/bulk", data=sent).location)

    assert names(look(person, here.attrs["href"])) == names(second)
    assert names(look(person, run.one("a", text="Back to the list").attrs["href"])) == names(second)


def test_a_long_search_in_hindi_is_still_there_on_the_way_back(three: Shop, person: FlaskClient) -> None:
    searched = "?" + urlencode({"q": "कमला" * 25})

    page = look(person, f"/orders/{FIRST_ID + 1001}?{urlencode({'from': searched})}")

    assert page.one("a", css="btn-q", text="Orders").attrs["href"] == f"/{searched}"


def test_a_short_list_has_no_pages(three: Shop, person: FlaskClient) -> None:
    assert not look(person).has("nav", aria_label="Pages of orders")
