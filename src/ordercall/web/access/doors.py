"""Who may open which route. Every view carries the name of its door; a test looks for it.

session           a person who logged in; a change needs the form's CSRF token
token_or_session  a program with ``X-App-Token`` or ``Authorization: Bearer``, or a person as above
this_machine      as above; in development also a direct request from this machine, without a token
signature         the webhook checks Shopify's signature itself
nobody            open to all, on purpose
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from functools import wraps
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from flask import redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError, CSRFProtect

from ordercall.domain.activity import API, THIS_MACHINE
from ordercall.errors import InvalidRequest
from ordercall.web.access.sessions import logged_in
from ordercall.web.addresses import local_referrer
from ordercall.web.context import context

View = Callable[..., ResponseReturnValue]
csrf = CSRFProtect()
CHANGES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
TOKEN_HEADER = "X-App-Token"  # noqa: S105 - its name
FORWARDING = ("X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip", "Forwarded", "Via")


def session_required(view: View) -> View:
    """Open to a person who logged in; anyone else is sent to the login page and comes back here after it, or to the
    page of the form that was sent: nothing of it was done.

    A part of a page is answered 401 instead: htmx would put the login page into the list.
    """

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> ResponseReturnValue:
        if not logged_in() and "HX-Request" in request.headers:
            raise InvalidRequest("Your session has ended; log in again.", code="SessionEnded", status=401)
        if not logged_in():
            return redirect(_way_to_login())
        if request.method in CHANGES:
            csrf.protect()
        return view(*args, **kwargs)

    return _marked(guarded, "session")


def token_or_session(view: View) -> View:
    """Open to a program with the token, or to a logged-in person whose request carries a CSRF token."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> ResponseReturnValue:
        if not has_token():
            _require_person()
        return view(*args, **kwargs)

    return _marked(guarded, "token_or_session")


def this_machine_or_token(view: View) -> View:
    """As :func:`token_or_session`, and in development also to a direct request from this machine."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> ResponseReturnValue:
        if not has_token() and not _trusted_neighbour():
            _require_person()
        return view(*args, **kwargs)

    return _marked(guarded, "this_machine_or_token")


def signature_checked_inside(view: View) -> View:
    """The view verifies a signature over the raw body before it believes anything."""
    return _marked(view, "signature")


def open_to_all(view: View) -> View:
    """Open on purpose: nothing behind it is secret."""
    return _marked(view, "nobody")


def current_actor() -> str:
    """Return who makes this request, as the timeline names them."""
    if has_token():
        return API
    return str(session["user"]) if logged_in() else THIS_MACHINE


def has_token() -> bool:
    """Return whether the request carries the right token."""
    expected, offered = context().settings.sync_api_token, offered_token()
    if not expected or offered is None:
        return False
    return hmac.compare_digest(offered.encode("utf-8", "surrogateescape"), expected.encode())


def offered_token() -> str | None:
    """Return the token that came as ``X-App-Token``, or as ``Authorization: Bearer``; None if none did."""
    kind, _, bearer = request.headers.get("Authorization", "").partition(" ")
    return request.headers.get(TOKEN_HEADER, bearer.strip() if kind.casefold() == "bearer" else None)


def is_program() -> bool:
    """Return whether no person makes this request: what a program may not do, a person may."""
    return has_token() or not logged_in()


def direct_from_this_machine() -> bool:
    """Return whether the request came straight from this machine.

    A tunnel such as ngrok also connects from the loopback address, but it carries the public host name or
    a forwarding header; a page in this machine's browser carries a foreign origin. Neither is direct.
    """
    if any(name in request.headers for name in FORWARDING):
        return False
    if request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
        return False
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.host:
        return False
    return _is_loopback(request.remote_addr or "") and _is_loopback(host_without_port())


def host_without_port() -> str:
    """Return the name that the request came for, in small letters."""
    host = request.host.rsplit("]", 1)[0].lstrip("[") if request.host.startswith("[") else request.host.split(":")[0]
    return host.casefold()


def _way_to_login() -> str:
    if request.method in CHANGES:
        return url_for("auth.login", next=local_referrer(), undone=1)
    return url_for("auth.login", next=request.full_path.rstrip("?"))


def _trusted_neighbour() -> bool:
    """Return whether no token is asked for; one that is sent must be right, or it would fail only in production."""
    may = not context().settings.production and offered_token() is None
    return may and direct_from_this_machine()


def _require_person() -> None:
    if TOKEN_HEADER in request.headers or (offered_token() is not None and not logged_in()):
        raise InvalidRequest("The token is not the SYNC_API_TOKEN.", code="WrongToken", status=401)
    if not logged_in():
        message = "Send the SYNC_API_TOKEN as X-App-Token, or log in."
        raise InvalidRequest(message, code="Unauthorized", status=401)
    if request.method in CHANGES:
        try:
            csrf.protect()
        except CSRFError as error:
            message = "Send the page's CSRF token as X-CSRFToken; reload the page for a fresh one."
            raise InvalidRequest(message, code="CsrfTokenMissing", status=400) from error


def _is_loopback(address: str) -> bool:
    if address == "localhost":
        return True
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


def _marked(view: View, door: str) -> View:
    view.door = door  # type: ignore[attr-defined]
    return view
