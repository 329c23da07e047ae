"""Several processes on one Postgres, and what becomes of the work when a worker dies or the database goes away."""

from __future__ import annotations

import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from installation import Installation, mixed_orders, until
from load import fire
from ordercall.sandbox.kalimera import FakeKalimera
from ordercall.sandbox.orders import make_order
from outcomes import repeated_requests, wrongly_listed
from postgres_server import Server

pytestmark = [pytest.mark.journey, pytest.mark.postgres]

TAKEOVER = 15
"""What the installations of the tests set WORKER_TAKEOVER_SECONDS to."""

DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}


@pytest.fixture
def server() -> Iterator[Server]:
    """A Postgres of this test's own, that keeps what it commits."""
    server = Server(**DURABLE)
    server.start()
    yield server
    server.remove()


@pytest.fixture
def web(install: Callable[..., Installation]) -> Installation:
    """A web process without a worker."""
    web = install(WORKER="external")
    web.start()
    return web


def send(shop: Installation, count: int, first: int = 1) -> list[dict[str, object]]:
    orders = mixed_orders(count, first)
    assert fire(shop.url, shop.webhooks(orders), connections=16).statuses == Counter({200: count})
    return orders


def wait_for_workers(shop: Installation, number: int) -> None:
    until(lambda: shop.log.read_text().count("the worker is ready") == number, f"{number} workers are ready")


def test_a_start_on_a_database_without_tables_says_what_to_do(
    install: Callable[..., Installation], server: Server
) -> None:
    shop = install(DATABASE_URL=f"{server.url}/postgres")

    web = shop.start_beside("web")

    assert web.wait(20) == 1
    assert "make them with: ordercall db upgrade" in shop.log.read_text()
    assert "is up to date" in shop.run("db", "upgrade")
    shop.start()


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGSTOP])
def test_the_jobs_of_a_worker_that_dies_or_hangs_go_on_at_the_other(
    web: Installation, kalimera: FakeKalimera, end: signal.Signals
) -> None:
    kalimera.delay = 0.1
    lost, _other = web.start_beside("worker"), web.start_beside("worker")
    wait_for_workers(web, 2)
    orders = send(web, 200)
    until(lambda: len(kalimera.contacts) >= 60, "60 contacts exist")

    lost.send_signal(end)
    ended = time.monotonic()
    until(lambda: web.on_campaign() == 200, "all are on the campaign", seconds=TAKEOVER + 30)
    assert time.monotonic() - ended < TAKEOVER + 25
    lost.send_signal(signal.SIGCONT)  # the one that hung comes back, and finds its work done
    send(web, 20, first=1_000)
    until(lambda: web.on_campaign() == 220, "those that came later too", seconds=60)

    assert wrongly_listed(orders + mixed_orders(20, 1_000), kalimera) == []
    assert repeated_requests(kalimera) <= 1
    phones = Counter(call.body["phone"] for call in kalimera.calls if call.path.endswith("/contact") and call.body)
    assert max(phones.values()) <= 2
    assert len(kalimera.contacts) == 220


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["restarted", "crashed"])
def test_a_postgres_that_goes_away_under_load_costs_nothing_but_time(
    install: Callable[..., Installation], server: Server, kalimera: FakeKalimera, how: signal.Signals
) -> None:
    shop = install(DATABASE_URL=f"{server.url}/postgres", WORKER="external")
    shop.run("db", "upgrade")
    shop.start()
    workers = [shop.start_beside("worker"), shop.start_beside("worker")]
    wait_for_workers(shop, 2)
    kalimera.delay = 0.05
    back = threading.Event()

    def deliver(number: int) -> list[int]:
        """Send a webhook as Shopify does: again and again with the same id until it is taken."""
        order, statuses = make_order(number), []
        while not statuses or statuses[-1] != 200:
            if statuses:
                back.wait(30)
            statuses.append(shop.deliver(order, **{"X-Shopify-Webhook-Id": f"order-{number}"}).status_code)
        return statuses

    with ThreadPoolExecutor(8) as threads:
        sent = [threads.submit(deliver, number) for number in range(1, 121)]
        until(lambda: len(kalimera.contacts) >= 20, "20 contacts exist")
        server.stop(how)
        until(lambda: shop.deliver(make_order(999)).status_code == 503, "a webhook is answered 503")
        server.start()
        back.set()
        statuses = [status for one in sent for status in one.result(120)]

    assert set(statuses) <= {200, 503}
    until(lambda: shop.on_campaign() == 120, "all are on the campaign", seconds=TAKEOVER + 60)
    assert [worker.poll() for worker in workers] == [None, None]
    assert shop.answers()
    assert len(kalimera.listings) == 120
    assert kalimera.repeats == []
    assert shop.rows("SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing'") == [(0,)]
