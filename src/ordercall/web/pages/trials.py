"""Settings: a draft on the past: how far its trial is, what it came to, and each order that it would have changed."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ordercall.domain.people import Permission
from ordercall.errors import UnknownTrial
from ordercall.storage.records import trials as stored
from ordercall.web.access.doors import current_actor, needs
from ordercall.web.context import context
from ordercall.web.ids import read_id
from ordercall.web.view.charts import percent
from ordercall.web.view.format import full

CHANGES = 10
"""Kinds of differences that the page counts: the largest, where an odd draft makes dozens."""

bp = Blueprint("trials", __name__, url_prefix="/settings/trials")


@bp.get("/<trial_id>/live", endpoint="live")
@bp.get("/<trial_id>")
@needs(Permission.SEE)
def page(trial_id: str) -> ResponseReturnValue:
    """A trial; the part alone for an open page that polls."""
    number = _number(trial_id)
    trial = context().trials.find(number)
    with context().db.read() as tx:
        found = stored.differing(tx, number, before=read_id(request.args.get("before")))
    return render_template(
        "_part-live.html" if request.endpoint == "trials.live" else "trial.html",
        part="_trial.html",
        asks=None if trial.finished_at else url_for("trials.live", trial_id=number, before=request.args.get("before")),
        trial=trial,
        waits_for_worker=not trial.finished_at and not context().trials.has_worker(),
        tally=trial.tally,
        percent=min(percent(trial.done, trial.number), 100),
        changes=trial.tally.changes[:CHANGES],
        orders=[(one, [each.in_words(full) for each in one.differences]) for one in found[: stored.SHOWN]],
        older=found[stored.SHOWN - 1].shopify_id if len(found) > stored.SHOWN else None,
    )


@bp.post("/<trial_id>/stop")
@needs(Permission.TRY)
def stop(trial_id: str) -> ResponseReturnValue:
    """End a trial before its next step."""
    if not context().trials.stop(_number(trial_id), by=current_actor()):
        flash("It was over already.")
    return redirect(url_for("trials.page", trial_id=trial_id), 303)


def _number(text: str) -> int:
    number = read_id(text)
    if number is None:
        raise UnknownTrial(text[:40])
    return number
