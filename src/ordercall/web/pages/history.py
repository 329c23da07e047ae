"""*History*: what people did, with the undo of each deed while it can be undone."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from ordercall.domain.activity import Event
from ordercall.domain.people import Permission
from ordercall.web.access.doors import current_actor, needs
from ordercall.web.choices import read_choice
from ordercall.web.context import context
from ordercall.web.ids import read_id
from ordercall.web.view.deeds import deeds

SHOWN = {"": "What I did", "all": "What everybody did", "runs": "Bulk runs"}

bp = Blueprint("history", __name__)


@bp.get("/history")
@needs(Permission.SEE)
def page() -> ResponseReturnValue:
    """What was done by hand, the newest first: by whoever looks, by everybody, or to many orders at once."""
    show = read_choice(request.args.get("show"), SHOWN) or ""
    with context().db.read() as tx:
        found, older = deeds(
            tx,
            actor=None if show else current_actor(),
            event=Event.BULK_STARTED if show == "runs" else None,
            before=read_id(request.args.get("before")),
        )
    return render_template("history.html", deeds=found, older=older, show=show, shown=SHOWN)
