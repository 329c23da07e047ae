"""The sandbox's page, the same in JSON, and its start beside a product."""

from __future__ import annotations

import json
import threading

import pytest
from playing import SECRET, Product, add, create, window

from ordercall.sandbox.provider import Mode
from ordercall.sandbox.server import FIRST_ORDERS, place_first_orders, product_url, run_in_thread, sandbox_beside
from ordercall.sandbox.talks import CUSTOMERS, NUMBERS
from source import ROOT
from waiting import until


def test_the_page_shows_orders_and_calls(page, to_kalimera):
    placed = page.post("/orders", data={"answer": "refuses", "state": "Gujarat", "odd": "", "count": "2"})
    create(to_kalimera)
    shown = page.get("/")

    assert (placed.status_code, placed.headers["Location"]) == (303, "/#orders")
    assert "nobody is really called" in shown.text
    assert "#1002" in shown.text
    assert "POST /kalimera/contact" in shown.text
    assert "style=" not in shown.text


def test_the_page_shows_which_customer_is_listed_under_which_agent(page, to_kalimera):
    order = page.post("/orders", json={"state": "Gujarat"}).json()["orders"][0]
    to_kalimera.put("/campaign/main", json=window("sandbox-agent-hindi"))
    add(to_kalimera, create(to_kalimera, order["phone"]))

    assert "On the list, Hindi agent" in page.get("/").text
    assert page.get("/state").json()["kalimera"]["listings"][0]["agent_id"] == "sandbox-agent-hindi"


@pytest.mark.parametrize("shown", ["the page", "the documents"])
def test_every_customer_with_a_number_is_listed_in(page, shown):
    text = page.get("/").text if shown == "the page" else (ROOT / "docs" / "sandbox.md").read_text()

    assert [number for number, customer in CUSTOMERS.items() if number not in text or customer.name not in text] == []


@pytest.mark.parametrize("answer", NUMBERS)
def test_an_order_is_placed_for_a_customer_by_what_they_do(page, answer):
    [order] = page.post("/orders", json={"answer": answer}).json()["orders"]

    assert (order["phone"], order["answer"]) == (NUMBERS[answer], answer)


def test_the_same_number_is_the_same_person(page, running):
    page.post("/orders", json={"answer": "opts out", "count": 2})

    first, second = running.sandbox.shop.orders
    assert first.body["shipping_address"] == second.body["shipping_address"]


@pytest.mark.parametrize(("odd", "phone", "test"), [("no phone", None, False), ("test", "+91", True)])
def test_an_odd_order_can_be_placed(page, running, odd, phone, test):
    page.post("/orders", data={"odd": odd})

    [order] = running.sandbox.shop.orders
    assert (order.phone or "")[:3] == (phone or "")
    assert order.body["test"] is test


def test_an_order_is_cancelled_and_shipped_from_the_page(page):
    first, second = (order["id"] for order in page.post("/orders", json={"count": 2}).json()["orders"])

    answers = [page.post(f"/orders/{first}/cancel").status_code, page.post(f"/orders/{second}/ship").status_code]

    orders = page.get("/state").json()["orders"]
    assert answers == [303, 303]
    assert [(order["cancelled"], order["shipped"]) for order in orders] == [(True, False), (False, True)]
    assert page.post("/orders/1/cancel").status_code == 404


@pytest.mark.parametrize("action", ["correct", "redact"])
def test_with_an_order_that_was_not_placed_here_nothing_can_be_done(page, shopify, action):
    shopify.accept_any_order = True

    assert page.post(f"/orders/77/{action}", json={}).status_code == 404


def test_switches_are_turned_by_form_and_by_json(page, kalimera):
    by_form = page.post("/control", data={"provider": "kalimera", "mode": "slow"})
    by_json = page.post("/control", json={"provider": "kalimera", "delay": 0.01, "duplicate_shows_id": False})
    for_two = page.post("/control", json={"provider": "kalimera", "mode": "down", "next": 2})

    assert (by_form.status_code, by_json.status_code, for_two.status_code) == (303, 200, 200)
    assert (kalimera.mode, kalimera.delay, kalimera.duplicate_shows_id) == (Mode.SLOW, 0.01, False)


@pytest.mark.parametrize(
    "wanted",
    [
        {"provider": "nobody"},
        {"provider": ["kalimera"]},
        {"provider": "kalimera", "mode": "sideways"},
        {"provider": "kalimera", "delay": "nan"},
        {"provider": "kalimera", "accept_any_order": True},
        {"provider": "shopify", "mode": "down", "next": "some"},
    ],
)
def test_a_switch_that_does_not_exist_is_refused(page, wanted):
    assert page.post("/control", json=wanted).status_code == 400


@pytest.mark.parametrize(
    "wanted",
    [
        {"count": 0},
        {"count": 201},
        {"count": "x"},
        {"count": None},
        {"answer": "shouts"},
        {"odd": "x"},
        {"odd": ["test"]},
    ],
)
def test_an_order_that_cannot_be_placed_is_refused(page, wanted):
    assert page.post("/orders", json=wanted).status_code == 400


def test_a_foreign_host_name_is_refused_and_an_address_is_not(page):
    assert page.get("/", headers={"Host": "sandbox.example"}).status_code == 403
    for own in ("localhost", "127.0.0.1:5001", "[::1]:5001", "10.77.0.1:5001"):
        assert page.get("/", headers={"Host": own}).status_code == 200


def settings(product: Product) -> dict[str, str]:
    return {
        "HOST": "0.0.0.0",
        "PORT": str(product.port),
        "KALIMERA_AUTH_TOKEN": "Bearer of-the-product",
        "KALIMERA_CAMPAIGN_ID": "main",
        "KALIMERA_AGENT_ID_EN": "en",
        "KALIMERA_AGENT_ID_HI": "hi",
        "SHOPIFY_SHARED_SECRET": SECRET,
        "SHOPIFY_STORE_DOMAIN": "my-store",
        "SHOPIFY_ACCESS_TOKEN": "token",
        "SYNC_API_TOKEN": "app-token",
    }


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("", "http://127.0.0.1:5000"),
        ("0.0.0.0", "http://127.0.0.1:5000"),
        ("::", "http://[::1]:5000"),
    ],
)
def test_the_product_is_looked_for_on_this_machine(host, url):
    assert product_url({"HOST": host}) == url


def test_a_newcomer_finds_an_order_of_each_of_the_first_customers(product):
    product.answers = [503]
    with run_in_thread(sandbox_beside(settings(product))) as running:
        place_first_orders(running.sandbox.shop, product.url, threading.Event())
        until(lambda: len(product.webhooks("orders/create")) == len(FIRST_ORDERS), "the webhooks have come")

    placed = {json.loads(body)["name"]: json.loads(body)["phone"] for _, body in product.webhooks("orders/create")}
    assert placed == {f"#{number}": phone for number, phone in enumerate(FIRST_ORDERS, 1001)}
    [shop] = {headers["X-Shopify-Shop-Domain"] for headers, _ in product.webhooks("orders/create")}
    assert shop == "my-store.myshopify.com"


def test_no_first_order_is_placed_beside_one_that_a_person_placed_before_the_product_answered(product):
    with run_in_thread(sandbox_beside(settings(product))) as running:
        shop = running.sandbox.shop
        shop.place_order()
        place_first_orders(shop, product.url, threading.Event())

    assert [order.number for order in shop.orders] == [1001]
