"""The page of refusals: what calls cost and saved, and who refuses most."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from ordercall.web.access.doors import session_required
from ordercall.web.context import context
from ordercall.web.view import page_numbers, rates
from ordercall.web.view.filters import ListQuery
from ordercall.web.view.periods import PERIODS, read_period

USUAL = "14d"

bp = Blueprint("refusals", __name__)


@bp.get("/reports/refusals")
@session_required
def page() -> ResponseReturnValue:
    """What customers answered in the calls of a period's orders."""
    query, view = ListQuery(range=read_period(request.args) or USUAL, usual_range=USUAL), context()
    with view.db.read() as tx:
        shown = rates.page(tx, query, view.settings, page_numbers.now())
    return render_template("refusals.html", period=query, periods=PERIODS, **shown)
