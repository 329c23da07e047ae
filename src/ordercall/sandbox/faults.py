"""The answers that a fake provider gives when it is broken on purpose, instead of doing any work.

Shopify's are named as on its page of response codes, with its own messages where they are known.
Source: https://shopify.dev/docs/api/usage/response-codes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple


class Fault(NamedTuple):
    """One such answer.

    Attributes:
        word: its label on the page.
        meaning: what it does, in a sentence.
        body: JSON, or the text of an HTML page.
        retry_after: the format of the seconds in ``Retry-After``; empty: no such header.
    """

    word: str
    meaning: str
    status: int
    body: Any
    headers: Mapping[str, str] = {}
    retry_after: str = ""


COMMON = {
    "failing": Fault("Failing", "Answers 500 and does nothing.", 500, {"message": "Internal server error"}),
    "busy": Fault("Busy", "Answers 503 and does nothing.", 503, {"message": "Service unavailable"}),
    "throttled": Fault(
        "Throttled",
        "Answers 429 with Retry-After and does nothing.",
        429,
        {"message": "Too many requests"},
        retry_after="{:g}",
    ),
}
"""The answers of any provider."""

KALIMERA = COMMON | {
    "unauthorized": Fault("Unauthorized", "Refuses the token: answers 401.", 401, {"message": "Unauthorized"}),
}
"""What Kalimera may answer."""

SIGN_IN = "<!DOCTYPE html><html><head><title>Log in — Shopify</title></head><body><h1>Log in</h1></body></html>"
INVALID_TOKEN = "[API] Invalid API key or access token (unrecognized login or wrong password)"  # noqa: S105
TOO_FAST = "Exceeded 2 calls per second for api client. Reduce request rates to resume uninterrupted service."


def _refuses(status: int, word: str, errors: Any, *, retry_after: str = "") -> Fault:
    when = " with Retry-After" if retry_after else ""
    return Fault(word, f"Answers {status}{when} and does nothing.", status, {"errors": errors}, {}, retry_after)


SHOPIFY = {
    "failing": _refuses(500, "500 Failing", "Internal Server Error"),
    "busy": _refuses(503, "503 Busy", "Service Unavailable"),
    "throttled": _refuses(429, "429 Throttled", TOO_FAST, retry_after="{:.1f}"),
    "cost_throttled": Fault("THROTTLED", "Answers GraphQL 200 with the error THROTTLED; the rest, 429.", 200, None),
    "unauthorized": _refuses(401, "401 Unauthorized", INVALID_TOKEN),
    "frozen": _refuses(402, "402 Shop frozen", "This shop is frozen. Its owner must pay the outstanding balance."),
    "forbidden": _refuses(403, "403 Scope missing", "[API] This action requires merchant approval for a scope."),
    "not_found": _refuses(404, "404 Not found", "Not Found"),
    "unprocessable": _refuses(422, "422 Unprocessable", {"base": ["The request cannot be carried out"]}),
    "locked": _refuses(423, "423 Shop locked", "This shop is locked."),
    "rejected": _refuses(430, "430 Security rejection", "Shopify Security Rejection"),
    "bad_gateway": _refuses(502, "502 Bad gateway", "Bad Gateway"),
    "gateway_timeout": _refuses(504, "504 Gateway timeout", "Gateway Timeout"),
    "html": Fault("HTML", "Answers 200 with an HTML page.", 200, SIGN_IN),
    "login_page": Fault("Login page", "Answers 303 to a login page.", 303, SIGN_IN, {"Location": "/admin/auth/login"}),
}
"""The answers of Shopify, by REST, by GraphQL and to the token grant."""
