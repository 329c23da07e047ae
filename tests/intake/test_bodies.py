"""Strangers who hold bodies back, and signed webhooks beside them, over the network and in a small room."""

from __future__ import annotations

import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest
from granian.rsgi import HTTPProtocol, Scope
from receiving import make_reception

from databases import lock_out
from makers import SECRET, make_body
from ordercall.sandbox.webhooks import signed_headers
from ordercall.server.bodies import AHEAD_SECONDS, BYTES_A_SECOND, LEAST_OF_A_PIECE, STEP, Bodies
from ordercall.server.crowd import Crowd
from ordercall.server.webhooks import PATH, WebhookDoor
from ordercall.storage.engine.database import Database
from served import served
from waiting import until
from wire import Address, answer, ask, chunked, connect, head, whole

KILOBYTE = 1024
ROOM = 1024 * KILOBYTE
NEARLY = 250 * KILOBYTE
STRANGERS = 12
LOOKS_SIGNED = {"Host": "localhost", "X-Shopify-Topic": "orders/create", "X-Shopify-Hmac-SHA256": "A" * 43 + "="}
PATIENCE = 2.0


class Door:
    """What granian serves: all requests are webhooks. It knows how many have come in."""

    def __init__(self, database: Database, *, patience: float, pace: int = BYTES_A_SECOND) -> None:
        bodies = Bodies(ROOM, bytes_a_second=pace)
        self._door = WebhookDoor(make_reception(database), bodies, Crowd(), patience=patience)
        self.begun = 0

    async def __rsgi__(self, scope: Scope, protocol: HTTPProtocol) -> None:
        self.begun += 1
        await self._door.answer(scope, protocol)


@pytest.fixture
def database(open_database: Callable[..., Database]) -> Database:
    return open_database()


@contextmanager
def door(database: Database, *, patience: float = 60.0, pace: int = BYTES_A_SECOND) -> Iterator[tuple[Address, Door]]:
    with served(application := Door(database, patience=patience, pace=pace)) as address:
        yield address, application


@contextmanager
def strangers(address: Address, number: int, sent: bytes, *, announced: int) -> Iterator[list[socket.socket]]:
    """Open connections that announce so much, send this and then nothing, until the end of the block."""
    with ExitStack() as opened:
        connections = [opened.enter_context(connect(address)) for _ in range(number)]
        for connection in connections:
            connection.sendall(head(PATH, LOOKS_SIGNED | {"Content-Length": str(announced)}) + sent)
        yield connections


def order(number: int, size: int) -> bytes:
    return make_body(id=number, note="x" * size)


def signed(body: bytes) -> bytes:
    return whole(PATH, signed_headers(body, topic="orders/create", secret=SECRET, webhook_id=str(len(body))), body)


def send_signed(address: Address, *sizes: int) -> Counter[int]:
    return Counter(
        ask(address, signed(order(number, size * KILOBYTE))).status_code for number, size in enumerate(sizes, start=1)
    )


def unanswered(connections: list[socket.socket]) -> int:
    """Return on how many connections nothing has come."""
    number = 0
    for connection in connections:
        connection.setblocking(False)
        try:
            connection.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            number += 1
        connection.setblocking(True)
    return number


def test_bodies_that_stop_before_their_end_make_room_for_signed_ones(database: Database) -> None:
    with (
        door(database) as (address, application),
        strangers(address, STRANGERS, b"a" * (NEARLY - 10), announced=NEARLY) as held,
    ):
        until(lambda: application.begun == STRANGERS, "they have all come in")
        until(lambda: unanswered(held) <= ROOM // NEARLY, "as many are cut as have no room")

        assert send_signed(address, *[40, 100, 300] * 3) == Counter({200: 9})


def test_who_stopped_is_told_to_send_it_again(database: Database) -> None:
    with (
        door(database) as (address, _),
        strangers(address, STRANGERS, b"a" * (NEARLY - 10), announced=NEARLY) as held,
    ):
        until(lambda: unanswered(held) <= ROOM // NEARLY, "as many are cut as have no room")
        cut = [connection for connection in held if not unanswered([connection])]

        assert {(each := answer(connection)).status_code: each.json["error"]["code"] for connection in cut} == {
            503: "TooBusy"
        }


def test_large_bodies_that_are_announced_and_never_sent_take_no_place(database: Database) -> None:
    with (
        door(database) as (address, application),
        strangers(address, STRANGERS, b"", announced=1_000_000) as held,
    ):
        until(lambda: application.begun == STRANGERS, "they have all come in")

        assert send_signed(address, 300, 400, 500) == Counter({200: 3})
        assert unanswered(held) == STRANGERS


def test_who_sends_single_bytes_stands_still(database: Database) -> None:
    part = STEP * 2
    with (
        door(database) as (address, application),
        strangers(address, 1, b"a" * part, announced=NEARLY) as drips,
        strangers(address, 1, b"a" * part, announced=NEARLY) as moves,
    ):
        until(lambda: application.begun == 2, "they have come in")
        moves[0].sendall(b"a" * STEP)
        for _ in range(20):
            drips[0].sendall(b"a")
        send_signed(address, 40)  # by its answer the loop has seen what came before
        with strangers(address, 1, b"a" * (ROOM - 4 * STEP), announced=ROOM) as late:
            until(lambda: not unanswered(drips), "the one that drips is cut")

            assert unanswered(moves + late) == 2


def test_a_flood_is_read_at_an_even_pace_that_small_webhooks_know_nothing_of(database: Database) -> None:
    flood = ROOM // 4
    with door(database, pace=ROOM) as (address, application), ExitStack() as opened:
        begun = time.monotonic()
        floods = [opened.enter_context(connect(address)) for _ in range(3)]
        for connection in floods:
            connection.sendall(whole(PATH, LOOKS_SIGNED, b"a" * flood))
        until(lambda: application.begun == len(floods), "they have all come in")

        assert send_signed(address, 1, 2, 3) == Counter({200: 3})
        assert {answer(connection).status_code for connection in floods} == {403}
        assert time.monotonic() - begun >= len(floods) * flood / ROOM - AHEAD_SECONDS


def test_short_pieces_are_read_at_the_same_pace(database: Database) -> None:
    drips = chunked(PATH, LOOKS_SIGNED, [b"a"] * 400)
    with door(database, pace=ROOM) as (address, _):
        begun = time.monotonic()

        assert ask(address, drips).status_code == 403
        assert time.monotonic() - begun >= 400 * LEAST_OF_A_PIECE / ROOM - AHEAD_SECONDS


def test_a_body_and_its_commit_have_one_deadline(database: Database) -> None:
    body = signed(order(1, 40 * KILOBYTE))
    locked = lock_out(database)
    with door(database, patience=PATIENCE) as (address, _), connect(address) as connection:
        begun = time.monotonic()
        connection.sendall(body[:-10])
        time.sleep(PATIENCE * 3 / 4)  # it is a slow sender
        connection.sendall(body[-10:])
        late = answer(connection)
        took = time.monotonic() - begun
        locked.rollback()
        locked.close()
        until(lambda: send_signed(address, 50)[200], "what waited is stored, and so is the next")

    assert late.status_code in {408, 503}
    assert took < PATIENCE * 3 / 4 + PATIENCE


def test_a_body_with_a_trailer_is_refused_with_words(database: Database) -> None:
    body = order(1, 1)
    request = chunked(PATH, signed_headers(body, topic="orders/create", secret=SECRET, webhook_id="1"), [body])
    with door(database) as (address, _):
        refused = ask(address, request[:-2] + b"X-Checksum: 1\r\n\r\n")

    assert (refused.status_code, refused.json["error"]["code"]) == (400, "BadRequest")
