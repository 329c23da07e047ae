"""HTTP as bytes on a socket: what no client would send, and answers that come before a request is whole."""

from __future__ import annotations

import socket
from collections.abc import Iterable, Mapping
from contextlib import suppress
from http.client import HTTPResponse

from werkzeug.wrappers import Response

from waiting import LONG

Address = tuple[str, int]


def head(path: str, headers: Mapping[str, str], *, method: str = "POST") -> bytes:
    """Return the head of a request, its empty line included; a value's characters are its bytes."""
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def whole(path: str, headers: Mapping[str, str], body: bytes, *, method: str = "POST") -> bytes:
    """Return a request that announces its length."""
    return head(path, {"Host": "localhost", "Content-Length": str(len(body))} | dict(headers), method=method) + body


def chunked(path: str, headers: Mapping[str, str], pieces: Iterable[bytes]) -> bytes:
    """Return a request of which nobody says how long it is."""
    parts = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
    return head(path, {"Host": "localhost", "Transfer-Encoding": "chunked"} | dict(headers)) + parts + b"0\r\n\r\n"


def connect(address: Address, window: int = 0) -> socket.socket:
    """Connect. With a window the connection takes no more than so many bytes before they are read."""
    if not window:
        return socket.create_connection(address, timeout=LONG)
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)  # or one of this machine holds 2 MB meanwhile
    connection.settimeout(LONG)
    connection.connect(address)
    return connection


def ask(address: Address, request: bytes) -> Response:
    """Send these bytes, as many of them as are taken, and return the answer."""
    with connect(address) as connection:
        with suppress(OSError):  # it was refused before all was sent
            connection.sendall(request)
        return answer(connection, method=request[: request.index(b" ")].decode())


def answer(connection: socket.socket, *, method: str = "POST") -> Response:
    """Return the next answer on a connection."""
    came = HTTPResponse(connection, method=method)
    came.begin()
    return Response([came.read()], came.status, list(came.getheaders()))
