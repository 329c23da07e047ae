"""What the tests of the fake Shopify share: a clock that stands still, and GraphQL in one line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from ordercall.sandbox.order_book import Order
from ordercall.sandbox.orders import INDIA, make_order

CLIENT_ID, CLIENT_SECRET = "sandbox-client-id", "sandbox-client-secret"
TOKEN_PATH = "/shopify/admin/oauth/access_token"
CREDENTIALS = {"grant_type": "client_credentials", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
CANCEL = """
mutation($id: ID!) {
  orderCancel(orderId: $id, reason: CUSTOMER, restock: true, notifyCustomer: false,
              refundMethod: {originalPaymentMethodsRefund: false}) {
    job { id done }
    jobResult { id done status }
    orderCancelUserErrors { field message code }
  }
}
"""


class Clock:
    """The present of a test; it moves only when the test says so."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **amount: float) -> None:
        self.now += timedelta(**amount)

    def minutes_ago(self, minutes: float) -> str:
        """Return a time as it stands in an order."""
        return (self.now - timedelta(minutes=minutes)).astimezone(INDIA).isoformat(timespec="seconds")


def graphql(client: httpx.Client, question: str, /, **variables: Any) -> dict[str, Any]:
    """Return the whole answer to a GraphQL question."""
    answer = client.post("/graphql.json", json={"query": question, "variables": variables})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def ask(client: httpx.Client, question: str, /, **variables: Any) -> Any:
    """Return what stands in the only field of an answer without errors."""
    answer = graphql(client, question, **variables)
    assert "errors" not in answer, answer
    (found,) = answer["data"].values()
    return found


def order_gid(order: Order) -> str:
    return f"gid://shopify/Order/{order['id']}"


def orders(clock: Clock, count: int) -> list[Order]:
    """Return orders #1001 … of the last minutes, the oldest first."""
    return [
        make_order(
            1001 + place, created_at=clock.minutes_ago(count - place), updated_at=clock.minutes_ago(count - place)
        )
        for place in range(count)
    ]
