"""Both fakes can be broken on purpose, and the fake Shopify keeps its side of the contract."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from playing import CANCELLATION, PHONE, create, http

from gate import Gate
from ordercall.sandbox.app import create_sandbox
from ordercall.sandbox.kalimera import FakeKalimera
from ordercall.sandbox.orders import make_order
from ordercall.sandbox.provider import Call, Mode
from ordercall.sandbox.server import run_in_thread
from waiting import until


def test_a_stranger_is_refused_by_shopify(to_shopify):
    assert to_shopify.get("/orders/1.json", headers={"X-Shopify-Access-Token": "wrong"}).status_code == 401


def test_an_unknown_order_is_not_found_unless_any_is_accepted(to_shopify, shopify):
    strict = to_shopify.post("/orders/5/cancel.json", json=CANCELLATION)
    shopify.accept_any_order = True
    lenient = to_shopify.post("/orders/5/cancel.json", json=CANCELLATION)

    assert (strict.status_code, lenient.status_code) == (404, 200)


def test_an_order_is_cancelled_once(to_shopify, shopify):
    shopify.add(make_order(1001, id=2**60 + 1))

    first = to_shopify.post(f"/orders/{2**60 + 1}/cancel.json", json=CANCELLATION)
    again = to_shopify.post(f"/orders/{2**60 + 1}/cancel.json", json=CANCELLATION)
    read = to_shopify.get(f"/orders/{2**60 + 1}.json")

    assert first.status_code == 200
    assert first.json()["notice"] == "Order has been canceled"
    assert (again.status_code, again.json()) == (422, {"errors": "Order has already been canceled"})
    assert read.json()["order"]["cancelled_at"] == first.json()["order"]["cancelled_at"] != None  # noqa: E711
    assert shopify.cancellations == [2**60 + 1]


def test_a_shipped_order_is_not_cancelled(to_shopify, shopify):
    order = make_order(1001)
    shopify.add(order)
    shopify.ship(order["id"])

    answer = to_shopify.post(f"/orders/{order['id']}/cancel.json", json=CANCELLATION)

    assert (answer.status_code, answer.json()) == (422, {"errors": "Cannot cancel a paid and fulfilled order"})


def test_every_answer_names_its_version_and_request(page, to_shopify):
    old = page.get("/shopify/admin/api/2024-07/orders/1.json")

    assert to_shopify.get("/orders/1.json").headers["X-Shopify-API-Version"] == "2026-10"
    assert old.headers["X-Shopify-API-Version"] == "2026-01"
    assert old.headers["X-Request-Id"]


@pytest.mark.parametrize(("mode", "status"), [(Mode.FAILING, 500), (Mode.BUSY, 503), (Mode.THROTTLED, 429)])
def test_a_broken_provider_answers_so_and_does_nothing(to_kalimera, kalimera, mode, status):
    kalimera.mode = mode

    answer = to_kalimera.post("/contact", json={"phone": PHONE})

    assert answer.status_code == status
    assert answer.headers.get("Retry-After") == ("2" if status == 429 else None)
    assert kalimera.contacts == {}


def test_a_lost_answer_leaves_its_effect(to_kalimera, kalimera):
    kalimera.mode = Mode.LOST

    with pytest.raises(httpx.RemoteProtocolError):
        to_kalimera.post("/contact", json={"phone": PHONE})

    assert list(kalimera.contacts) == [PHONE]
    assert kalimera.calls[-1].status is None


def test_a_lost_answer_can_outlast_the_callers_patience(to_kalimera, kalimera):
    kalimera.mode, kalimera.lost_seconds = Mode.LOST, 5.0

    with pytest.raises(httpx.ReadTimeout):
        to_kalimera.post("/contact", json={"phone": PHONE}, timeout=0.1)

    until(lambda: list(kalimera.contacts) == [PHONE], "the contact is created")


def test_a_provider_that_is_down_does_nothing(to_kalimera, kalimera):
    kalimera.mode = Mode.DOWN

    with pytest.raises(httpx.RemoteProtocolError):
        to_kalimera.post("/contact", json={"phone": PHONE})

    assert kalimera.contacts == {}


def test_exactly_the_next_calls_fail(to_kalimera, kalimera):
    kalimera.fail_next(2, "busy")

    answers = [to_kalimera.get("/contact", params={"phone": PHONE}).status_code for _ in range(3)]

    assert answers == [503, 503, 200]
    assert [call.status for call in kalimera.calls] == answers


def test_a_slow_provider_and_a_delay_take_their_time(to_kalimera, kalimera):
    kalimera.mode, kalimera.slow_seconds, kalimera.delay = Mode.SLOW, 0.05, 0.05
    started = time.monotonic()

    create(to_kalimera)

    assert time.monotonic() - started >= 0.1


def test_many_calls_are_under_way_side_by_side(running, to_kalimera):
    gate = Gate(running.app)
    gate.close()

    with ThreadPoolExecutor(32) as callers:
        calls = [callers.submit(to_kalimera.get, "/contact", params={"phone": PHONE}) for _ in range(64)]
        until(lambda: gate.waiting() == 32, "all callers wait for an answer")
        gate.open()

    assert [call.result().status_code for call in calls] == [200] * 64


def test_the_busiest_second_is_one_of_the_clock_on_the_wall(kalimera):
    kalimera._calls.extend(Call(at, "GET", "/contact", None, Mode.NORMAL) for at in (9.9, 10.0, 10.9, 11.0))

    assert kalimera.busiest_second == 2


def test_a_connection_serves_many_calls(to_kalimera, kalimera):
    answers = [to_kalimera.get("/contact", params={"phone": PHONE}) for _ in range(3)]

    assert len({answer.extensions["network_stream"] for answer in answers}) == 1


def test_a_stopped_sandbox_ends_its_open_connections():
    kalimera = FakeKalimera()
    with http(Authorization=kalimera.token) as client:
        with run_in_thread(create_sandbox(kalimera)) as running:
            answer = client.get(f"{running.url}/kalimera/contact", params={"phone": PHONE})

        assert answer.status_code == 200
        with pytest.raises(httpx.TransportError):
            client.get(f"{running.url}/kalimera/contact", params={"phone": PHONE})
