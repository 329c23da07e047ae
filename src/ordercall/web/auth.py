"""Login and logout."""

from __future__ import annotations

import hmac
from datetime import timedelta

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ordercall.storage import logins
from ordercall.web import sessions
from ordercall.web.addresses import local_path
from ordercall.web.context import context
from ordercall.web.doors import csrf, direct_from_this_machine, open_to_all

TRIES = 10
PERIOD = timedelta(minutes=15)

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
    address = request.remote_addr or "unknown"
    target = local_path(request.form.get("next"))
    username = request.form.get("username", "")
    left = _tries_left(address)
    if left <= 0:
        said = f"Too many tries. Wait {_minutes(PERIOD)} minutes, then try again."
        return _refused(username, target, said, 429, {"Retry-After": str(int(PERIOD.total_seconds()))})
    if not _right(username, request.form.get("password", "")):
        _remember_failure(address)
        return _refused(username, target, _why(left - 1), 401)
    _welcome(username, address)
    return redirect(target)


@bp.get("/logout")
@open_to_all
def logout() -> ResponseReturnValue:
    sessions.end()
    return redirect(url_for("auth.login"))


def _right(username: str, password: str) -> bool:
    settings = context().settings
    name_right = hmac.compare_digest(username.encode(), settings.admin_username.encode())
    password_right = hmac.compare_digest(password.encode(), settings.admin_password.encode())
    return name_right and password_right and _may_use_default_password()


def _may_use_default_password() -> bool:
    """The default password opens the door from this machine only, never through a tunnel or a network."""
    return not context().settings.default_password or direct_from_this_machine()


def _why(tries_left: int) -> str:
    if not _may_use_default_password():
        return "The default password works on this machine only. Set ADMIN_PASSWORD to log in from elsewhere."
    tries = "1 try" if tries_left == 1 else f"{tries_left} tries"
    return f"Name or password is wrong. {tries} left before a pause of {_minutes(PERIOD)} minutes."


def _minutes(span: timedelta) -> int:
    return int(span.total_seconds()) // 60


def _tries_left(address: str) -> int:
    now = context().clock()
    with context().db.read() as tx:
        return TRIES - logins.count(tx, address, since=now - PERIOD)


def _remember_failure(address: str) -> None:
    with context().db.begin() as tx:
        logins.record(tx, address, now=context().clock(), forget_after=PERIOD)


def _welcome(username: str, address: str) -> None:
    with context().db.begin() as tx:
        logins.forget(tx, address)
    sessions.begin(username)


def _refused(
    username: str, target: str, error: str, status: int, headers: dict[str, str] | None = None
) -> ResponseReturnValue:
    return render_template("login.html", next=target, username=username, error=error), status, headers or {}
