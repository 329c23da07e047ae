"""Connections that somebody keeps from others: by taking nothing of an answer, or by asking again and again."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import psutil
import pytest

from ordercall.server.bodies import ROOM_FOR_FORMS, Bodies
from ordercall.server.bridge import Bridge
from ordercall.server.crowd import FILES, LOOK_SECONDS, Crowd, end_what_stalls
from served import served
from waiting import until
from wire import Address, answer, connect, head

LENGTH = 1_000_000
GET = head("/", {"Host": "localhost"}, method="GET")


class Door:
    """What granian serves: each answer is a megabyte."""

    def __init__(self, crowd: Crowd) -> None:
        self.__rsgi__ = Bridge(a_megabyte, Bodies(ROOM_FOR_FORMS), crowd).answer


def a_megabyte(_environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    start_response("200 OK", [("Content-Length", str(LENGTH))])
    return [bytes(LENGTH)]


@contextmanager
def reader(address: Address) -> Iterator[socket.socket]:
    """Ask for more than the kernel holds of it, over a connection that takes little at a time."""
    with connect(address, window=4_096) as connection:
        connection.sendall(GET * 5)
        yield connection


def take(connection: socket.socket, number: int) -> int:
    """Read so many bytes, or as many as come before the end; return how many."""
    taken = 0
    try:
        while taken < number and (part := connection.recv(min(number - taken, 65_536))):
            taken += len(part)
    except ConnectionResetError:
        pass
    return taken


def is_open(connection: socket.socket, address: Address) -> bool:
    """Return whether the server still has its end of a connection."""
    ours = connection.getsockname()
    return any(
        one.laddr == address and one.raddr == ours and one.status == psutil.CONN_ESTABLISHED
        for one in psutil.Process().net_connections("tcp")
    )


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="only Linux ends what stalls")
def test_whoever_takes_nothing_of_an_answer_is_closed_and_whoever_takes_it_slowly_has_all_of_it() -> None:
    with served(Door(Crowd())) as address:
        until(lambda: end_what_stalls(3.0), "it listens")
        with reader(address) as stalls, reader(address) as slow:
            taken = 0

            def is_closed() -> bool:
                nonlocal taken
                taken += take(slow, 2_000)
                return not is_open(stalls, address)

            until(lambda: is_open(stalls, address), "it is accepted")
            until(is_closed, "the one that takes nothing is closed")

            assert is_open(slow, address)
            assert taken + take(slow, 5 * LENGTH - taken) == 5 * LENGTH


def test_in_a_crowd_an_answer_is_the_last_of_its_connection() -> None:
    with served(Door(Crowd(most=2))) as address, connect(address) as crowded:
        crowded.sendall(GET)

        assert answer(crowded, method="GET").headers["Connection"] == "close"
        assert crowded.recv(1) == b""


def test_a_crowd_is_there_as_long_as_half_of_all_connections_are_open() -> None:
    now = 0.0
    crowd = Crowd(2 * (len(list(FILES.iterdir())) + 50), clock=lambda: now)

    def later() -> bool:
        nonlocal now
        now += 2 * LOOK_SECONDS
        return bool(crowd.last_words())

    assert not later()
    with ExitStack() as opened:
        for _ in range(60):
            opened.enter_context(socket.socket())
        assert later()
    assert not later()
