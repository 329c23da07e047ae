"""The calls to numbers of one's own: one is under way at a time."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, delete, func, select, update

from ordercall.domain.calls.calling import Language
from ordercall.domain.calls.first_call import LISTING, CallStage, Rang, Step, Trace, shown_number
from ordercall.domain.policy.rules import Agent
from ordercall.storage.engine.dialects import dialect
from ordercall.storage.tables import first_calls

PAGE = 20
"""Calls that the page lists: a shop tries its agents a few times, and they go after a month."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class StoredFirstCall:
    """One of them.

    Attributes:
        number: as it may be shown.
        trace: what it is known by; None once it is over: the number is kept no longer.
        confirmed: the doubts despite which a person wanted the number rung.
        since: when it came to its stage, in unix seconds.
        doing: the step that has begun and not ended; None for none.
        steps: those that were taken.
        found_out: what is known of Kalimera by now that was assumed before.
        rings_until: when its window is over, in unix seconds; None: it has none.
        report: the number of its report; None: there is none.
    """

    id: int
    made_at: float
    made_by: str
    agent: Agent
    number: str
    trace: Trace | None
    confirmed: set[str]
    stage: CallStage
    since: float
    doing: str | None
    steps: list[Step]
    found_out: list[str]
    rings_until: float | None
    rang: Rang | None
    report: int | None
    ended_by: str | None

    @property
    def was_listed(self) -> bool:
        """Whether its phone may have rung."""
        return any(step.name == LISTING for step in self.steps)


def begin(
    tx: Connection,
    agent: Agent,
    trace: Trace,
    *,
    by: str,
    stage: CallStage,
    now: datetime,
    confirmed: Collection[str] = (),
) -> int | None:
    """Store a call of which nothing is done, and return its number; None: another one is under way."""
    row = {
        "under_way": 1,
        "made_at": now.timestamp(),
        "made_by": by,
        "language": agent.language,
        "agent_id": agent.agent_id,
        "campaign_id": agent.campaign_id,
        "number": shown_number(trace.phone),
        "phone": trace.phone,
        "order_number": trace.order_number,
        "last_report": trace.last_report,
        "confirmed": _encode(sorted(confirmed)),
        "stage": stage,
        "since": now.timestamp(),
    }
    put = dialect(tx).insert(first_calls).values(row).on_conflict_do_nothing(index_elements=["under_way"])
    added: int | None = tx.execute(put.returning(first_calls.c.id)).scalar()
    return added


def find(tx: Connection, call_id: int) -> StoredFirstCall | None:
    row = tx.execute(select(first_calls).where(first_calls.c.id == call_id)).first()
    return _stored(row) if row else None


def under_way(tx: Connection) -> StoredFirstCall | None:
    row = tx.execute(select(first_calls).where(first_calls.c.under_way == 1)).first()
    return _stored(row) if row else None


def newest(tx: Connection) -> list[StoredFirstCall]:
    """Return the latest, the newest first."""
    return [_stored(row) for row in tx.execute(select(first_calls).order_by(first_calls.c.id.desc()).limit(PAGE))]


def number_since(tx: Connection, moment: datetime) -> int:
    """Return how many were asked for since then."""
    since = select(func.count()).select_from(first_calls).where(first_calls.c.made_at > moment.timestamp())
    return int(tx.execute(since).scalar_one())


def move(
    tx: Connection, call_id: int, before: CallStage, after: CallStage, *, now: datetime, by: str | None = None
) -> bool:
    """Bring a call that is at one stage to another, which is open as well; return whether it was there.

    Args:
        by: who ends it, where it is about to be.
    """
    mine = update(first_calls).where(first_calls.c.id == call_id, first_calls.c.stage == before)
    return tx.execute(mine.values(stage=after, since=now.timestamp(), ended_by=by)).rowcount == 1


def begin_step(tx: Connection, call_id: int, stage: CallStage, name: str, *, rings_until: datetime | None) -> bool:
    """Store that a step begins, unless the call is at another stage by now; return whether it may.

    Args:
        rings_until: where the step opens the window.
    """
    mine = update(first_calls).where(first_calls.c.id == call_id, first_calls.c.stage == stage)
    window = {"rings_until": rings_until.timestamp()} if rings_until else {}
    return tx.execute(mine.values(doing=name, **window)).rowcount == 1


def end_step(tx: Connection, call: StoredFirstCall, step: Step, found_out: Collection[str]) -> None:
    """Store what a step came to, also of a call that was stopped meanwhile; of its number only what may be shown.

    What is stored is masked as all requests are. A number that is part of an id is in no mask's sight.
    """
    call.steps.append(step)
    steps = _encode(call.steps)
    if call.trace:
        steps = steps.replace(call.trace.phone[1:], shown_number(call.trace.phone)[1:])
    told = {"steps": steps, "found_out": _encode(list(found_out)), "doing": None}
    tx.execute(update(first_calls).where(first_calls.c.id == call.id).values(told))
    if call.trace:
        mine = update(first_calls).where(first_calls.c.id == call.id, first_calls.c.under_way == 1)
        tx.execute(mine.values(contact_id=call.trace.contact_id))


def end(
    tx: Connection,
    call_id: int,
    stage: CallStage,
    *,
    now: datetime,
    by: str | None = None,
    report: int | None = None,
    before: CallStage | None = None,
) -> bool:
    """End a call and forget the number that it rang; return whether it was still under way.

    Args:
        before: only where it is at this stage.
    """
    mine = update(first_calls).where(first_calls.c.id == call_id, first_calls.c.under_way == 1)
    if before:
        mine = mine.where(first_calls.c.stage == before)
    ended = {"under_way": None, "phone": None, "contact_id": "", "stage": stage, "since": now.timestamp()}
    return tx.execute(mine.values(**ended, ended_by=by, report=report)).rowcount == 1


def drop(tx: Connection, call_id: int) -> None:
    tx.execute(delete(first_calls).where(first_calls.c.id == call_id))


def note_rang(tx: Connection, call_id: int, rang: Rang) -> None:
    tx.execute(update(first_calls).where(first_calls.c.id == call_id).values(rang=rang))


def erase(tx: Connection, phones: Collection[str]) -> None:
    """Drop a call that is under way to one of these numbers; one that is over has none any more."""
    tx.execute(delete(first_calls).where(first_calls.c.phone.in_(list(phones))))


def forget(tx: Connection, *, before: datetime) -> int:
    """Drop those that are over and were made before this time, and return how many."""
    old = first_calls.c.made_at < before.timestamp(), first_calls.c.under_way.is_(None)
    return tx.execute(delete(first_calls).where(*old)).rowcount


def _stored(row: Row[Any]) -> StoredFirstCall:
    return StoredFirstCall(
        id=row.id,
        made_at=row.made_at,
        made_by=row.made_by,
        agent=Agent(language=Language(row.language), agent_id=row.agent_id, campaign_id=row.campaign_id),
        number=row.number,
        trace=Trace(row.phone, row.order_number, row.last_report, row.contact_id) if row.phone else None,
        confirmed=msgspec.json.decode(row.confirmed, type=set[str]),
        stage=CallStage(row.stage),
        since=row.since,
        doing=row.doing,
        steps=msgspec.json.decode(row.steps, type=list[Step]),
        found_out=msgspec.json.decode(row.found_out, type=list[str]),
        rings_until=row.rings_until,
        rang=Rang.of(row.rang),
        report=row.report,
        ended_by=row.ended_by,
    )


def _encode(value: Any) -> str:
    return msgspec.json.encode(value).decode()
