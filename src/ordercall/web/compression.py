"""How bytes travel: texts are packed, and files that carry their version in their address are asked for once.

Granian sends a body as it is, and not every shop has a proxy in front that packs it. Flask-Compress could; it brings
Brotli and Zstandard with it, and what remains here is two screens long.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import secrets
from pathlib import Path

from flask import Flask, Response, request

PACKED = frozenset({"text/html", "text/css", "text/javascript", "image/svg+xml", "application/json"})
SMALLEST = 500
"""Less does not fit into fewer packets when it is packed."""

STATIC = Path(__file__).parents[1] / "static"
ONE_YEAR = 365 * 24 * 3_600
"""For ever, to a browser: what changes gets another address."""


def static_address() -> str:
    """Return the path of the static files. It changes with any of them, so a browser may keep them for ever.

    The version stands in the folder, not behind the file: the stylesheet names its font without knowing it.
    """
    digest = hashlib.sha256()
    for path in sorted(path for path in STATIC.rglob("*") if path.is_file()):
        digest.update(path.name.encode() + path.read_bytes())
    return f"/static/{digest.hexdigest()[:10]}"


def deliver_well(app: Flask) -> None:
    """Pack what the application answers, and let static files be kept."""
    app.after_request(_keep)
    app.after_request(_pack)


def _keep(response: Response) -> Response:
    if request.endpoint == "static" and response.status_code < 400:
        response.headers["Cache-Control"] = f"public, max-age={ONE_YEAR}, immutable"
    return response


def _pack(response: Response) -> Response:
    if response.mimetype not in PACKED or response.status_code in (206, 304):
        return response
    response.vary.add("Accept-Encoding")
    if request.accept_encodings.quality("gzip") <= 0 or "Content-Encoding" in response.headers:
        return response
    response.direct_passthrough = False  # a static file comes as an open file
    body = response.get_data()
    if len(body) >= SMALLEST:
        response.set_data(_packed(body))
        response.headers["Content-Encoding"] = "gzip"
        response.headers.pop("Accept-Ranges", None)
        if (tag := response.get_etag()[0]) is not None:
            response.set_etag(tag, weak=True)  # the same content, not the same bytes
    return response


def _packed(body: bytes) -> bytes:
    """Return the body packed, with a name of random length in its head.

    How small a page gets tells a listener how much of a guess in the search field repeats something secret on it
    ("BREACH"); the name blurs that.
    """
    packed = io.BytesIO()
    with gzip.GzipFile("-" * secrets.randbelow(64), "wb", compresslevel=6, fileobj=packed, mtime=0) as file:
        file.write(body)
    return packed.getvalue()
