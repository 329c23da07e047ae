"""Who may open which route. Every view says by :func:`needs` which permission it asks for, and carries the name of its
door, or why it asks for none; a test tries each as everybody.

session           a person who logged in; a change needs the form's CSRF token
way_in            as above, and who may do nothing else yet, for lack of a second factor
token_or_session  a program with ``X-App-Token`` or ``Authorization: Bearer``, or a person as above
this_machine      as above; in development also a direct request from this machine, without a token
loopback          as above, and in production, too: behind it is nothing about anybody
signature         the webhook checks Shopify's signature itself
nobody            open to all, on purpose
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from functools import partial, wraps
from typing import Any

from flask import g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError, CSRFProtect
from itsdangerous import Signer

from ordercall.domain.people import Permission, scopes_of, who_may
from ordercall.errors import InvalidRequest
from ordercall.storage.records.audit import acting
from ordercall.web.access import callers, rates, sessions
from ordercall.web.access.callers import (
    ON_THIS_MACHINE,
    TOKEN_HEADER,
    Caller,
    Kind,
    direct_from_this_machine,
    offered_token,
)
from ordercall.web.addresses import local_referrer
from ordercall.web.context import context
from ordercall.web.idempotency import answered_once

View = Callable[..., ResponseReturnValue]
Signer.default_digest_method = staticmethod(hashlib.sha256)  # for SHA-1, and Flask-WTF's tokens take what stands here
csrf = CSRFProtect()
logger = logging.getLogger(__name__)
CHANGES = frozenset({"POST", "PUT", "PATCH", "DELETE"})

PEOPLE, PROGRAMS, THIS_MACHINE, LOOPBACK = "session", "token_or_session", "this_machine_or_token", "loopback_or_token"
WAY_IN = "way_in"
"""The doors that ask for a permission: for people alone, for programs too, and for whoever is on this machine, be it
one of development or any; and for people who have yet to switch on the factor that SECOND_FACTOR_FOR asks for."""


def needs(permission: Permission, door: str = PEOPLE) -> Callable[[View], View]:
    """Open a view to whoever has this permission, and comes in by this door.

    Who is not logged in is sent to the login page and comes back here after it, or to the page of the form that was
    sent: nothing of it was done. A part of a page, and a program, is answered 401 instead.
    """

    def close(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> ResponseReturnValue:
            caller = _ADMIT[door]()
            if caller is None:
                return redirect(url_for("second_factor.page") if sessions.held_back() else _way_to_login())
            _refuse_without(permission, caller)
            g.caller = caller
            with acting(caller.name, request.remote_addr or ""):
                if door in (PEOPLE, WAY_IN):
                    return view(*args, **kwargs)
                return _of_the_api(permission, partial(view, *args, **kwargs))

        guarded.permission = permission  # type: ignore[attr-defined]
        return _marked(guarded, door)

    return close


def _of_the_api(permission: Permission, view: Callable[[], ResponseReturnValue]) -> ResponseReturnValue:
    """Answer whoever has come in by a door of the API: so many requests a minute, and each write once.

    A report is refused for neither: it is known by its words when it comes again, and platforms send what a call came
    to in several, which may have one key.
    """
    if permission is Permission.REPORT:
        return view()
    if current_caller().kind is Kind.PROGRAM:
        rates.count(current_caller().name)
    return answered_once(view) if request.method in CHANGES else view()


def signature_checked_inside(view: View) -> View:
    """The view verifies a signature over the raw body before it believes anything."""
    return _marked(view, "signature")


def open_to_all(view: View) -> View:
    """Open on purpose: nothing behind it is secret."""
    return _marked(view, "nobody")


def current_caller() -> Caller:
    """Return who was let in to make this request."""
    caller: Caller = g.caller
    return caller


def current_actor() -> str:
    """Return who makes this request, as the timeline names them."""
    return current_caller().name


def is_program() -> bool:
    """Return whether no person makes this request: what a program may not do, a person may."""
    return current_caller().kind is not Kind.PERSON


def may_force() -> bool:
    """Return whether a program makes this request that may set a status: it may also set aside that one is decided."""
    caller = current_caller()
    return caller.kind is Kind.PROGRAM and Permission.DECIDE in caller.may


def _person_of_a_page() -> Caller | None:
    return _with_token(callers.person())


def _person_on_the_way() -> Caller | None:
    return _with_token(callers.held_back_or_not())


def _with_token(person: Caller | None) -> Caller | None:
    if person is None and "HX-Request" in request.headers:
        raise InvalidRequest("Your session has ended; log in again.", code="SessionEnded", status=401)
    if person and request.method in CHANGES:
        csrf.protect()
    return person


def _program_or_person() -> Caller:
    return callers.program() or _person_of_the_api()


def _anyone_here() -> Caller:
    return callers.program() or _neighbour() or _person_of_the_api()


def _neighbour() -> Caller | None:
    """Return whoever needs no token; one that is sent must be right, or it would fail only in production."""
    may = not context().settings.production and offered_token() is None
    return callers.person() or ON_THIS_MACHINE if may and direct_from_this_machine() else None


def _scraper() -> Caller:
    unknown = offered_token() is None and direct_from_this_machine()
    return callers.program() or (ON_THIS_MACHINE if unknown else _person_of_the_api())


def _person_of_the_api() -> Caller:
    person = callers.person()
    if TOKEN_HEADER in request.headers or (offered_token() is not None and person is None):
        message = "The token is neither the SYNC_API_TOKEN nor a key that is in force."
        raise InvalidRequest(message, code="WrongToken", status=401)
    if person is None:
        message = "Send the SYNC_API_TOKEN or a key as X-App-Token, or log in."
        raise InvalidRequest(message, code="Unauthorized", status=401)
    if request.method in CHANGES:
        try:
            csrf.protect()
        except CSRFError as error:
            message = "Send the page's CSRF token as X-CSRFToken; reload the page for a fresh one."
            raise InvalidRequest(message, code="CsrfTokenMissing", status=400) from error
    return person


_ADMIT: dict[str, Callable[[], Caller | None]] = {
    PEOPLE: _person_of_a_page,
    WAY_IN: _person_on_the_way,
    PROGRAMS: _program_or_person,
    THIS_MACHINE: _anyone_here,
    LOOPBACK: _scraper,
}


def _refuse_without(permission: Permission, caller: Caller) -> None:
    if permission in caller.may:
        return
    logger.warning("%s %s was refused to a %s", request.method, request.url_rule, caller.kind.name.lower())
    if caller.kind is Kind.PERSON:
        message = f"{caller.name} may not {permission}; {who_may(permission)} may."
    else:
        message = f"This key may not {permission}; it wants the scope {scopes_of(permission)}."
    raise InvalidRequest(message, code="NotAllowed", status=403)


def _way_to_login() -> str:
    if request.method in CHANGES:
        return url_for("auth.login", next=local_referrer(), undone=1)
    return url_for("auth.login", next=request.full_path.rstrip("?"))


def _marked(view: View, door: str) -> View:
    view.door = door  # type: ignore[attr-defined]
    return view
