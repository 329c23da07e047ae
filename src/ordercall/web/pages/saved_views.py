"""Keeping a filtered list under a name, for everybody, and forgetting it."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from ordercall.domain.characters import is_kept
from ordercall.domain.people import Permission
from ordercall.errors import InvalidRequest
from ordercall.storage.records import saved_views
from ordercall.web.access.doors import current_actor, needs
from ordercall.web.context import context
from ordercall.web.ids import read_id
from ordercall.web.view import page_numbers, reading
from ordercall.web.view.filters import ListQuery

bp = Blueprint("views", __name__, url_prefix="/views")


@bp.post("")
@needs(Permission.HANDLE)
def save() -> ResponseReturnValue:
    """Keep the list of the form under the name of the form."""
    name, query = " ".join(request.form.get("name", "").split()), ListQuery.read(request.form)
    if not name or len(name) > saved_views.LONGEST_NAME or not all(map(is_kept, name)):
        raise InvalidRequest(
            f"Name the view, in at most {saved_views.LONGEST_NAME} letters that can be printed.", code="InvalidName"
        )
    with context().db.begin() as tx:
        saved = saved_views.save(tx, name, query.link(), by=current_actor(), now=reading.now())
    if not saved:
        raise InvalidRequest(
            f"The view was not saved: there is one of this name, or there are {saved_views.MOST} already. "
            "Choose another name, or remove a view first.",
            code="NameTaken",
        )
    flash(f"“{name}” is saved, for everybody.")
    return redirect(page_numbers.list_address(query), 303)


@bp.post("/<view_id>/remove")
@needs(Permission.HANDLE)
def remove(view_id: str) -> ResponseReturnValue:
    """Forget a view. Its orders stay as they are."""
    number = read_id(view_id)
    with context().db.begin() as tx:
        name = saved_views.remove(tx, number) if number else None
    flash(f"The view “{name}” is removed." if name else "That view was removed already.")
    return redirect(url_for("dashboard.index"), 303)
