"""Orders that come while a page is made: all its numbers are of one moment, and so are those of each later answer."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event

from reading import look, names, revenue, tabs, tiles
from web_app import Page, Shop

POLL = {"HX-Request": "true", "HX-Target": "div#fresh"}
LIST = {"HX-Request": "true", "HX-Target": "section#list"}
AMOUNT = 100


@contextmanager
def orders_between(shop: Shop) -> Iterator[list[int]]:
    """Let an order come after each statement of this thread's pages; yield the orders that came."""
    came: list[int] = []
    numbers, page, busy = count(5001), threading.get_ident(), False

    def come(*_: Any) -> None:
        nonlocal busy
        if busy or threading.get_ident() != page:
            return
        busy = True
        came.append(shop.receive(next(numbers), total_price=str(AMOUNT)))
        busy = False

    event.listen(shop.db.engine, "after_cursor_execute", come)
    try:
        yield came
    finally:
        event.remove(shop.db.engine, "after_cursor_execute", come)


def said(page: Page) -> dict[str, int]:
    """Return what each part of a page says how many orders there are."""
    bars = page.one("table", css="numbers").one("tbody").all("tr")
    received = page.one("section", aria_labelledby="funnel-title").one("ol").all("li")[0].one("b").text
    return {
        "tile": int(tiles(page)["Orders"][0]),
        "tile of Placed": int(tiles(page)["Placed"][0]),
        "tab": tabs(page)["All"],
        "tab of Placed": tabs(page)["Placed"],
        "sidebar": int(page.one(id="n-side-orders").text),
        "menu": int(page.one(id="n-menu-orders").text),
        "light": int(page.one(id="health").all("p")[-1].one("span", css="ml-auto").text),
        "funnel": int(received),
        "hours": sum(int(cell.text) for bar in bars for cell in bar.all("td")[:4]),
        "revenue": int(revenue(page)["All orders"][0].strip("₹").replace(",", "")) // AMOUNT,
    }


@pytest.fixture
def few(shop: Shop) -> Shop:
    for number in range(1001, 1004):
        shop.receive(number, total_price=str(AMOUNT))
    return shop


def with_charts(person: FlaskClient) -> FlaskClient:
    person.set_cookie("charts", "open")
    return person


def test_no_two_numbers_of_a_page_contradict_each_other(few: Shop, person: FlaskClient) -> None:
    with orders_between(few) as came:
        page = look(person)

    assert len(came) > 10, "orders came while the page was made"
    assert len(set(said(page).values())) == 1
    assert len(names(page)) == min(said(page)["tile"], 25)


@pytest.mark.parametrize("headers", [POLL, LIST], ids=["a look at what is new", "a click on a tab"])
def test_no_two_numbers_of_a_later_answer_contradict_each_other(
    few: Shop, person: FlaskClient, headers: dict[str, str]
) -> None:
    asked = look(with_charts(person)).one(id="fresh").attrs["hx-get"]
    few.receive(2001, total_price=str(AMOUNT))
    with orders_between(few) as came:
        answer = Page(person.get(asked if headers is POLL else "/", headers=headers))

    assert len(came) > 10
    assert len(set(said(answer).values())) == 1


def test_charts_that_are_folded_are_not_counted_and_say_that_they_are_older(few: Shop, person: FlaskClient) -> None:
    page = look(person)
    few.receive(2001, total_price=str(AMOUNT))

    folded = Page(person.get(page.one(id="fresh").attrs["hx-get"], headers=POLL))
    still = person.get(folded.one(id="fresh").attrs["hx-get"], headers=POLL)
    unfolded = Page(with_charts(person).get(folded.one(id="fresh").attrs["hx-get"], headers=POLL))

    assert "data-older" not in page.one(id="fresh").attrs
    assert "data-older" in folded.one(id="fresh").attrs
    assert not folded.has("hx-partial", hx_target="#charts")
    assert still.status_code == 204, "nothing is new but what nobody looks at"
    assert unfolded.has("hx-partial", hx_target="#charts")
    assert "data-older" not in unfolded.one(id="fresh").attrs
    assert person.get(unfolded.one(id="fresh").attrs["hx-get"], headers=POLL).status_code == 204


def test_a_page_compares_with_the_hour_at_which_it_is_and_not_at_which_it_was_opened(
    shop: Shop, person: FlaskClient
) -> None:
    now = shop.now
    for days, hours in ((-7, 1), (0, 0)):
        shop.now = now
        shop.pass_time(days=days, hours=hours)
        shop.receive(1001 - days)
    asked = look(person).one(id="fresh").attrs["hx-get"]
    shop.pass_time(hours=2)
    shop.receive(1002)

    later = Page(person.get(asked, headers=POLL))

    assert tiles(later)["Orders"] == ("2", "+1 on last Tuesday at this hour")


def test_each_answer_says_as_of_when_it_is(shop: Shop, person: FlaskClient) -> None:
    asked = look(person).one(id="fresh").attrs["hx-get"]
    shop.pass_time(seconds=5)

    assert person.get(asked, headers=POLL).headers["As-Of"] == "12%3A00%3A05%E2%80%AFpm"


@pytest.mark.parametrize(("charts", "most"), [("", 34), ("open", 36)])
def test_a_look_at_what_is_new_asks_the_database_a_bounded_number_of_questions(
    few: Shop, person: FlaskClient, charts: str, most: int
) -> None:
    person.set_cookie("charts", charts)
    asked, statements = look(person).one(id="fresh").attrs["hx-get"], count()
    for number in range(2001, 2031):
        few.receive(number)

    def listen(*_: Any) -> None:
        next(statements)

    event.listen(few.db.engine, "before_cursor_execute", listen)
    answer = person.get(asked, headers=POLL)
    event.remove(few.db.engine, "before_cursor_execute", listen)

    assert answer.status_code == 200
    assert next(statements) <= most
