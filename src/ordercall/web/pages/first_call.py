"""Settings: the first real call. A number of one's own is rung step by step, as the command ``kalimera try`` does."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ordercall.domain.calls.calling import Language
from ordercall.domain.calls.first_call import REDIALS, CallStage, Rang, as_json, in_words
from ordercall.domain.do_not_call import the_number
from ordercall.domain.people import Permission
from ordercall.domain.policy.rules import Agent
from ordercall.domain.wishes import NO_NUMBER
from ordercall.errors import InvalidRequest, UnknownFirstCall
from ordercall.web.access.doors import current_actor, needs
from ordercall.web.context import context
from ordercall.web.ids import read_id

OTHERWISE = "It has gone on meanwhile: look how it stands now."

bp = Blueprint("first_call", __name__, url_prefix="/settings/first-call")


@bp.get("")
@needs(Permission.SEE)
def page() -> ResponseReturnValue:
    """Ask for the number, and list what was tried."""
    return _form(request.args.get("language", ""))


@bp.post("")
@needs(Permission.RULE)
def begin() -> ResponseReturnValue:
    """Have a worker look at Kalimera for a call to this number."""
    calls, sent = context().first_calls, request.form
    phone, agent = the_number(sent.get("phone", "")), _agent(sent.get("language", ""))
    if phone is None or agent is None:
        return _form(refusals=[f"This is {NO_NUMBER}." if agent else "No agent speaks this language."], status=400)
    confirmed = set(sent.getlist("confirmed"))
    refusals, doubts = calls.refusals(agent, phone), calls.doubts(phone)
    if refusals or not confirmed.issuperset(doubts):
        return _form(refusals=refusals, doubts=doubts, status=409)
    call_id = calls.begin(agent, phone, by=current_actor(), confirmed=confirmed.intersection(doubts))
    if call_id is None:
        return _form(refusals=calls.refusals(agent, phone), status=409)
    return redirect(url_for("first_call.one", call_id=call_id), 303)


@bp.get("/<call_id>")
@needs(Permission.SEE)
def one(call_id: str) -> ResponseReturnValue:
    """How a call stands."""
    return _shown(call_id, "first-call.html")


@bp.get("/<call_id>/live")
@needs(Permission.SEE)
def live(call_id: str) -> ResponseReturnValue:
    """The same for an open page that polls, with what stands around it."""
    return _shown(call_id, "_part-live.html")


@bp.post("/<call_id>/agree")
@needs(Permission.RULE)
def agree(call_id: str) -> ResponseReturnValue:
    """Have the number rung."""
    return _back(call_id, done=context().first_calls.agree(_number(call_id)))


@bp.post("/<call_id>/stop")
@needs(Permission.RULE)
def stop(call_id: str) -> ResponseReturnValue:
    """Have nothing more done."""
    return _back(call_id, done=context().first_calls.stop(_number(call_id), by=current_actor()))


@bp.post("/<call_id>/rang")
@needs(Permission.RULE)
def rang(call_id: str) -> ResponseReturnValue:
    """Note whether the phone rang."""
    said = Rang.of(request.form.get("rang"))
    if said is None:
        raise InvalidRequest("Say whether the phone rang.", code="InvalidRang")
    context().first_calls.note_rang(_number(call_id), said)
    return _back(call_id, done=True)


def _number(text: str) -> int:
    number = read_id(text)
    if number is None:
        raise UnknownFirstCall(text[:40])
    return number


def _agents() -> tuple[Agent, ...]:
    view = context()
    with view.db.read() as tx:
        return view.decisions.policy(tx).agents


def _agent(language: str) -> Agent | None:
    return next((agent for agent in _agents() if agent.language == Language.of(language)), None)


def _back(call_id: str, *, done: bool) -> ResponseReturnValue:
    if not done:
        flash(OTHERWISE)
    return redirect(url_for("first_call.one", call_id=call_id), 303)


def _form(
    language: str = "", *, refusals: list[str] | None = None, doubts: list[str] | None = None, status: int = 200
) -> ResponseReturnValue:
    sent, calls = request.form, context().first_calls
    shown: dict[str, Any] = {
        "known": None,
        "draft": None,
        "locks": {},
        "values": sent,
        "here": url_for("first_call.page"),
    }
    body = render_template(
        "settings-first-call.html",
        agents=_agents(),
        chosen=sent.get("language", language),
        refusals=refusals or [],
        doubts=doubts or [],
        confirmed=sent.getlist("confirmed"),
        tried=calls.newest(),
        **shown,
    )
    return body, status


def _shown(call_id: str, template: str) -> str:
    calls = context().first_calls
    calls.look()
    call = calls.find(_number(call_id))
    report = calls.report(call)
    return render_template(
        template,
        **{"known": None, "draft": None, "locks": {}, "here": url_for("first_call.page")},
        part="_first-call.html",
        asks=url_for("first_call.live", call_id=call.id) if call.stage.is_open else None,
        call=call,
        stages=CallStage,
        rang_words=Rang,
        steps=[(step, "\n\n".join(map(in_words, step.calls))) for step in call.steps],
        waits_for_worker=call.stage.is_workers and not calls.has_worker(),
        found_out=[*call.found_out, *([REDIALS] if call.rang is Rang.AGAIN else [])],
        report=report,
        body=report and context().reports.shown_body(report),
        understood=report and as_json(report.said),
    )
