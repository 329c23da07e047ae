"""Settings: the people who may log in. A link that is made here is shown once, for the owner to hand over."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ordercall.domain.people import Permission, Role
from ordercall.errors import InvalidRequest
from ordercall.services.people import Link
from ordercall.web.access import sessions
from ordercall.web.access.doors import current_actor, needs
from ordercall.web.choices import read_choice
from ordercall.web.context import context
from ordercall.web.ids import read_id

bp = Blueprint("people", __name__, url_prefix="/settings/people")


@bp.get("")
@needs(Permission.PEOPLE)
def page() -> ResponseReturnValue:
    """Show everybody, and what can be done about each."""
    return _shown()


@bp.post("")
@needs(Permission.PEOPLE)
def invite() -> ResponseReturnValue:
    """Add a person, and show the link by which they choose their password."""
    name, role = request.form.get("name", "").strip(), read_choice(request.form.get("role"), Role)
    if role is None:
        return _shown(fault="Choose a role."), 400
    try:
        return _shown(link=context().access.people.invite(name, role, by=current_actor()))
    except InvalidRequest as fault:
        return _shown(fault=str(fault)), fault.status


@bp.post("/<person_id>/link")
@needs(Permission.PEOPLE)
def reset(person_id: str) -> ResponseReturnValue:
    """Show a new link by which a person chooses a password."""
    return _shown(link=context().access.people.reset(_number(person_id)))


@bp.post("/mail")
@needs(Permission.PEOPLE)
def send_link() -> ResponseReturnValue:
    """Send a link that was just made by e-mail. It stays on the page, for whoever waits for the letter in vain."""
    access = context().access
    link = access.people.link(request.form.get("token", ""))
    if access.link_mail is None:
        raise InvalidRequest("SMTP_URL is not set, so no e-mail could leave.", code="NoMailServer", status=409)
    try:
        access.link_mail.send(link, _address_of(link), to=request.form.get("email", ""))
    except InvalidRequest as fault:
        return _shown(link=link, fault=str(fault)), fault.status
    return _shown(link=link, sent=True)


@bp.post("/<person_id>/role")
@needs(Permission.PEOPLE)
def change_role(person_id: str) -> ResponseReturnValue:
    role = read_choice(request.form.get("role"), Role)
    if role is None:
        raise InvalidRequest(f"A role is one of {', '.join(Role)}.", code="InvalidRole")
    person = context().access.people.set_role(_number(person_id), role)
    return _done(f"{person.name} is {role.named} now.")


@bp.post("/<person_id>/disable")
@needs(Permission.PEOPLE)
def disable(person_id: str) -> ResponseReturnValue:
    return _done(f"{context().access.people.disable(_number(person_id)).name} may not come in any more.")


@bp.post("/<person_id>/enable")
@needs(Permission.PEOPLE)
def enable(person_id: str) -> ResponseReturnValue:
    return _done(f"{context().access.people.enable(_number(person_id)).name} may come in again.")


@bp.post("/<person_id>/log-out")
@needs(Permission.PEOPLE)
def log_out(person_id: str) -> ResponseReturnValue:
    """End all sessions of a person but the one that asks for it."""
    ended = context().access.people.end_sessions(_number(person_id), but=sessions.here().hash)
    return _done(f"Sessions ended: {ended}.")


@bp.post("/<person_id>/factor")
@needs(Permission.PEOPLE)
def take_factor(person_id: str) -> ResponseReturnValue:
    """Take the second factor of another person away, such as for a lost phone."""
    number = _number(person_id)
    if number == sessions.here().person.id:
        message = "Switch your own second factor off on your account, with your password and a code."
        raise InvalidRequest(message, code="YourOwn", status=409)
    person = context().access.people.take_factor(number)
    return _done(f"{person.name} logs in by the password alone now. Their sessions have ended.")


def _number(text: str) -> int:
    return read_id(text) or 0


def _done(words: str) -> ResponseReturnValue:
    flash(words)
    return redirect(url_for("people.page"), 303)


def _shown(*, link: Link | None = None, fault: str = "", sent: bool = False) -> str:
    view = context()
    with view.db.read() as tx:
        everybody = view.access.people.all_of(tx)
    shown: dict[str, Any] = {
        "everybody": everybody,
        "roles": list(Role),
        "is_set": view.access.people.is_set,
        "myself": sessions.here().person.id,
        "link": link,
        "address": _address_of(link) if link else "",
        "by_mail": view.access.link_mail is not None,
        "sent": sent,
        "fault": fault,
        "values": request.form if fault else {},
    }
    return render_template(
        "settings-people.html", here=url_for("people.page"), known=None, draft=None, locks={}, **shown
    )


def _address_of(link: Link) -> str:
    """Return where the link leads, as the person will reach it."""
    base = context().settings.public_url or request.host_url
    return f"{base.rstrip('/')}{url_for('account.welcome', token=link.token)}"
