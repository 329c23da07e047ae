"""Errors sent to Sentry, by its own library, to a server that listens: what is in them, and when nothing is loaded."""

from __future__ import annotations

import gzip
import logging
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
import sentry_sdk

from ordercall import error_reports, trail
from ordercall.config import read_settings
from ordercall.error_reports import send_errors
from ordercall.errors import ConfigurationError

PHONE = "+919812345678"
logger = logging.getLogger("ordercall.tests")


@pytest.fixture
def received() -> Iterator[tuple[str, list[str]]]:
    """A server in the place of Sentry's: its DSN, and what it was sent."""
    bodies: list[str] = []

    class Ear(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            bodies.append((gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body).decode())
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Ear) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://key@127.0.0.1:{server.server_port}/1", bodies
        sentry_sdk.get_client().close()
        sentry_sdk.init()
        server.shutdown()


def test_an_error_is_sent_with_its_place_and_id_and_with_nothing_of_a_customer(
    received: tuple[str, list[str]],
) -> None:
    dsn, bodies = received
    send_errors(dsn, "production")
    customer = {"phone": PHONE}
    logger.warning("a line before, of %s", PHONE)

    with trail.about("order-7001"):
        try:
            int(customer["phone"] + "x")
        except ValueError:
            logger.exception("order %s could not be read", customer["phone"])
    sentry_sdk.flush(10)

    [sent] = bodies
    assert "ValueError" in sent
    assert "order-7001" in sent
    assert "order %s could not be read" in sent
    assert "test_error_reports" in sent
    assert PHONE[3:] not in sent


def test_a_setting_without_its_package_is_told_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(error_reports, "find_spec", lambda _: None)

    with pytest.raises(ConfigurationError) as refused:
        read_settings({"SENTRY_DSN": "https://key@sentry.example/1"})

    assert (
        "SENTRY_DSN is set, and the package that sends errors is not installed: pip install 'ordercall[sentry]'"
        in str(refused.value)
    )


def test_what_is_no_dsn_is_told_so() -> None:
    with pytest.raises(ConfigurationError, match="SENTRY_DSN is no DSN"):
        read_settings({"SENTRY_DSN": "sentry"})


def test_nothing_of_it_is_loaded_where_it_is_not_set() -> None:
    loads = (
        "import sys, ordercall.cli, ordercall.bootstrap.web, ordercall.bootstrap.worker, ordercall.server.application"
    )
    looks = "from ordercall.error_reports import send_errors; send_errors('', 'production')"
    names = "print([name for name in sys.modules if name.split('.')[0] in ('sentry_sdk', 'opentelemetry')])"

    done = subprocess.run([sys.executable, "-c", f"{loads}\n{looks}\n{names}"], capture_output=True, text=True)

    assert (done.stdout, done.stderr) == ("[]\n", "")
