"""When we ran, and what else is known of whether a report of a call could have reached us."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, insert, select, update

from ordercall.domain.calls.call import GRACE, CallState, silent_since
from ordercall.domain.calls.calling import Reason
from ordercall.domain.reports.road_back import LONGEST_PAUSE, RoadBack, Span, untold_since
from ordercall.storage.records import refusals
from ordercall.storage.tables import call_orders, calls, reports, running

MOST_SPANS = 200
"""Of the latest that are looked at: more than a restart a day for half a year."""

FAR_AHEAD = timedelta(days=1)
"""A note from later than this is one by a clock that was ahead; until then the clock may as well be behind now."""

LOOKED_THROUGH = 500
"""Calls, the newest, among which those without a report are counted: far more than tell something."""


SILENT = {
    (CallState.PLACED, None),
    (CallState.UNANSWERED, None),
    (CallState.ENDED_UNKNOWN, Reason.NOT_HEARD),
}
"""State and reason of a call that was rung and of which nobody reported anything."""


_NEWEST = select(running).order_by(running.c.id.desc()).limit(1)


def clock_was_ahead(tx: Connection, *, now: datetime) -> bool:
    """Return whether we ran later than now, by a clock that was put right since."""
    last = tx.execute(_NEWEST).first()
    return last is not None and last.ended_at - now.timestamp() > LONGEST_PAUSE.total_seconds()


def note_running(tx: Connection, *, now: datetime) -> None:
    """Write down that we run. After a longer pause another span begins."""
    last, moment = tx.execute(_NEWEST).first(), now.timestamp()
    if last is None or moment - last.ended_at > LONGEST_PAUSE.total_seconds():
        tx.execute(insert(running).values(began_at=moment, ended_at=moment))
    elif moment > last.ended_at:
        tx.execute(update(running).where(running.c.id == last.id).values(ended_at=moment))
    elif last.ended_at - moment > FAR_AHEAD.total_seconds():
        right = {"began_at": min(last.began_at, moment), "ended_at": moment}
        tx.execute(update(running).where(running.c.id == last.id).values(right))


def known(tx: Connection, *, now: datetime) -> RoadBack:
    """Return what is known of the road back."""
    latest = select(running).order_by(running.c.id.desc()).limit(MOST_SPANS)
    spans = [Span(_moment(row.began_at), _moment(row.ended_at)) for row in tx.execute(latest)][::-1]
    refused = [Span(_moment(start), _moment(end)) for start, end in refusals.of_reports(tx)]
    ends = [call.end for call in _untold(tx, now)]
    return RoadBack(running=spans, refused=refused, untold_since=untold_since(ends, last_report(tx)))


def last_report(tx: Connection) -> datetime | None:
    """Return when the last report came."""
    newest = tx.execute(select(reports.c.received_at).order_by(reports.c.id.desc()).limit(1)).scalar()
    return None if newest is None else _moment(newest)


def untold_orders(tx: Connection, road: RoadBack, *, now: datetime) -> list[int]:
    """Return the orders whose calls ended since nobody reports any more, those too that were taken for unanswered."""
    since = road.untold_since
    if since is None:
        return []
    ids = [call.call_id for call in _untold(tx, now) if call.end > since]
    mine = select(call_orders.c.shopify_id).where(call_orders.c.call_id.in_(ids), call_orders.c.is_live == 0)
    return list(tx.execute(mine).scalars())


class _Untold(NamedTuple):
    call_id: str
    end: datetime


def _untold(tx: Connection, now: datetime) -> list[_Untold]:
    """Return those of the newest calls that were rung and are over in silence, with the end of window and grace."""
    columns = (calls.c.call_id, calls.c.state, calls.c.reason, calls.c.window_end, calls.c.is_before)
    latest = select(*columns).where(calls.c.cut_off_at.is_(None)).order_by(calls.c.call_id.desc()).limit(LOOKED_THROUGH)
    over = silent_since(now).timestamp()
    return [
        _Untold(row.call_id, _moment(row.window_end) + GRACE)
        for row in tx.execute(latest)
        if (row.state, row.reason) in SILENT and not row.is_before and row.window_end and row.window_end < over
    ]


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
