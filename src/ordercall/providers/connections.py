"""Requests over HTTP, whoever they are for: each leaves once, has one deadline for all of it, and a cap on its answer.

What they mean to a provider's client is in ``http``; here is only whether an answer came.
"""

from __future__ import annotations

import math
import socket
import ssl
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import certifi
from aiohttp import (
    AddrInfoType,
    ClientConnectorError,
    ClientError,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    ConnectionTimeoutError,
    DummyCookieJar,
    InvalidURL,
    NonHttpUrlClientError,
    TCPConnector,
)

from ordercall.providers import outgoing
from ordercall.providers.charsets import decoded

LONGEST_CONNECT = 5.0
"""Seconds; a connection takes a few round trips, and while none is there nothing was sent: the job may wait instead."""

LONGEST_IDLE = 4.0
"""Seconds; many servers close a connection that was idle for five, and a request that meets that is lost."""

LARGEST_ANSWER = 2**20
"""Bytes, unpacked; an answer about one thing has a few thousand. Hundreds may come at once, and all are in memory."""

LARGEST_LIST = 32 * 2**20
"""Bytes, unpacked; 250 orders of fifty items each, the largest page that Shopify has, come to 25 MB by REST."""


class NoAnswer(Exception):
    """No whole answer came in time, but the request may have arrived; the message is why."""


class NotSent(NoAnswer):
    """Nothing left."""


class WrongAddress(NotSent):
    """Nobody can be asked at this address."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of any status, as it came.

    Attributes:
        headers: read in any case.
        body: unpacked.
        next_page: the address that its Link header names.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    charset: str | None
    next_page: str | None

    @property
    def succeeded(self) -> bool:
        return 200 <= self.status < 300

    @property
    def text(self) -> str:
        """The body as it would be read by people, with a sign in place of what cannot be read."""
        return decoded(self.body, self.charset)


class Connections:
    """A pool of connections in the loop of ``outgoing``. Redirects are not followed, and cookies not kept.

    Args:
        deadline: seconds for all of a request, from looking up the name to the last piece of the answer.
        headers: of every request.
    """

    def __init__(self, deadline: float, headers: Mapping[str, str] | None = None) -> None:
        self._deadline = deadline
        # Half of the time at most: what is cut off while it connects is never taken for what was sent.
        self._longest_connect = min(deadline / 2, LONGEST_CONNECT)
        self._headers = headers or {}
        self._session: ClientSession | None = None

    async def ask(
        self,
        method: str,
        url: str,
        *,
        body: bytes | None = None,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        largest: int = LARGEST_ANSWER,
    ) -> Answer:
        """Send a request and return its answer. Runs in the loop of ``outgoing``.

        Args:
            largest: the size of the answer's body at most, in bytes.

        Raises:
            NotSent, WrongAddress: it did not leave.
            NoAnswer: it may have arrived. What caused it is not shown: its words hold the whole address, which may be
                asked for a phone.
        """
        asked = self._opened().request(method, url, data=body, params=params, headers=headers, allow_redirects=False)
        try:
            async with asked as response:
                return await _read(response, largest)
        except (InvalidURL, NonHttpUrlClientError, UnicodeError) as error:  # the last: no name of a host is so long
            raise WrongAddress(str(error)) from None
        except ConnectionTimeoutError:
            raise NotSent(f"not within {self._longest_connect:g} s") from None
        except ClientConnectorError as error:
            raise NotSent(type(error).__name__) from None
        except TimeoutError:
            raise NoAnswer(f"not within {self._deadline:g} s") from None
        except (ClientError, OSError) as error:
            raise NoAnswer(type(error).__name__) from None

    def ask_and_wait(
        self, method: str, url: str, *, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """:meth:`ask` for threads."""
        return outgoing.run(self.ask(method, url, body=body, headers=headers))

    def close(self) -> None:
        if self._session is not None:
            outgoing.run(self._session.close())

    def _opened(self) -> ClientSession:
        """Return the session, which can only be made inside its loop."""
        if self._session is None:
            self._session = ClientSession(
                connector=TCPConnector(
                    limit=0,  # whoever waited here would not be sent in time
                    keepalive_timeout=LONGEST_IDLE,
                    ssl=_certificates(),
                    socket_factory=self._socket,
                ),
                cookie_jar=DummyCookieJar(),
                headers=self._headers,
                timeout=ClientTimeout(self._deadline, self._longest_connect, ceil_threshold=math.inf),
            )
            # By itself it sends a GET or PUT once more after a lost connection, and nobody is asked whether it may.
            self._session._retry_connection = False
        return self._session

    def _socket(self, address: AddrInfoType) -> socket.socket:
        """Make a socket on which the kernel never delivers a request long after it was given up.

        A network that fails and returns would otherwise bring it minutes later, when another worker has taken over: an
        update of the campaign's agent that nobody expects any more. Closing the connection does not prevent that.
        """
        made = socket.socket(*address[:3])
        if sys.platform == "linux":
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(self._deadline * 1000))
        return made


async def _read(response: ClientResponse, largest: int) -> Answer:
    body = bytearray()
    async for piece in response.content.iter_any():
        body += piece
        if len(body) > largest:
            raise NoAnswer(f"more than {largest:,} bytes")
    return Answer(response.status, response.headers, bytes(body), response.charset, _next_page(response))


def _next_page(response: ClientResponse) -> str | None:
    try:
        named = response.links.get("next")
    except ValueError:  # what it names is no address
        return None
    return str(named["url"]) if named else None


@cache
def _certificates() -> ssl.SSLContext:
    """Return who is trusted. Reading it takes tens of milliseconds, and it is the same for everybody."""
    context = ssl.create_default_context(cafile=certifi.where())
    context.set_alpn_protocols(["http/1.1"])
    return context
