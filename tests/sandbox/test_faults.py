"""The sandbox's Shopify fails in every way of Shopify's page of response codes: by REST, by GraphQL, at the grant."""

from __future__ import annotations

import pytest
from shop_talk import CREDENTIALS, TOKEN_PATH, graphql

from ordercall.sandbox.faults import KALIMERA, SHOPIFY

SHOP = "{ shop { name } }"


@pytest.mark.parametrize(
    ("mode", "status"),
    [
        ("unauthorized", 401),
        ("frozen", 402),
        ("forbidden", 403),
        ("not_found", 404),
        ("unprocessable", 422),
        ("locked", 423),
        ("throttled", 429),
        ("rejected", 430),
        ("failing", 500),
        ("bad_gateway", 502),
        ("busy", 503),
        ("gateway_timeout", 504),
        ("html", 200),
        ("login_page", 303),
    ],
)
def test_shopify_refuses_rest_graphql_and_the_token_grant(page, to_shopify, shopify, mode, status):
    shopify.switch(mode)

    rest = to_shopify.get("/orders.json")
    asked = to_shopify.post("/graphql.json", json={"query": SHOP})
    token = page.post(TOKEN_PATH, data=CREDENTIALS)

    assert [answer.status_code for answer in (rest, asked, token)] == [status] * 3
    assert {answer.text for answer in (rest, asked, token)} == {rest.text}
    assert ("html" in rest.text) == (mode in ("html", "login_page"))


def test_the_retry_after_of_a_throttled_caller_has_a_fraction(to_shopify, shopify):
    shopify.switch("throttled")

    assert to_shopify.get("/orders.json").headers["Retry-After"] == "2.0"


def test_graphql_throttles_with_a_200_that_has_the_missing_points(to_shopify, shopify):
    shopify.switch("cost_throttled")

    answer = graphql(to_shopify, SHOP)

    assert answer["errors"][0]["extensions"]["code"] == "THROTTLED"
    cost = answer["extensions"]["cost"]
    assert (cost["requestedQueryCost"], cost["throttleStatus"]["currentlyAvailable"]) == (200, 0)
    assert to_shopify.get("/orders.json").status_code == 429


def test_a_fault_holds_for_the_next_calls_or_until_it_is_switched_off(page, to_shopify):
    statuses = []
    for wanted in ({"mode": "frozen", "next": 1}, {"mode": "locked"}, {"mode": "normal"}):
        page.post("/control", json={"provider": "shopify"} | wanted)
        statuses += [to_shopify.get("/orders.json").status_code for _ in range(2)]

    assert statuses == [402, 200, 423, 423, 200, 200]


def test_switching_a_fault_off_forgets_what_was_set_for_the_next_calls(page, to_shopify):
    page.post("/control", json={"provider": "shopify", "mode": "frozen", "next": 5})
    page.post("/control", json={"provider": "shopify", "mode": "normal"})

    assert to_shopify.get("/orders.json").status_code == 200


def test_the_page_offers_shopifys_faults_for_shopify_alone(page, shopify):
    shown = page.get("/").text

    assert all(shown.count(f'<option value="{mode}"') == 1 for mode in SHOPIFY.keys() - KALIMERA.keys())
    assert page.post("/control", json={"provider": "kalimera", "mode": "frozen"}).status_code == 400
