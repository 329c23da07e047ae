"""What a WSGI application hears of a request over the bridge, and what of its answer reaches the client."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from ordercall.server import bridge
from waiting import LONG, until
from wire import Address, answer, ask, chunked, connect, head, whole

Serve = Callable[..., Address]
Start = Callable[..., Any]
HOST = {"Host": "shop.example"}


def told(environ: dict[str, Any], start_response: Start) -> list[bytes]:
    """Answer with what the application hears."""
    heard = {name: value for name, value in environ.items() if isinstance(value, str)}
    body = json.dumps(heard | {"body": environ["wsgi.input"].read().decode()}).encode()
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]


def hear(serve: Serve, request: bytes) -> dict[str, str]:
    return dict(ask(serve(told), request).json)


def get(path: str = "/", headers: dict[str, str] | None = None, method: str = "GET") -> bytes:
    return head(path, HOST | (headers or {}), method=method)


# -- what is heard


def test_the_address_and_the_query_are_heard_as_they_were_sent(serve: Serve) -> None:
    heard = hear(serve, get("/orders/%E0%A4%85%2525?q=%20a&q=b"))

    assert heard["PATH_INFO"].encode("latin-1").decode() == "/orders/अ%25"
    assert heard["QUERY_STRING"] == "q=%20a&q=b"


def test_who_asks_is_heard_without_the_port(serve: Serve) -> None:
    assert hear(serve, get())["REMOTE_ADDR"] == "127.0.0.1"


def test_headers_are_heard_by_their_cgi_names(serve: Serve) -> None:
    heard = hear(serve, get(headers={"X-Forwarded-For": "203.0.113.7", "Content-Type": "text/plain"}))

    assert (heard["HTTP_HOST"], heard["HTTP_X_FORWARDED_FOR"]) == ("shop.example", "203.0.113.7")
    assert heard["CONTENT_TYPE"] == "text/plain"


@pytest.mark.parametrize(
    "name",
    ["X_Forwarded_For", "X-Forwarded_For", "x_forwarded-for", "X_FORWARDED_PROTO", "X_App_Token", "X-Shopify_Topic"],
)
def test_a_header_with_an_underscore_does_not_pass_for_another(serve: Serve, name: str) -> None:
    assert f"HTTP_{name.upper().replace('-', '_')}" not in hear(serve, get(headers={name: "127.0.0.1"}))


def test_a_header_that_comes_twice_is_one_with_commas_and_cookies_are_one_with_semicolons(serve: Serve) -> None:
    heard = hear(serve, get(headers={"Cookie": "a=1\r\nCookie: b=2", "X-Seen": "one\r\nX-Seen: two"}))

    assert (heard["HTTP_COOKIE"], heard["HTTP_X_SEEN"]) == ("a=1; b=2", "one,two")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "PATCH"])
def test_every_method_is_heard(serve: Serve, method: str) -> None:
    assert hear(serve, get(method=method))["REQUEST_METHOD"] == method


def test_a_body_is_heard_whole(serve: Serve) -> None:
    heard = hear(serve, whole("/", HOST, b"x" * 300_000))

    assert (heard["body"], heard["CONTENT_LENGTH"]) == ("x" * 300_000, "300000")


def test_a_body_of_unknown_length_is_heard_with_its_length(serve: Serve) -> None:
    heard = hear(serve, chunked("/", HOST, [b"status=", b"Failed"]))

    assert (heard["body"], heard["CONTENT_LENGTH"]) == ("status=Failed", "13")
    assert "HTTP_TRANSFER_ENCODING" not in heard


def test_a_length_beside_chunks_counts_for_nothing(serve: Serve) -> None:
    heard = hear(serve, chunked("/", HOST | {"Content-Length": "2"}, [b"hello"]))

    assert (heard["body"], heard["CONTENT_LENGTH"]) == ("hello", "5")


CUT = {
    "of a length": head("/", HOST | {"Content-Length": "10"}) + b"statu",
    "of some length": head("/", HOST | {"Content-Length": "100000"}) + b"statu",
    "of unknown length": chunked("/", HOST, [b"status=Failed&amount=1"])[:-5],
}


@pytest.mark.parametrize("request_of", CUT.values(), ids=list(CUT))
def test_a_body_that_is_cut_reaches_nobody(serve: Serve, request_of: bytes) -> None:
    heard = threading.Event()

    def application(_environ: dict[str, Any], start_response: Start) -> list[bytes]:
        heard.set()
        start_response("200 OK", [])
        return []

    with connect(serve(application)) as connection:
        connection.sendall(request_of)
        connection.shutdown(socket.SHUT_WR)
        connection.recv(1_000)  # until the server is done with it

    assert not heard.is_set()


def test_who_waits_to_be_asked_for_the_body_is_asked(serve: Serve) -> None:
    with connect(serve(told)) as connection:
        connection.sendall(head("/", HOST | {"Content-Length": "2", "Expect": "100-continue"}))
        asked = connection.recv(100)
        connection.sendall(b"ab")

        assert asked == b"HTTP/1.1 100 Continue\r\n\r\n"
        assert answer(connection).json["body"] == "ab"


def test_a_body_that_is_too_large_is_left_to_the_application_to_refuse_and_is_not_read(serve: Serve) -> None:
    with connect(serve(told)) as connection:
        connection.sendall(head("/", HOST | {"Content-Length": "5000000", "Expect": "100-continue"}))
        heard = answer(connection).json

    assert (heard["body"], int(heard["CONTENT_LENGTH"])) == ("", bridge.LARGEST_BODY + 1)


def test_a_body_that_does_not_come_is_waited_for_no_longer_than_it_may_take(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bridge, "BODY_SECONDS", 0.3)

    with connect(serve(told)) as connection:
        connection.sendall(head("/", HOST | {"Content-Length": "10"}) + b"ab")
        late = answer(connection)

    assert (late.status_code, late.get_data(as_text=True)) == (
        408,
        "The body was not there in time. A proxy in front should wait for it.\n",
    )


# -- what is answered


def answering(*parts: bytes, status: str = "200 OK", **headers: str) -> Callable[..., list[bytes]]:
    def application(_environ: dict[str, Any], start_response: Start) -> list[bytes]:
        start_response(status, [(name.replace("_", "-"), value) for name, value in headers.items()])
        return list(parts)

    return application


def test_status_headers_and_parts_arrive(serve: Serve) -> None:
    sent = ask(serve(answering(b"a", b"b", status="404 NOT FOUND", Content_Length="2", X_One="1")), get())

    assert (sent.status_code, sent.get_data(), sent.headers["X-One"]) == (404, b"ab", "1")


def test_an_answer_of_unknown_length_arrives_whole(serve: Serve) -> None:
    assert (
        ask(serve(answering(b"a" * 200_000, b"", b"b" * 200_000)), get()).get_data() == b"a" * 200_000 + b"b" * 200_000
    )


def test_an_answer_to_head_has_the_length_and_no_body(serve: Serve) -> None:
    sent = ask(serve(answering(Content_Length="5000")), get(method="HEAD"))

    assert (sent.headers["Content-Length"], sent.get_data()) == ("5000", b"")


def test_an_answer_without_a_body_ends_at_once(serve: Serve) -> None:
    assert ask(serve(answering(status="204 NO CONTENT")), get()).status_code == 204


class Export:
    """An answer that goes on for ever, and notes how far it got and whether it was closed."""

    def __init__(self) -> None:
        self.made, self.closed = 0, threading.Event()

    def __call__(self, _environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Type", "text/csv")])
        return self

    def __iter__(self) -> Iterator[bytes]:
        while not self.closed.is_set():
            self.made += 100_000
            yield b"x" * 100_000

    def close(self) -> None:
        self.closed.set()


def test_an_export_is_made_no_faster_than_it_is_read_and_ended_when_its_reader_goes(serve: Serve) -> None:
    export = Export()
    with connect(serve(export)) as connection:
        connection.sendall(get())
        assert connection.recv(17) == b"HTTP/1.1 200 OK\r\n"
        before = until(lambda: export.made, "it is begun")
        until(lambda: stands_still(export), "it waits for its reader")
        most = export.made

        read = 0
        while read < most + 5_000_000:
            read += len(connection.recv(1_000_000))
        assert export.made > most >= before

    assert most < 30_000_000
    assert export.closed.wait(LONG)


def stands_still(export: Export) -> bool:
    made = export.made
    threading.Event().wait(0.3)
    return export.made == made


def test_an_export_that_fails_half_way_says_nothing_of_its_rows(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    def failing(_environ: dict[str, Any], start_response: Start) -> Iterator[bytes]:
        start_response("200 OK", [])

        def parts() -> Iterator[bytes]:
            yield b"asha@example.com\n"
            raise ValueError("asha@example.com")

        return parts()

    assert ask(serve(failing), get()).get_data() == b"asha@example.com\n"
    until(lambda: caplog.records, "it is told")
    assert [record.getMessage() for record in caplog.records] == ["an answer could not be made to its end (ValueError)"]


def test_more_than_can_wait_are_refused_at_once(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bridge, "MOST_WAITING", 2)
    go_on, begun = threading.Event(), threading.Semaphore(0)

    def waits(environ: dict[str, Any], start_response: Start) -> list[bytes]:
        begun.release()
        assert go_on.wait(LONG)
        return told(environ, start_response)

    address = serve(waits)
    with ThreadPoolExecutor(2) as clients:
        first = [clients.submit(ask, address, get()) for _ in range(2)]
        assert begun.acquire(timeout=LONG)
        assert begun.acquire(timeout=LONG)
        third, of_a_program = ask(address, get()), ask(address, get("/api/orders/latest"))
        go_on.set()

        assert of_a_program.json["error"]["code"] == "TooBusy"
        assert (third.status_code, third.headers["Retry-After"]) == (503, "1")
        assert [client.result().status_code for client in first] == [200, 200]
