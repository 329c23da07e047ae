"""The customers who have a number of their own, and what the agent posts of their calls."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from playing import Product, add, create, window

from ordercall.sandbox.contact_ids import contact_id_of
from ordercall.sandbox.server import RunningSandbox
from ordercall.sandbox.shop import PlacedOrder, Shop
from ordercall.sandbox.talks import CUSTOMERS, NUMBERS, Answer
from waiting import until

Street = tuple[RunningSandbox, Shop, httpx.Client]


def place(street: Street, product: Product, name: str) -> PlacedOrder:
    """Place an order of a customer, and make the contact as the product would, if there is none."""
    _, shop, client = street
    order = shop.place_order(name)
    card = {"call_id": f"call-{order.order_id}", "shopify_id": order.order_id}
    client.post("/contact", json={"name": "Asha", "phone": order.phone, "metadata": card})
    product.waiting = [order.order_id]
    return order


def ring(street: Street, order: PlacedOrder) -> None:
    """Have the customer of an order rung once more, and wait until it is over."""
    running, _, client = street
    rung = len(running.sandbox.dialer.rings)
    client.put("/campaign/main", json=window("sandbox-agent-english"))
    assert add(client, contact_id_of(order.phone or "")).status_code == 200
    until(lambda: len(running.sandbox.dialer.rings) > rung, "the phone has rung")


def report(street: Street, product: Product, order: PlacedOrder, number: int = 1) -> dict[str, Any]:
    """Ring, wait for the report of that number, and return it."""
    ring(street, order)
    until(lambda: len(product.outcomes()) == number, f"report {number} has come")
    return product.outcomes()[-1]


def test_the_agent_looks_up_what_is_open_and_reports_of_that_order(product: Product, street: Street) -> None:
    order = place(street, product, "says yes")
    product.waiting = [77]

    said = report(street, product, order)

    assert product.looked_up == ["/api/orders?phone=%2B915559999901&waiting=1"]
    assert (said["contact_id"], said["shopify_id"]) == (contact_id_of(order.phone or ""), 77)
    assert "call_id" not in said
    assert (said["connection"], said["completion"], said["answer"]) == ("connected", "completed", "confirmed")
    assert product.requests[0][1]["X-App-Token"] == "app-token"


def test_where_nothing_is_open_the_agent_has_what_stands_on_the_card(product: Product, street: Street) -> None:
    order = place(street, product, "says yes")
    product.waiting = []

    said = report(street, product, order)

    assert (said["shopify_id"], said["call_id"]) == (order.order_id, f"call-{order.order_id}")


@pytest.mark.parametrize(
    ("name", "connection"),
    [
        ("never picks up", "no_answer"),
        ("is busy, and confirms at the next ring", "busy"),
        ("has voicemail", "voicemail"),
    ],
)
def test_where_nobody_picks_up_there_is_no_talk_to_look_up_for(
    product: Product, street: Street, name: str, connection: str
) -> None:
    said = report(street, product, place(street, product, name))

    assert (said["connection"], "answer" in said) == (connection, False)
    assert product.looked_up == []


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("is busy, and confirms at the next ring", "connection"),
        ("wants a call back, and confirms then", "callback_at"),
        ("wants to speak Hindi, and confirms then", "language"),
    ],
)
def test_a_customer_confirms_at_the_next_ring(product: Product, street: Street, name: str, key: str) -> None:
    order = place(street, product, name)

    first, second = (report(street, product, order, number) for number in (1, 2))

    assert key in first
    assert (first.get("answer"), second["answer"]) == (None, "confirmed")


@pytest.mark.parametrize(
    ("name", "about_its_own"),
    [
        ("returns, and refuses the next order", True),
        ("returns, and is reported by the card of the first order", False),
    ],
)
def test_a_customer_who_returns_refuses_and_the_agent_tells_of_the_order_it_knows(
    product: Product, street: Street, name: str, about_its_own: bool
) -> None:
    first = place(street, product, name)
    confirmed = report(street, product, first)
    second = place(street, product, name)

    refused = report(street, product, second, 2)

    assert (confirmed["answer"], confirmed["shopify_id"]) == ("confirmed", first.order_id)
    assert refused["answer"] == "refused"
    assert refused["shopify_id"] == (second if about_its_own else first).order_id
    assert bool(product.looked_up) is about_its_own


def test_a_report_that_comes_twice_is_the_same_report(product: Product, street: Street) -> None:
    ring(street, place(street, product, "is reported twice"))
    until(lambda: len(product.outcomes()) == 2, "it has come twice")

    first, second = product.outcomes()

    assert first == second


def test_every_other_report_has_an_id_of_its_own(product: Product, street: Street) -> None:
    order = place(street, product, "never picks up")

    first, second = (report(street, product, order, number) for number in (1, 2))

    assert first["report_id"] != second["report_id"]


def test_the_no_comes_after_the_yes(product: Product, street: Street) -> None:
    order = place(street, product, "says yes and then no")

    ring(street, order)
    until(lambda: len(product.requests) == 2, "both have come")

    door = f"/api/orders/{order.order_id}/status"
    assert [(path, json.loads(body)) for path, _, body in product.requests] == [
        (door, {"status": "Success"}),
        (door, {"status": "Failed"}),
    ]


def test_a_late_answer_says_that_its_window_was_over(product: Product, street: Street) -> None:
    order = place(street, product, "answers after the window")

    said = report(street, product, order)

    [rung] = street[0].sandbox.dialer.rings
    assert datetime.fromisoformat(said["happened_at"]) - rung.until == timedelta(hours=1)


def test_of_somebody_nothing_is_ever_reported(product: Product, street: Street) -> None:
    silent = place(street, product, "is never reported")
    ring(street, silent)
    until(lambda: silent.said == "Talked, unreported", "the talk is over")

    other = place(street, product, "never picks up")
    report(street, product, other)

    assert [said["contact_id"] for said in product.outcomes()] == [contact_id_of(other.phone or "")]


def test_an_order_that_was_placed_elsewhere_is_answered_too(product: Product, street: Street) -> None:
    _, _, client = street
    client.put("/campaign/main", json=window("sandbox-agent-english"))
    add(client, create(client, NUMBERS["says no"]))

    until(product.outcomes, "a report has come")

    assert product.outcomes()[0]["answer"] == "refused"


@pytest.mark.parametrize(("status", "sent"), [(409, 1), (429, 2), (503, 2)])
def test_a_report_is_sent_again_only_where_it_may_be_taken_later(
    product: Product, street: Street, monkeypatch: pytest.MonkeyPatch, status: int, sent: int
) -> None:
    monkeypatch.setattr("ordercall.sandbox.agent.PAUSES", (0.01,))
    product.answers = [status]
    ring(street, place(street, product, "says yes"))
    until(lambda: len(product.outcomes()) == sent, "it came as often as it should")

    report(street, product, place(street, product, "says no"), sent + 1)

    assert len({said["report_id"] for said in product.outcomes()}) == 2


def test_who_has_another_number_since_is_somebody_else(street: Street) -> None:
    _, shop, _ = street
    order = shop.place_order("opts out")

    shop.correct(order.order_id)

    assert (order.phone in CUSTOMERS, order.answer) == (False, Answer.SURPRISE)
