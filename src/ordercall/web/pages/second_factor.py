"""A person's own second factor: an authenticator app, and the codes on paper for when its phone is lost."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ordercall.domain.people import Permission
from ordercall.domain.second_factor import address_of
from ordercall.errors import InvalidRequest
from ordercall.services.second_factor import factor_off
from ordercall.storage.records.people import Person
from ordercall.web.access import sessions
from ordercall.web.access.doors import WAY_IN, needs
from ordercall.web.access.proofs import prove_factor, prove_password
from ordercall.web.context import context
from ordercall.web.pages import account
from ordercall.web.view.qr_code import qr_code

bp = Blueprint("second_factor", __name__, url_prefix="/account/factor")


@bp.get("")
@needs(Permission.SEE, WAY_IN)
def page() -> ResponseReturnValue:
    """Ask for the password, of whoever can do nothing before a second factor is on."""
    return render_template("factor-owed.html", fault="") if sessions.held_back() else redirect(url_for("account.page"))


@bp.post("")
@needs(Permission.SEE, WAY_IN)
def begin() -> ResponseReturnValue:
    """Show a secret for an app. It counts from its first right code on."""
    person = sessions.here().person
    try:
        prove_password(person, request.form.get("current", ""))
    except InvalidRequest as doubt:
        shown = render_template("factor-owed.html", fault=str(doubt)) if sessions.held_back() else ""
        return shown or account.shown(fault=str(doubt)), doubt.status
    return _secret_shown(person, context().access.factors.begin(person.id))


@bp.post("/confirm")
@needs(Permission.SEE, WAY_IN)
def confirm() -> ResponseReturnValue:
    """Switch the app on by its first code, and show the recovery codes, this one time."""
    here, factors = sessions.here(), context().access.factors
    secret = factors.waiting(here.person.id)
    codes = factors.confirm(here.person.id, request.form.get("code", ""), but=here.hash)
    if codes is None:
        fault = "That is not the code that the app shows now. Is the phone's clock right?"
        return _secret_shown(here.person, secret, fault), 400
    return render_template("recovery-codes.html", codes=codes, on=True)


@bp.post("/codes")
@needs(Permission.SEE)
def make_codes() -> ResponseReturnValue:
    """Show new recovery codes, this one time."""

    def made(person: Person) -> ResponseReturnValue:
        return render_template("recovery-codes.html", codes=context().access.factors.make_codes(person.id), on=False)

    return _once_proven(made)


@bp.post("/off")
@needs(Permission.SEE)
def switch_off() -> ResponseReturnValue:
    def off(person: Person) -> ResponseReturnValue:
        context().access.factors.switch_off(person.id, but=sessions.here().hash)
        flash("Your second factor is off, the recovery codes are worth nothing, and all other sessions have ended.")
        return redirect(url_for("account.page"), 303)

    return _once_proven(off)


def _once_proven(deed: Callable[[Person], ResponseReturnValue]) -> ResponseReturnValue:
    """Do what asks for password and code, or show the account with what was wrong."""
    person = sessions.here().person
    if not context().access.factors.is_on(person.id):
        raise factor_off()
    try:
        prove_password(person, request.form.get("current", ""))
        prove_factor(person, request.form.get("code", ""))
    except InvalidRequest as doubt:
        return account.shown(fault=str(doubt)), doubt.status
    return deed(person)


def _secret_shown(person: Person, secret: str, fault: str = "") -> str:
    address = address_of(secret, person.name, context().settings.shopify_store_domain)
    groups = [secret[at : at + 4] for at in range(0, len(secret), 4)]
    return render_template(
        "second-factor.html", address=address, picture=qr_code(address), secret=secret, groups=groups, fault=fault
    )
