"""Strangers who hold the door: whatever they send or leave out, signed webhooks are taken, and pages are answered."""

from __future__ import annotations

import re
import resource
import socket
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress

import psutil
import pytest

from installation import HTTP, NOBODY, Installation, mixed_orders
from load import fire
from ordercall.processes.descriptors import OTHERS
from waiting import LONG, until
from wire import answer, connect, head

pytestmark = [pytest.mark.journey, pytest.mark.sqlite]  # strangers are turned away before any database

MEGABYTE = 1024 * 1024
MOST_MEMORY = 250 * MEGABYTE
PATH = "/shopify/webhook"
LOOKS_SIGNED = {"Host": "localhost", "X-Shopify-Topic": "orders/create", "X-Shopify-Hmac-SHA256": "A" * 43 + "="}
FORM = {"Host": "localhost", "Content-Type": "application/x-www-form-urlencoded"}
TWO_BYTES = {"Content-Length": "1000"}
SENDERS = 16
ORDERS = 200


@pytest.fixture(scope="module", autouse=True)
def descriptors() -> Iterator[None]:
    """Let this process have as many connections as it opens here."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(max(soft, 4_096), hard), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An installation without a worker, which stands through all of it: what is taken in stays where it is."""
    shop = Installation(tmp_path_factory.mktemp("web"), NOBODY, WORKER="external")
    shop.start()
    yield shop
    shop.clean_up()


@contextmanager
def held(shop: Installation, number: int, sent: bytes, *, window: int = 0) -> Iterator[list[socket.socket]]:
    """Open connections that send this and then nothing, until the end of the block.

    Args:
        window: bytes that one takes before they are read; 0: as many as usual.
    """
    with ExitStack() as opened:
        connections = [opened.enter_context(connect((shop.host, shop.port), window)) for _ in range(number)]
        for connection in connections:
            connection.sendall(sent)
        yield connections


def stored(shop: Installation) -> int:
    return int(shop.rows("SELECT count(*) FROM orders")[0][0])


def assert_that_all_goes_on(shop: Installation) -> None:
    before = stored(shop)
    orders = mixed_orders(ORDERS, before + 1)
    assert fire(shop.url, shop.webhooks(orders), connections=SENDERS).statuses == Counter({200: ORDERS})
    assert stored(shop) == before + ORDERS
    assert [HTTP.get(shop.url + path).status_code for path in ("/health", "/login")] == [200, 200]


@pytest.mark.parametrize("number", [70, 500])
def test_bodies_that_are_announced_and_never_sent_hold_nobody_up(web: Installation, number: int) -> None:
    with held(web, number, head(PATH, LOOKS_SIGNED | TWO_BYTES) + b"{}") as connections:
        assert_that_all_goes_on(web)

        assert Counter(answer(connection).status_code for connection in connections) == Counter({408: number})


def test_forms_that_are_announced_and_never_sent_hold_nobody_up(web: Installation) -> None:
    with held(web, 500, head("/login", FORM | TWO_BYTES) + b"us") as connections:
        assert_that_all_goes_on(web)

        assert Counter(answer(connection).status_code for connection in connections) == Counter({408: 500})


def test_large_bodies_that_are_never_sent_hold_up_no_order_of_usual_size(web: Installation) -> None:
    with held(web, 100, head(PATH, LOOKS_SIGNED | {"Content-Length": str(5 * MEGABYTE)}) + b"{}") as connections:
        assert_that_all_goes_on(web)

        assert {answer(connection).status_code for connection in connections} <= {408, 503}


def test_headers_that_are_never_finished_hold_nobody_up(web: Installation) -> None:
    with held(web, 500, head(PATH, LOOKS_SIGNED)[:-10]) as connections:
        assert_that_all_goes_on(web)

        assert [connection.recv(1) for connection in connections] == [b""] * 500


def with_descriptors(shop: Installation, number: int) -> None:
    shop.start("sh", "-c", f'ulimit -n {number} && exec "$0" -m ordercall serve', sys.executable)


def test_silent_connections_are_closed_where_there_are_few_descriptors(install: Callable[..., Installation]) -> None:
    shop = install(WORKER="external")
    with_descriptors(shop, 1_024)

    with held(shop, 1_500, b"") as connections:
        assert_that_all_goes_on(shop)

        assert [connection.recv(1) for connection in connections] == [b""] * 1_500
    assert OTHERS < 1_024


@pytest.fixture(scope="module")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An installation that has room for 200 connections."""
    shop = Installation(tmp_path_factory.mktemp("narrow"), NOBODY, WORKER="external")
    with_descriptors(shop, OTHERS + 200)
    yield shop
    shop.clean_up()


def test_connections_that_take_nothing_of_what_they_ask_for_keep_nobody_out(narrow: Installation) -> None:
    script = re.search(r"/static/\w+/htmx[^\"]*", HTTP.get(narrow.url + "/login").text)
    assert script
    with held(narrow, 300, head(script[0], {"Host": "localhost"}, method="GET") * 200, window=4_096):
        assert_that_all_goes_on(narrow)


def test_connections_on_which_something_small_is_asked_again_and_again_keep_nobody_out(narrow: Installation) -> None:
    over, refused = threading.Event(), head(PATH, {"Host": "localhost", "Content-Length": "0"})
    with held(narrow, 300, refused) as connections:

        def ask_again() -> None:
            while not over.wait(2.0):
                for connection in connections:
                    with suppress(OSError):
                        connection.sendall(refused)

        stranger = threading.Thread(target=ask_again)
        stranger.start()
        try:
            assert_that_all_goes_on(narrow)
        finally:
            over.set()
            stranger.join(LONG)


@pytest.mark.parametrize("headers", [{"Host": "localhost"}, LOOKS_SIGNED], ids=["no signature", "a wrong signature"])
def test_large_bodies_of_strangers_fill_no_memory(web: Installation, headers: dict[str, str]) -> None:
    request = head(PATH, headers | {"Content-Length": str(10 * MEGABYTE)}) + b"x" * 10 * MEGABYTE
    over, refused = threading.Event(), Counter[int]()

    def send_again_and_again() -> None:
        while not over.is_set():
            with connect((web.host, web.port)) as connection:
                try:
                    connection.sendall(request)
                    refused[answer(connection).status_code] += 1
                except OSError:
                    refused[0] += 1  # it was closed while it still sent

    strangers = [threading.Thread(target=send_again_and_again) for _ in range(SENDERS)]
    for stranger in strangers:
        stranger.start()
    try:
        until(lambda: refused.total() >= SENDERS, "the strangers are refused")
        assert_that_all_goes_on(web)
        most = max(child.memory_info().rss for child in psutil.Process(web.pid).children(recursive=True))
    finally:
        over.set()
        for stranger in strangers:
            stranger.join(LONG)

    assert set(refused) <= {0, 403, 503}
    assert most <= MOST_MEMORY
