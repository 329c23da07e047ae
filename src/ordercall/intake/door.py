"""A thin door in front of the web application: webhooks are answered here, everything else goes through.

Flask takes longer to find a view and build its objects than it takes to verify, read and store an order. The
same reception stands behind the plain view in ``web/webhook.py``, which answers whatever is not a plain POST of
known length, and a test holds both to the same answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from http import HTTPStatus
from typing import TYPE_CHECKING

import msgspec

from ordercall.intake.reception import LARGEST_BODY, Reception, WebhookAnswer, too_large

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PATH = "/shopify/webhook"
LONGEST_LENGTH = 12
"""Digits of a Content-Length; more is too large, and reading it as a number may be refused."""


class WebhookDoor:
    """WSGI middleware that answers ``POST /shopify/webhook``. ``inner`` is the application behind it."""

    def __init__(self, inner: WSGIApplication, reception: Reception) -> None:
        self.inner = inner
        self._reception = reception

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        length = environ.get("CONTENT_LENGTH") or ""
        if environ.get("PATH_INFO") != PATH or environ.get("REQUEST_METHOD") != "POST" or not length.isdecimal():
            return self.inner(environ, start_response)
        if len(length) > LONGEST_LENGTH or int(length) > LARGEST_BODY:
            return _respond(too_large(), start_response)
        body = environ["wsgi.input"].read(int(length))
        return _respond(self._reception.answer(_headers(environ), body, announced=int(length)), start_response)


def _headers(environ: WSGIEnvironment) -> Iterator[tuple[str, str]]:
    for name, value in environ.items():
        if name.startswith("HTTP_"):
            yield name[5:].replace("_", "-"), value


def _respond(answer: WebhookAnswer, start_response: StartResponse) -> list[bytes]:
    body = msgspec.json.encode(answer.body) + b"\n"
    headers = [
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"),
        ("X-Content-Type-Options", "nosniff"),
    ]
    start_response(f"{answer.status} {HTTPStatus(answer.status).phrase}", headers)
    return [body]
