"""Why an order is called, or not, as the API and the order's page tell it."""

from __future__ import annotations

from api_calls import TOKEN
from flask.testing import FlaskClient

from web_app import Shop


def explained(shop: Shop, shopify_id: int) -> dict[str, object]:
    answer = shop.client().get(f"/api/orders/{shopify_id}/explain", headers=TOKEN)
    assert answer.status_code == 200
    told: dict[str, object] = answer.json
    return told


def test_a_new_order_says_that_it_is_called_and_by_which_rules(shop: Shop) -> None:
    told = explained(shop, shop.receive(1001))

    decision = told["decision"]
    assert isinstance(decision, dict)
    assert (told["success"], told["order_name"], told["earlier"]) == (True, "#1001", [])
    assert (decision["answer"], decision["reason"]) == ("call", None)
    assert decision["window_start"] < decision["window_end"]
    assert {rule["rule"] for rule in decision["because"]} >= {"test", "shipped", "phone", "age", "hours", "language"}
    assert all(rule["message"].endswith(".") for rule in decision["because"])


def test_an_order_that_is_not_called_says_why_and_what_to_do(shop: Shop) -> None:
    decision = explained(shop, shop.receive(1001, test=True))["decision"]

    assert isinstance(decision, dict)
    assert (decision["answer"], decision["reason"]) == ("never", "test_order")
    assert (decision["message"], decision["remedy"]) == ("It is a test order.", "Nobody is called for a test.")
    assert decision["window_start"] is None


def test_an_order_that_is_not_there_is_not_explained(shop: Shop) -> None:
    assert shop.client().get("/api/orders/5/explain", headers=TOKEN).status_code == 404


def test_the_page_of_an_order_shows_the_decision_as_it_was(shop: Shop, person: FlaskClient) -> None:
    page = person.get(f"/orders/{shop.receive(1001, test=True)}").get_data(as_text=True)

    assert "Is not called: It is a test order." in page
    assert "It has a usable phone number." in page
