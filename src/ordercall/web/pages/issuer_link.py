"""The account elsewhere by which a person logs in, linked and unlinked by that person."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ordercall.domain.people import Permission
from ordercall.errors import InvalidRequest
from ordercall.web.access import issuer, sessions
from ordercall.web.access.doors import needs
from ordercall.web.access.proofs import prove_factor, prove_password
from ordercall.web.context import context
from ordercall.web.pages import account

bp = Blueprint("issuer_link", __name__, url_prefix="/account/issuer")


@bp.post("")
@needs(Permission.SEE)
def link() -> ResponseReturnValue:
    """Show the way to the issuer, once password and code are right: what is linked opens as much as they do."""
    here = sessions.here()
    try:
        prove_password(here.person, request.form.get("current", ""))
        if context().access.factors.is_on(here.person.id):
            prove_factor(here.person, request.form.get("code", ""))
        there = issuer.begin(url_for("account.page"), links=here.hash)
    except InvalidRequest as doubt:
        return account.shown(fault=str(doubt)), doubt.status
    return render_template("issuer-link.html", there=there, label=issuer.service().label)


@bp.post("/off")
@needs(Permission.SEE)
def unlink() -> ResponseReturnValue:
    """Log in by the account no more. It asks for nothing: the password opens as before."""
    issuer.service().unlink(sessions.here().person.id)
    flash("No account elsewhere opens yours any more.")
    return redirect(url_for("account.page"), 303)
