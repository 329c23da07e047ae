"""What the login page tells of the proxy that it came through."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from typing import Any

import pytest

from makers import make_settings
from ordercall.doctor import Grade
from ordercall.doctor.proxy import login_page, passes_on, passes_unread
from ordercall.server.application import ServerApplication
from ordercall.web.context import Context
from served import served
from stub import Stub
from web_app import Shop

HSTS = {"Strict_Transport_Security": "max-age=31536000"}

SEEN = [
    ((b"<p>400 WrongHost</p>", 400, {}), Grade.FAILURE, "changes the Host"),
    ((b"Bad gateway", 502, {}), Grade.WARNING, "PUBLIC_URL answers 502"),
    ((b"<form>", 200, {}), Grade.WARNING, "browsers come by https"),
    ((b"<form>", 200, HSTS), Grade.OK, "passes on the host"),
]


@pytest.mark.parametrize(("answer", "grade", "said"), SEEN, ids=["host", "gateway", "scheme", "well"])
def test_the_doctor_tells_what_a_proxy_keeps_to_itself(stub: Stub, answer: Any, grade: Grade, said: str) -> None:
    body, status, headers = answer
    stub.answers(body, status, **headers)

    page = login_page(stub.url)
    assert page

    [finding] = passes_on(page)

    assert finding.grade is grade
    assert said in str(finding)


def test_where_nobody_answers_the_doctor_says_nothing_of_the_proxy() -> None:
    assert login_page("http://127.0.0.1:9") is None


@contextmanager
def answering(answer: bytes) -> Iterator[str]:
    """Answer one connection at once, whatever it asks; yield the address."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            with suppress(OSError):
                connection, _ = listening.accept()
                with connection:
                    connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        thread.join()


def test_who_passes_bodies_on_before_they_are_whole_is_found_out(place: dict[str, str]) -> None:
    shop = Shop(make_settings(**place))
    context: Context = shop.app.extensions["ordercall"]
    program = ServerApplication(shop.app, context.reception, context.report_reception)
    with closing(shop.db), served(program) as (host, port):
        assert passes_unread(f"http://{host}:{port}")


def test_a_proxy_that_waits_for_the_body_is_none_of_those() -> None:
    with socket.create_server(("127.0.0.1", 0)) as waiting:
        assert not passes_unread(f"http://127.0.0.1:{waiting.getsockname()[1]}", patience=0.2)


@pytest.mark.parametrize("body", ["<h1>413</h1>", "[]", '{"error": "too large"}', ""])
def test_neither_is_one_that_refuses_by_itself(body: str) -> None:
    with answering(f"HTTP/1.1 413 Too Large\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()) as url:
        assert not passes_unread(url)


def test_ours_is_what_a_refusal_looks_like_that_was_made_unread() -> None:
    body = '{"success": false}'
    with answering(f"HTTP/1.1 413 Too Large\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()) as url:
        assert passes_unread(url)
