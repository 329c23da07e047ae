"""What happens to reports of calls between their bytes and their answer. It knows nothing of Flask or an event loop."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ordercall.domain.activity import AGENT, API
from ordercall.domain.reports.words import reports_in
from ordercall.errors import InvalidRequest
from ordercall.intake.refusals import RefusalCounter
from ordercall.intake.report_committer import ReportCommitter
from ordercall.intake.signature import Cause
from ordercall.services.report_service import ReceivedReport
from ordercall.storage.records.reports import Door, Incoming

LARGEST_REPORT = 1024 * 1024
"""Bytes, the most that the server reads for a view: a transcript of an hour has a tenth of it."""

MOST_TOGETHER = 100
"""Reports in one request: two commits. They wait for each other, and what is not answered comes again as a whole."""

NOT_KEPT = frozenset({413, 429, 503})
"""Answers to a report that was let in, and is lost all the same."""


@dataclass(frozen=True, slots=True)
class Sender:
    """Who reports: by which door, as the timeline names them, and whether they may change what is decided."""

    door: Door
    name: str
    may_force: bool


WITH_THE_TOKEN = Sender(Door.API, API, may_force=True)
AT_THE_ADDRESS = Sender(Door.ADDRESS, AGENT, may_force=False)


class ReportReception:
    """Knows the two usual senders, and has stored what they send.

    Args:
        token, secret: SYNC_API_TOKEN and OUTCOMES_SECRET; empty: nobody comes so.
        committer: stores reports; an event loop leaves them there by itself, and does not wait in it.
        refusals: counts the reports that were let in and not kept.
        clock: the present, aware.
    """

    def __init__(
        self,
        committer: ReportCommitter,
        refusals: RefusalCounter,
        clock: Callable[[], datetime],
        *,
        token: str,
        secret: str,
    ) -> None:
        self.committer = committer
        self._refusals = refusals
        self._clock = clock
        self._token = token.encode()
        self._secret = secret.encode()

    def has_the_token(self, offered: str) -> bool:
        return _is_same(offered, self._token)

    def is_the_address(self, secret: str) -> bool:
        """Return whether this is what stands in the address that is the agent's own."""
        return _is_same(secret, self._secret)

    def open(self, sender: Sender, body: bytes) -> list[Incoming]:
        """Return the reports of a body, as :func:`take_apart` does."""
        return take_apart(sender, body, self._clock())

    def note(self, status: int) -> None:
        """Remember that a report was answered so: a call whose report was not kept is not taken for unanswered."""
        if status in NOT_KEPT:
            self._refusals.count(Cause.REPORT)


def take_apart(sender: Sender, body: bytes, now: datetime) -> list[Incoming]:
    """Return the reports of a body: those of an array, each for itself, else the one that it is.

    Raises:
        InvalidRequest: there are too many; none is to be stored.
    """
    pieces = reports_in(body)
    if len(pieces) > MOST_TOGETHER:
        message = f"Send {MOST_TOGETHER} reports at a time at most; none of these {len(pieces)} was stored."
        raise InvalidRequest(message, code="TooManyReports", status=413)
    return [
        Incoming(door=sender.door, sender=sender.name, body=one, received_at=now, may_force=sender.may_force)
        for one in pieces
    ]


def answer_to(body: bytes, incoming: Sequence[Incoming], received: Sequence[ReceivedReport]) -> dict[str, Any]:
    """Return what the sender of a body hears of its reports: of each, where they came in an array."""
    told = [received_to_json(one) for one in received]
    is_array = [one.body for one in incoming] != [body]
    return {"success": True, "reports": told} if is_array else {"success": True} | told[0]


def received_to_json(received: ReceivedReport) -> dict[str, Any]:
    """Return what the sender of a report hears."""
    return {
        "report": received.number,
        "fate": received.fate,
        "why": received.why,
        "message": received.why.sentence,
        "shopify_ids": list(received.meant),
        "repeated": received.repeated,
    }


def _is_same(offered: str, expected: bytes) -> bool:
    return bool(expected) and hmac.compare_digest(offered.encode("utf-8", "surrogateescape"), expected)
