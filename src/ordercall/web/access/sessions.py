"""A person's session: a row, found by the hash of the id in a signed cookie. It begins with a login.

It ends with a logout, when its owner or the owner of the shop ends it, when a week has passed without a use or a month
since the login, and when the password is another. What a copied cookie opens ends with it.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections import deque
from dataclasses import replace
from datetime import timedelta

from flask import Flask, Request, current_app, g, request, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin

from ordercall.domain.audit import Act
from ordercall.errors import DatabaseBusy, DatabaseFault
from ordercall.services.people import about, hashed
from ordercall.storage.records import audit, sessions
from ordercall.storage.records.people import Person
from ordercall.storage.records.sessions import Session
from ordercall.web.context import context

POLLS = frozenset({"dashboard.live", "needs.live", "bulk.live", "order.live", "first_call.live", "dashboard.around"})

IDLE = timedelta(days=7)
"""Without a use. Who works on orders comes every few days; a poll of a page that is open is no use."""

LONGEST = timedelta(days=30)
"""Since the login, however much it is used: what NIST SP 800-63B has for one factor."""

USE_NOTED_EVERY = timedelta(minutes=5)
"""So exact is a session's last use: a page does not write with each look."""

MOST_IN_MEMORY = 32
"""Logins while nothing can be stored: more people do not look after one shop, and a stranger has no password."""

LONGEST_BROWSER = 200
"""Characters of what a browser says of itself: enough to know it by."""


class Sessions(SecureCookieSessionInterface):
    """Every use prolongs a session, but a poll is no use: a screen that nobody looks at must not stay open for ever.

    A static file has none: a cache may keep it for everybody, and would keep the cookie that came with it.
    """

    digest_method = staticmethod(hashlib.sha256)

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        if request.path.startswith(f"{app.static_url_path}/"):
            return None
        return super().open_session(app, request)

    def should_set_cookie(self, app: Flask, session: SessionMixin) -> bool:
        used = request.endpoint not in POLLS and g.get("session_row") is not None
        return session.modified or (used and super().should_set_cookie(app, session))


def begin(person: Person) -> None:
    """Log this browser in."""
    session.clear()  # a session id known before the login must not be worth anything after it
    session.update(id=secrets.token_urlsafe(32))
    session.permanent = True
    now = context().clock()
    begun = Session(
        hash=hashed(session["id"]),
        person=person,
        begun_at=now,
        used_at=now,
        address=request.remote_addr or "",
        browser=str(request.user_agent)[:LONGEST_BROWSER],
        credential=credential_of(person),
    )
    try:
        with context().db.begin() as tx, audit.acting(person.name, begun.address):
            sessions.forget(tx, unused_since=now - IDLE, begun_before=now - LONGEST)
            sessions.begin(tx, begun)
            audit.write(tx, Act.SIGNED_IN, about(person.id))
    except DatabaseFault:
        _in_memory().append(begun)
    _forget()


def end() -> None:
    """Log this browser out, and whoever copied its cookie."""
    if found := current():
        for one in [each for each in _in_memory() if each.hash == found.hash]:
            _in_memory().remove(one)
        with context().db.begin() as tx, audit.acting(found.person.name, request.remote_addr or ""):
            if sessions.end(tx, found.hash, of=found.person.id):
                audit.write(tx, Act.SIGNED_OUT, about(found.person.id))
    session.clear()
    _forget()


def current() -> Session | None:
    """Return the session that goes with this request; it is looked up once, and the cookie dropped if it has ended."""
    if "session_row" not in g:
        g.session_row = _look_up() if "id" in session else None
        if "id" in session and g.session_row is None:
            session.clear()
    found: Session | None = g.session_row
    return found


def here() -> Session:
    """Return the session that goes with this request, behind a door that lets in nobody without one."""
    found = current()
    if found is None:
        raise AssertionError("the door lets in nobody without a session")
    return found


def person() -> Person | None:
    """Return who is logged in, as they are now; nobody, while their session is held back."""
    found = current()
    return found.person if found and not held_back() else None


def held_back() -> bool:
    """Return whether a session goes with this request that opens nothing but the way to a second factor."""
    if "held_back" not in g:
        found = current()
        g.held_back = found is not None and context().access.factors.is_owed_by(found.person)
    held: bool = g.held_back
    return held


def logged_in() -> bool:
    return current() is not None


def _look_up() -> Session | None:
    now, session_hash = context().clock(), hashed(str(session["id"]))
    found = next((each for each in _in_memory() if each.hash == session_hash), None)
    if found is None:
        with context().db.read() as tx:
            found = sessions.find(tx, session_hash)
    if found is None or now - found.used_at >= IDLE or now - found.begun_at >= LONGEST:
        return None
    if not hmac.compare_digest(found.credential, credential_of(found.person)):
        return None
    member = context().access.people.as_set(found.person)
    if member.disabled_at:
        return None
    if request.endpoint not in POLLS and now - found.used_at >= USE_NOTED_EVERY:
        _note_use(found)
    return replace(found, person=member)


def _forget() -> None:
    for known in ("session_row", "held_back"):
        g.pop(known, None)


def _note_use(used: Session) -> None:
    try:
        with context().db.begin() as tx:
            sessions.use(tx, used.hash, now=context().clock())
    except DatabaseBusy:
        return  # the next page notes it


def _in_memory() -> deque[Session]:
    """The sessions that began in this process while nothing could be stored: the pages are needed most then."""
    kept: deque[Session] = current_app.extensions.setdefault("sessions", deque(maxlen=MOST_IN_MEMORY))
    return kept


def credential_of(person: Person) -> str:
    """Return what changes with a name and password that stand in the settings, and tells neither; or nothing.

    Another password of a person's own ends their sessions where it is stored.
    """
    settings = context().settings
    if not context().access.people.is_set(person):
        return ""
    credentials = f"{settings.admin_username}\0{settings.admin_password}".encode()
    return hmac.new(settings.flask_secret_key.encode(), credentials, hashlib.sha256).hexdigest()[:16]
