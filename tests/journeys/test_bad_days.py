"""Load, outages, lost answers, kill -9 and SIGTERM: nothing is lost, and nobody is called twice or wrongly."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from gate import Gate
from installation import Installation, mixed_orders
from load import fire
from ordercall.sandbox.kalimera import FakeKalimera
from ordercall.sandbox.orders import make_order
from ordercall.sandbox.provider import Mode
from ordercall.sandbox.shopify import FakeShopify
from outcomes import repeated_requests, wrongly_listed
from waiting import until

pytestmark = pytest.mark.journey

ROOT = Path(__file__).parents[2]


def send(shop: Installation, count: int, first: int = 1) -> list[dict[str, object]]:
    orders = mixed_orders(count, first)
    answers = fire(shop.url, shop.webhooks(orders), connections=16)
    assert answers.statuses == Counter({200: count})
    return orders


def test_webhooks_are_answered_while_every_kalimera_call_is_still_open(
    shop: Installation, kalimera: FakeKalimera, gate: Gate
) -> None:
    gate.close()

    answers = fire(shop.url, shop.webhooks(mixed_orders(300)), connections=16)

    assert answers.statuses == Counter({200: 300})
    until(gate.waiting, "Kalimera is called")
    assert kalimera.calls == []  # none was let in, and so none was answered
    gate.open()


def test_since_when_kalimera_is_silent_outlives_the_worker_and_ends_with_its_answer(
    shop: Installation, kalimera: FakeKalimera
) -> None:
    def silent() -> list[tuple[object, ...]]:
        return shop.rows("SELECT provider, since FROM silent_providers WHERE back_at IS NULL")

    kalimera.mode = Mode.DOWN
    orders = send(shop, 5)
    before = until(silent, "Kalimera is known to be silent")
    shop.stop()
    shop.start()
    shop.wait_for_workers(2)
    asked = len(kalimera.calls)
    until(lambda: len(kalimera.calls) > asked, "the second worker asks")
    after = silent()
    kalimera.mode = Mode.NORMAL

    until(lambda: not silent(), "Kalimera is known to answer")
    until(lambda: shop.on_campaign() == 5, "all are on the campaign")
    assert before[0][0] == "Kalimera"
    assert after == before
    assert wrongly_listed(orders, kalimera) == []


@pytest.mark.sqlite
def test_lost_answers_put_nobody_on_the_list_twice(shop: Installation, kalimera: FakeKalimera) -> None:
    orders = send(shop, 20)
    kalimera.fail_next(3, Mode.LOST)
    orders += send(shop, 20, first=100)
    kalimera.fail_next(3, Mode.LOST)

    until(lambda: shop.on_campaign() == 40, "all are on the campaign")

    assert kalimera.repeats == []
    assert wrongly_listed(orders, kalimera) == []


@pytest.mark.parametrize("shows_its_list", [True, pytest.param(False, marks=pytest.mark.sqlite)])
def test_kill_9_in_the_middle_of_200_orders_loses_nothing(
    install: Callable[..., Installation], kalimera: FakeKalimera, shows_its_list: bool
) -> None:
    kalimera.campaign_lookup, kalimera.delay = shows_its_list, 0.05
    shop = install()
    shop.start()
    orders = send(shop, 200)

    kills = 0
    for target in (40, 90, 140):
        until(lambda target=target: len(kalimera.contacts) >= target, f"{target} contacts exist")
        shop.kill()
        kills += 1
        shop.start()
    unclear = "SELECT count(*) FROM orders WHERE calling_reason = 'outcome_unknown'"
    until(lambda: shop.on_campaign() + shop.rows(unclear)[0][0] == 200, "all are on the campaign or a person's")

    assert shop.rows("SELECT count(*) FROM orders") == [(200,)]
    assert wrongly_listed(orders, kalimera) == []
    assert kalimera.repeats == []
    assert repeated_requests(kalimera) <= kills
    if shows_its_list:
        assert shop.on_campaign() == 200


def test_sigterm_ends_everything_within_ten_seconds_and_loses_nothing(
    install: Callable[..., Installation], kalimera: FakeKalimera
) -> None:
    kalimera.mode, kalimera.slow_seconds = Mode.SLOW, 3.0
    shop = install()
    shop.start()
    send(shop, 30)
    until(lambda: kalimera.calls, "calls are under way")

    code = shop.stop(seconds=10)
    kalimera.mode = Mode.NORMAL
    shop.start()

    assert code == 0
    until(lambda: shop.on_campaign() == 30, "all are on the campaign")
    assert kalimera.repeats == []


@pytest.mark.sqlite
def test_a_second_installation_on_the_same_database_brings_no_second_worker(
    install: Callable[..., Installation], kalimera: FakeKalimera
) -> None:
    first, second = install(), install()
    first.start()
    second.start()
    until(lambda: "stands by" in second.log.read_text(), "the second worker says that it stands by")

    send(second, 5)
    until(lambda: second.on_campaign() == 5, "the first worker serves both")
    first.kill()
    send(second, 5, first=50)

    until(lambda: second.on_campaign() == 10, "the second worker took over")
    assert kalimera.repeats == []


@pytest.mark.sqlite
@pytest.mark.parametrize("command", [["python", "app.py"], ["flask", "run"]])
def test_the_descriptions_own_commands_serve_and_sync(install: Callable[..., Installation], command: list[str]) -> None:
    shop = install(FLASK_APP=str(ROOT / "app.py"))
    program = Path(sys.executable).parent / command[0]
    arguments = [str(ROOT / "app.py")] if command[1] == "app.py" else command[1:]

    shop.start(str(program), *arguments)
    shop.deliver(make_order(1))

    until(shop.on_campaign, "the order is on the campaign")
    shop.stop(seconds=10)


@pytest.mark.sqlite
def test_an_order_that_the_shop_cancelled_is_not_called(
    shop: Installation, shopify: FakeShopify, kalimera: FakeKalimera
) -> None:
    kalimera.mode = Mode.DOWN
    order = make_order(1001)
    shop.deliver(order)

    shop.deliver(order | {"cancelled_at": "2026-11-24T10:00:00+05:30"}, topic="orders/cancelled")

    state = shop.rows("SELECT confirmation_status, calling_state, calling_reason FROM orders")
    assert state == [("Failed", "not_called", "cancelled")]
    assert shopify.calls == []


@pytest.mark.sqlite
def test_the_process_log_holds_nothing_personal(shop: Installation, kalimera: FakeKalimera) -> None:
    orders = mixed_orders(5)
    kalimera.fail_next(3, Mode.FAILING)
    for order in orders:
        shop.deliver(order)
    until(lambda: shop.on_campaign() == 5, "all are on the campaign")
    shop.stop()

    log = shop.log.read_text()

    assert "worker is ready" in log
    personal = {orders[0]["email"], orders[0]["shipping_address"]["address1"], *(order["phone"] for order in orders)}
    assert [text for text in personal if text in log] == []
    assert not re.search(r"\+91\d", log)
