"""What was reported of the calls, with its fate; and the words that nobody has explained, to be explained."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ordercall.domain.people import Permission
from ordercall.domain.reports.fates import Fate
from ordercall.domain.reports.report import KEYS, Answer, Completion, Connection
from ordercall.domain.reports.words import Rule
from ordercall.errors import InvalidRequest, WordConflict
from ordercall.storage.records.reports import PAGE
from ordercall.web.access.doors import current_actor, needs
from ordercall.web.choices import read_choice
from ordercall.web.context import context
from ordercall.web.ids import read_id
from ordercall.web.view.format import number

OF_SET_WORDS = {"answer", "connection", "completion", "do_not_call", "final", "force"}

MEANINGS = {
    **{f"answer {word}": ("answer", word.value) for word in Answer},
    **{f"connection {word}": ("connection", word.value) for word in Connection},
    **{f"completion {word}": ("completion", word.value) for word in Completion},
    "do not call": ("do_not_call", "true"),
    "more follows": ("final", "false"),
    "no more follows": ("final", "true"),
    "nothing": ("", None),
}
"""What a person can say that a word means, by the words of the choice."""

AS_IT_COMES = {f"{key}, as it comes": (key, None) for key in KEYS if key not in OF_SET_WORDS}
"""The same of a place at which any text may stand, such as a phone."""

bp = Blueprint("reported", __name__)


@bp.get("/reported")
@needs(Permission.SEE)
def page() -> ResponseReturnValue:
    """The reports, the newest first, and the words that wait."""
    fate = read_choice(request.args.get("fate"), Fate)
    rule = _rule(request.args) if request.args.get("means") else None
    view = context()
    found = view.reports.newest(fate=fate, before=read_id(request.args.get("before")), shopify_id=None)
    preview = view.words.preview(rule) if rule else []
    meant = {order_id for each in [*found, *(one.stored for one in preview)] for order_id in each.meant}
    shown = {
        "reports": [(each, view.reports.shown_body(each)) for each in found],
        "older": found[-1].id if len(found) == PAGE else None,
        "counts": view.reports.count_by_fate(),
        "waiting": view.words.waiting(),
        "known": view.words.known(),
        "rule": rule,
        "preview": preview,
        "names": view.reports.names(meant),
    }
    return render_template("reported.html", fate=fate, fates=Fate, meanings=MEANINGS, as_it_comes=AS_IT_COMES, **shown)


@bp.post("/reported/words")
@needs(Permission.RULE)
def teach() -> ResponseReturnValue:
    """Have a word understood, and apply it to what came before; refusals only where they were ticked."""
    view, confirmed = context(), {read_id(text) or 0 for text in request.form.getlist("confirmed")}
    try:
        view.words.teach(_rule(request.form), by=current_actor())
    except WordConflict as theirs:
        flash(f"{theirs} Take it back below to explain the word anew.")
        return redirect(url_for("reported.page"), 303)
    done = view.words.apply_again(by=current_actor(), confirmed=confirmed)
    changed = sum(bool(each.verdict.changes) for each in done)
    flash(f"Understood from now on. Reports that waited: {number(len(done))}; orders changed: {number(changed)}.")
    return redirect(url_for("reported.page"), 303)


@bp.post("/reported/words/<taught_id>/taken-back")
@needs(Permission.RULE)
def take_back(taught_id: str) -> ResponseReturnValue:
    """Have a word not understood any more, which waits for an explanation from then on."""
    gone = context().words.forget(read_id(taught_id) or 0)
    flash("Not understood any more; what it did stays." if gone else "Somebody has taken it back already.")
    return redirect(url_for("reported.page"), 303)


@bp.post("/reported/<report_id>/handled")
@needs(Permission.HANDLE)
def handled(report_id: str) -> ResponseReturnValue:
    """Mark a report handled, unless somebody did so before."""
    if not context().reports.mark_handled(read_id(report_id) or 0, by=current_actor()):
        flash("Somebody has marked this report handled already.")
    return redirect(url_for("reported.page", fate=Fate.NEEDS_A_PERSON), 303)


def _rule(sent: Any) -> Rule:
    meaning = (MEANINGS | AS_IT_COMES).get(sent.get("means", ""))
    if meaning is None:
        raise InvalidRequest("Choose what the word means.", code="InvalidRule")
    return Rule(sent.get("at", ""), sent.get("word", ""), *meaning)
