"""The report of one status."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient

from reading import decide, look, names, sent_with, tiles
from web_app import Shop, send_form

SLUGS = {"placed": ["#1006", "#1002", "#1001"], "success": ["#1003"], "returned": ["#1004"], "failed": ["#1005"]}


@pytest.mark.parametrize(("slug", "expected"), SLUGS.items(), ids=list(SLUGS))
def test_a_report_is_about_one_status(mixed: Shop, person: FlaskClient, slug: str, expected: list[str]) -> None:
    page = look(person, f"/reports/{slug}")

    assert page.one("h1").text == f"{slug.capitalize()} orders"
    assert names(page) == expected
    assert page.all(css="kpi")[0].one("strong").text == str(len(expected))


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


def test_the_share_that_came_back_is_of_what_was_confirmed_or_came_back(mixed: Shop, person: FlaskClient) -> None:
    assert tiles(look(person, "/reports/returned"))["Share that came back"] == (
        "50 %",
        "1 of 2 confirmed or returned, by the day of the order",
    )


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


def test_what_came_back_stands_at_the_day_it_did(shop: Shop, person: FlaskClient) -> None:
    long_ago = shop.receive(1001, created_at="2026-10-20T11:00:00+05:30")
    shop.receive(1002, created_at="2026-11-23T11:00:00+05:30")
    decide(shop, shop.receive(1003, created_at="2026-11-23T12:00:00+05:30"), "Success")
    decide(shop, long_ago, "Returned")

    page = look(person, "/reports/returned?range=7d")
    table = page.one("section", aria_labelledby="days-title").one("tbody")

    assert names(page) == ["#1001"]
    assert tiles(page)["Came back"][0] == "1"
    assert tiles(page)["Share that came back"] == ("0 %", "0 of 1 confirmed or returned, by the day of the order")
    assert tiles(page)["Revenue"][0] != "–"
    assert [cell.text for cell in table.all("tr")[-1].all("td")] == ["1", "2"]
    assert page.has("th", text="Came back")


def test_what_came_back_is_the_same_for_its_csv_and_for_all_of_it_at_once(shop: Shop, person: FlaskClient) -> None:
    decide(shop, shop.receive(1001, created_at="2026-10-20T11:00:00+05:30"), "Returned")
    page = look(person, "/reports/returned?range=7d")

    exported = person.get("/orders.csv", query_string=sent_with(page, "export")).get_data(as_text=True)
    send_form(person, "/bulk", **sent_with(page, "bulk") | {"all": "1", "action": "Success"})

    assert [line.split(",")[0] for line in exported.splitlines()[1:]] == ["#1001"]
    assert shop.rows("SELECT count(*) FROM bulk_items")[0][0] == 1


def test_an_order_leads_back_to_the_report_it_was_opened_from(shop: Shop, person: FlaskClient) -> None:
    for number in (1001, 1002):
        decide(shop, shop.receive(number), "Returned")
        shop.pass_time(minutes=1)
    opened = look(person, "/reports/returned?range=7d").all("a", css="go")[1].attrs["href"]

    page = look(person, opened)

    assert page.one("a", text="Returned orders").attrs["href"] == "/reports/returned?range=7d"
    assert "2 of 2" in page.one("nav", aria_label="Breadcrumb").text


def test_a_day_is_a_day_also_when_the_clocks_are_changed(new_shop: Any) -> None:
    shop = new_shop(DISPLAY_TIMEZONE="Europe/Berlin")
    shop.now = datetime(2026, 10, 27, 11, 0, tzinfo=UTC)
    shop.receive(1001, created_at="2026-10-24T23:30:00+02:00")
    shop.receive(1002, created_at="2026-10-25T23:30:00+01:00")
    shop.receive(1003, created_at="2026-10-26T00:30:00+01:00")

    page = look(shop.person(), "/reports/placed?range=7d")
    table = page.one("section", aria_labelledby="days-title").one("tbody")

    assert {line.one("th").text: line.all("td")[0].text for line in table.all("tr")[3:6]} == {
        "24 Oct": "1",
        "25 Oct": "1",
        "26 Oct": "1",
    }


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


def test_a_report_of_all_dates_has_the_orders_of_an_adopted_shop(shop: Shop, person: FlaskClient) -> None:
    shop.receive(1001, created_at="2024-02-03T10:00:00+05:30")
    shop.receive(1002, created_at="2026-11-24T10:00:00+05:30")

    page = look(person, "/reports/placed?range=all")

    assert sorted(names(page)) == ["#1001", "#1002"]
    assert tiles(page)["Orders"] == ("2", "of 2 in this period")
    months = [row.all("td")[0].text for row in page.one("table", css="numbers").one("tbody").all("tr")]
    assert (months[0], months[-1], len(months)) == ("1", "1", 34)


def test_a_report_can_be_of_any_days(shop: Shop, person: FlaskClient) -> None:
    for number, day in ((1001, "01"), (1002, "03"), (1003, "04")):
        shop.receive(number, created_at=f"2026-02-{day}T23:59:00+05:30")

    page = look(person, "/reports/placed?from=2026-02-02&to=2026-02-03")

    assert names(page) == ["#1002"]
    assert page.one("select", id="range").one("option", selected="").text == "2 Feb 2026 to 3 Feb 2026"
    assert "range=2026-02-02..2026-02-03" in page.one("a", text="Total").attrs["href"]
