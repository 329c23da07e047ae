"""A load generator that costs little: blocking sockets, one epoll, requests made beforehand."""

from __future__ import annotations

import select
import socket
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

Address = tuple[str, int]
PATIENCE_SECONDS = 60.0


@dataclass
class Result:
    """Answers by status, the seconds each took, and what the whole took: on the clock and of this process."""

    statuses: Counter[int] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    elapsed: float = 0.0
    own_cpu: float = 0.0

    def percentile(self, share: float) -> float:
        ordered = sorted(self.seconds)
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def request_bytes(url: str, body: bytes, headers: dict[str, str]) -> bytes:
    parts = urlsplit(url)
    lines = [f"POST {parts.path} HTTP/1.1", f"Host: {parts.netloc}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def fire(url: str, requests: list[bytes], *, connections: int) -> Result:
    """Send all requests over so many connections, each sending its next when it has its answer.

    All connections stand before the first request leaves.
    """
    parts = urlsplit(url)
    address = (parts.hostname or "", parts.port or 80)
    result, callers = Result(), [Caller(address) for _ in range(connections)]
    cpu, started = time.process_time(), time.perf_counter()
    for status, seconds in _answers(callers, iter(requests)):
        result.statuses[status] += 1
        result.seconds.append(seconds)
    result.elapsed, result.own_cpu = time.perf_counter() - started, time.process_time() - cpu
    for caller in callers:
        caller.close()
    return result


class Caller:
    """One connection that carries one request at a time. A server may hang up after an answer."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._connect()

    def _connect(self) -> None:
        self._socket = socket.create_connection(self._address, timeout=PATIENCE_SECONDS)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._hung_up = False

    def fileno(self) -> int:
        return self._socket.fileno()

    def send(self, request: bytes) -> None:
        if self._hung_up:
            self.close()
            self._connect()
        self._received = b""
        self._sent_at = time.perf_counter()
        self._socket.sendall(request)

    def receive(self) -> tuple[int, float] | None:
        """Take what has come; return the status and the seconds it took once the answer is whole."""
        part = self._socket.recv(65_536)
        self._received += part
        head, end, body = self._received.partition(b"\r\n\r\n")
        if not part and not end:
            raise ConnectionError("the server hung up in the middle of an answer")
        lines = head.lower()
        if not end or (part and len(body) < _length(lines)):
            return None
        self._hung_up = b"connection: close" in lines
        return int(head[9:12]), time.perf_counter() - self._sent_at

    def close(self) -> None:
        self._socket.close()


def _length(head: bytes) -> int:
    _, found, rest = head.partition(b"content-length:")
    return int(rest.partition(b"\r\n")[0]) if found else 0


def _answers(callers: list[Caller], waiting: Iterator[bytes]) -> Iterator[tuple[int, float]]:
    with select.epoll() as poll:
        busy: dict[int, Caller] = {}

        def send_next(caller: Caller) -> None:
            request = next(waiting, None)
            if request is not None:
                caller.send(request)
                busy[caller.fileno()] = caller
                poll.register(caller.fileno(), select.EPOLLIN)

        for caller in callers:
            send_next(caller)
        while busy:
            for descriptor, _ in poll.poll():
                answer = busy[descriptor].receive()
                if answer is not None:
                    yield answer
                    poll.unregister(descriptor)
                    send_next(busy.pop(descriptor))
