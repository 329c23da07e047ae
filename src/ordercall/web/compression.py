"""Compression and caching: text bodies are compressed, and static files, whose URL has a version, are cached for ever.

Granian does not compress, and not every shop has a proxy that does. Flask-Compress could; it brings Brotli and
Zstandard with it, and this is one screen long.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import secrets
from pathlib import Path

from flask import Flask, Response, request

COMPRESSED = frozenset({"text/html", "text/css", "text/javascript", "image/svg+xml", "application/json"})
SMALLEST = 500
"""Bytes; compressing less saves no packet."""

STATIC = Path(__file__).parents[1] / "static"
ONE_YEAR = 365 * 24 * 3_600
"""For ever, to a browser: a changed file gets another URL."""


def static_address() -> str:
    """Return the URL path of the static files. It changes with any of them, so a browser may cache them for ever.

    The version is in the folder, not behind the file name: so the stylesheet names its font without it.
    """
    digest = hashlib.sha256()
    for path in sorted(path for path in STATIC.rglob("*") if path.is_file()):
        digest.update(path.name.encode() + path.read_bytes())
    return f"/static/{digest.hexdigest()[:10]}"


def deliver_well(app: Flask) -> None:
    """Compress what the application answers, and have static files cached."""
    app.after_request(_keep)
    app.after_request(_compress)


def _keep(response: Response) -> Response:
    if request.endpoint == "static" and response.status_code < 400:
        response.headers["Cache-Control"] = f"public, max-age={ONE_YEAR}, immutable"
    return response


def _compress(response: Response) -> Response:
    if response.mimetype not in COMPRESSED or response.status_code in (206, 304):
        return response
    response.vary.add("Accept-Encoding")
    if request.accept_encodings.quality("gzip") <= 0 or "Content-Encoding" in response.headers:
        return response
    response.direct_passthrough = False  # a static file comes as an open file
    body = response.get_data()
    if len(body) >= SMALLEST:
        response.set_data(_gzip(body))
        response.headers["Content-Encoding"] = "gzip"
        response.headers.pop("Accept-Ranges", None)
        if (tag := response.get_etag()[0]) is not None:
            response.set_etag(tag, weak=True)  # the same content, not the same bytes
    return response


def _gzip(body: bytes) -> bytes:
    """Return the body compressed, with a name of random length in the gzip header.

    The compressed size of a page shows an eavesdropper how much of a guess in the search field repeats a secret on it
    (the BREACH attack); the name blurs the size.
    """
    packed = io.BytesIO()
    with gzip.GzipFile("-" * secrets.randbelow(64), "wb", compresslevel=6, fileobj=packed, mtime=0) as file:
        file.write(body)
    return packed.getvalue()
