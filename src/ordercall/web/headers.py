"""The security headers of every answer."""

from __future__ import annotations

from flask import Flask, Response, current_app, request

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

ONLY_HTTPS = "max-age=31536000"
"""For a year, as browsers and auditors ask for; of this host alone, because its neighbours are not ours."""


def protect(app: Flask) -> None:
    """Send the headers that keep a page from running or being framed by anything of others."""
    app.after_request(_add_headers)


def _add_headers(response: Response) -> Response:
    if request.is_secure and current_app.config["SESSION_COOKIE_SECURE"]:
        response.headers.setdefault("Strict-Transport-Security", ONLY_HTTPS)
    if response.status_code == 204:
        response.headers.setdefault("Cache-Control", "no-store")
        return response  # there is no page in it to protect, and the dashboard gets one every five seconds
    response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store")
    return response
