"""Forms that are sent twice: by a double click, by the back button, by a network that lost the answer."""

from __future__ import annotations

import hashlib
import secrets

from flask import request

from ordercall.web.access.doors import current_actor

FIELD = "request"


def fresh_request_id() -> str:
    """Return the id that one rendering of a form carries in its field ``request``."""
    return secrets.token_urlsafe(12)


def header_key() -> str | None:
    """Return the key that a program has sent as ``Idempotency-Key``, which is its own for one address."""
    sent = request.headers.get("Idempotency-Key")
    return _hashed(current_actor(), request.path, sent) if sent else None


def idempotency_key() -> str | None:
    """Return the key that only this request and its repetitions have, or None where the form has no id.

    All fields are part of it and not the id alone: another button of the same form, or another note after a step back,
    is a new request.
    """
    if not request.form.get(FIELD):
        return None
    fields = sorted((name, value) for name, value in request.form.items(multi=True) if name != "csrf_token")
    return _hashed(current_actor(), request.path, fields)


def _hashed(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()
