"""Login and logout."""

from __future__ import annotations

import hmac
from datetime import timedelta
from ipaddress import ip_address, ip_network

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ordercall.storage.records import logins
from ordercall.web.access import sessions
from ordercall.web.access.doors import csrf, direct_from_this_machine, open_to_all
from ordercall.web.addresses import local_path
from ordercall.web.context import context

TRIES = 10
"""A person mistypes less often in PERIOD; whoever guesses has 960 tries a day from one address."""

PERIOD = timedelta(minutes=15)  # short enough to wait for
IPV6_NETWORK = 64
"""The leading bits of an IPv6 address that are one customer's."""

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
    address = _network_of(request.remote_addr or "unknown")
    target = local_path(request.form.get("next"))
    username = request.form.get("username", "")
    left = _take_try(address)
    if left is None:
        said = f"Too many tries. Wait {_minutes(PERIOD)} minutes, then try again."
        return _refused(username, target, said, 429, {"Retry-After": str(int(PERIOD.total_seconds()))})
    if not _right(username, request.form.get("password", "")):
        return _refused(username, target, _why(left), 401)
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


def _take_try(address: str) -> int | None:
    now = context().clock()
    with context().db.begin() as tx:
        return logins.take_try(tx, address, at_most=TRIES, since=now - PERIOD, now=now)


def _network_of(address: str) -> str:
    """Return what tells this peer from others: of IPv6 one owner has a whole network of addresses."""
    try:
        peer = ip_address(address)
    except ValueError:
        return address
    return str(ip_network((peer, IPV6_NETWORK), strict=False)) if peer.version == 6 else address


def _welcome(username: str, address: str) -> None:
    with context().db.begin() as tx:
        logins.forget(tx, address)
    sessions.begin(username)


def _refused(
    username: str, target: str, error: str, status: int, headers: dict[str, str] | None = None
) -> ResponseReturnValue:
    return render_template("login.html", next=target, username=username, error=error), status, headers or {}
