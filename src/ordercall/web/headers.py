"""The security headers of every answer."""

from __future__ import annotations

from flask import Flask, Response, request

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)


def protect(app: Flask) -> None:
    """Send the headers that keep a page from running or being framed by anything of others."""
    app.after_request(_add_headers)


def _add_headers(response: Response) -> Response:
    if response.status_code == 204:
        response.headers.setdefault("Cache-Control", "no-store")
        return response  # there is no page in it to protect, and the dashboard gets one every five seconds
    response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store")
    return response
