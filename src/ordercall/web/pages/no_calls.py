"""Settings: the numbers that must not be called. They are sent in bodies, so that no address and no log has one."""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil
from typing import Any, NamedTuple

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from ordercall.domain.do_not_call import Source, Why, the_number
from ordercall.domain.people import Permission
from ordercall.domain.wishes import NO_NUMBER, Wish, read_lines, read_wish
from ordercall.errors import InvalidRequest
from ordercall.storage.records import do_not_call
from ordercall.web.access.doors import current_actor, needs
from ordercall.web.context import context
from ordercall.web.errors import answer
from ordercall.web.ids import read_id

MOST_LINES = 2_000
"""Of a file at once: what became of each stands on one page, and the browser waits for it."""

BY_COMMAND = "give it whole to the command `ordercall do-not-call import`"
"""What takes a list of any length."""

bp = Blueprint("no_calls", __name__, url_prefix="/settings/do-not-call")


class Line(NamedTuple):
    """What became of a line of a file. ``usable``: whether its number is on the list now."""

    number: int
    result: str
    usable: bool


@bp.get("")
@needs(Permission.SEE)
def page() -> ResponseReturnValue:
    """Show the list, and what can be done with a number."""
    return _shown()


@bp.post("")
@needs(Permission.HANDLE)
def wish() -> ResponseReturnValue:
    """List a number, take it off, or say whether it is on the list."""
    deed = request.form.get("wish")
    if deed == "no calls":
        return _list_one()
    phone = the_number(request.form.get("phone", ""))
    if phone is None:
        return _refused(NO_NUMBER)
    if deed == "call":
        gone = context().numbers.remove(phone, by=current_actor())
        flash("The number may be called again." if gone else "The number is not on the list.")
        return redirect(url_for("no_calls.page"), 303)
    with context().db.read() as tx:
        return _shown(looked_up=True, found=context().numbers.find(tx, phone))


@bp.post("/import")
@needs(Permission.HANDLE)
def import_() -> ResponseReturnValue:
    """List the numbers of a file, and tell what became of each line."""
    sent = request.files.get("file")
    read = list(read_lines(sent.read() if sent else b"", context().clock()))
    if not read:
        message = f"Choose a CSV file with a number in each line, at most {MOST_LINES:,} of them."
        raise InvalidRequest(message, code="InvalidFile")
    if len(read) > MOST_LINES:
        message = (
            f"The file has {len(read):,} lines, and {MOST_LINES:,} are taken at once. Divide it into"
            f" {ceil(len(read) / MOST_LINES)} files, or {BY_COMMAND}."
        )
        raise InvalidRequest(message, code="InvalidFile")
    wishes = (wish for _, wish in read if isinstance(wish, Wish))
    answers = context().numbers.add_all(wishes, Source.FILE, by=current_actor())
    lines = [
        Line(number, "listed" if next(answers) else "on the list already", True)
        if isinstance(wish, Wish)
        else Line(number, wish, False)
        for number, wish in read
    ]
    return _shown(lines=sorted(lines, key=lambda line: line.usable))


@bp.errorhandler(413)
def on_large_file(_error: HTTPException) -> ResponseReturnValue:
    """Say what to do with a file that is larger than any form; how many lines it has nobody knows."""
    message = (
        f"The file is larger than what a form takes (1 MB). Divide it into files of {MOST_LINES:,} lines each,"
        f" or {BY_COMMAND}."
    )
    return answer("RequestEntityTooLarge", message, 413)


def _list_one() -> ResponseReturnValue:
    sent, view = request.form, context()
    wish = read_wish(sent.get("phone", ""), sent.get("until", ""), sent.get("why", ""), view.clock())
    if isinstance(wish, str):
        return _refused(wish)
    [is_news] = view.numbers.add_all([wish], Source.PERSON, by=current_actor())
    flash("The number is not called any more." if is_news else "The number is on the list already, for as long.")
    return redirect(url_for("no_calls.page"), 303)


def _refused(fault: str) -> ResponseReturnValue:
    return _shown(fault=f"{fault[:1].upper()}{fault[1:]}."), 400


def _shown(lines: Iterable[Line] = (), **more: Any) -> str:
    view = context()
    with view.db.read() as tx:
        entries = do_not_call.newest(tx, before=read_id(request.args.get("before")))
    shown: dict[str, Any] = {"fault": "", "looked_up": False, "found": None, "lines": list(lines)} | more
    return render_template(
        "settings-do-not-call.html",
        here=url_for("no_calls.page"),
        known=None,
        draft=None,
        locks={},
        values=request.form,
        reasons=list(Why),
        entries=entries,
        older=entries[-1].id if len(entries) == do_not_call.PAGE else None,
        moment=view.clock(),
        most_lines=MOST_LINES,
        **shown,
    )
