"""The orders that the sandbox placed."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from ordercall.domain.people import Permission
from ordercall.web.access.doors import current_actor, needs
from ordercall.web.context import context
from ordercall.web.view.format import number

bp = Blueprint("demo", __name__)


@bp.post("/demo-orders/remove")
@needs(Permission.RULE)
def remove() -> ResponseReturnValue:
    """Remove all of them. The page that asked for it may be one of theirs, so the dashboard follows."""
    flash(f"Demo orders removed: {number(context().demo.remove(by=current_actor()))}.")
    return redirect(url_for("dashboard.index"), 303)
