"""One HTTP request to a provider: its response, or one of the three provider errors.

HTTP status codes end here and in the clients. What each means:

    nothing was sent (no connection in time, or at all)         ProviderBusy
    408, 429 (with Retry-After), 430, 503                       ProviderBusy
    407; 403, 419 and 498 without JSON: a proxy's               ProviderBusy
    401; 403, 419 and 498 in JSON                               CredentialsRefused, and nothing more is sent
    any other 3xx and 4xx                                       ProviderRefused
    sent, but no clear answer (deadline, 500, 502, 504)         OutcomeUnknown
"""

from __future__ import annotations

import asyncio
import json
import math
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from ordercall.domain.activity import ProviderCall
from ordercall.domain.outside_json import read_json
from ordercall.errors import CredentialsRefused, OutcomeUnknown, ProviderBusy, ProviderError, ProviderRefused
from ordercall.providers import outgoing
from ordercall.providers.circuit_breaker import CircuitBreaker
from ordercall.providers.connections import LARGEST_ANSWER, Answer, Connections, NoAnswer, NotSent, WrongAddress
from ordercall.providers.json_values import change_texts
from ordercall.providers.lockout import UNWATCHED, Lockout, Refusal, Watch
from ordercall.providers.masking import hide, mask, one_line, texts_to_hide
from ordercall.providers.rate_limiter import RateLimiter
from ordercall.providers.watching import watched

BUSY = frozenset({408, 429, 430, 503})
"""Statuses after which nothing happened there; 430 is Shopify's own: its security check wants quiet."""

UNAUTHORIZED, FORBIDDEN, OF_A_PROXY = 401, 403, 407  # RFC 9110: who asks is not known; may not do it; to the proxy

SHUT_OUT = frozenset({FORBIDDEN, 419, 498})
"""Statuses of a credential where the API itself answers, in JSON; 419 and 498 mean one that is over or of no form. With
a web page, or nothing, a firewall or a proxy in between has answered, and the API has not heard of it."""

NO_SUCH_ROUTE = {"message": "Missing Authentication Token"}
"""With a 403, how Amazon's API Gateway says that it has no such route, which is nothing about the credential."""

TOKEN, KEY = "the token", "the key"
"""What a request is let in by: the token of all of them, and the key with which a token is asked for."""

LONGEST_RETRY_AFTER = 3_600.0
"""Seconds; a provider that names a time next week is believed for an hour, then it is asked again."""

Permission = Callable[[], None]
"""Passes where a request may leave, and raises where it may not."""

Witness = Callable[[ProviderCall], None]
Listener = Callable[["Request", Answer, Any], None]


@dataclass(frozen=True, slots=True)
class Request:
    """One request to be made.

    Attributes:
        operation: what it is for, as a verb phrase: "create the contact".
        credentials: headers beside those of every request; their values are hidden wherever they appear.
        largest_answer: the size of its answer at most, in bytes.
        renewable: a refusal of its token says nothing yet, because another one is asked for next.
        grants: it asks for a token, so every refusal is one of the credential.
        urgent: it does not wait behind others for what the rate allows.
    """

    operation: str
    method: str
    url: str
    json: Any = None
    params: Mapping[str, str] | None = None
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)
    largest_answer: int = LARGEST_ANSWER
    renewable: bool = False
    grants: bool = False
    urgent: bool = False


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
    """Sends requests to one provider over one connection pool; every request has a deadline.

    Args:
        provider: the name for error messages.
        setting: what a person has to put right where the credential is refused.
        timeout: seconds for all of a request, from connecting to the last piece of the answer.
        credentials: headers of every request; their values are hidden wherever they appear.
        per_second: how often the provider may be asked; 0: any number of times.
        hints: what a status means at this provider, where its own words may not say so.
        may_send: asked last of all before each request; raises where none may leave any more.
        rights: where a person gives the credential what it may do; empty: there it may do all or nothing.
        denied: whether an answer says that the credential is refused, or may not do this, whatever its status.
        status_within: the status that an answer of the 200 series means to have, where it is another.
        watch: gets a report when a credential is refused, and when it is accepted again.
        personal: further keys under which something stands that is not shown.
        heard: how an answer is read on, once its masked record is made.
        witness: is shown the record of each request; it takes no time.
        listener: hears each answer and its body as it came, before anything is done with it; it takes no time.

    Attributes:
        on_change: called when nothing may be sent any more, for whatever time, and when it may again. It takes no time.
    """

    def __init__(
        self,
        provider: str,
        setting: str,
        *,
        timeout: float,
        credentials: Mapping[str, str] | None = None,
        per_second: float = 0,
        hints: Mapping[int, str] | None = None,
        may_send: Permission = always,
        rights: str = "",
        denied: Callable[[Any], bool] = lambda _body: False,
        status_within: Callable[[Any], int | None] = lambda _body: None,
        watch: Watch = UNWATCHED,
        personal: Collection[str] = (),
        heard: Callable[[Any], Any] = lambda body: body,
        witness: Witness = lambda _call: None,
        listener: Listener = lambda _request, _answer, _body: None,
    ) -> None:
        self._provider = provider
        self._setting = setting
        self._rights = rights
        self._denied = denied
        self._status_within = status_within
        self._personal = personal
        self._heard = heard
        self._witness = witness
        self._listener = listener
        self._watch = watch
        self._lockout = Lockout(watch)
        self._reporting = asyncio.Lock()
        self._reported: Refusal | str | None = "nothing yet"
        self._credentials = credentials or {}
        self._hints = hints or {}
        self.on_change: Callable[[], object] = lambda: None
        self._breaker = CircuitBreaker()
        self._breaker.on_change = lambda: self.on_change()
        self._limiter = RateLimiter(per_second)
        self._may_send = may_send
        self._connections = Connections(timeout, {"Accept": "application/json", **self._credentials})

    def check_circuit(self) -> None:
        """Spare the caller its preparations while nothing would be sent.

        Raises:
            CredentialsRefused: the provider does not take our credential.
            ProviderBusy: the circuit breaker is open, because it did not answer lately.
        """
        self._stay_out("take calls", TOKEN)
        self._stay_away(self._breaker.seconds_open(), "take calls")

    def seconds_open(self) -> float:
        """Return how long nothing is sent, because the provider does not answer or does not take our credential."""
        shut = self._lockout.closed(KEY, TOKEN)
        return max(self._breaker.seconds_open(), shut[0] if shut else 0.0)

    def admits(self) -> float:
        """Return how many requests would be sent: any number, none, or one, to see whether all may go again."""
        if self.seconds_open() > 0:
            return 0
        return min(self._breaker.admits(), 1 if self._lockout.is_shut(KEY, TOKEN) else math.inf)

    @property
    def is_silent(self) -> bool:
        """Whether the provider did not answer, again and again, and has not answered since."""
        return self._breaker.is_silent

    def suspect(self) -> None:
        """Let one request go ahead of all others, as after an outage: another process had no answer."""
        self._breaker.suspect()

    def back_off(self, seconds: float) -> None:
        """Send nothing for a while: an answer that was one otherwise said so."""
        self._breaker.failed(seconds)

    def send(self, request: Request) -> Response:
        """Send one request and wait for what is answered: :meth:`exchange` for threads."""
        return outgoing.run(self.exchange(request))

    async def exchange(self, request: Request) -> Response:
        """Send one request as soon as the rate allows it, and return what is answered. Runs in ``outgoing``.

        Raises:
            ProviderBusy: nothing happened there; also while the circuit breaker is open.
            CredentialsRefused: this credential is refused, whatever is sent; also until the next look at that.
            ProviderRefused: it said no; the error's ``call.response`` holds its masked words.
            OutcomeUnknown: it may or may not have happened.
        """
        await self._limiter.acquire(urgent=request.urgent)
        self._may_send()
        gates = self._gates(request)
        self._stay_out(request.operation, *gates)
        self._stay_away(self._breaker.admit(), request.operation)
        seen = self._lockout.take_look(*gates)
        try:
            with watched(self._provider, request.operation):
                return await self._judge(request, seen)
        finally:
            await self._report()

    def close(self) -> None:
        self._connections.close()

    async def _judge(self, request: Request, seen: dict[str, int]) -> Response:
        """Send a request, and report its outcome to the circuit breaker and the lockout."""
        try:
            response = await self._ask(request)
        except CredentialsRefused as refusal:
            self._breaker.succeeded()
            self._shut_out(request, refusal, seen)
            raise
        except (ProviderBusy, OutcomeUnknown) as error:
            self._breaker.failed(error.retry_after)
            raise
        except ProviderRefused as refusal:
            self._breaker.succeeded()
            if refusal.call:
                self._lockout.nothing_learned(seen)
            raise
        except BaseException:
            self._breaker.failed()
            raise
        self._breaker.succeeded()
        self._lockout.accepted(seen)
        return response

    def _gates(self, request: Request) -> list[str]:
        """Return what has to be accepted for this request: the key itself, or the token and the right to do this."""
        return [KEY] if request.grants else [TOKEN, request.operation] if self._rights else [TOKEN]

    def _stay_out(self, operation: str, *gates: str) -> None:
        if closed := self._lockout.closed(*gates):
            wait, refusal = closed
            reason = f"it does not accept {refusal.setting}: {refusal.words}"
            raise CredentialsRefused(self._provider, operation, reason, retry_after=wait)

    def _shut_out(self, request: Request, refused: CredentialsRefused, seen: dict[str, int]) -> None:
        status = refused.call.status if refused.call else None
        if request.renewable and status == UNAUTHORIZED:
            self._lockout.nothing_learned(seen)
            return
        of_a_right = bool(self._rights) and not request.grants and status != UNAUTHORIZED
        gate = request.operation if of_a_right else self._gates(request)[0]
        refusal = Refusal(self._rights if of_a_right else self._setting, refused.reason)
        refused.retry_after = self._lockout.refused(gate, seen, refusal)

    async def _report(self) -> None:
        """Report how it stands, if that is news; once more after the next request if the watch could not keep it."""
        if self._lockout.refusal == self._reported:
            return
        self.on_change()
        async with self._reporting:
            refusal = self._lockout.refusal
            if refusal != self._reported and await asyncio.to_thread(self._watch.report, self._provider, refusal):
                self._reported = refusal

    def _stay_away(self, seconds: float, operation: str) -> None:
        if seconds > 0:
            raise ProviderBusy(self._provider, operation, "it did not answer lately", retry_after=seconds)

    async def _ask(self, request: Request) -> Response:
        body, sent = None, dict(request.credentials)
        if request.json is not None:
            body, sent["Content-Type"] = _as_json(request.json), "application/json"
        started = time.monotonic()
        try:
            answer = await self._connections.ask(
                request.method,
                request.url,
                body=body,
                params=request.params,
                headers=sent,
                largest=request.largest_answer,
            )
        except NoAnswer as error:
            raise self._no_answer(request, error, started) from error
        read = _body(answer)
        call = self._record(request, started, answer.status, hide(self._quotable(request), read))
        self._listener(request, answer, read)
        read = self._heard(read)
        if not answer.succeeded or self._denied(read) or self._status_within(read):
            raise self._refusal(request, answer, read, call)
        return Response(read, call, answer.next_page, answer.headers)

    def _no_answer(self, request: Request, error: NoAnswer, started: float) -> ProviderError:
        if isinstance(error, WrongAddress):
            return ProviderRefused(self._provider, request.operation, f"its address is wrong: {error}")
        kind, what = (ProviderBusy, "connection") if isinstance(error, NotSent) else (OutcomeUnknown, "clear answer")
        return kind(self._provider, request.operation, f"no {what} ({error})", call=self._record(request, started))

    def _quotable(self, request: Request) -> set[str]:
        """Return what an answer might quote of our request and nobody should read: tokens also without their scheme."""
        tokens = {*self._credentials.values(), *request.credentials.values()}
        bare = {token.rpartition(" ")[2] for token in tokens}
        ours = (texts_to_hide(asked, self._personal) for asked in (request.json, request.params))
        return tokens.union(bare, *ours)

    def _record(self, request: Request, started: float, status: int | None = None, body: Any = None) -> ProviderCall:
        call = ProviderCall(
            method=request.method,
            path=urlsplit(request.url).path,
            status=status,
            milliseconds=round((time.monotonic() - started) * 1000),
            request=mask(request.json if request.json is not None else request.params, self._personal),
            response=mask(body, self._personal),
        )
        self._witness(call)
        return call

    def _refusal(self, request: Request, answer: Answer, body: Any, call: ProviderCall) -> ProviderError:
        status = answer.status
        hint = f"({self._hints[status]})" if status in self._hints else ""
        number = "" if answer.succeeded else str(status)
        reason = " ".join(filter(None, (number, one_line(call.response), hint)))
        wait = _retry_after(answer.headers)
        within = self._status_within(body) if answer.succeeded else None
        meaning = _meaning(within or status, body)
        if (answer.succeeded and not within) or (meaning is ProviderRefused and (request.grants or self._denied(body))):
            meaning = CredentialsRefused
        error = meaning(self._provider, request.operation, reason, retry_after=wait, call=call)
        error.body = body
        return error


def _meaning(status: int, body: Any) -> type[ProviderError]:
    if status in BUSY:
        return ProviderBusy
    if status >= 500:
        return OutcomeUnknown
    if status == OF_A_PROXY or (status in SHUT_OUT and not isinstance(body, (dict, list))):
        return ProviderBusy
    shut_out = status == UNAUTHORIZED or (status in SHUT_OUT and body != NO_SUCH_ROUTE)
    return CredentialsRefused if shut_out else ProviderRefused


def _as_json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def _body(answer: Answer) -> Any:
    """Return the JSON of an answer without half characters and zeros, which no database takes; else its text."""
    text = answer.text
    try:
        return change_texts(read_json(text.encode()), _storable)
    except ValueError:
        return _storable(text)


def _storable(text: str) -> str:
    return text.encode("utf-8", "replace").decode().replace("\0", "\ufffd")


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Read Retry-After: seconds, whole or not, or a date."""
    text = headers.get("Retry-After", "").strip()
    try:
        wait = float(text)
    except ValueError:
        try:
            wait = (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds()
        except (ValueError, TypeError, OverflowError):
            return None
    return min(max(wait, 0.0), LONGEST_RETRY_AFTER) if wait == wait else None
