"""A person's own account: their sessions, their password, and the link by which they choose the first one."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ordercall.domain.people import Permission
from ordercall.errors import InvalidRequest
from ordercall.storage.records import sessions as rows
from ordercall.storage.records.people import Person
from ordercall.web.access import sessions
from ordercall.web.access.doors import csrf, needs, open_to_all
from ordercall.web.access.passwords import SHORTEST, password_fault
from ordercall.web.access.proofs import prove_factor, prove_password
from ordercall.web.access.second_step import let_in
from ordercall.web.context import context

BROWSERS = {"Edg": "Edge", "Firefox": "Firefox", "Chrome": "Chrome", "Safari": "Safari"}
SYSTEMS = ("Android", "iPhone", "iPad", "Windows", "Mac OS", "Linux")
"""In the order in which they are looked for: one browser names the others beside itself, and so do systems."""

bp = Blueprint("account", __name__)


@bp.get("/account")
@needs(Permission.SEE)
def page() -> ResponseReturnValue:
    """Show where one is logged in."""
    return shown()


@bp.post("/account/sessions")
@needs(Permission.SEE)
def end_sessions() -> ResponseReturnValue:
    """End one of one's sessions, or all others."""
    here, wanted = sessions.here(), request.form.get("session", "")
    if wanted:
        ended = int(context().access.people.end_session(here.person.id, wanted))
    else:
        ended = context().access.people.end_sessions(here.person.id, but=here.hash)
    flash(f"Sessions ended: {ended}.")
    return redirect(url_for("account.page"), 303)


@bp.post("/account/password")
@needs(Permission.SEE)
def change_password() -> ResponseReturnValue:
    """Give oneself another password. All other sessions end: one of them may be why."""
    here, view, sent = sessions.here(), context(), request.form
    if view.access.people.is_set(here.person):
        raise InvalidRequest("Your password is ADMIN_PASSWORD in the settings.", code="SetBySettings", status=409)
    try:
        prove_password(here.person, sent.get("current", ""))
        if view.access.factors.is_on(here.person.id):
            prove_factor(here.person, sent.get("code", ""))
    except InvalidRequest as doubt:
        return shown(fault=str(doubt)), doubt.status
    if fault := password_fault(sent.get("password", ""), _own_words(here.person)):
        return shown(fault=fault), 400
    view.access.people.set_password(here.person.id, view.access.passwords.hash(sent["password"]), but=here.hash)
    flash("Your password is another one now. All other sessions of yours have ended.")
    return redirect(url_for("account.page"), 303)


@bp.get("/welcome/<token>")
@open_to_all
def welcome(token: str) -> ResponseReturnValue:
    """Ask the person of a link for a password. To look uses nothing up: programs that preview links do."""
    return _asked(context().access.people.of_link(token))


@bp.post("/welcome/<token>")
@open_to_all
def choose(token: str) -> ResponseReturnValue:
    """Keep the password, and let the person in; whoever has a second factor shows it first, as at each login."""
    csrf.protect()
    view, password = context(), request.form.get("password", "")
    person = view.access.people.of_link(token)
    if fault := password_fault(password, _own_words(person)):
        return _asked(person, fault), 400
    person = view.access.people.choose(token, view.access.passwords.hash(password), address=request.remote_addr or "")
    return let_in(person, url_for("dashboard.index"))


def browser_name(said: str) -> str:
    """Return a browser and its system in words, from what it says of itself."""
    browser = next((name for mark, name in BROWSERS.items() if mark in said), "")
    system = next((name for name in SYSTEMS if name in said), "")
    return " on ".join(filter(None, (browser, system))) or "A browser that does not say which"


def _own_words(person: Person) -> list[str]:
    """Return what whoever tries passwords knows of this one."""
    return [person.name, *person.name.split(), context().settings.shopify_store_domain]


def _asked(person: Person, fault: str = "") -> str:
    return render_template("welcome.html", person=person, fault=fault, shortest=SHORTEST)


def shown(fault: str = "") -> str:
    """Return the page, with what was wrong with a form of it."""
    here, view = sessions.here(), context()
    with view.db.read() as tx:
        mine = rows.of_person(tx, here.person.id)
    return render_template(
        "account.html",
        person=here.person,
        is_set=view.access.people.is_set(here.person),
        factor=view.access.factors.standing(here.person.id),
        issuer=view.access.issuer,
        issuer_since=view.access.issuer and view.access.issuer.linked_at(here.person.id),
        sessions=mine,
        here=here,
        browser_name=browser_name,
        fault=fault,
        shortest=SHORTEST,
    )
