"""Why orders are not called, as a bar for each reason on the dashboard, which leads to those orders."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from reading import look, names, tabs
from web_app import Page, Shop


@pytest.fixture
def left_out(shop: Shop) -> Shop:
    """Four orders that nobody is called for, of three reasons, and one that is on its way."""
    for number, reason in ((1001, "no_phone"), (1002, "paid"), (1003, "paid"), (1004, "too_old")):
        shop.change(shop.receive(number), calling_state="not_called", calling_reason=reason)
    shop.receive(1005)
    return shop


def bars(page: Page) -> dict[str, str]:
    """Return the address behind each reason's bar, by what stands beside it."""
    return {link.text: link.attrs["href"] for link in page.one("ol", aria_labelledby="reasons-title").all("a")}


def test_each_reason_has_a_bar_the_commonest_first(left_out: Shop, person: FlaskClient) -> None:
    assert list(bars(look(person))) == ["Paid 2 50 %", "No usable phone 1 25 %", "Came too late 1 25 %"]


def test_a_bar_leads_to_its_orders_and_the_way_back_to_all(left_out: Shop, person: FlaskClient) -> None:
    page = look(person, "/" + bars(look(person))["Paid 2 50 %"])

    assert sorted(names(page)) == ["#1002", "#1003"]
    assert tabs(page)["Not on campaign"] == 2
    chip = page.one("a", css="chip")
    assert chip.text.startswith("Not called because: Paid")
    assert len(names(look(person, "/" + chip.attrs["href"]))) == 4


def test_without_such_orders_there_is_no_bar(shop: Shop, person: FlaskClient) -> None:
    shop.receive(1001)

    assert not look(person).has("h3", text="Not called, by reason")


def test_what_is_done_to_the_list_is_done_to_the_orders_of_its_reason_alone(
    left_out: Shop, person: FlaskClient
) -> None:
    page = look(person, "/?status=off-campaign&reason=paid")
    sent = {each.attrs["name"]: each.attrs.get("value", "") for each in page.one("form", id="bulk").all("input")}

    made = person.post("/bulk", data=sent | {"all": "2", "action": "Success"})
    exported = person.get("/orders.csv", query_string="status=off-campaign&reason=paid").get_data(as_text=True)

    assert sent["reason"] == "paid"
    assert "off-campaign (Not called because: Paid) orders" in look(person, made.location).one("h1").text
    assert left_out.rows("SELECT count(*) FROM bulk_items")[0][0] == 2
    assert exported.count("\n") == 3


def test_the_search_the_period_and_the_other_tabs_keep_the_reason(left_out: Shop, person: FlaskClient) -> None:
    page = look(person, "/?status=off-campaign&reason=paid")

    kept = [each.attrs["form"] for each in page.all("input", name="reason") if "form" in each.attrs]
    assert sorted(kept) == ["export", "period", "search"]
    assert "reason=paid" in page.one("nav", id="tabs").one("a", text="Placed").attrs["href"]
    assert names(look(person, "/?status=off-campaign&reason=paid&q=1002")) == ["#1002"]


@pytest.mark.parametrize("status", ["", "Placed"])
def test_the_orders_of_a_reason_stand_in_every_tab(left_out: Shop, person: FlaskClient, status: str) -> None:
    assert sorted(names(look(person, f"/?status={status}&reason=paid"))) == ["#1002", "#1003"]


def test_a_reason_that_is_none_counts_as_not_given(left_out: Shop, person: FlaskClient) -> None:
    page = look(person, "/?status=off-campaign&reason=weather")

    assert not page.has("a", css="chip")
    assert len(names(page)) == 4
