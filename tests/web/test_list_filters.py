"""A list that is filtered by what orders are: each filter is the page's address, and holds wherever the list goes."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient

from ordercall.storage.reads import facets
from reading import decide, look, names, sent_with, tabs
from web_app import Page, Shop, send_form

SPRING = {"from": "2026-03-01", "to": "2026-03-31"}


@pytest.fixture
def six(shop: Shop) -> Shop:
    """Six orders, no two alike."""
    for number in range(1001, 1007):
        shop.receive(number)
    for number, columns in COLUMNS.items():
        shop.change(6300000000000 + number, **columns)
    return shop


def facts(state: str, **others: Any) -> dict[str, Any]:
    return {"state": state, "zip": "380001", "product_title": "Lamp", "is_cod": 1, "language": "en"} | others


COLUMNS = {
    1001: facts("Gujarat", language="hi"),
    1002: facts("Gujarat", is_cod=0),
    1003: facts("Kerala", zip="682 001"),
    1004: facts("Kerala", product_title="Lamp & “Shade”, 50% off?"),
    1005: facts("Goa", calling_state="not_called", calling_reason="paid"),
    1006: facts("Goa", is_cod=0, gateways=None, financial_status=None),
}

FILTERS = [
    ({"state": "Gujarat"}, ["#1002", "#1001"]),
    ({"state": "  Gujarat "}, ["#1002", "#1001"]),
    ({"state": "gujarat"}, []),
    ({"payment": "cod"}, ["#1005", "#1004", "#1003", "#1001"]),
    ({"payment": "PREPAID"}, ["#1002"]),
    ({"language": "hi"}, ["#1001"]),
    ({"reason": "paid"}, ["#1005"]),
    ({"pincode": "682 001"}, ["#1003"]),
    ({"product": "Lamp & “Shade”, 50% off?"}, ["#1004"]),
    ({"state": "Gujarat", "payment": "cod"}, ["#1001"]),
    ({"state": "Kerala", "q": "1003"}, ["#1003"]),
    ({"attempt": "1", "state": "Goa"}, ["#1006", "#1005"]),
    ({"attempt": "2"}, []),
    ({"agent": "nobody"}, []),
]


@pytest.mark.parametrize(("asked", "found"), FILTERS, ids=lambda one: str(one)[:40])
@pytest.mark.parametrize("sort", ["-placed", "total", "name"])
def test_a_filter_leaves_the_orders_that_are_so(
    six: Shop, person: FlaskClient, asked: dict[str, str], found: list[str], sort: str
) -> None:
    page = look(person, f"/?{urlencode(asked | {'sort': sort})}")

    assert sorted(names(page)) == sorted(found)
    assert tabs(page)["All"] == len(found)


def test_the_tabs_the_export_and_a_run_are_of_the_filtered_list(six: Shop, person: FlaskClient) -> None:
    decide(six, 6300000001001, "Success")
    page = look(person, "/?state=Gujarat")

    assert (tabs(page)["All"], tabs(page)["Placed"], tabs(page)["Success"]) == (2, 1, 1)
    exported = person.get("/orders.csv", query_string=sent_with(page, "export")).get_data(as_text=True)
    assert exported.count("\n") == 3
    sent = {each.attrs["name"]: each.attrs.get("value", "") for each in page.one("form", id="bulk").all("input")}
    person.post("/bulk", data=sent | {"all": "2", "action": "Success"})
    assert six.rows("SELECT count(*) FROM bulk_items")[0][0] == 2
    assert sent_with(page, "search")["state"] == sent_with(page, "period")["state"] == "Gujarat"


def test_a_filtered_list_hears_only_of_its_own_orders(six: Shop, person: FlaskClient) -> None:
    since = six.rows("SELECT max(id) FROM logs")[0][0]
    six.receive(1007, state="Gujarat")

    def heard(state: str) -> str:
        return person.get("/live", query_string={"state": state, "since": since, "seen": since}).get_data(as_text=True)

    assert "1 new" in heard("Gujarat")
    assert "1 new" not in heard("Goa")


def test_a_set_filter_is_a_chip_that_drops_it_and_a_free_one_leads_to_its_values(
    six: Shop, person: FlaskClient
) -> None:
    page = look(person, "/?state=Gujarat")

    assert page.one("a", css="chip").attrs["href"] == "?"
    choosing = look(person, page.one("a", css="free", text="Payment").attrs["href"])
    offered = {link.text: link.attrs["href"] for link in choosing.one("div", css="choose").all("a", css="free")}
    assert offered == {"COD 1": "?state=Gujarat&payment=cod", "Prepaid 1": "?state=Gujarat&payment=prepaid"}


def test_the_values_of_a_set_filter_are_those_of_all_orders_without_it(six: Shop, person: FlaskClient) -> None:
    page = look(person, "/?state=Gujarat&choose=state")

    assert [link.text for link in page.one("div", css="choose").all("a", css="free")] == [
        "Goa 2",
        "Gujarat 2",
        "Kerala 2",
    ]


@pytest.mark.parametrize("name", ["language", "reason", "attempt", "agent", "product", "pincode", "dates", "view"])
def test_each_filter_has_a_page_to_choose_from(six: Shop, person: FlaskClient, name: str) -> None:
    assert look(person, f"/?choose={name}").has("div", css="choose")
    assert look(person, f"/reports/placed?choose={name}").has("div", css="choose")


def test_a_list_can_be_of_any_days(shop: Shop, person: FlaskClient) -> None:
    for number, day in ((1001, "2026-02-28"), (1002, "2026-03-01"), (1003, "2026-03-31"), (1004, "2026-04-01")):
        shop.receive(number, created_at=f"{day}T12:00:00+05:30")

    assert names(Page(person.get("/", query_string=SPRING))) == ["#1003", "#1002"]
    assert names(look(person, "/?from=2026-03-31&to=2026-03-01")) == ["#1003", "#1002"]
    assert names(look(person, "/?range=2026-03-01..2026-03-31&status=Placed")) == ["#1003", "#1002"]
    assert names(look(person, "/?from=2026-03-31")) == ["#1004", "#1003"]
    assert names(look(person, "/?range=..2026-03-01")) == ["#1002", "#1001"]


ODD_DAYS = ["2026-02-30..", "..", "0001-01-01..9999-12-31", "2026-03-01", "٢٠٢٦-03-01..", "2026-03-01..2026-03-02..x"]


@pytest.mark.parametrize("days", ODD_DAYS)
def test_days_that_are_none_count_as_not_given(shop: Shop, person: FlaskClient, days: str) -> None:
    shop.receive(1001)

    assert names(Page(person.get("/", query_string={"range": days}))) == ["#1001"]


def test_a_list_that_is_too_long_to_look_through_says_how_far_it_looked(
    six: Shop, person: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(facets, "LOOKED_THROUGH", 3)
    for place, number in enumerate(range(1001, 1007)):
        six.change(6300000000000 + number, placed_at=six.now.timestamp() - 6 + place)

    page = look(person, "/?payment=cod&range=all")

    assert names(page) == ["#1005", "#1004", "#1003"]
    assert page.has("p", text="Looked through the latest 3 orders")
    assert page.one("nav", css="tabs").one("a", text="All").one(css="n").text == "3+"
    exported = person.get("/orders.csv?payment=cod&range=all").get_data(as_text=True)
    assert exported.count("\n") == 5


# -- saved views


def save(person: FlaskClient, name: str, **query: str) -> int:
    return send_form(person, "/views", name=name, **query).status_code


def test_a_list_is_saved_under_a_name_for_everybody(six: Shop, person: FlaskClient) -> None:
    assert save(person, " Gujarat,  COD ", state="Gujarat", payment="cod", range="7d") == 303

    offered = look(person, "/?choose=view").one("div", css="choose").one("a", text="Gujarat, COD").attrs["href"]
    assert offered == "/?state=Gujarat&payment=cod&range=7d"
    assert names(look(person, offered)) == ["#1001"]


@pytest.mark.parametrize("name", ["", "x" * 61, "a\x07b"])
def test_a_view_needs_a_name_that_can_be_read(shop: Shop, person: FlaskClient, name: str) -> None:
    assert save(person, name, state="Goa") == 400
    assert shop.rows("SELECT name FROM saved_views") == []


def test_no_view_takes_the_name_of_another_and_one_can_be_removed(shop: Shop, person: FlaskClient) -> None:
    assert save(person, "Mine", state="Goa") == 303
    assert save(person, "Mine", state="Kerala") == 400
    (view,) = shop.rows("SELECT id, query FROM saved_views")
    assert view[1] == "?state=Goa"

    assert send_form(person, f"/views/{view[0]}/remove").status_code == 303
    assert send_form(person, f"/views/{view[0]}/remove").status_code == 303
    assert shop.rows("SELECT name FROM saved_views") == []
