"""One HTTP request to a provider: the answer, or one of the three provider errors.

HTTP status codes end here and in the two clients. What each means:

    nothing was sent (connect timeout, connection refused)      ProviderBusy
    408, 429 (with Retry-After), 503                            ProviderBusy
    401, 403                                                    CredentialsRefused
    any other 3xx and 4xx                                       ProviderRefused
    sent, but no clear answer (read timeout, 500, 502, 504)     OutcomeUnknown
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import httpx

from ordercall.domain.activity import HIDDEN, ProviderCall, mask, personal_texts
from ordercall.errors import CredentialsRefused, OutcomeUnknown, ProviderBusy, ProviderRefused
from ordercall.services.breaker import Breaker

NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
LONGEST_WAIT = 3_600.0
LONGEST_REASON = 300
SHORTEST_QUOTE = 3
DEEPEST = 50
RESTING = "it did not answer lately"


@dataclass(frozen=True, slots=True)
class Answer:
    """A provider's answer of the 200 series.

    ``body`` is its JSON, or its text where it is no JSON. ``next_page`` is the address that its Link header names.
    """

    body: Any
    call: ProviderCall
    next_page: str | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """One request to be made. ``operation`` says what it is for, as a verb phrase: "create the contact"."""

    operation: str
    method: str
    url: str
    json: Any = None
    params: dict[str, str] | None = None


class ProviderHttp:
    """Sends requests to one provider over one connection pool; every request has a time limit.

    Args:
        provider: the name for error messages.
        headers: sent with every request; they hold the token, so they are never logged.
        timeout: seconds for each of connecting, sending and reading.
        connections: the most requests under way at once.
    """

    def __init__(self, provider: str, *, headers: dict[str, str], timeout: float, connections: int = 32) -> None:
        self._provider = provider
        self._breaker = Breaker()
        self._client = httpx.Client(
            headers=headers,
            timeout=httpx.Timeout(timeout, connect=min(timeout, 5.0)),
            limits=httpx.Limits(max_connections=connections, max_keepalive_connections=connections),
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

    def send(self, question: Question) -> Answer:
        """Send one request and return its answer.

        Raises:
            ProviderBusy: nothing happened there; also while the provider is left in peace after failures.
            ProviderRefused: it said no; the error's ``call.response`` holds its masked words.
            OutcomeUnknown: it may or may not have happened.
        """
        pause = self._breaker.seconds_to_wait()
        if pause > 0:
            raise ProviderBusy(self._provider, question.operation, RESTING, retry_after=pause)
        try:
            answer = self._ask(question)
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

    def close(self) -> None:
        self._client.close()

    def _ask(self, question: Question) -> Answer:
        started, quoted = time.monotonic(), self._quotable(question)
        try:
            response = self._client.request(question.method, question.url, json=question.json, params=question.params)
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
        shown = _without(quoted, body)
        call = self._record(question, started, response.status_code, shown)
        if response.is_success:
            return Answer(body, call, response.links.get("next", {}).get("url"))
        failure = self._error(question, response, words(shown), call)
        if isinstance(failure, ProviderRefused):
            failure.body = body
        raise failure

    def _quotable(self, question: Question) -> list[str]:
        """Return what a provider might quote from the request and nobody else should read: secrets and persons."""
        token = self._client.headers.get("Authorization") or self._client.headers.get("X-Shopify-Access-Token") or ""
        found = {token, token.rpartition(" ")[2], *personal_texts(question.json), *personal_texts(question.params)}
        return sorted((text for text in found if len(text) >= SHORTEST_QUOTE), key=len, reverse=True)

    def _error(
        self, question: Question, response: httpx.Response, said: str, call: ProviderCall
    ) -> ProviderBusy | ProviderRefused | OutcomeUnknown:
        status = response.status_code
        reason = f"{status} {said}".strip()
        if status in (408, 429, 503):
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
        return _without([], response.json())
    except (ValueError, RecursionError):
        return response.text


def _without(quoted: list[str], value: Any, depth: int = 0) -> Any:
    """Return a JSON value in which these texts are hidden, and half characters, which no database takes, are gone.

    Raises:
        ValueError: it is nested deeper than any answer with a meaning.
    """
    if depth > DEEPEST:
        raise ValueError("nested too deeply")
    if isinstance(value, dict):
        return {_without(quoted, key): _without(quoted, item, depth + 1) for key, item in value.items()}
    if isinstance(value, list):
        return [_without(quoted, item, depth + 1) for item in value]
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
