"""Several processes on one Postgres, and what becomes of the work when a worker dies or the database goes away."""

from __future__ import annotations

import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from installation import Installation, mixed_orders
from load import fire
from ordercall.sandbox.kalimera import FakeKalimera
from ordercall.sandbox.orders import make_order
from outcomes import repeated_requests, wrongly_listed
from postgres_server import Server
from waiting import LONG, until
from workers import freeze_at_work, newest, slow_after

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


def taken_over(shop: Installation) -> bool:
    return "jobs of a worker that died are queued again" in shop.log.read_text()


def test_a_start_on_a_database_without_tables_says_what_to_do(
    install: Callable[..., Installation], server: Server
) -> None:
    shop = install(DATABASE_URL=f"{server.url}/postgres")

    web = shop.start_beside("web")

    assert web.wait(LONG) == 1
    assert "make them with: ordercall db upgrade" in shop.log.read_text()
    assert "is up to date" in shop.run("db", "upgrade")
    shop.start()


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGSTOP])
def test_the_jobs_of_a_worker_that_dies_or_hangs_go_on_at_the_other(
    web: Installation, kalimera: FakeKalimera, end: signal.Signals
) -> None:
    kalimera.delay = 0.1
    lost = web.start_beside("worker")
    lost_id = newest(web.rows, 1)
    web.start_beside("worker")
    newest(web.rows, 2)
    with slow_after(kalimera, contacts=60):
        orders = send(web, 200)
        until(lambda: len(kalimera.contacts) >= 60, "60 contacts exist")
        freeze_at_work(lost.pid, lost_id, web.rows)

    lost.send_signal(end)
    until(lambda: taken_over(web), "the jobs of the lost one go on", seconds=TAKEOVER + 30)
    until(lambda: web.on_campaign() == 200, "all are on the campaign")
    lost.send_signal(signal.SIGCONT)  # the one that hung comes back, and finds its work done
    send(web, 20, first=1_000)
    until(lambda: web.on_campaign() == 220, "those that came later too")

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
    shop.wait_for_workers(2)
    kalimera.delay = 0.05
    back = threading.Event()

    def deliver(number: int) -> list[int]:
        """Send a webhook as Shopify does: again and again with the same id until it is taken."""
        order, statuses = make_order(number), []
        while not statuses or statuses[-1] != 200:
            if statuses:
                back.wait(LONG)
            statuses.append(shop.deliver(order, **{"X-Shopify-Webhook-Id": f"order-{number}"}).status_code)
        return statuses

    with ThreadPoolExecutor(8) as threads:
        sent = [threads.submit(deliver, number) for number in range(1, 121)]
        until(lambda: len(kalimera.contacts) >= 20, "20 contacts exist")
        server.stop(how)
        until(lambda: shop.deliver(make_order(999)).status_code == 503, "a webhook is answered 503")
        server.start()
        back.set()
        statuses = [status for one in sent for status in one.result(LONG)]

    assert set(statuses) <= {200, 503}
    until(lambda: shop.on_campaign() == 120, "all are on the campaign")
    assert [worker.poll() for worker in workers] == [None, None]
    assert shop.answers()
    assert len(kalimera.listings) == 120
    assert kalimera.repeats == []
    under_way = "SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing'"
    until(lambda: shop.rows(under_way) == [(0,)], "no job is left behind")
