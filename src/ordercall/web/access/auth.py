"""Login and logout."""

from __future__ import annotations

import hmac
import math
from contextlib import suppress
from datetime import timedelta

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ordercall.errors import DatabaseBusy, DatabaseFault
from ordercall.storage.records import audit, people
from ordercall.storage.records.people import Person
from ordercall.web.access import sessions
from ordercall.web.access.callers import direct_from_this_machine
from ordercall.web.access.doors import csrf, open_to_all
from ordercall.web.access.throttle import PERIOD, remember_browser, tries_of
from ordercall.web.addresses import local_path
from ordercall.web.context import context

bp = Blueprint("auth", __name__)


@bp.get("/login")
@open_to_all
def login() -> ResponseReturnValue:
    undone = "undone" in request.args
    target = local_path(request.args.get("next"))
    return render_template("login.html", next=target, username="", error=None, undone=undone)


@bp.post("/login")
@open_to_all
def log_in() -> ResponseReturnValue:
    csrf.protect()
    target = local_path(request.form.get("next"))
    username = request.form.get("username", "")
    tries = tries_of(username)
    left = tries.take()
    if isinstance(left, timedelta):
        seconds = math.ceil(left.total_seconds())
        sentence = f"Too many tries. Wait {math.ceil(seconds / 60)} minutes, then try again."
        return _refused(username, target, sentence, 429, {"Retry-After": str(seconds)})
    person = _who(username, request.form.get("password", ""), known=tries.known)
    if person is None:
        _note_failure(username)
        return _refused(username, target, _why(left), 401)
    tries.succeed()
    sessions.begin(person)
    response = make_response(redirect(target))
    remember_browser(username, response)
    return response


@bp.get("/logout")
@open_to_all
def logout() -> ResponseReturnValue:
    if request.headers.get("Sec-Fetch-Site") == "cross-site":  # a link or picture of somebody else
        return redirect(url_for("dashboard.index"))
    sessions.end()
    answer = redirect(url_for("auth.login"))
    answer.headers["Clear-Site-Data"] = '"cache"'  # pages that a browser keeps for its way back
    return answer


def _who(username: str, password: str, *, known: bool) -> Person | None:
    """Return whose name and password these are. It takes as long for every name, be there anybody called so or not."""
    settings, view = context().settings, context()
    with view.db.read() as tx:
        found = people.find_by_name(tx, username)
    kept = found[1] if found else None
    right = view.access.passwords.is_right(kept, password, known=known)
    if hmac.compare_digest(username.encode(), settings.admin_username.encode()):
        right = hmac.compare_digest(password.encode(), settings.admin_password.encode())
        return _owner() if right and _may_use_default_password() else None
    return found[0] if found and right and not found[0].disabled_at else None


def _note_failure(username: str) -> None:
    with suppress(DatabaseBusy), context().db.begin() as tx:
        named = people.find_by_name(tx, username)
        audit.write_failed_sign_in(tx, request.remote_addr or "", named[0].id if named else None)


def _owner() -> Person:
    """Return the owner whom the settings name."""
    view = context()
    try:
        with view.db.begin() as tx:
            return view.access.people.of_settings(tx)
    except DatabaseFault:
        return view.access.people.without_a_row()


def _may_use_default_password() -> bool:
    """The default password opens the door from this machine only, never through a tunnel or a network."""
    return not context().settings.default_password or direct_from_this_machine()


def _why(tries_left: int) -> str:
    if not _may_use_default_password():
        return "The default password works on this machine only. Set ADMIN_PASSWORD to log in from elsewhere."
    tries = "1 try" if tries_left == 1 else f"{tries_left} tries"
    return f"Name or password is wrong. {tries} left before a pause of {PERIOD // timedelta(minutes=1)} minutes."


def _refused(
    username: str, target: str, error: str, status: int, headers: dict[str, str] | None = None
) -> ResponseReturnValue:
    return render_template("login.html", next=target, username=username, error=error), status, headers or {}
