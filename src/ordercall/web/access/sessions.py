"""A person's session: it lives in a signed cookie, begins with a login and ends with a logout, everywhere.

What a cookie says cannot be taken back, so each session has an id, and the ids of those that ended are kept until
their cookies would have expired. A session also ends when name or password in the settings are changed.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

from flask import Flask, Request, current_app, g, request, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin

from ordercall.storage.records import sessions
from ordercall.web.context import context

POLLS = frozenset({"dashboard.live", "needs.live", "bulk.live", "order.live", "first_call.live", "dashboard.around"})


class Sessions(SecureCookieSessionInterface):
    """Every use prolongs a session, but a poll is no use: a screen that nobody looks at must not stay open for ever.

    One that has ended is not prolonged either: its end is remembered only until its cookie has expired.

    A static file has none: a cache may keep it for everybody, and would keep the cookie that came with it.
    """

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        if request.path.startswith(f"{app.static_url_path}/"):
            return None
        return super().open_session(app, request)

    def should_set_cookie(self, app: Flask, session: SessionMixin) -> bool:
        used = request.endpoint not in POLLS and g.get("logged_in", False)
        return session.modified or (used and super().should_set_cookie(app, session))


def begin(username: str) -> None:
    """Log this browser in."""
    session.clear()  # a session id known before the login must not be worth anything after it
    session.update(user=username, id=secrets.token_urlsafe(12), password=_fingerprint())
    session.permanent = True
    g.pop("logged_in", None)


def end() -> None:
    """Log this browser out, and whoever copied its cookie."""
    if logged_in():
        lifetime = current_app.permanent_session_lifetime
        with context().db.begin() as tx:
            sessions.end(tx, session["id"], now=context().clock(), forget_after=lifetime)
    session.clear()
    g.pop("logged_in", None)


def logged_in() -> bool:
    """Return whether a person's session goes with this request; it is looked up once, and dropped if it has ended."""
    if "logged_in" not in g:
        g.logged_in = _holds()
        if "id" in session and not g.logged_in:
            session.clear()
    return bool(g.logged_in)


def _holds() -> bool:
    if "id" not in session or not hmac.compare_digest(session.get("password", ""), _fingerprint()):
        return False
    with context().db.read() as tx:
        return not sessions.has_ended(tx, session["id"])


def _fingerprint() -> str:
    """Return what changes with the name and the password, and tells neither."""
    settings = context().settings
    credentials = f"{settings.admin_username}\0{settings.admin_password}".encode()
    return hmac.new(settings.flask_secret_key.encode(), credentials, hashlib.sha256).hexdigest()[:16]
