"""The second step of a login, for who has a second factor: a code, after the right password and never before.

Between the two the browser has a signed cookie that says whose password was right, and opens nothing. It is good for
some minutes, and for nobody who has another password meanwhile or may not come in any more.
"""

from __future__ import annotations

import hashlib
import hmac
from contextlib import suppress
from datetime import timedelta

from flask import Blueprint, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from ordercall.errors import DatabaseBusy, InvalidRequest
from ordercall.storage.records import audit, people
from ordercall.storage.records.people import Person
from ordercall.web.access import sessions
from ordercall.web.access.doors import csrf, open_to_all
from ordercall.web.access.proofs import prove_factor
from ordercall.web.access.throttle import remember_browser
from ordercall.web.addresses import local_path
from ordercall.web.context import context

HALFWAY_FOR = timedelta(minutes=5)
"""Enough to look for the phone; whoever finds the page later begins anew."""

HALFWAY = "halfway"
"""What the cookie calls it. A session has ``id``, and this one none."""

bp = Blueprint("second_step", __name__)


def let_in(person: Person, target: str) -> ResponseReturnValue:
    """Log in the browser of a person whose password was right; or ask for the code first, where they have one."""
    if not context().access.factors.is_on(person.id):
        return _inside(person, target)
    session.clear()
    session[HALFWAY] = [person.name, _proof(person.name), context().clock().timestamp()]
    return redirect(url_for("second_step.ask", next=target))


@bp.get("/login/code")
@open_to_all
def ask() -> ResponseReturnValue:
    """Ask for the code."""
    target = local_path(request.args.get("next"))
    if _halfway() is None:
        return redirect(url_for("auth.login", next=target))
    return render_template("login-code.html", next=target, error=None)


@bp.post("/login/code")
@open_to_all
def take() -> ResponseReturnValue:
    """Take the code, and let the person in."""
    csrf.protect()
    target = local_path(request.form.get("next"))
    person = _halfway()
    if person is None:
        return redirect(url_for("auth.login", next=target, late=1))
    try:
        prove_factor(person, request.form.get("code", ""))
    except InvalidRequest as fault:
        _note_failure(person)
        return render_template("login-code.html", next=target, error=str(fault)), fault.status
    return _inside(person, target)


def _inside(person: Person, target: str) -> ResponseReturnValue:
    sessions.begin(person)
    response = make_response(redirect(target))
    remember_browser(person.name, response)
    return response


def _halfway() -> Person | None:
    """Return whose password was right in this browser, a moment ago, and still is theirs."""
    said = session.get(HALFWAY)
    if said is None:
        return None
    name, proof, since = said
    if not timedelta() <= timedelta(seconds=context().clock().timestamp() - since) < HALFWAY_FOR:
        return None
    with context().db.read() as tx:
        found = people.find_by_name(tx, name)
    if found is None or not hmac.compare_digest(proof, _proof(name)):
        return None
    person = context().access.people.as_set(found[0])
    return None if person.disabled_at or not context().access.factors.is_on(person.id) else person


def _proof(name: str) -> str:
    """Return what changes with a person's password, and tells neither it nor its hash."""
    view = context()
    with view.db.read() as tx:
        found = people.find_by_name(tx, name)
    kept = f"{found[1]}\0{sessions.credential_of(found[0])}" if found else ""
    return hmac.new(view.settings.flask_secret_key.encode(), f"{HALFWAY}\0{kept}".encode(), hashlib.sha256).hexdigest()


def _note_failure(person: Person) -> None:
    with suppress(DatabaseBusy), context().db.begin() as tx:
        audit.write_failed_sign_in(tx, request.remote_addr or "", person.id, after="the right password")
