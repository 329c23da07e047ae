"""A pooler between a test and its Postgres, with as much of the protocol as PgBouncer's two modes take."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

ENCRYPTION = {80877103, 80877104}  # what a client may ask for before it begins
MADE_UP_KEY = b"K" + struct.pack("!III", 12, 7, 7)


@contextmanager
def pooling(host: str, port: int, mode: str) -> Iterator[int]:
    """Serve for the block; yield the port.

    Args:
        mode: transaction, session, or strict, which refuses the options of a connection as PgBouncer does by default.
    """
    pooler = Pooler(host, port, mode)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=pooler.accept, args=(listening,), daemon=True).start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)
    for session in pooler.sessions:
        session.close()


class Pooler:
    """Gives a session of the server to a client, for good or from one transaction to the next."""

    def __init__(self, host: str, port: int, mode: str) -> None:
        self._server = (host, port)
        self._mode = mode
        self._free: list[socket.socket] = []
        self.sessions: list[socket.socket] = []

    def accept(self, listening: socket.socket) -> None:
        with suppress(OSError):
            while True:
                client, _ = listening.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, suppress(OSError):
            startup = _read_startup(client)
            if self._mode == "strict":
                client.sendall(_message(b"E", b"SFATAL\0C08P01\0Munsupported startup parameter: options\0\0"))
                return
            session: socket.socket | None = socket.create_connection(self._server)
            self.sessions.append(session)
            session.sendall(startup)
            _relay_answer(session, client)
            while True:
                if session and self._mode == "transaction":
                    self._free.append(session)
                    session = None
                question = _read_message(client)
                session = session or self._free.pop()
                status = self._exchange(client, session, question)
                while status != b"I":  # a transaction keeps its session
                    status = self._exchange(client, session, _read_message(client))

    def _exchange(self, client: socket.socket, session: socket.socket, question: bytes) -> bytes:
        session.sendall(question)
        return _relay_answer(session, client) if question[:1] in (b"Q", b"S") else b"T"


def _relay_answer(session: socket.socket, client: socket.socket) -> bytes:
    """Pass on what the server says until it is ready for the next question; return what it says of a transaction."""
    while True:
        message = _read_message(session)
        client.sendall(MADE_UP_KEY if message[:1] == b"K" else message)
        if message[:1] == b"Z":
            return message[5:]


def _read_startup(client: socket.socket) -> bytes:
    """Return the message that a client begins with, once it has been told that nothing is encrypted here."""
    while True:
        head = _read(client, 8)
        length, version = struct.unpack("!II", head)
        rest = _read(client, length - 8)
        if version not in ENCRYPTION:
            return head + rest
        client.sendall(b"N")


def _read_message(connection: socket.socket) -> bytes:
    head = _read(connection, 5)
    return head + _read(connection, struct.unpack("!I", head[1:])[0] - 4)


def _read(connection: socket.socket, length: int) -> bytes:
    read = b""
    while len(read) < length:
        more = connection.recv(length - len(read))
        if not more:
            raise ConnectionResetError
        read += more
    return read


def _message(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!I", len(body) + 4) + body
