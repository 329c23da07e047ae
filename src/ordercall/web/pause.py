"""The switch for all calls, on every page and for programs."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, NotRequired, TypedDict

from flask import Blueprint, flash, jsonify, redirect, request
from flask.typing import ResponseReturnValue
from msgspec import Meta

from ordercall.domain.people import Permission
from ordercall.errors import InvalidRequest, PauseConflict
from ordercall.storage.records import pauses
from ordercall.storage.records.pauses import Pause
from ordercall.web.access.doors import PROGRAMS, current_actor, needs
from ordercall.web.addresses import local_referrer
from ordercall.web.context import context
from ordercall.web.declared import Time, Told, tells
from ordercall.web.ids import read_id
from ordercall.web.sent import sent_object
from ordercall.web.view.around import LENGTHS
from ordercall.web.view.format import counted, number

LIKE = '{"why": "wrong price", "until": "2026-11-30T09:00+05:30"}'

bp = Blueprint("pause", __name__)


class CampaignTold(TypedDict):
    """What Kalimera took of it for one campaign: whether its open window has ended."""

    campaign_id: str
    window: str
    message: str | None


class Paused(TypedDict):
    """Whether all calls are paused; if so since when, why, until when, and what Kalimera took of it."""

    success: Literal[True]
    paused: bool
    by: NotRequired[str]
    since: NotRequired[Time]
    why: NotRequired[str]
    until: NotRequired[Time | None]
    waiting: NotRequired[int]
    cut_off: NotRequired[int]
    may_ring: NotRequired[int]
    may_ring_until: NotRequired[Time | None]
    campaigns: NotRequired[list[CampaignTold]]


class Resumed(TypedDict):
    """Calls go on; ``was_paused`` tells whether they had not."""

    success: Literal[True]
    paused: Literal[False]
    was_paused: bool


class PauseSent(TypedDict, total=False):
    """Why, and until when."""

    why: str
    until: Annotated[str | None, Meta(description="A time with its zone; left out: until somebody resumes.")]


@bp.post("/calls/pause")
@needs(Permission.PAUSE)
def begin() -> ResponseReturnValue:
    """Pause all calls from any page, which offers it where they are not."""
    minutes, why = request.form.get("minutes", ""), request.form.get("why", "")
    until = context().clock() + timedelta(minutes=int(minutes)) if minutes in LENGTHS else None
    try:
        context().pauses.pause(by=current_actor(), why=why, until=until, over_another=False)
        flash("All calls are paused.")
    except PauseConflict as theirs:
        flash(f"{theirs} Resume calls first to pause them for another reason, or until another time.")
    return redirect(local_referrer(), 303)


@bp.post("/calls/resume")
@needs(Permission.PAUSE)
def end() -> ResponseReturnValue:
    """Have calls go on from any page."""
    with context().db.read() as tx:
        effect = pauses.effect(tx, context().clock())
    try:
        ended = context().pauses.resume(by=current_actor(), seen=read_id(request.form.get("pause")))
    except PauseConflict as theirs:
        flash(f"{theirs} Resume calls once more if they may go on all the same.")
        return redirect(local_referrer(), 303)
    again = f" Cut off, and called again: {number(effect.cut_off)}." if effect.cut_off else ""
    waited = f"Calls go on. Orders that waited: {counted(effect.waiting)}.{again}"
    flash(waited if ended else "Somebody has resumed calls already.")
    return redirect(local_referrer(), 303)


@bp.post("/campaigns/go-on")
@needs(Permission.PAUSE)
def campaign_goes_on() -> ResponseReturnValue:
    """Have the orders of a campaign go on that was resumed at Kalimera, where that does not show by itself."""
    campaign_id = request.form.get("campaign_id", "")
    if context().pauses.campaign_goes_on(campaign_id):
        flash(f"The orders of campaign {campaign_id} go on, unless Kalimera still shows it as paused.")
    else:
        flash("They go on already.")
    return redirect(local_referrer(), 303)


@bp.post("/api/calls/pause")
@needs(Permission.PAUSE, PROGRAMS)
@tells(Told(takes=PauseSent, may_be_left_out=True, gives={200: Paused}, example={"why": "The price is wrong."}))
def pause_by_program() -> ResponseReturnValue:
    """Pause all calls."""
    said = sent_object(LIKE, may_be_left_out=True)
    why, until = said.get("why", ""), said.get("until")
    if not isinstance(why, str):
        raise InvalidRequest("why must be a text.", code="InvalidWhy")
    found = context().pauses.pause(by=current_actor(), why=why, until=_moment(until))
    return jsonify(success=True, **_to_json(found))


@bp.get("/api/calls/pause")
@needs(Permission.SEE, PROGRAMS)
@tells(Told(gives={200: Paused}))
def look_by_program() -> ResponseReturnValue:
    """Return whether calls are paused, and what Kalimera took of that."""
    found = context().pauses.current()
    return jsonify(success=True, **(_to_json(found) if found else {"paused": False}))


@bp.post("/api/calls/resume")
@needs(Permission.PAUSE, PROGRAMS)
@tells(Told(gives={200: Resumed}))
def resume_by_program() -> ResponseReturnValue:
    """Have calls go on; that they were not paused is no fault."""
    ended = context().pauses.resume(by=current_actor())
    return jsonify(success=True, paused=False, was_paused=ended is not None)


def _moment(text: object) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise InvalidRequest("until must be a time with its zone, such as 2026-11-30T09:00+05:30.", code="InvalidUntil")
    return moment


def _to_json(found: Pause) -> dict[str, Any]:
    with context().db.read() as tx:
        effect = pauses.effect(tx, context().clock())
    told = [{"campaign_id": one.campaign_id, "window": one.outcome, "message": one.words} for one in effect.endings]
    return {
        **{"paused": True, "by": found.by, "since": found.since.isoformat(), "why": found.why},
        **{"until": _iso(found.until), "waiting": effect.waiting, "cut_off": effect.cut_off},
        **{"may_ring": effect.ringing, "may_ring_until": _iso(effect.ring_until), "campaigns": told},
    }


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
