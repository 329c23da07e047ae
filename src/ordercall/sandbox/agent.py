"""The voice agent, as far as Ordercall sees it: it asks what is open, and reports, as docs/calls.md says."""

from __future__ import annotations

import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from ordercall.providers.connections import Answer, Connections, NoAnswer
from ordercall.sandbox.schedule import Schedule

PAUSES = (1.0, 2.0, 4.0, 8.0)
"""Seconds between the attempts to report: long enough for a restart of the product."""

TIMEOUT = 15.0
"""Seconds; the product answers a change of status after five at most."""


class Agent:
    """Asks the product and reports to it.

    Args:
        product_url: without a path.
        token: the product's ``SYNC_API_TOKEN``.
        schedule: runs what is tried again.
    """

    def __init__(self, product_url: str, token: str, schedule: Schedule) -> None:
        self._product_url = product_url
        self._schedule = schedule
        headers = {"Content-Type": "application/json"}
        self._http = Connections(TIMEOUT, headers | ({"X-App-Token": token} if token else {}))

    def look_up(self, phone: str) -> list[int]:
        """Return the orders of a phone that wait for an answer; none also where the product does not tell."""
        answer = self._ask("GET", f"/api/orders?phone={quote(phone, safe='')}&waiting=1")
        if answer is None or not answer.succeeded:
            return []
        return [int(order["shopify_id"]) for order in json.loads(answer.body)["orders"]]

    def report(self, path: str, body: dict[str, Any], tell: Callable[[str], None], attempt: int = 0) -> None:
        """Post a report, and again after a pause while the product cannot take it.

        Args:
            tell: is told how it was taken: its fate, or the status of the answer.
        """
        answer = self._ask("POST", path, json.dumps(body).encode())
        tell(_taken(answer))
        later = (
            answer is None
            or answer.status == HTTPStatus.TOO_MANY_REQUESTS
            or answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR
        )
        if later and attempt < len(PAUSES):
            self._schedule.after(PAUSES[attempt], lambda: self.report(path, body, tell, attempt + 1))

    def close(self) -> None:
        self._http.close()

    def _ask(self, method: str, path: str, body: bytes | None = None) -> Answer | None:
        try:
            return self._http.ask_and_wait(method, self._product_url + path, body=body)
        except NoAnswer:
            return None


def _taken(answer: Answer | None) -> str:
    if answer is None:
        return "no answer"
    try:
        told = json.loads(answer.body)
    except ValueError:
        told = None
    return str(told["fate"] if isinstance(told, dict) and "fate" in told else answer.status)
