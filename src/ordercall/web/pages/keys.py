"""Settings: the keys of programs. A key is shown once, when it is made."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ordercall.domain.people import Permission, Scope
from ordercall.errors import InvalidRequest
from ordercall.services.api_keys import NewKey
from ordercall.web.access.doors import current_actor, needs
from ordercall.web.context import context
from ordercall.web.ids import read_id

bp = Blueprint("keys", __name__, url_prefix="/settings/keys")


@bp.get("")
@needs(Permission.PEOPLE)
def page() -> ResponseReturnValue:
    """Show all keys, and when each was used last."""
    return _shown()


@bp.post("")
@needs(Permission.PEOPLE)
def make() -> ResponseReturnValue:
    """Make a key, and show it."""
    wanted = set(request.form.getlist("scope"))
    scopes = [scope for scope in Scope if scope in wanted]
    try:
        return _shown(
            new=context().access.api_keys.make(request.form.get("name", "").strip(), scopes, by=current_actor())
        )
    except InvalidRequest as fault:
        return _shown(fault=str(fault)), fault.status


@bp.post("/<key_id>/next")
@needs(Permission.PEOPLE)
def rotate(key_id: str) -> ResponseReturnValue:
    """Make the next key of a program's, and show it; the one before goes on."""
    return _shown(new=context().access.api_keys.rotate(read_id(key_id) or 0, by=current_actor()))


@bp.post("/<key_id>/end")
@needs(Permission.PEOPLE)
def end(key_id: str) -> ResponseReturnValue:
    ended = context().access.api_keys.end(read_id(key_id) or 0, by=current_actor())
    flash(f"Key {ended.id} of {ended.name} is worth nothing any more.")
    return redirect(url_for("keys.page"), 303)


def _shown(*, new: NewKey | None = None, fault: str = "") -> str:
    view = context()
    with view.db.read() as tx:
        keys = view.access.api_keys.all_of(tx)
    return render_template(
        "settings-keys.html",
        here=url_for("keys.page"),
        known=None,
        draft=None,
        locks={},
        api_keys=keys,
        scopes=list(Scope),
        new=new,
        fault=fault,
        values=request.form if fault else {},
        chosen=set(request.form.getlist("scope")) if fault else set(),
    )
