"""What is done to many orders at once: the ticks, the run's page, the confirmation of Failed."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from databases import ask
from ordercall.sandbox.orders import make_order
from ordercall.services import bulk_service
from ordercall.services.bulk_service import BulkService
from ordercall.web.context import Context
from reading import fields, flashed, look, row
from waiting import LONG
from web_app import Page, Shop, csrf_token, send_form


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a worker go on until there is nothing to do, however slow the machine is."""
    monkeypatch.setattr(bulk_service, "WORKING_SECONDS", LONG)


def bulk(shop: Shop) -> BulkService:
    context: Context = shop.app.extensions["ordercall"]
    return context.bulk


def statuses(shop: Shop) -> list[str]:
    return [found[0] for found in shop.rows("SELECT confirmation_status FROM orders ORDER BY shopify_id")]


def choose(person: FlaskClient, ids: list[int], **fields: str) -> TestResponse:
    """Tick these orders and press a button of the bar."""
    return person.post("/bulk", data={"id": ids, "csrf_token": csrf_token(person)} | fields)


def worked(shop: Shop, answer: TestResponse) -> str:
    """Let a worker do what there is to do; return the address of the run's page."""
    bulk(shop).work(int(re.findall(r"/bulk/(\d+)", answer.location)[0]))
    return answer.location


def told(page: Page) -> str:
    return page.one("section", id="part").one("p", role="status").text


@pytest.fixture
def three(shop: Shop) -> list[int]:
    return [shop.receive(number) for number in (1001, 1002, 1003)]


def test_every_row_has_a_tick_that_belongs_to_the_bar(shop: Shop, person: FlaskClient, three: list[int]) -> None:
    page = look(person)

    tick = row(page, "#1002").one("input", type="checkbox").attrs
    assert (tick["form"], tick["name"], tick["value"]) == ("bulk", "id", str(three[1]))
    assert [button.text for button in page.one("form", id="bulk").all("button")] == [
        "Re-sync",
        "Call again",
        "Success",
        "Returned",
        "Placed",
        "Failed…",
        "CSV",
        "Clear",
    ]


def test_what_was_ticked_is_done_and_told(shop: Shop, person: FlaskClient, three: list[int]) -> None:
    page = look(person, worked(shop, choose(person, three[:2], action="Success")))

    assert told(page) == "2 of 2 marked Success."
    assert statuses(shop) == ["Success", "Success", "Placed"]


def test_a_form_that_is_sent_twice_makes_one_run(shop: Shop, person: FlaskClient, three: list[int]) -> None:
    first = choose(person, three, action="sync", request="a-form")
    again = choose(person, three, action="sync", request="a-form")
    other = choose(person, three[:1], action="sync", request="a-form")

    assert first.location == again.location != other.location


def test_all_of_a_list_are_those_of_its_filter(shop: Shop, person: FlaskClient, three: list[int]) -> None:
    shop.change(three[0], confirmation_status="Success")

    worked(shop, choose(person, three[:1], action="Returned", all="1", status="Placed"))

    assert statuses(shop) == ["Success", "Returned", "Returned"]


def test_after_midnight_all_of_a_list_are_those_of_its_day(shop: Shop, person: FlaskClient) -> None:
    shop.now = shop.now.replace(hour=23, minute=50)
    shop.receive(1001)
    bar = look(person).one("form", id="bulk")
    shop.pass_time(minutes=20)
    shop.receive(1002)

    page = look(person, worked(shop, choose(person, [], action="Success", all="1", **fields(bar))))

    assert statuses(shop) == ["Success", "Placed"]
    assert page.one("h1").text == "Mark Success: all orders, today, 24 Nov"


def test_all_of_a_long_list_are_offered(shop: Shop, person: FlaskClient) -> None:
    for number in range(1001, 1028):
        shop.receive(number)

    assert look(person).one("form", id="bulk").one("label").text == "All 27 of this list"


def test_the_csv_of_all_is_not_that_of_the_ticked(shop: Shop, person: FlaskClient, three: list[int]) -> None:
    form = {"csrf_token": csrf_token(person), "id": three[0]}

    few = person.post("/orders.csv", data=form).get_data(as_text=True)
    every = person.post("/orders.csv", data=form | {"all": "3"}).get_data(as_text=True)

    assert (few.count("\n"), every.count("\n")) == (2, 4)


def test_failed_is_asked_for_once_more_with_the_sums_of_each_currency(shop: Shop, person: FlaskClient) -> None:
    ids = [
        shop.receive(1001, total_price="100.00", currency="INR"),
        shop.receive(1002, total_price="50.00", currency="INR"),
        shop.receive(1003, total_price="7.00", currency="USD"),
    ]
    answer = choose(person, ids, action="Failed")

    page = look(person, worked(shop, answer))

    assert page.one("h1").text == "Mark 3 orders Failed and cancel them in Shopify?"
    assert [line.text for line in page.one("section", aria_labelledby="confirm-title").all("li")] == [
        "2 orders ₹150",
        "1 order $7",
    ]
    assert statuses(shop) == ["Placed"] * 3


def test_what_was_chosen_on_that_page_goes_to_shopify(shop: Shop, person: FlaskClient, three: list[int]) -> None:
    answer = choose(person, three[:1], action="Failed")

    send_form(person, f"{answer.location}/start", reason="fraud", email="on")
    worked(shop, answer)

    order = shop.order(three[0])
    assert (order.confirmation_status, order.cancel_state) == ("Failed", "queued")
    assert (order.cancel_reason, order.cancel_restock, order.cancel_email) == ("fraud", 0, 1)


def test_who_keeps_the_orders_changes_nothing(shop: Shop, person: FlaskClient, three: list[int]) -> None:
    answer = choose(person, three, action="Failed")

    kept = send_form(person, f"{answer.location}/stop")
    send_form(person, f"{answer.location}/start", reason="other")
    worked(shop, answer)

    assert flashed(look(person, kept.location)) == ["Nothing was changed."]
    assert statuses(shop) == ["Placed"] * 3


def test_a_partial_failure_names_each_order_and_why(shop: Shop, person: FlaskClient, three: list[int]) -> None:
    no_phone = shop.receive(1004, phone=None)
    shop.change(three[0], calling_state="failed", calling_reason="kalimera_refused")
    shop.settles_at_once("calling_state", calling_state="on_campaign")

    page = look(person, worked(shop, choose(person, [three[0], no_phone], action="sync")))

    assert told(page) == "1 of 2 re-synced, 1 skipped."
    skipped = page.one("li", id=f"order-{no_phone}").text
    assert skipped == "#1004 Simran Kaur ₹999 The order has no usable phone number."
    assert not page.has("button", text="Try 1 again"), "it must fail"


def test_only_what_may_come_to_something_is_tried_again(shop: Shop, person: FlaskClient, three: list[int]) -> None:
    for order_id in three:
        shop.change(order_id, calling_state="failed", calling_reason="kalimera_refused")
    answer = choose(person, three, action="sync")
    bulk(shop).give_up(int(answer.location.rsplit("/", 1)[1]))
    shop.change(three[0], customer_phone=None, calling_reason="no_phone")
    shop.change(three[1], calling_reason="outcome_unknown")

    page = look(person, answer.location)
    worked(shop, send_form(person, f"{answer.location}/again", request="1"))

    assert told(page) == "0 of 3 re-synced, 3 not done."
    assert page.has("button", text="Try 1 again")
    assert shop.rows("SELECT shopify_id FROM bulk_items WHERE run_id = 2") == [(three[2],)]


def test_a_run_that_goes_on_is_live_and_can_be_stopped(shop: Shop, person: FlaskClient, three: list[int]) -> None:
    address = choose(person, three, action="Success").location

    polled = look(person, address).one(id="fresh").attrs["hx-get"]
    answer = person.get(polled, headers={"HX-Request": "true", "HX-Target": "div#fresh"})
    part = Page(answer)
    send_form(person, f"{address}/stop")
    bulk(shop).work(int(address.rsplit("/", 1)[1]))
    page = look(person, address)

    assert (next(part.every()).attrs["hx-get"], told(part)) == (polled, "0 of 3 … Under way")
    assert part.one("p", role="status").one("span", aria_hidden="true").text == "0 of 3 …", "else each second is spoken"
    assert "Set-Cookie" not in answer.headers, "a poll would keep the session open for ever"
    assert told(page) == "0 of 3 marked Success, 3 skipped."
    assert page.one(id="fresh").attrs["hx-get"].startswith("/live/around")


def test_a_finished_run_can_be_undone(shop: Shop, person: FlaskClient, three: list[int]) -> None:
    address = worked(shop, choose(person, three, action="Success"))
    assert look(person, address).has("button", text="Undo")

    worked(shop, send_form(person, f"{address}/undo", request="1"))

    assert statuses(shop) == ["Placed"] * 3


@pytest.mark.parametrize("fields", [{}, {"action": "sync"}, {"action": "undo", "all": "1"}, {"action": "x", "id": "1"}])
def test_a_form_that_says_nothing_usable_is_refused(shop: Shop, person: FlaskClient, fields: dict[str, str]) -> None:
    assert send_form(person, "/bulk", **fields).status_code == 400


@pytest.mark.parametrize("number", ["0", "99", "x", "9" * 40])
def test_a_run_that_does_not_exist_is_not_found(shop: Shop, person: FlaskClient, number: str) -> None:
    assert person.get(f"/bulk/{number}").status_code == 404
    assert send_form(person, f"/bulk/{number}/stop").status_code == 404


def test_all_that_wait_for_a_person_are_tried_again_but_for_unclear_ones(
    shop: Shop, person: FlaskClient, three: list[int]
) -> None:
    shop.change(three[0], calling_state="failed", calling_reason="kalimera_refused")
    shop.change(three[1], calling_state="failed", calling_reason="crashed")
    shop.change(three[2], calling_state="failed", calling_reason="outcome_unknown")
    form = look(person, "/needs-you").one("form", text="Re-sync all 2")

    worked(shop, send_form(person, "/bulk", need=form.one("input", name="need").attrs["value"], action="sync"))

    assert [shop.order(one).calling_state for one in three] == ["queued", "queued", "failed"]


def test_the_notice_of_refused_orders_syncs_them_all(shop: Shop, person: FlaskClient, three: list[int]) -> None:
    for order_id in three[:2]:
        shop.change(order_id, calling_state="failed", calling_reason="kalimera_refused")
    form = look(person).one("div", css="ban", text="not on the calling campaign").one("form")
    sent = {field.attrs["name"]: field.attrs["value"] for field in form.all("input")}

    worked(shop, send_form(person, form.attrs["action"], action="sync", **sent))

    assert form.one("button").text == "Re-sync all 2"
    assert [shop.order(one).calling_state for one in three] == ["queued", "queued", "queued"]
    assert shop.rows("SELECT count(*) FROM bulk_items")[0][0] == 2


def test_the_notice_offers_only_what_a_sync_may_help(shop: Shop, person: FlaskClient, three: list[int]) -> None:
    shop.change(three[0], calling_state="failed", calling_reason="kalimera_refused")
    shop.change(three[1], calling_state="failed", calling_reason="kalimera_refused", customer_phone=None)
    shop.change(three[2], calling_state="failed", calling_reason="do_not_call")
    form = look(person).one("div", css="ban", text="3 orders are not on the calling campaign").one("form")

    worked(shop, send_form(person, form.attrs["action"], action="sync", **fields(form)))

    assert form.one("button").text == "Re-sync 1 of them"
    assert shop.rows("SELECT shopify_id FROM bulk_items") == [(three[0],)]


def test_a_run_leads_back_to_the_list_that_it_was_chosen_in(shop: Shop, person: FlaskClient, three: list[int]) -> None:
    address = choose(person, three, action="Success", status="Placed", range="7d").location
    page = look(person, address)
    stopped = send_form(person, page.one("form", text="Stop").attrs["action"])

    assert stopped.location == address
    assert page.one("a", text="Back to the list").attrs["href"] == "/?status=Placed&range=7d"


def test_a_run_of_what_needs_a_person_leads_back_there(shop: Shop, person: FlaskClient, three: list[int]) -> None:
    shop.change(three[0], calling_state="failed", calling_reason="kalimera_refused")

    page = look(person, send_form(person, "/bulk", need="sync", action="sync").location)

    assert page.one("main").one("a", text="Needs you").attrs["href"] == "/needs-you"


def test_who_keeps_the_orders_is_back_in_the_list(shop: Shop, person: FlaskClient, three: list[int]) -> None:
    page = look(person, choose(person, three, action="Failed", status="Placed").location)

    kept = send_form(person, page.one("button", text="Keep the orders").attrs["formaction"])

    assert kept.location == "/?status=Placed"


def test_an_order_that_may_be_on_the_campaign_is_not_synced_with_many(
    shop: Shop, person: FlaskClient, three: list[int]
) -> None:
    shop.change(three[0], calling_state="failed", calling_reason="outcome_unknown")

    page = look(person, worked(shop, choose(person, three[:1], action="sync")))

    assert told(page) == "0 of 1 re-synced, 1 skipped."
    assert "Look in Kalimera" in page.one("li", id=f"order-{three[0]}").text
    assert shop.order(three[0]).calling_state == "failed"


# -- going on with the orders of a run


def ticks(page: Page) -> dict[str, bool]:
    """Return the orders that a run's page lists for going on with, and whether they are ticked."""
    return {box.attrs["value"]: "checked" in box.attrs for box in page.all("input", type="checkbox", name="id")}


@pytest.fixture
def without_phone(shop: Shop) -> list[int]:
    """Orders with which a sync does not succeed, more of them than a page shows."""
    shop.store(*(make_order(number, phone=None) for number in range(2001, 2027)))
    with shop.db.begin() as tx:
        ask(tx, "UPDATE orders SET calling_state = 'not_called' WHERE customer_phone IS NULL")
    return [row[0] for row in shop.rows("SELECT shopify_id FROM orders WHERE customer_phone IS NULL")]


def test_what_was_not_done_is_not_ticked_and_something_else_can_be_done_with_it(
    shop: Shop, person: FlaskClient, three: list[int], without_phone: list[int]
) -> None:
    shop.change(three[0], calling_state="on_campaign")
    chosen = [three[0], *without_phone[:2]]
    page = look(person, worked(shop, choose(person, chosen, action="sync", status="Placed")))
    bar = page.one("form", id="bulk")

    answer = choose(person, without_phone[:2], action="Returned", **fields(bar))
    worked(shop, answer)

    assert ticks(page) == {str(one): False for one in chosen}, "Failed… is beside them"
    assert not bar.has("input", name="all"), "they are all on this page"
    assert sorted(statuses(shop)) == ["Placed"] * 27 + ["Returned"] * 2
    assert look(person, answer.location).one("a", text="Back to the list").attrs["href"] == "/?status=Placed"


def test_what_a_run_left_alone_can_be_ticked(shop: Shop, person: FlaskClient, three: list[int]) -> None:
    shop.change(three[0], calling_state="on_campaign")

    page = look(person, worked(shop, choose(person, three[:1], action="sync")))

    assert ticks(page) == {str(three[0]): False}


def test_nothing_can_be_ticked_while_a_run_goes_on(shop: Shop, person: FlaskClient, three: list[int]) -> None:
    page = look(person, choose(person, three, action="Success").location)

    assert ticks(page) == {}
    assert not page.has("form", id="bulk")


def test_all_that_failed_are_those_of_the_run_however_many(
    shop: Shop, person: FlaskClient, three: list[int], without_phone: list[int]
) -> None:
    page = look(person, worked(shop, choose(person, without_phone, action="sync")))
    bar = page.one("form", id="bulk")
    sent = fields(bar) | {"all": bar.one("input", name="all").attrs["value"]}

    taken = choose_csv(person, without_phone[:1], **sent)
    worked(shop, choose(person, without_phone[:1], action="Returned", **sent))

    assert bar.one("label").text == "All 26 of these"
    assert taken.count("\n") == 1 + 26
    assert sorted(statuses(shop)) == ["Placed"] * 3 + ["Returned"] * 26


def choose_csv(person: FlaskClient, ids: list[int], **fields: str) -> str:
    form = {"id": ids, "csrf_token": csrf_token(person)} | fields
    return person.post("/orders.csv", data=form).get_data(as_text=True)


@pytest.mark.parametrize("fields", [{"run": "99"}, {"run": "x"}, {"run": "1", "state": "odd"}])
def test_all_of_a_run_that_does_not_exist_are_none(
    shop: Shop, person: FlaskClient, three: list[int], fields: dict[str, str]
) -> None:
    choose(person, three, action="Success")

    assert send_form(person, "/bulk", action="Returned", all="1", **fields).status_code in (400, 404)
    assert send_form(person, "/orders.csv", all="1", **fields).status_code in (400, 404)
