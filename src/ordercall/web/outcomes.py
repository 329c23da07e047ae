"""Where agents and other programs report how a call went, and where people and programs read what became of it."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, TypedDict

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue
from msgspec import Meta

from ordercall.domain.people import Permission
from ordercall.domain.reports.fates import Fate, Why
from ordercall.domain.reports.words import reports_in
from ordercall.errors import DatabaseBusy, InvalidRequest
from ordercall.intake.report_reception import (
    AT_THE_ADDRESS,
    LARGEST_REPORT,
    NOT_KEPT,
    Sender,
    answer_to,
    take_apart,
)
from ordercall.intake.signature import Cause
from ordercall.storage.records.reports import Door, StoredReport
from ordercall.web.access.callers import Kind
from ordercall.web.access.doors import THIS_MACHINE, current_actor, current_caller, may_force, needs, open_to_all
from ordercall.web.choices import read_choice
from ordercall.web.context import context
from ordercall.web.declared import Id, Time, Told, asked, tells
from ordercall.web.ids import read_id

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z]{2,4})?")
"""A code such as hi or hi-IN. Whatever else stands there may be a sentence that a customer said."""


NOT_LET_IN = frozenset({401, 403, 404})
"""Answers to whoever does not have the token. 404: the secret in the address is another."""

bp = Blueprint("outcomes", __name__, url_prefix="/api")


class ReceivedJson(TypedDict):
    """What the sender of a report hears: its number, and what became of it."""

    report: int
    fate: Fate
    why: Why
    message: str
    shopify_ids: list[Id]
    repeated: bool


class Received(ReceivedJson):
    """What the sender of a report hears."""

    success: Literal[True]


class ReceivedTogether(TypedDict):
    """What the sender of an array of reports hears, of each in its order."""

    success: Literal[True]
    reports: list[ReceivedJson]


class UnknownPath(TypedDict):
    """Where a word stood that nobody has explained."""

    path: str


class ReportJson(TypedDict):
    """A report without what its customer said or is called: that is for people, on the page."""

    report: Id
    received_at: Time
    sender: str
    fate: Fate
    why: Why
    message: str
    shopify_ids: list[Id]
    said: dict[str, Any]
    unknown: list[UnknownPath]
    repeats: int
    handled_by: str | None


class ReportList(TypedDict):
    """Fifty reports, the newest first; ``before`` with the last one's number leads on."""

    success: Literal[True]
    reports: list[ReportJson]


class ReportsAsked(TypedDict, total=False):
    """Which reports."""

    fate: Annotated[str, Meta(extra_json_schema={"enum": [str(fate) for fate in Fate]})]
    shopify_id: Id
    before: Annotated[Id, Meta(description="The number of a report; older ones are shown.")]


REPORT = Told(
    takes=Any,
    may_be_left_out=True,
    gives={200: (Received, ReceivedTogether)},
    example={"call_id": "…", "answer": "confirmed"},
)


@bp.after_request
def note_what_is_refused(response: Response) -> Response:
    """Remember that a report was not let in that may have been a true one: its call is not taken for unanswered.

    Anybody may knock. Who is not let in can be the shop's agent only if they name a call that waits for its answer,
    which strangers do not know; by the secret alone nobody can tell an agent with that of last year from a scanner.
    """
    if request.method == "POST" and response.status_code in NOT_KEPT:
        context().refusals.count(Cause.REPORT)
    elif request.method == "POST" and response.status_code in NOT_LET_IN:
        context().refusals.count_if(_names_a_waiting_call, Cause.REPORT)
    return response


def _names_a_waiting_call() -> bool:
    if (request.content_length or 0) > LARGEST_REPORT:
        return False
    at_address = read_id((request.view_args or {}).get("shopify_id"))
    try:
        first = reports_in(request.get_data())[0]  # anybody may have it looked up
        return context().reports.names_a_waiting_call(first, at_address)
    except DatabaseBusy:
        return True  # nobody can tell


@bp.post("/outcomes")
@needs(Permission.REPORT, THIS_MACHINE)
@tells(REPORT)
def report() -> ResponseReturnValue:
    """Take in what an agent reports of a call."""
    if current_caller().kind is not Kind.PROGRAM and not request.is_json:
        message = "Send JSON with the header Content-Type: application/json."
        raise InvalidRequest(message, code="UnsupportedMediaType", status=415)
    return _take_in(Sender(Door.API, current_actor(), may_force=may_force()))


@bp.post("/outcomes/in/<secret>")
@open_to_all
@tells(REPORT)
def report_by_address(secret: str) -> ResponseReturnValue:
    """Take in the report of an agent that can send no header: the secret in the address opens the door."""
    if not context().report_reception.is_the_address(secret):
        raise InvalidRequest("There is nothing at this address.", code="NotFound", status=404)
    return _take_in(AT_THE_ADDRESS)


@bp.get("/reports")
@needs(Permission.SEE, THIS_MACHINE)
@tells(Told(asks=ReportsAsked, gives={200: ReportList}))
def list_reports() -> ResponseReturnValue:
    """Show what was reported and what became of it, the newest first."""
    query = asked(ReportsAsked)
    fate = read_choice(query.get("fate"), Fate)
    if "fate" in query and fate is None:
        raise InvalidRequest(f"A fate is one of {', '.join(Fate)}.", code="InvalidFate")
    found = context().reports.newest(fate=fate, before=query.get("before"), shopify_id=query.get("shopify_id"))
    return jsonify(success=True, reports=[_stored_to_json(each) for each in found])


def _take_in(sender: Sender) -> ResponseReturnValue:
    """Take in a report, or an array of them, each for itself."""
    request.max_content_length = LARGEST_REPORT
    body = request.get_data(cache=False)
    incoming = take_apart(sender, body, context().clock())
    return jsonify(answer_to(body, incoming, context().report_reception.committer.store_all(incoming)))


def _stored_to_json(stored: StoredReport) -> dict[str, Any]:
    """Return a report without what its customer said or is called: that is for people, on the page."""
    return {
        "report": stored.id,
        "received_at": stored.received_at.isoformat(timespec="milliseconds"),
        "sender": stored.sender,
        "fate": stored.fate,
        "why": stored.why,
        "message": stored.why.sentence,
        "shopify_ids": list(stored.meant),
        "said": {key: word for key, word in stored.said.items() if key != "language" or _LANGUAGE.fullmatch(word)},
        "unknown": [{"path": each.path} for each in stored.unread],
        "repeats": stored.repeats,
        "handled_by": stored.handled_by,
    }
