"""What becomes of a request whose provider is slow, endless, mute or gone, on real sockets."""

from __future__ import annotations

import gzip
import socket
import struct
import threading
import time
import traceback
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress

import pytest
from asking import CARD, PHONE, WINDOW, error_of

from ordercall.errors import OutcomeUnknown, ProviderBusy
from ordercall.providers.connections import LARGEST_ANSWER, LARGEST_LIST
from ordercall.providers.kalimera.client import KalimeraClient
from ordercall.providers.outgoing import gather, run, submit
from stub import Stub
from waiting import LONG

type Talk = Callable[[socket.socket], None]
type NewKalimera = Callable[..., KalimeraClient]

MIB = 2**20
STARTS = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
CREATED = STARTS + b'Content-Length: 12\r\n\r\n{"id":"c-1"}'
RESET = struct.pack("ii", 1, 0)


@contextmanager
def served(talk: Talk) -> Iterator[str]:
    """For the block, talk like this with whoever connects; gives the address."""
    with socket.create_server(("127.0.0.1", 0), backlog=512) as server:

        def answer(connection: socket.socket) -> None:
            with connection, suppress(OSError):
                talk(connection)

        def take() -> None:
            with suppress(OSError):
                while True:
                    threading.Thread(target=answer, args=(server.accept()[0],), daemon=True).start()

        taker = threading.Thread(target=take)
        taker.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)
        taker.join()


def read_request(connection: socket.socket) -> bytes:
    """Read one request, which comes with its length."""
    with closing(connection.makefile("rb")) as lines:
        head = b"".join(iter(lines.readline, b"\r\n"))
        length = next((int(line[15:]) for line in head.splitlines() if line.lower().startswith(b"content-length:")), 0)
        return head + lines.read(length)


@pytest.mark.parametrize("before", [STARTS + b"Content-Length: 90000\r\n\r\n", STARTS + b"X: ", b"HTTP/1.1 200 "])
def test_an_answer_that_drips_ends_at_the_deadline(new_kalimera: NewKalimera, before: bytes) -> None:
    def drip(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(before)
        while True:
            connection.sendall(b" ")
            time.sleep(0.05)

    with served(drip) as url:
        error = error_of(lambda: new_kalimera(url, seconds="0.4").update_campaign("main", "agent", WINDOW))

    assert (type(error), error.reason) == (OutcomeUnknown, "no clear answer (not within 0.4 s)")


def endless(sent: list[int]) -> Talk:
    def talk(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(STARTS + b"Connection: close\r\n\r\n")
        while True:
            sent.append(connection.send(bytes(64 * 1024)))

    return talk


def test_an_answer_without_an_end_is_cut_off(new_kalimera: NewKalimera) -> None:
    sent: list[int] = []
    with served(endless(sent)) as url:
        error = error_of(lambda: run(new_kalimera(url, seconds="60").create_contact(CARD)))

    assert (type(error), error.reason) == (OutcomeUnknown, f"no clear answer (more than {LARGEST_ANSWER:,} bytes)")
    assert sum(sent) < LARGEST_ANSWER + 16 * MIB  # what the kernel holds between the two


def test_a_list_may_be_longer(new_kalimera: NewKalimera) -> None:
    with served(endless([])) as url:
        error = error_of(lambda: new_kalimera(url, seconds="60").listed_contacts("main"))

    assert error.reason == f"no clear answer (more than {LARGEST_LIST:,} bytes)"


def test_an_answer_that_unpacks_to_very_much_is_cut_off_early(new_kalimera: NewKalimera) -> None:
    packed = gzip.compress(bytes(200 * MIB))

    def send_packed(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(STARTS + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed) + packed)

    with served(send_packed) as url:
        kalimera = new_kalimera(url, seconds="60")
        tracemalloc.start()
        error = error_of(lambda: run(kalimera.create_contact(CARD)))
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()

    assert error.reason == f"no clear answer (more than {LARGEST_ANSWER:,} bytes)"
    assert most < 8 * MIB


def test_whoever_accepts_and_says_nothing_has_perhaps_heard_it(new_kalimera: NewKalimera) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        kalimera = new_kalimera(f"http://127.0.0.1:{mute.getsockname()[1]}", seconds="0.4")
        error = error_of(lambda: run(kalimera.create_contact(CARD)))

    assert (type(error), error.reason) == (OutcomeUnknown, "no clear answer (not within 0.4 s)")


def test_no_traceback_shows_whose_phone_was_asked_for(stub: Stub, new_kalimera: NewKalimera) -> None:
    def talk_nonsense(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(b"what do you mean?\r\n\r\n")

    with served(talk_nonsense) as url:
        error = error_of(lambda: run(new_kalimera(url).find_contact(PHONE)))

    assert error.reason == "no clear answer (ClientResponseError)"
    assert PHONE[1:] not in "".join(traceback.format_exception(error))


def test_where_no_secret_was_agreed_nothing_was_sent(new_kalimera: NewKalimera) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        kalimera = new_kalimera(f"https://127.0.0.1:{mute.getsockname()[1]}", seconds="0.4")
        error = error_of(lambda: run(kalimera.create_contact(CARD)))

    assert (type(error), error.reason) == (ProviderBusy, "no connection (not within 0.2 s)")


def test_a_connection_that_is_reset_after_sending_is_unknown(new_kalimera: NewKalimera) -> None:
    def reset(connection: socket.socket) -> None:
        read_request(connection)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)

    with served(reset) as url:
        error = error_of(lambda: run(new_kalimera(url).create_contact(CARD)))

    assert type(error) is OutcomeUnknown


def test_a_request_that_a_kept_connection_loses_is_not_repeated_unasked(new_kalimera: NewKalimera) -> None:
    requests: list[bytes] = []

    def answer_once(connection: socket.socket) -> None:
        requests.append(read_request(connection))
        connection.sendall(CREATED)
        requests.append(read_request(connection))

    with served(answer_once) as url:
        kalimera = new_kalimera(url)
        kalimera.update_campaign("main", "agent", WINDOW)
        error = error_of(lambda: kalimera.update_campaign("main", "agent", WINDOW))

    assert type(error) is OutcomeUnknown
    assert len(requests) == 2


def test_256_requests_are_under_way_at_once(new_kalimera: NewKalimera) -> None:
    all_here = threading.Barrier(256)

    def answer_together(connection: socket.socket) -> None:
        read_request(connection)
        all_here.wait(LONG)
        connection.sendall(CREATED)

    with served(answer_together) as url:
        kalimera = new_kalimera(url, seconds=str(LONG))
        created = run(gather(*(kalimera.create_contact(CARD) for _ in range(256))))

    assert {getattr(one, "contact_id", one) for one in created} == {"c-1"}


def test_who_waits_for_the_rate_holds_up_nobody_else(stub: Stub, new_kalimera: NewKalimera) -> None:
    stub.answers([])
    slow = new_kalimera(stub.url, KALIMERA_REQUESTS_PER_SECOND="1")
    waiting = submit(gather(*(slow.find_contact(PHONE) for _ in range(60))))

    run(new_kalimera(stub.url).find_contact(PHONE))

    assert waiting.cancel()
