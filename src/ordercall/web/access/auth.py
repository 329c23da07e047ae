"""Login and logout."""

from __future__ import annotations

import hmac
import math
from contextlib import suppress
from datetime import timedelta

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ordercall.errors import DatabaseBusy, DatabaseFault
from ordercall.storage.records import audit, people
from ordercall.storage.records.people import Person
from ordercall.web.access import sessions
from ordercall.web.access.callers import direct_from_this_machine
from ordercall.web.access.doors import csrf, open_to_all
from ordercall.web.access.second_step import let_in
from ordercall.web.access.throttle import left_after, too_many, tries_of
from ordercall.web.addresses import local_path
from ordercall.web.context import context

bp = Blueprint("auth", __name__)


@bp.get("/login")
@open_to_all
def login() -> ResponseReturnValue:
    target, news = local_path(request.args.get("next")), {"undone", "late"} & set(request.args)
    return render_template("login.html", next=target, username="", error=None, news=news)


@bp.post("/login")
@open_to_all
def log_in() -> ResponseReturnValue:
    csrf.protect()
    target = local_path(request.form.get("next"))
    username = request.form.get("username", "")
    tries = tries_of(username)
    left = tries.take()
    if isinstance(left, timedelta):
        headers = {"Retry-After": str(math.ceil(left.total_seconds()))}
        return _refused(username, target, str(too_many(left)), 429, headers)
    person = _who(username, request.form.get("password", ""), known=tries.known)
    if person is None:
        _note_failure(username)
        return _refused(username, target, _why(left), 401)
    tries.succeed()
    return let_in(person, target)


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
        return _owner(found[0] if found else None) if right and _may_use_default_password() else None
    return found[0] if found and right and not found[0].disabled_at else None


def _note_failure(username: str) -> None:
    with suppress(DatabaseBusy), context().db.begin() as tx:
        named = people.find_by_name(tx, username)
        audit.write_failed_sign_in(tx, request.remote_addr or "", named[0].id if named else None)


def _owner(found: Person | None) -> Person:
    """Return the owner whom the settings name; while nothing can be stored the one who was found, if any was."""
    view = context()
    try:
        with view.db.begin() as tx:
            return view.access.people.of_settings(tx)
    except DatabaseFault:
        return view.access.people.as_set(found) if found else view.access.people.without_a_row()


def _may_use_default_password() -> bool:
    """The default password opens the door from this machine only, never through a tunnel or a network."""
    return not context().settings.default_password or direct_from_this_machine()


def _why(tries_left: int) -> str:
    if not _may_use_default_password():
        return "The default password works on this machine only. Set ADMIN_PASSWORD to log in from elsewhere."
    return f"Name or password is wrong. {left_after(tries_left)}"


def _refused(
    username: str, target: str, error: str, status: int, headers: dict[str, str] | None = None
) -> ResponseReturnValue:
    return render_template("login.html", next=target, username=username, error=error), status, headers or {}
