"""The API of the policy: the one in force, and drafts that are played over the past. It publishes nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal, TypedDict

from flask import Blueprint, jsonify, request, url_for
from flask.typing import ResponseReturnValue
from msgspec import Meta

from ordercall.domain.people import Permission
from ordercall.domain.policy.document import PolicyFaults, read_document, write_document
from ordercall.domain.policy.trial import Difference, Kind
from ordercall.errors import InvalidRequest, UnknownTrial
from ordercall.services import policy_service
from ordercall.services.policy_trial import MOST_DAYS
from ordercall.storage.records import trials
from ordercall.storage.records.trials import Trial
from ordercall.web.access.doors import PROGRAMS, current_actor, needs
from ordercall.web.context import context
from ordercall.web.declared import Before, Id, Time, Told, asked, tells
from ordercall.web.ids import read_id
from ordercall.web.sent import sent_object

LARGEST_DRAFT = 64 * 1024
"""Bytes; a policy with every field in use takes three thousand."""

USUAL_DAYS = 30
"""A month, as the command has it."""

LIKE = '{"policy": {"who": {"payment": "to_collect"}}, "days": 30}'

bp = Blueprint("policy_api", __name__, url_prefix="/api/policy")


class InForce(TypedDict):
    """The policy in force, as ``ordercall policy show`` has it. ``locks``: what the environment holds, by the field."""

    success: Literal[True]
    version: int
    published_at: Time | None
    published_by: str
    policy: dict[str, dict[str, Any]]
    locks: dict[str, str]


class Draft(TypedDict, total=False):
    """The fields of the policy in force that are to be others, and over how many days it is played."""

    policy: dict[str, Any]
    days: Annotated[int, Meta(ge=1, le=MOST_DAYS)]


class DifferenceOfMany(TypedDict):
    """In what a draft differs, and of how many orders."""

    kind: Kind
    was: str
    would: str
    orders: int


class TrialJson(TypedDict):
    """How far a trial is, and what it came to until then; ``docs/api.md`` explains each."""

    id: Id
    made_from: int
    days: int
    orders: int
    done: int
    finished: bool
    fault: str | None
    answers: dict[str, int]
    languages: dict[str, int]
    hours: dict[str, int]
    cancels_waiting: int
    differing: int
    differences: list[DifferenceOfMany]


class OneTrial(TypedDict):
    """A trial."""

    success: Literal[True]
    trial: TrialJson


class StoppedTrial(OneTrial):
    """A trial that was ended; ``stopped`` is false where it was over already."""

    stopped: bool


class DifferenceJson(TypedDict):
    """In what a draft differs about one order."""

    kind: Kind
    was: str
    would: str


class DifferingOrder(TypedDict):
    """An order about which the draft would have done otherwise."""

    shopify_id: Id
    order_name: str | None
    differences: list[DifferenceJson]


class DifferingOrders(TypedDict):
    """Such orders, the latest first. ``before`` leads on; null: there are no more."""

    success: Literal[True]
    orders: list[DifferingOrder]
    before: Id | None


@bp.get("")
@needs(Permission.SEE, PROGRAMS)
@tells(Told(gives={200: InForce}))
def show_policy() -> ResponseReturnValue:
    """Show the policy in force."""
    known = policy_service.in_force(context().db, context().settings, context().clock())
    return jsonify(
        success=True,
        version=known.policy.version,
        published_at=known.at.isoformat() if known.at else None,
        published_by=known.by,
        policy=write_document(known.policy),
        locks=dict(known.locks),
    )


@bp.post("/trials")
@needs(Permission.TRY, PROGRAMS)
@tells(Told(takes=Draft, gives={202: OneTrial}, example={"policy": {"who": {"payment": "to_collect"}}, "days": 30}))
def make() -> ResponseReturnValue:
    """Have a draft played over the orders of the last days."""
    request.max_content_length = LARGEST_DRAFT
    body, view = _body(), context()
    days = body.get("days", USUAL_DAYS)
    if isinstance(days, bool) or not isinstance(days, int) or not 1 <= days <= MOST_DAYS:
        raise InvalidRequest(f"days must be a whole number from 1 to {MOST_DAYS}.", code="InvalidDays")
    known = policy_service.in_force(view.db, view.settings, view.clock())
    document = write_document(known.policy)
    for part, fields in body.get("policy", {}).items():
        document[part] = document.get(part, {}) | fields if isinstance(fields, dict) else fields
    try:
        draft = policy_service.draft(known, read_document(document, view.clock())).policy
    except PolicyFaults as wrong:
        raise InvalidRequest(" ".join(wrong.faults), code="InvalidPolicy") from wrong
    trial_id = view.trials.make(draft, made_from=known.policy.version, days=days, by=current_actor())
    answer = jsonify(success=True, trial=_to_json(view.trials.find(trial_id)))
    answer.headers["Location"] = url_for("policy_api.show", trial_id=trial_id)
    return answer, 202


@bp.post("/trials/<trial_id>/stop")
@needs(Permission.TRY, PROGRAMS)
@tells(Told(gives={200: StoppedTrial}))
def stop(trial_id: str) -> ResponseReturnValue:
    """End a trial before its next step; that it is over already is no fault."""
    found = _found(trial_id)
    stopped = context().trials.stop(found.id, by=current_actor())
    return jsonify(success=True, stopped=stopped, trial=_to_json(_found(trial_id)))


@bp.get("/trials/<trial_id>")
@needs(Permission.SEE, PROGRAMS)
@tells(Told(gives={200: OneTrial}))
def show(trial_id: str) -> ResponseReturnValue:
    """Tell how far a trial is, and what it came to until then."""
    return jsonify(success=True, trial=_to_json(_found(trial_id)))


@bp.get("/trials/<trial_id>/differences")
@needs(Permission.SEE, PROGRAMS)
@tells(Told(asks=Before, gives={200: DifferingOrders}))
def differences(trial_id: str) -> ResponseReturnValue:
    """List the orders about which it would have done otherwise, the latest first."""
    trial, before = _found(trial_id), asked(Before).get("before")
    with context().db.read() as tx:
        found = trials.differing(tx, trial.id, before=before)
    decided = [
        {
            "shopify_id": one.shopify_id,
            "order_name": one.order_name,
            "differences": [_difference(each) for each in one.differences],
        }
        for one in found[: trials.SHOWN]
    ]
    older = found[trials.SHOWN - 1].shopify_id if len(found) > trials.SHOWN else None
    return jsonify(success=True, orders=decided, before=older)


def _body() -> dict[str, Any]:
    body = sent_object(LIKE)
    strangers = ", ".join(sorted(name[:40] for name in body.keys() - {"policy", "days"}))
    if strangers:
        message = f"A trial knows no {strangers}. Send a JSON object such as {LIKE}."
        raise InvalidRequest(message, code="UnknownKey")
    if not isinstance(body.get("policy", {}), dict):
        raise InvalidRequest(f"policy must be an object. Send a JSON object such as {LIKE}.", code="InvalidJson")
    return body


def _found(text: str) -> Trial:
    number = read_id(text)
    if number is None:
        raise UnknownTrial(text[:40])
    return context().trials.find(number)


def _to_json(trial: Trial) -> dict[str, Any]:
    tally = trial.tally
    sorts = [(*sort.split(" "), number) for sort, number in tally.sorts.most_common()]
    return {
        "id": trial.id,
        "made_from": trial.made_from,
        "days": trial.days,
        "orders": trial.number,
        "done": trial.done,
        "finished": trial.finished_at is not None,
        "fault": trial.fault,
        "answers": tally.answers,
        "languages": tally.languages,
        "hours": tally.hours,
        "cancels_waiting": tally.waiting,
        "differing": tally.differing,
        "differences": [dict(zip(("kind", "was", "would", "orders"), sort, strict=True)) for sort in sorts],
    }


def _difference(each: Difference) -> dict[str, str]:
    values = {"was": each.was, "would": each.would}
    if each.kind == Kind.WHEN:
        values = {name: datetime.fromtimestamp(float(at), UTC).isoformat() for name, at in values.items()}
    return {"kind": each.kind} | values
