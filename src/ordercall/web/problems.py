"""Errors of the API as problem details (RFC 9457), for whoever asks for them.

Whoever names ``application/problem+json`` in ``Accept`` gets each error so; all others get it as they always did. It is
made of the answer of today, so no error has a form of its own that could drift from the other.
"""

from __future__ import annotations

import json

from flask import Flask, Response, request

from ordercall.web.codes import CODES

PROBLEM_JSON = "application/problem+json"
PAGE = "/api/docs"


def register(app: Flask) -> None:
    """Let this application answer errors so."""
    app.after_request(_as_asked_for)


def _as_asked_for(answer: Response) -> Response:
    if answer.status_code < 400 or not answer.is_json or not request.path.startswith("/api/") or not _is_wanted():
        return answer
    body = answer.get_json(silent=True)
    if not isinstance(body, dict) or not isinstance(body.get("error"), dict):
        return answer
    code, message = body["error"]["code"], body["error"]["message"]
    known = CODES.get(code)
    problem = {
        "type": f"{PAGE}#{code}",
        "title": known.means if known else code,
        "status": answer.status_code,
        "detail": message,
        "code": code,
    }
    more = {name: value for name, value in body.items() if name not in ("success", "error", *problem)}
    answer.set_data(json.dumps(problem | more))
    answer.mimetype = PROBLEM_JSON
    return answer


def _is_wanted() -> bool:
    """Return whether they are named, and not by a * alone."""
    return any(kind.casefold() == PROBLEM_JSON and quality > 0 for kind, quality in request.accept_mimetypes)
