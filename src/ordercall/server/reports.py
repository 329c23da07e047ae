"""``POST /api/outcomes`` in the event loop, for the two senders that nearly every report has.

A thread and a view cost a report more than its commit. Whoever comes with a key or a session, from this machine or
with a wrong token, and whoever wants errors in another form, is answered by the application as ever.
"""

from __future__ import annotations

import asyncio
import logging

import msgspec
from granian.rsgi import HTTPProtocol, ProtocolClosed, Scope

from ordercall.errors import DatabaseBusy, OrdercallError
from ordercall.intake.reception import refusal
from ordercall.intake.report_committer import PATIENCE_SECONDS
from ordercall.intake.report_reception import (
    AT_THE_ADDRESS,
    LARGEST_REPORT,
    WITH_THE_TOKEN,
    ReportReception,
    Sender,
    answer_to,
)
from ordercall.server.bodies import AT_ONCE, Bodies, BodyRefused
from ordercall.server.commit_results import CommitResults, Waiter
from ordercall.server.requests import announced_length
from ordercall.services.report_service import ReceivedReport
from ordercall.storage.records.reports import Incoming

PATH = "/api/outcomes"
ADDRESS = f"{PATH}/in/"
HEADERS = [("content-type", "application/json"), ("cache-control", "no-store"), ("x-content-type-options", "nosniff")]

logger = logging.getLogger(__name__)


class ReportDoor:
    """Answers reports."""

    def __init__(self, reception: ReportReception, bodies: Bodies) -> None:
        self._reception = reception
        self._bodies = bodies
        self._results = CommitResults[ReceivedReport]()

    def sender_of(self, scope: Scope) -> Sender | None:
        """Return who sends this request, if it is a report to be answered here."""
        if (
            scope.method != "POST"
            or not scope.path.startswith(PATH)
            or "problem+json" in scope.headers.get("accept", "")
        ):
            return None
        if scope.path == PATH:
            return WITH_THE_TOKEN if self._reception.has_the_token(_offered_token(scope)) else None
        secret = scope.path.removeprefix(ADDRESS)
        return AT_THE_ADDRESS if secret != scope.path and self._reception.is_the_address(secret) else None

    async def answer(self, scope: Scope, protocol: HTTPProtocol, sender: Sender) -> None:
        until = asyncio.get_running_loop().time() + PATIENCE_SECONDS
        try:
            async with self._bodies.read(protocol, announced_length(scope), LARGEST_REPORT, until=until) as body:
                status, answer = await self._store(sender, body, until)
        except BodyRefused as refused:
            status, answer = refused.status, refusal(refused.status, refused.code, str(refused)).body
        except ProtocolClosed:
            return
        self._reception.note(status)
        protocol.response_bytes(status, HEADERS, msgspec.json.encode(answer) + b"\n")

    async def _store(self, sender: Sender, body: bytes, until: float) -> tuple[int, dict[str, object]]:
        """Return the answer to a body once all its reports are on the disk, or before its sender hangs up."""
        try:
            incoming = await self._open(sender, body)
            received = await self._stored(incoming, until)
        except OrdercallError as error:
            return error.status, refusal(error.status, error.code, str(error)).body
        except Exception as error:  # noqa: BLE001 - whatever it is, the report must come again
            logger.error("a report could not be stored (%s)", type(error).__name__)
            return 500, refusal(500, "InternalError", "Something went wrong here. It was logged; try again.").body
        return 200, answer_to(body, incoming, received)

    async def _open(self, sender: Sender, body: bytes) -> list[Incoming]:
        if len(body) <= AT_ONCE:
            return self._reception.open(sender, body)
        return await asyncio.to_thread(self._reception.open, sender, body)

    async def _stored(self, incoming: list[Incoming], until: float) -> list[ReceivedReport]:
        waiters = [Waiter(self._results) for _ in incoming]
        self._reception.committer.put_all(incoming, waiters)
        try:
            async with asyncio.timeout_at(until):
                return [await waiter.future for waiter in waiters]
        except TimeoutError:
            raise DatabaseBusy("Too much waits to be stored; send it again.") from None


def _offered_token(scope: Scope) -> str:
    """Return the token that a request offers; empty: none, or more than one."""
    sent = scope.headers.items()
    tokens, bearers = ([value for name, value in sent if name == known] for known in ("x-app-token", "authorization"))
    if tokens:
        return tokens[0] if len(tokens) == 1 else ""
    kind, _, bearer = bearers[0].partition(" ") if len(bearers) == 1 else ("", "", "")
    return bearer.strip() if kind.casefold() == "bearer" else ""
