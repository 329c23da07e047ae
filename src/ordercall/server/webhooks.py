"""``POST /shopify/webhook`` in the event loop: whatever nobody signed goes no further.

Only the signature is judged here. Reading, rows and commit are the committer's, in a thread of its own: the loop never
waits for the database. The same reception stands behind the plain view in ``web/webhook.py``.
"""

from __future__ import annotations

import asyncio

import msgspec
from granian.rsgi import HTTPProtocol, ProtocolClosed, Scope

from ordercall.intake.committer import PATIENCE_SECONDS
from ordercall.intake.reception import (
    LARGEST_BODY,
    Reception,
    Refused,
    WebhookAnswer,
    count_answer,
    not_stored,
    refusal,
    shopify_headers,
    stored,
)
from ordercall.server.bodies import Bodies, BodyRefused
from ordercall.server.commit_results import CommitResults, Waiter
from ordercall.server.crowd import Crowd
from ordercall.server.requests import announced_length
from ordercall.storage.records.deliveries import Delivery, Outcome

PATH = "/shopify/webhook"
PATHS = frozenset({PATH, f"{PATH}/"})
"""Answered alike: Shopify takes a redirect to the other one for a failure."""

SMALL = 256 * 1024
"""Up to here a signature is judged in the loop, in less time than a thread takes to start on it."""

HEADERS = [("content-type", "application/json"), ("cache-control", "no-store"), ("x-content-type-options", "nosniff")]


class WebhookDoor:
    """Answers webhooks.

    Args:
        crowd: the connections that are open.
        patience: seconds from the headers to the answer, the body and its commit in one.
    """

    def __init__(
        self, reception: Reception, bodies: Bodies, crowd: Crowd, *, patience: float = PATIENCE_SECONDS
    ) -> None:
        self._reception = reception
        self._bodies = bodies
        self._crowd = crowd
        self._patience = patience
        self._results = CommitResults[Outcome]()

    async def answer(self, scope: Scope, protocol: HTTPProtocol) -> None:
        came = asyncio.get_running_loop().time()
        until = came + self._patience
        about, announced = shopify_headers(scope.headers.items()), announced_length(scope)
        try:
            self._reception.refuse_unread(about, announced)
            async with self._bodies.read(protocol, announced, LARGEST_BODY, until=until) as body:
                answer = await self._store(about, body, announced, until)
        except Refused as refused:
            answer = refused.answer
        except BodyRefused as refused:
            answer = refusal(refused.status, refused.code, str(refused))
        except ProtocolClosed:
            return
        count_answer(about, answer, asyncio.get_running_loop().time() - came)
        headers = HEADERS + self._crowd.last_words()
        protocol.response_bytes(answer.status, headers, msgspec.json.encode(answer.body) + b"\n")

    async def _store(self, about: dict[str, str], body: bytes, announced: int | None, until: float) -> WebhookAnswer:
        """Return the answer to a webhook once it is on the disk, or before Shopify hangs up."""
        waiter = Waiter(self._results)
        try:
            async with asyncio.timeout_at(until):
                self._reception.committer.put(await self._verify(about, body, announced), waiter)
                return stored(await waiter.future)
        except Refused:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the delivery must come again
            return not_stored(error)

    async def _verify(self, about: dict[str, str], body: bytes, announced: int | None) -> Delivery:
        verify = self._reception.verify
        if len(body) <= SMALL:
            return verify(about, body, announced)
        return await asyncio.to_thread(verify, about, body, announced)
