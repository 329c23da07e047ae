"""Logging in by an OpenID Connect issuer: there and back again, in one and the same browser.

Between the two the signed cookie of the session keeps what was begun, for ten minutes and for one return. It opens
nothing by itself: without the issuer's code it is worth nothing, and the code without it neither.
"""

from __future__ import annotations

import hmac
import logging
import math
from contextlib import suppress
from dataclasses import astuple
from datetime import timedelta

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from ordercall.domain.id_tokens import Identity
from ordercall.errors import DatabaseBusy, InvalidRequest
from ordercall.services.issuer_sign_in import BACK, IssuerSignIn, SignIn
from ordercall.storage.records import audit
from ordercall.web.access import sessions
from ordercall.web.access.doors import open_to_all
from ordercall.web.access.second_step import let_in
from ordercall.web.access.throttle import too_many, tries_of_issuer
from ordercall.web.addresses import local_path
from ordercall.web.context import context

GOOD_FOR = timedelta(minutes=10)
"""Enough to find a phone for the issuer's own second factor."""

LONGEST_CODE = 4096
"""Characters: Microsoft's have some two thousand."""

KEPT = "sign_in"
"""What the cookie calls a sign-in under way."""

bp = Blueprint("issuer", __name__)
logger = logging.getLogger(__name__)


def begin(target: str, *, links: str = "") -> str:
    """Keep a new sign-in in this browser, and return where it goes on.

    Args:
        target: the path to show after it.
        links: the hash of the session whose person wants to link the account; empty: it is to log in.
    """
    begun, there = service().begin()
    session[KEPT] = [*astuple(begun), context().clock().timestamp(), target, links]
    return there


def service() -> IssuerSignIn:
    """Return what people log in by.

    Raises:
        InvalidRequest: nothing is set.
    """
    found = context().access.issuer
    if found is None:
        raise InvalidRequest("OIDC_ISSUER is not set, so nobody logs in so.", code="NoIssuer", status=404)
    return found


@bp.get("/login/issuer")
@open_to_all
def log_in() -> ResponseReturnValue:
    """Send the browser to the issuer. By a link and no form: a page's forms may lead nowhere else than here."""
    target = local_path(request.args.get("next"))
    try:
        return redirect(begin(target))
    except InvalidRequest as fault:
        return _refused(fault, target)


@bp.get(BACK)
@open_to_all
def back() -> ResponseReturnValue:
    """Take what the issuer sent the browser back with, and let its person in; or link the account."""
    kept = session.pop(KEPT, None)  # whatever comes of it: what was begun once comes back once
    target, links = local_path(kept[4] if kept else None), kept[5] if kept else ""
    try:
        identity = _identity(service(), kept)
        if links:
            return _linked(identity, links)
        person = service().person_of(identity, request.remote_addr or "")
    except InvalidRequest as fault:
        if links and sessions.logged_in():
            flash(str(fault), "fault")
            return redirect(url_for("account.page"))
        _note_failure()
        return _refused(fault, target)
    tries_of_issuer().succeed()
    return let_in(person, target)


def _identity(issuer: IssuerSignIn, kept: list[object] | None) -> Identity:
    state, code, said_by = (request.args.get(name, "") for name in ("state", "code", "iss"))
    begun = _begun(kept)
    if begun is None or not hmac.compare_digest(begun.state.encode(), state.encode("utf-8", "replace")):
        message = "This sign-in was not begun in this browser, or too long ago, or it came back before. Begin it again."
        raise InvalidRequest(message, code="NotBegunHere")
    if "error" in request.args:
        logger.info("sign-in by %s: it sent somebody back without a code", issuer.label)
        message = f"{issuer.label} sent you back without signing you in: you did not agree, or may not use it here."
        raise InvalidRequest(message, code="SignInDenied", status=403)
    if not 0 < len(code) <= LONGEST_CODE:
        raise InvalidRequest(f"{issuer.label} sent you back with nothing. Begin again.", code="NotBegunHere")
    left = tries_of_issuer().take()
    if isinstance(left, timedelta):
        raise too_many(left)
    return issuer.identity(begun, code, said_by=said_by or None)


def _begun(kept: list[object] | None) -> SignIn | None:
    """Return the sign-in that the browser keeps, if it was begun a moment ago."""
    match kept:
        case [str(state), str(nonce), str(verifier), float(since), str(), str()]:
            late = not timedelta() <= timedelta(seconds=context().clock().timestamp() - since) < GOOD_FOR
            return None if late else SignIn(state, nonce, verifier)
    return None


def _linked(identity: Identity, links: str) -> ResponseReturnValue:
    """Link the account to whoever asked for it, if their session still goes on in this browser."""
    here = sessions.current()
    if here is None or not hmac.compare_digest(here.hash, links):
        raise InvalidRequest("Your session has ended. Log in, then link the account again.", code="NotBegunHere")
    with audit.acting(here.person.name, request.remote_addr or ""):
        service().link(here.person.id, identity)
    tries_of_issuer().succeed()
    flash(f"You can log in by {service().label} now.")
    return redirect(url_for("account.page"))


def _note_failure() -> None:
    with suppress(DatabaseBusy), context().db.begin() as tx:
        audit.write_failed_sign_in(tx, request.remote_addr or "", None, by="the issuer")


def _refused(fault: InvalidRequest, target: str) -> ResponseReturnValue:
    headers = {"Retry-After": str(math.ceil(GOOD_FOR.total_seconds()))} if fault.status == 429 else {}
    page = render_template("login.html", next=target, username="", error=str(fault))
    return page, fault.status, headers
