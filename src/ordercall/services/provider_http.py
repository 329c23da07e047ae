"""One HTTP request to a provider: the answer, or one of the three provider errors.

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

from ordercall.domain.activity import HIDDEN, ProviderCall, mask, texts_to_hide
from ordercall.domain.outside_json import read_json
from ordercall.errors import CredentialsRefused, OutcomeUnknown, ProviderBusy, ProviderRefused
from ordercall.services.breaker import Breaker
from ordercall.services.pace import Pace

CREDENTIALS = ("Authorization", "X-Shopify-Access-Token")
"""The headers that hold a token."""
BUSY = frozenset({408, 429, 430, 503})  # 430 is Shopify's own: its security check wants quiet
NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
LONGEST_WAIT = 3_600.0
LONGEST_REASON = 300
SHORTEST_QUOTE = 3
RESTING = "it did not answer lately"

Permission = Callable[[], None]
"""Passes where a request may leave, and raises where it may not."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A provider's answer of the 200 series.

    ``body`` is its JSON, or its text where it is no JSON. ``next_page`` is the address that its Link header names.
    ``headers`` are read in any case.
    """

    body: Any
    call: ProviderCall
    next_page: str | None = None
    headers: Mapping[str, str] = field(default_factory=httpx.Headers)


@dataclass(frozen=True, slots=True)
class Question:
    """One request to be made. ``operation`` says what it is for, as a verb phrase: "create the contact"."""

    operation: str
    method: str
    url: str
    json: Any = None
    params: dict[str, str] | None = None


def always() -> None:
    """The permission of those whose work no other process takes over."""


class ProviderHttp:
    """Sends requests to one provider over one connection pool; every request has a time limit.

    Args:
        provider: the name for error messages.
        headers: sent with every request; a token among them is hidden wherever it appears.
        timeout: seconds for each of connecting, sending and reading.
        connections: the most requests under way at once.
        pace: how often the provider may be asked.
        hints: what a status means at this provider, where its own words may not say so.
        may_send: asked last of all before each request; raises where none may leave any more.
    """

    def __init__(
        self,
        provider: str,
        *,
        headers: Mapping[str, str],
        timeout: float,
        connections: int = 32,
        pace: Pace | None = None,
        hints: Mapping[int, str] | None = None,
        may_send: Permission = always,
    ) -> None:
        self._provider = provider
        self._hints = hints or {}
        self._breaker = Breaker()
        self._pace = pace or Pace(0)
        self._may_send = may_send
        self._client = httpx.Client(
            headers=headers,
            timeout=httpx.Timeout(timeout, connect=min(timeout, 5.0)),
            transport=httpx.HTTPTransport(
                limits=httpx.Limits(max_connections=connections, max_keepalive_connections=connections),
                trust_env=False,
                verify=_certificates(),
                socket_options=_never_late(timeout),
            ),
            follow_redirects=False,
            trust_env=False,
        )

    def stay_away_while_resting(self) -> None:
        """Spare the caller its preparations while the provider is left in peace.

        Raises:
            ProviderBusy: it did not answer lately.
        """
        rest = self._breaker.seconds_of_rest()
        if rest > 0:
            raise ProviderBusy(self._provider, "take calls", RESTING, retry_after=rest)

    def leave_in_peace(self, seconds: float) -> None:
        """Ask nothing for a while: an answer that was one otherwise said so."""
        self._breaker.failed(seconds)

    def send(self, question: Question, headers: Mapping[str, str] | None = None) -> Answer:
        """Send one request and return its answer.

        Args:
            headers: sent beside those of every request; a token among them is hidden wherever it appears.

        Raises:
            ProviderBusy: nothing happened there; also while the provider is left in peace after failures.
            ProviderRefused: it said no; the error's ``call.response`` holds its masked words.
            OutcomeUnknown: it may or may not have happened.
        """

        def build() -> httpx.Request:
            return self._client.build_request(
                question.method, question.url, json=question.json, params=question.params, headers=headers
            )

        return self._guarded(question, build)

    def send_by(self, question: Question, library: Callable[[httpx.Client], object]) -> Answer:
        """Let a library make the request; it goes our way, with our errors and time limits.

        Args:
            question: its url is where the request goes, wherever the library sends it; its json is for the record.
            library: is given the client to make the request with, and sees only an answer that is a JSON object.

        Raises:
            ProviderBusy, ProviderRefused, OutcomeUnknown: as :meth:`send`; they pass through the library.
        """
        carrier = _Carrier(lambda request: self._guarded(question, lambda: self._moved(request, question)))
        with httpx.Client(transport=carrier, trust_env=False) as client:
            library(client)
        if carrier.answer is None:
            raise ProviderRefused(self._provider, question.operation, "the request could not be made")
        if not isinstance(carrier.answer.body, dict):
            said = words(carrier.answer.body) or "no JSON object"
            raise OutcomeUnknown(self._provider, question.operation, said, call=carrier.answer.call)
        return carrier.answer

    def close(self) -> None:
        self._client.close()

    def _guarded(self, question: Question, build: Callable[[], httpx.Request]) -> Answer:
        """Ask when it is our turn, unless the provider is left in peace, and remember whether it answered."""
        self._pace.wait()
        self._may_send()
        pause = self._breaker.seconds_to_wait()
        if pause > 0:
            raise ProviderBusy(self._provider, question.operation, RESTING, retry_after=pause)
        try:
            answer = self._ask(question, build)
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
        return answer

    def _moved(self, request: httpx.Request, question: Question) -> httpx.Request:
        """Return a library's request, addressed to where this provider is reached."""
        headers = [(name, value) for name, value in request.headers.raw if name.lower() != b"host"]
        return self._client.build_request(request.method, question.url, content=request.read(), headers=headers)

    def _ask(self, question: Question, build: Callable[[], httpx.Request]) -> Answer:
        started, quoted = time.monotonic(), texts_to_hide(question.json) | texts_to_hide(question.params)
        try:
            request = build()
            quoted |= _tokens(request)
            response = self._client.send(request)
        except NOT_SENT as error:
            call = self._record(question, started, None, None)
            reason = f"no connection ({type(error).__name__})"
            raise ProviderBusy(self._provider, question.operation, reason, call=call) from error
        except httpx.InvalidURL as error:
            raise ProviderRefused(self._provider, question.operation, f"its address is wrong: {error}") from error
        except httpx.HTTPError as error:
            call = self._record(question, started, None, None)
            reason = f"no clear answer ({type(error).__name__})"
            raise OutcomeUnknown(self._provider, question.operation, reason, call=call) from error
        body = _body(response)
        shown = _without(_longest_first(quoted), body)
        call = self._record(question, started, response.status_code, shown)
        if response.is_success:
            return Answer(body, call, response.links.get("next", {}).get("url"), response.headers)
        failure = self._error(question, response, words(shown), call)
        if isinstance(failure, ProviderRefused):
            failure.body = body
        raise failure

    def _error(
        self, question: Question, response: httpx.Response, said: str, call: ProviderCall
    ) -> ProviderBusy | ProviderRefused | OutcomeUnknown:
        status = response.status_code
        hint = f"({self._hints[status]})" if status in self._hints else ""
        reason = " ".join(part for part in (str(status), said, hint) if part)
        if status in BUSY:
            wait = _retry_after(response)
            return ProviderBusy(self._provider, question.operation, reason, retry_after=wait, call=call)
        if status >= 500:
            return OutcomeUnknown(self._provider, question.operation, reason, call=call)
        kind = CredentialsRefused if status in (401, 403) else ProviderRefused
        return kind(self._provider, question.operation, reason, call=call)

    def _record(self, question: Question, started: float, status: int | None, body: Any) -> ProviderCall:
        return ProviderCall(
            method=question.method,
            path=urlsplit(question.url).path,
            status=status,
            milliseconds=round((time.monotonic() - started) * 1000),
            request=mask(question.json if question.json is not None else question.params),
            response=mask(body),
        )


class _Carrier(httpx.BaseTransport):
    """Carries the one request of a library, and hands it only what it can read."""

    def __init__(self, carry: Callable[[httpx.Request], Answer]) -> None:
        self._carry = carry
        self.answer: Answer | None = None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.answer = self._carry(request)
        return httpx.Response(200, json=self.answer.body if isinstance(self.answer.body, dict) else {})


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


def words(body: Any) -> str:
    """Return what a provider says in an answer, as one masked line."""
    if isinstance(body, dict):
        for key in ("message", "error", "errors", "detail", "notice"):
            if body.get(key):
                return words(body[key])
    text = body if isinstance(body, str) else str(mask(body)) if body else ""
    line = " ".join(str(mask(text)).split())
    return "an HTML page instead of JSON" if line[:1] == "<" else line[:LONGEST_REASON]


def _body(response: httpx.Response) -> Any:
    try:
        return _without([], read_json(response.content))
    except ValueError:
        return response.text


def _tokens(request: httpx.Request) -> set[str]:
    """Return the tokens that a request carries, with and without the word before them."""
    found = {request.headers.get(name, "") for name in CREDENTIALS}
    return found | {text.rpartition(" ")[2] for text in found}


def _longest_first(texts: set[str]) -> list[str]:
    """Return the texts that a provider might quote and nobody else should read; a part of one must not hide it."""
    return sorted((text for text in texts if len(text) >= SHORTEST_QUOTE), key=len, reverse=True)


def _without(quoted: list[str], value: Any) -> Any:
    """Return a JSON value in which these texts are hidden, and half characters, which no database takes, are gone."""
    if isinstance(value, dict):
        return {_without(quoted, key): _without(quoted, item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without(quoted, item) for item in value]
    if not isinstance(value, str):
        return value
    text = value.encode("utf-8", "replace").decode()
    for part in quoted:
        text = text.replace(part, HIDDEN)
    return text


def _retry_after(response: httpx.Response) -> float | None:
    """Read Retry-After: seconds, whole or not, or a date."""
    text = response.headers.get("Retry-After", "").strip()
    try:
        wait = float(text)
    except ValueError:
        try:
            wait = (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds()
        except (ValueError, TypeError, OverflowError):
            return None
    return min(max(wait, 0.0), LONGEST_WAIT) if wait == wait else None
