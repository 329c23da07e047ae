"""The page of refusals: what calls cost and saved, and who refuses most."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from ordercall.domain.people import Permission
from ordercall.web.access.doors import needs
from ordercall.web.context import context
from ordercall.web.view import rates, reading
from ordercall.web.view.filters import ListQuery
from ordercall.web.view.periods import PERIODS, read_period
from ordercall.web.view.reading import one_reading

USUAL = "14d"

bp = Blueprint("refusals", __name__)


@bp.get("/reports/refusals")
@needs(Permission.SEE)
def page() -> ResponseReturnValue:
    """What customers answered in the calls of a period's orders."""
    query, view = ListQuery(range=read_period(request.args) or USUAL, usual_range=USUAL), context()
    with one_reading() as tx:
        shown = rates.page(tx, query, view.settings, reading.now())
        return render_template("refusals.html", period=query, periods=PERIODS, **shown)
