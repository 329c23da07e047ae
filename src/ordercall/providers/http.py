"""One HTTP request to a provider: its response, or one of the three provider errors.

HTTP status codes end here and in the clients. What each means:

    nothing was sent (connect timeout, connection refused)      ProviderBusy
    408, 429 (with Retry-After), 430, 503                       ProviderBusy
    401, 403                                                    CredentialsRefused
    any other 3xx and 4xx                                       ProviderRefused
    sent, but no clear answer (read timeout, 500, 502, 504)     OutcomeUnknown
"""

from __future__ import annotations

import socket
import ssl
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import httpx

from ordercall.domain.activity import ProviderCall
from ordercall.domain.outside_json import read_json
from ordercall.errors import CredentialsRefused, OutcomeUnknown, ProviderBusy, ProviderError, ProviderRefused
from ordercall.providers.circuit_breaker import CircuitBreaker
from ordercall.providers.json_values import change_texts
from ordercall.providers.masking import hide, mask, one_line, texts_to_hide
from ordercall.providers.rate_limiter import RateLimiter

BUSY = frozenset({408, 429, 430, 503})
"""Statuses after which nothing happened there; 430 is Shopify's own: its security check wants quiet."""

NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.UnsupportedProtocol)
"""What httpx raises before anything left."""

LONGEST_CONNECT = 5.0
"""Seconds; a connection takes a few round trips, and while none is there nothing was sent: the job may wait instead."""

LONGEST_RETRY_AFTER = 3_600.0
"""Seconds; a provider that names a time next week is believed for an hour, then it is asked again."""

Permission = Callable[[], None]
"""Passes where a request may leave, and raises where it may not."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request to be made.

    Attributes:
        operation: what it is for, as a verb phrase: "create the contact".
        credentials: headers beside those of every request; their values are hidden wherever they appear.
    """

    operation: str
    method: str
    url: str
    json: Any = None
    params: Mapping[str, str] | None = None
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Response:
    """A provider's answer of the 200 series.

    Attributes:
        body: its JSON, or its text where it is no JSON; as it came, unmasked.
        call: the masked record of the request and this answer.
        next_page: the address that its Link header names.
        headers: read in any case.
    """

    body: Any
    call: ProviderCall
    next_page: str | None
    headers: Mapping[str, str]


def always() -> None:
    """The permission of those whose work no other process takes over."""


class ProviderHttp:
    """Sends requests to one provider over one connection pool; every request has a time limit.

    Args:
        provider: the name for error messages.
        timeout: seconds for each of connecting, sending and reading.
        credentials: headers of every request; their values are hidden wherever they appear.
        per_second: how often the provider may be asked; 0: any number of times.
        hints: what a status means at this provider, where its own words may not say so.
        may_send: asked last of all before each request; raises where none may leave any more.
    """

    def __init__(
        self,
        provider: str,
        *,
        timeout: float,
        credentials: Mapping[str, str] | None = None,
        per_second: float = 0,
        hints: Mapping[int, str] | None = None,
        may_send: Permission = always,
    ) -> None:
        self._provider = provider
        self._credentials = credentials or {}
        self._hints = hints or {}
        self._breaker = CircuitBreaker()
        self._limiter = RateLimiter(per_second)
        self._may_send = may_send
        self._client = httpx.Client(
            headers={"Accept": "application/json", **self._credentials},
            timeout=httpx.Timeout(timeout, connect=min(timeout, LONGEST_CONNECT)),
            transport=httpx.HTTPTransport(
                limits=httpx.Limits(),  # as many as there are threads: who waited here would not be sent in time
                trust_env=False,
                verify=_certificates(),
                socket_options=_never_late(timeout),
            ),
            follow_redirects=False,
            trust_env=False,
        )

    def check_circuit(self) -> None:
        """Spare the caller its preparations while the circuit breaker is open.

        Raises:
            ProviderBusy: the provider did not answer lately.
        """
        self._stay_away(self._breaker.seconds_open(), "take calls")

    def back_off(self, seconds: float) -> None:
        """Send nothing for a while: an answer that was one otherwise said so."""
        self._breaker.failed(seconds)

    def send(self, request: Request) -> Response:
        """Send one request as soon as the rate allows it, and return what is answered.

        Raises:
            ProviderBusy: nothing happened there; also while the circuit breaker is open.
            ProviderRefused: it said no; the error's ``call.response`` holds its masked words.
            OutcomeUnknown: it may or may not have happened.
        """
        self._limiter.acquire()
        self._may_send()
        self._stay_away(self._breaker.admit(), request.operation)
        try:
            response = self._exchange(request)
        except (ProviderBusy, OutcomeUnknown) as error:
            self._breaker.failed(error.retry_after)
            raise
        except ProviderRefused:
            self._breaker.succeeded()
            raise
        except BaseException:
            self._breaker.failed()
            raise
        self._breaker.succeeded()
        return response

    def close(self) -> None:
        self._client.close()

    def _stay_away(self, seconds: float, operation: str) -> None:
        if seconds > 0:
            raise ProviderBusy(self._provider, operation, "it did not answer lately", retry_after=seconds)

    def _exchange(self, request: Request) -> Response:
        started = time.monotonic()
        try:
            answer = self._client.request(
                request.method, request.url, json=request.json, params=request.params, headers=request.credentials
            )
        except NOT_SENT as error:
            reason = f"no connection ({type(error).__name__})"
            raise ProviderBusy(self._provider, request.operation, reason, call=_record(request, started)) from error
        except httpx.InvalidURL as error:
            raise ProviderRefused(self._provider, request.operation, f"its address is wrong: {error}") from error
        except httpx.HTTPError as error:
            reason = f"no clear answer ({type(error).__name__})"
            raise OutcomeUnknown(self._provider, request.operation, reason, call=_record(request, started)) from error
        body = _body(answer)
        call = _record(request, started, answer.status_code, hide(self._quotable(request), body))
        if not answer.is_success:
            raise self._error(request, answer, body, call)
        return Response(body, call, answer.links.get("next", {}).get("url"), answer.headers)

    def _quotable(self, request: Request) -> set[str]:
        """Return what an answer might quote of our request and nobody should read: tokens also without their scheme."""
        tokens = {*self._credentials.values(), *request.credentials.values()}
        bare = {token.rpartition(" ")[2] for token in tokens}
        return tokens | bare | texts_to_hide(request.json) | texts_to_hide(request.params)

    def _error(self, request: Request, answer: httpx.Response, body: Any, call: ProviderCall) -> ProviderError:
        status = answer.status_code
        hint = f"({self._hints[status]})" if status in self._hints else ""
        reason = " ".join(filter(None, (str(status), one_line(call.response), hint)))
        error = _meaning(status)(self._provider, request.operation, reason, retry_after=_retry_after(answer), call=call)
        if isinstance(error, ProviderRefused):
            error.body = body
        return error


def _meaning(status: int) -> type[ProviderError]:
    if status in BUSY:
        return ProviderBusy
    if status >= 500:
        return OutcomeUnknown
    return CredentialsRefused if status in (401, 403) else ProviderRefused


def _record(request: Request, started: float, status: int | None = None, body: Any = None) -> ProviderCall:
    return ProviderCall(
        method=request.method,
        path=urlsplit(request.url).path,
        status=status,
        milliseconds=round((time.monotonic() - started) * 1000),
        request=mask(request.json if request.json is not None else request.params),
        response=mask(body),
    )


def _never_late(timeout: float) -> list[tuple[int, int, int]]:
    """Return what keeps the kernel from delivering a request long after it was given up.

    A network that fails and returns would otherwise bring it minutes later, when another worker has taken over: an
    update of the campaign's agent that nobody expects any more. Closing the connection does not prevent that.
    """
    if sys.platform == "linux":
        return [(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(timeout * 1000))]
    return []


@cache
def _certificates() -> ssl.SSLContext:
    """Return who is trusted. Reading it takes tens of milliseconds, and it is the same for every provider."""
    return httpx.create_ssl_context(trust_env=False)


def _body(answer: httpx.Response) -> Any:
    """Return the JSON of an answer without half characters, which no database takes; else its text."""
    try:
        return change_texts(read_json(answer.content), lambda text: text.encode("utf-8", "replace").decode())
    except ValueError:
        return answer.text


def _retry_after(answer: httpx.Response) -> float | None:
    """Read Retry-After: seconds, whole or not, or a date."""
    text = answer.headers.get("Retry-After", "").strip()
    try:
        wait = float(text)
    except ValueError:
        try:
            wait = (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds()
        except (ValueError, TypeError, OverflowError):
            return None
    return min(max(wait, 0.0), LONGEST_RETRY_AFTER) if wait == wait else None
