"""The page of the webhooks from which no order came."""

from __future__ import annotations

from flask.testing import FlaskClient

from reading import look
from web_app import Shop, post_webhook


def test_a_webhook_that_could_not_be_read_is_announced_and_explained(shop: Shop, person: FlaskClient) -> None:
    post_webhook(shop.client(), b"not JSON")
    banner = look(person).one("div", css="ban", text="could not be read")

    page = look(person, "/deliveries")

    assert banner.one("a").attrs["href"] == "/needs-you"
    assert banner.one("b").text == "1 signed webhook could not be read as an order."
    assert [cell.text for cell in page.one("tbody").all("td")] == [
        "just now",
        "orders/create",
        "Unreadable",
        "The body is not JSON.",
        "8",
        "1",
    ]


def test_unreadable_deliveries_come_before_those_that_are_not_used(shop: Shop, person: FlaskClient) -> None:
    post_webhook(shop.client(), b"not JSON")
    post_webhook(shop.client(), b"{}", topic="products/update")
    shop.receive(1001)

    table = look(person, "/deliveries").one("tbody")

    assert [line.all("td")[1].text for line in table.all("tr")] == ["orders/create", "products/update"]


def test_a_shop_without_odd_deliveries_says_so(shop: Shop, person: FlaskClient) -> None:
    shop.receive(1001)

    assert look(person, "/deliveries").has("p", text="Every webhook so far became an order.")
