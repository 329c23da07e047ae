"""Legitimate webhooks while a stranger holds the door: how late they are answered, and what the server needs."""

from __future__ import annotations

import itertools
import multiprocessing
import os
import select
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.synchronize import Event
from urllib.parse import urlsplit

import httpx

from load import fire
from orders import webhooks
from processes import ROOT, Running, running
from stores import Store
from waiting import until

LEGITIMATE, CONNECTIONS = 200, 16
"""Webhooks of a round, and the connections that carry them."""

FORGED = "X-Shopify-Hmac-Sha256: " + "A" * 43 + "=\r\nX-Shopify-Topic: orders/create\r\n"
"""Looks signed, and was not signed with the secret."""

AGAIN_SECONDS = 0.1
"""After which a stranger whose connection was closed comes again: what takes the processor then is the door's work, and
not the attack's own."""

MEGABYTES = 10
PIECE = b"x" * (256 * 1024)


@dataclass(frozen=True)
class Attack:
    """So many connections that each send this and then nothing, or the announced body again and again.

    Attributes:
        path: None: the headers never end.
        floods: the body is sent, as fast as it is taken, and the request repeated; otherwise two bytes of it.
    """

    name: str
    connections: int
    path: str | None = "/shopify/webhook"
    headers: str = ""
    floods: bool = False

    @property
    def length(self) -> int:
        """Bytes of the body that are really sent."""
        return 0 if self.path is None else MEGABYTES * 1024 * 1024 if self.floods else 2

    def head(self, host: str) -> bytes:
        lines = f"POST {self.path or '/'} HTTP/1.1\r\nHost: {host}\r\n{self.headers}"
        announced = max(self.length, 5_000)
        return lines.encode() + (b"" if self.path is None else b"Content-Length: %d\r\n\r\n" % announced)


NONE = "nobody"
ATTACKS = (
    Attack("70 unsigned bodies that stop after two bytes", 70),
    Attack("500 such that look signed", 500, headers=FORGED),
    Attack(
        "500 such forms to /login", 500, path="/login", headers="Content-Type: application/x-www-form-urlencoded\r\n"
    ),
    Attack("500 headers that never end", 500, path=None),
    Attack(f"16 × {MEGABYTES} MB, unsigned", 16, floods=True),
    Attack(f"16 × {MEGABYTES} MB, wrongly signed", 16, headers=FORGED, floods=True),
)


@dataclass(frozen=True)
class Held:
    """What came of the legitimate webhooks: answered with 200, milliseconds, and the server's megabytes then."""

    answered: int
    p99: float
    memory: float


def measure(store: Store, first: int) -> dict[str, Held]:
    """Answer as many webhooks under each attack, and before them under none."""
    numbers = itertools.count(first, LEGITIMATE)
    spawned = multiprocessing.get_context("spawn")
    serve = str(ROOT / "bench" / "serve.py")
    with running(serve, "apps:program", **store.place()) as server, ProcessPoolExecutor(1, spawned) as client:
        _round(server, client, next(numbers))
        held = {NONE: _round(server, client, next(numbers))}
        for attack in ATTACKS:
            with _under(attack, server.url):
                held[attack.name] = _round(server, client, next(numbers))
        return held


def _round(server: Running, client: ProcessPoolExecutor, first: int) -> Held:
    until(lambda: httpx.get(f"{server.url}/health", timeout=30).is_success, "the door answers")
    requests = webhooks(server.url, LEGITIMATE, first)
    result = client.submit(fire, server.url, requests, connections=CONNECTIONS).result()
    return Held(result.statuses[200], result.percentile(0.99) * 1e3, server.memory())


@contextmanager
def _under(attack: Attack, url: str) -> Iterator[None]:
    spawned = multiprocessing.get_context("spawn")
    begun = spawned.Event()
    stranger = spawned.Process(target=_attack, args=(attack, url, begun), daemon=True)
    stranger.start()
    try:
        assert begun.wait(30), "the attack did not begin"
        yield
    finally:
        stranger.kill()
        stranger.join()


def _attack(attack: Attack, url: str, begun: Event) -> None:
    """Keep so many connections at it; for one that the server closes another comes a moment later."""
    os.nice(19)  # a stranger has a machine of his own
    parts = urlsplit(url)
    address, head = (parts.hostname or "", parts.port or 80), attack.head(parts.netloc)
    callers: dict[int, Stranger] = {}
    due = [time.monotonic()] * attack.connections
    with select.epoll() as poll:
        while True:
            while due and due[0] <= time.monotonic():
                due.pop(0)
                caller = Stranger(socket.create_connection(address), head, attack.length)
                callers[caller.socket.fileno()] = caller
                poll.register(caller.socket, select.EPOLLIN | select.EPOLLOUT)
            if len(callers) > attack.connections // 2:
                begun.set()
            for fd, events in poll.poll(AGAIN_SECONDS / 10):
                if events & (select.EPOLLIN | select.EPOLLHUP) or not callers[fd].send():
                    callers.pop(fd).socket.close()
                    due.append(time.monotonic() + AGAIN_SECONDS)
                elif callers[fd].is_done:
                    poll.modify(fd, select.EPOLLIN)


class Stranger:
    """One connection of an attack, and what of its request is still to be sent."""

    def __init__(self, connected: socket.socket, head: bytes, length: int) -> None:
        self.socket = connected
        self._head = head
        self._left = length
        connected.setblocking(False)

    @property
    def is_done(self) -> bool:
        return not self._head and not self._left

    def send(self) -> bool:
        """Send on as far as the connection takes it; return whether it is still good for anything."""
        try:
            if self._head:
                self._head = self._head[self.socket.send(self._head) :]
            else:
                self._left -= self.socket.send(PIECE[: self._left])
        except BlockingIOError:
            return True
        except OSError:
            return False
        return True
