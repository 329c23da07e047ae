"""Runs the sandbox over real HTTP: in a thread for tests, or as the command ``ordercall sandbox``."""

from __future__ import annotations

import signal
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, closing, suppress
from datetime import UTC, datetime
from typing import Any, NamedTuple

from flask import Flask
from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler
from werkzeug.test import run_wsgi_app

from ordercall.errors import ConfigurationError
from ordercall.providers.connections import Connections, NoAnswer
from ordercall.sandbox.app import create_sandbox
from ordercall.sandbox.customers import Customers
from ordercall.sandbox.kalimera import FakeKalimera
from ordercall.sandbox.other_names import OtherNames
from ordercall.sandbox.page import Sandbox
from ordercall.sandbox.recorded_answers import RecordedAnswers
from ordercall.sandbox.shop import Shop
from ordercall.sandbox.shopify import FakeShopify
from ordercall.sandbox.talks import CUSTOMERS, Answer
from ordercall.sandbox.webhooks import Webhooks

LOOPBACK_OF = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - where to connect, not where to listen
KEPT_CALLS = 2_000
"""The number of requests that a provider remembers: a sandbox runs for days."""

BEYOND_SHOPIFY = 8_000_000_000_000_000
"""The first id: a thousand times Shopify's of today, so that no real order ever has one of these, and still exact as a
number of JavaScript."""

PATIENCE = 5.0
"""Seconds for one look whether the product is there."""

SAID = {"Success": Answer.CONFIRMS, "Failed": Answer.REFUSES}

FIRST_ORDERS = ("+915559999901", "+915559999902", "+915559999903", "+915559999906")
"""Whose orders a newcomer sees: one is confirmed, one refused, one not answered, and one customer wants a call back."""


type Say = Callable[[str], None]


class Earlier(NamedTuple):
    """What the product's database holds when the sandbox starts.

    Attributes:
        orders: the latest of the sandbox's orders, each as its last webhook had it, with the status that it has now.
        last_number: of the latest order; 0 for none.
        place_first: whether the database is empty, and the sandbox's alone.
    """

    orders: Sequence[tuple[dict[str, Any], str]] = ()
    last_number: int = 0
    place_first: bool = False


class Handler(WSGIRequestHandler):
    """Answers many requests on one connection (keep-alive), which werkzeug's own handler does not.

    It can, because the sandbox reads every body to its end before it answers.
    """

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def run_wsgi(self) -> None:
        self.environ = self.make_environ()
        chunks, status, headers = run_wsgi_app(self.server.app, self.environ, buffered=True)
        body = b"".join(chunks)
        if body:
            headers.setdefault("Content-Length", str(len(body)))  # a stream has none, and the connection stays open
        code, _, words = status.partition(" ")
        self.send_response(int(code), words)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Log nothing: the page shows the calls, and URLs may hold phones."""


class Server(ThreadedWSGIServer):
    """Tracks its open connections, so that stopping it leaves none that still answers."""

    def __init__(self, host: str, port: int, app: Flask) -> None:
        self._open: set[socket.socket] = set()
        self._open_lock = threading.Lock()
        with socket.create_server((host, port), backlog=128) as listening:
            super().__init__(host, port, app, handler=Handler, fd=listening.fileno())

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._open_lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._open_lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        super().server_close()
        with self._open_lock:
            for connection in self._open:
                with suppress(OSError):  # ended by the other side already
                    connection.shutdown(socket.SHUT_RDWR)


class RunningSandbox(AbstractContextManager["RunningSandbox"]):
    """A sandbox that listens; as a context manager it stops at the end of the block."""

    def __init__(self, app: Flask, host: str, port: int) -> None:
        self.app = app
        self.sandbox: Sandbox = app.extensions["sandbox"]
        self._server = Server(host, port, app)
        self.url = f"http://{host}:{self._server.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), name="sandbox", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop listening, end every open connection, and stop customers and webhooks."""
        with suppress(OSError):  # wakes the thread at once, on Linux; elsewhere it looks 50 times a second
            self._server.socket.shutdown(socket.SHUT_RDWR)
        self._server.shutdown()
        self._thread.join()
        self.sandbox.stop()

    def __exit__(self, *_: object) -> None:
        self.stop()


def run_in_thread(sandbox_app: Flask, host: str = "127.0.0.1", port: int = 0) -> RunningSandbox:
    """Serve the sandbox from a thread of this process; when it is returned it listens.

    Args:
        sandbox_app: what :func:`ordercall.sandbox.app.create_sandbox` returned.
        host: the address to listen on.
        port: 0 takes any free port; ``.url`` says which.

    Raises:
        OSError: the port is taken.
    """
    return RunningSandbox(sandbox_app, host, port)


def _silent(_sentence: str) -> None:
    """Leave it unsaid."""


SILENT: Say = _silent
"""For a sandbox that is started beside the product, which says itself where all is."""


def serve(environment: Mapping[str, str], earlier: Earlier, answers: str = "", say: Say = SILENT) -> None:
    """Run the sandbox on this machine until SIGTERM or SIGINT, and place the first orders where there are none.

    Args:
        environment: the product's own settings; see :func:`sandbox_beside`. The sandbox listens on ``SANDBOX_PORT``
            (default 5001) of the loopback address only.
        earlier: the orders from before this start.
        answers: the file in whose shapes its Kalimera answers; empty: in its own.
        say: is told where it listens once it does, and what of the file it does not play.

    Raises:
        ConfigurationError: the port is taken or is no port, or the file is none of answers.
    """
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda _signal, _frame: stop.set())
    port = environment.get("SANDBOX_PORT", "").strip() or "5001"
    app = sandbox_beside(environment)
    if answers:
        app.extensions["sandbox"].kalimera.recorded = RecordedAnswers.in_file(answers)
    shop: Shop = app.extensions["sandbox"].shop
    recall(shop, earlier)
    try:
        running = run_in_thread(app, port=int(port))
    except (OSError, ValueError, OverflowError) as error:
        raise ConfigurationError([f"SANDBOX_PORT is {port}, and the sandbox cannot listen there: {error}."]) from error
    with running:
        say(f"The sandbox listens on {running.url}: its page, /kalimera and /shopify. Ctrl-C ends it.")
        for answer in app.extensions["sandbox"].kalimera.recorded.not_played:
            say(f"Recorded, and not played here: {answer}.")
        if earlier.place_first:
            place_first_orders(shop, product_url(environment), stop)
        stop.wait()


def sandbox_beside(environment: Mapping[str, str]) -> Flask:
    """Return a sandbox with customers who answer, made for the product that has these settings.

    Ids, tokens and secrets are the product's own, and webhooks and reports go to its ``HOST`` and ``PORT``.
    Contacts from before this start count as known, and so do the orders that are not recalled.
    """
    campaigns = [_setting(environment, f"KALIMERA_CAMPAIGN_ID{language}") for language in ("", "_EN", "_HI")]
    kalimera = FakeKalimera(
        token=_setting(environment, "KALIMERA_AUTH_TOKEN"),
        campaign_ids=filter(None, campaigns),
        agent_en=_setting(environment, "KALIMERA_AGENT_ID_EN"),
        agent_hi=_setting(environment, "KALIMERA_AGENT_ID_HI"),
        keep_calls=KEPT_CALLS,
    )
    kalimera.recalls_contacts = True
    kalimera.names = OtherNames.in_file(_setting(environment, "KALIMERA_CONTRACT"))
    for campaign in kalimera.campaigns.values():  # shown as over: else the product takes its last update for in force
        campaign.start = campaign.end = datetime.now(UTC)
    client_secret = _setting(environment, "SHOPIFY_CLIENT_SECRET")
    shopify = FakeShopify(
        token=_setting(environment, "SHOPIFY_ACCESS_TOKEN"), accept_any_order=True, keep_calls=KEPT_CALLS
    )
    shopify.tokens.client_id = _setting(environment, "SHOPIFY_CLIENT_ID")
    shopify.tokens.client_secrets = [client_secret] if client_secret else []
    store = _setting(environment, "SHOPIFY_STORE_DOMAIN").removesuffix(".myshopify.com") or "sandbox-shop"
    product = product_url(environment)
    shopify.shop_domain = f"{store}.myshopify.com"
    others = {
        "previous": _setting(environment, "SHOPIFY_OLD_SHARED_SECRET"),
        "notifications": _setting(environment, "SHOPIFY_NOTIFICATIONS_SECRET"),
    }
    secret = _setting(environment, "SHOPIFY_SHARED_SECRET") or client_secret
    webhooks = Webhooks(product, secret, shopify.shop_domain, other_secrets=others)
    shop = Shop(shopify, webhooks, offset=BEYOND_SHOPIFY + time.time_ns() // 1_000_000)
    customers = Customers(shop, product, _setting(environment, "SYNC_API_TOKEN"))
    link = product.replace("127.0.0.1", _setting(environment, "ORDERCALL_LOCAL_NAME") or "localhost")
    return create_sandbox(kalimera, shopify, shop=shop, customers=customers, product_url=link)


def product_url(environment: Mapping[str, str]) -> str:
    """Return the URL of the product with these settings, on this machine."""
    host = _setting(environment, "HOST") or "127.0.0.1"
    host = LOOPBACK_OF.get(host, host)
    return f"http://{f'[{host}]' if ':' in host else host}:{_setting(environment, 'PORT') or '5000'}"


def recall(shop: Shop, earlier: Earlier) -> None:
    """Add the orders from before this start to the shop, and continue their numbers."""
    for body, status in earlier.orders:
        shop.recall(body, SAID.get(status))
    shop.next_number = max(shop.next_number, earlier.last_number + 1)


def place_first_orders(shop: Shop, product: str, stop: threading.Event) -> None:
    """Wait for the product, then place the orders of the first customers, so that a newcomer sees calls at once."""
    with closing(Connections(PATIENCE)) as http:
        while not _answers(http, product):
            if stop.wait(0.3):
                return
    if not shop.orders:
        for number in FIRST_ORDERS:
            shop.place_order(CUSTOMERS[number].name)


def _answers(http: Connections, product: str) -> bool:
    try:
        return http.ask_and_wait("GET", f"{product}/health").succeeded
    except NoAnswer:
        return False


def _setting(environment: Mapping[str, str], name: str) -> str:
    return environment.get(name, "").strip()
