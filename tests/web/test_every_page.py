"""What holds for every page: the content policy, hostile texts, odd orders."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from ordercall.domain.activity import Event, ProviderCall
from ordercall.domain.calls.calling import Language
from ordercall.domain.policy.rules import Agent
from ordercall.sandbox.orders import Person
from ordercall.storage.records import addresses
from ordercall.web.compression import static_address
from reading import flashed, look, names, record
from web_app import Page, Shop, post_webhook, send_form

# -- every page: what the content policy forbids, and what others may have written

SCRIPT = "<script>alert(1)</script>"
IMAGE = '"><img src=x onerror=alert(1)>'
TEMPLATE = "{{ 7*7 }}"
QUOTES = "' onmouseover='alert(1)"
AGENT = Agent(language=Language.HINDI, agent_id=IMAGE, campaign_id=QUOTES)
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
    "/needs-you",
    "/reported",
    "/bulk/1",
    "/history",
    "/history?show=all",
    "/bulk/2",
    "/privacy",
    "/settings/calling",
    "/settings/calling?version=1",
    "/settings/languages",
    "/settings/do-not-call",
    "/settings/connections",
    "/settings/first-call",
    "/settings/first-call/1",
    "/settings/versions",
    "/settings/versions?back=1",
    "/orders/1",
    "/nowhere",
    "/login",
    "/api/docs",
]
EVERYTHING = [*ALL_PAGES, "/api/orders/latest", "/health", f"{static_address()}/app.css"]


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
    shop.context.first_calls.begin(AGENT, "+915550009999", by=SCRIPT)
    with shop.db.begin() as tx:
        addresses.propose(tx, order_id, {"address1": QUOTES, "further": SCRIPT}, report=None, now=shop.now)
    person = shop.person()
    for action in ("Failed", "sync"):
        send_form(person, "/bulk", id=str(order_id), action=action)
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


HOSTILE_PAGES = [
    "/?range=all",
    "/orders/{}",
    "/orders/{}?confirm=Failed",
    "/reports/placed?range=30d",
    "/deliveries",
    "/needs-you",
    "/bulk/1",
]


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
    send_form(person, "/bulk", id=str(order_id), action="Failed")
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


OF_OTHER_TIMES = ("a time long ago", "the last second of time")


@pytest.mark.parametrize(("address", "elsewhere"), [("/?range=all", ()), ("/reports/placed", OF_OTHER_TIMES)])
def test_odd_orders_stand_in_the_list_like_any_other(
    shop: Shop, person: FlaskClient, address: str, elsewhere: tuple[str, ...]
) -> None:
    for number, changes in enumerate(ODD_ORDERS.values(), start=1001):
        shop.receive(number, **changes)

    assert len(names(look(person, address))) == len(ODD_ORDERS) - len(elsewhere)
