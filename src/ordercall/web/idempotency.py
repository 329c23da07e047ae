"""Requests that are sent twice: by a double click, by the back button, by a network that lost the answer.

A form carries an id, and the service that carries it out keeps it. A program sends ``Idempotency-Key`` with any write:
its answer is kept, and is what a repetition hears.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable
from datetime import timedelta

from flask import Response, g, make_response, request
from flask.typing import ResponseReturnValue

from ordercall.errors import InvalidRequest
from ordercall.storage.records import answered_requests
from ordercall.web.context import context

FIELD = "request"
HEADER = "Idempotency-Key"
LONGEST_KEY = 255
"""Characters: a UUID has 36, and a longer key is a mistake."""

ANSWERED_WITHIN = timedelta(minutes=1)
"""No request takes so long: one that has no answer by then was lost with its process, and is carried out anew."""


def fresh_request_id() -> str:
    """Return the id that one rendering of a form carries in its field ``request``."""
    return secrets.token_urlsafe(12)


def header_key() -> str | None:
    """Return the key that a program has sent as ``Idempotency-Key``, which is its own for one address.

    Raises:
        InvalidRequest: it is empty, or longer than any key.
    """
    sent = request.headers.get(HEADER)
    if sent is None:
        return None
    if not 0 < len(sent) <= LONGEST_KEY:
        raise InvalidRequest(f"{HEADER} is a text of 1 to {LONGEST_KEY} characters.", code="InvalidIdempotencyKey")
    return _hashed(g.caller.name, request.path, sent)


def answered_once(carry_out: Callable[[], ResponseReturnValue]) -> ResponseReturnValue:
    """Carry out a write of a program, or answer as when it was carried out with the same key.

    The key is taken before anything is done, so of two that come at once one is carried out. A refusal has done
    nothing, so it is not kept: the same key may try again.

    Raises:
        InvalidRequest: the key came with another body before, or its first request is not answered yet.
    """
    sent_key = header_key()
    if sent_key is None:
        return carry_out()
    key, body = _hashed("an answer", request.method, sent_key), _hashed(request.get_data())
    now = context().clock()
    with context().db.begin() as tx:
        before = answered_requests.take(tx, key, body, now=now, lost_since=now - ANSWERED_WITHIN)
    if before is not None:
        return _as_before(before, body)
    answer = None
    try:
        answer = make_response(carry_out())
    finally:
        with context().db.begin() as tx:
            if answer and answer.status_code < 400:
                kept = {"sent": body, "status": answer.status_code, "body": answer.get_data(as_text=True)}
                answered_requests.settle(tx, key, json.dumps(kept))
            else:
                answered_requests.let_go(tx, key)
    return answer


def _as_before(before: str, body: str) -> Response:
    kept = json.loads(before) if before.startswith("{") else {"sent": before}
    if kept["sent"] != body:
        message = f"This {HEADER} came with another body before; a new request needs a new key."
        raise InvalidRequest(message, code="KeyReused", status=422)
    if "status" not in kept:
        message = f"The first request with this {HEADER} is not answered yet; ask again in a second."
        raise InvalidRequest(message, code="StillAnswering", status=409)
    answer = make_response(kept["body"], kept["status"])
    answer.mimetype = "application/json"
    answer.headers["Idempotency-Replayed"] = "true"
    return answer


def idempotency_key() -> str | None:
    """Return the key that only this request and its repetitions have, or None where the form has no id.

    All fields are part of it and not the id alone: another button of the same form, or another note after a step back,
    is a new request.
    """
    if not request.form.get(FIELD):
        return None
    fields = sorted((name, value) for name, value in request.form.items(multi=True) if name != "csrf_token")
    return _hashed(g.caller.name, request.path, fields)


def _hashed(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()
