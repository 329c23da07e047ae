"""What waits in the job engine's tables, for whoever asks how the work goes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Connection,
    FromClause,
    Row,
    bindparam,
    delete,
    func,
    literal_column,
    not_,
    or_,
    select,
    update,
)
from sqlalchemy.sql.elements import ColumnElement

from ordercall.jobs.priorities import FILLS_THE_LIST, ORDINARY
from ordercall.jobs.tables import Moment, events, in_hand, jobs, workers
from ordercall.storage.engine.dialects import InEach

MOST_IN_LINE = 20
"""Jobs of one lock that are looked through, so that a page costs as much in a rush as on any day."""

MOST_LOOKED_AT = 10_000
"""Jobs of which the oldest is found: some milliseconds, and they are begun about in the order in which they came."""

LONG_WAIT = timedelta(minutes=5)
"""For a job that could start. One is tried again within a minute, so in five it has failed several times."""

LONG_TRIED = timedelta(hours=1)
"""An outage that is shorter than this has usually ended by itself before a person reads of it."""

LONGEST_PAUSE, LONGEST_REST = timedelta(hours=2), timedelta(hours=25)
"""Nothing waits longer for its next try, which a provider may put off by an hour, or for the next opening."""

MOST_WOKEN = 1_000
"""Jobs that oversleep and are woken at a time, so that the transaction is short."""

LONGEST_RUN = timedelta(minutes=10)
"""A job makes a few requests, each of which has a deadline, and waits for its turn at a provider between them."""

BACK_UP = "back_up"

LONGEST_RUNS = {
    **dict.fromkeys(("reconcile", "answer_privacy_request", "settle_reads", "forget_deliveries"), timedelta(hours=2)),
    BACK_UP: timedelta(hours=6),
    "sync_order": timedelta(hours=1),
}
"""These go through the whole shop, on either side; an order waits for its turn among 512 at one request a second."""

# Literals, which find the partial indexes, and which Postgres takes for values of its enumerations.
TODO: ColumnElement[str] = literal_column("'todo'")
DOING: ColumnElement[str] = literal_column("'doing'")
FAILED: ColumnElement[str] = literal_column("'failed'")
STARTED: ColumnElement[str] = literal_column("'started'")
QUEUED: ColumnElement[str] = literal_column("('deferred', 'deferred_for_retry', 'scheduled')")

STARTABLE: InEach[ColumnElement[bool]] = InEach(
    sqlite=literal_column("ready = 1", Boolean),
    postgres=literal_column("(scheduled_at IS NULL OR scheduled_at <= now())", Boolean),
)
"""What a job that could start fulfils beside its status. Each database has its own way to keep those that cannot."""

NOW: InEach[dict[str, int | None]] = InEach(
    sqlite={"scheduled_at": None, "ready": 1},
    postgres={"scheduled_at": None},
)
"""What makes a job fulfil that."""

ABOUT: InEach[ColumnElement[int]] = InEach(
    sqlite=literal_column("json_extract(args, '$.shopify_id')", BigInteger),
    postgres=literal_column("CAST(args ->> 'shopify_id' AS bigint)", BigInteger),
)
"""The order that a job is about, if any."""

NOW_THERE: ColumnElement[datetime] = literal_column("CURRENT_TIMESTAMP", Moment)
"""The present, by the database's clock."""

_WAITS = select(jobs.c.id).where(jobs.c.status == TODO, jobs.c.queueing_lock == bindparam("queueing_lock"))


@dataclass(frozen=True, slots=True)
class Queue:
    """The work that waits.

    Attributes:
        waiting: jobs that could start now.
        oldest: since when the oldest of them waits; None when none does.
        failed: jobs that were given up.
        retried: those that are tried again and again since long ago; None where there is none.
        overdue: those that have run for longer than they should.
        silence: how long ago a worker last showed that it lives; None if none ever did.
    """

    waiting: int
    oldest: datetime | None
    failed: int
    retried: RetriedJobs | None
    overdue: list[OverdueJob]
    silence: timedelta | None


@dataclass(frozen=True, slots=True)
class RetriedJobs:
    """Jobs that were tried and wait for another try: how many, their tasks, and since when the oldest is there."""

    number: int
    tasks: tuple[str, ...]
    oldest: datetime


def look_at_queue(tx: Connection, now: datetime) -> Queue:
    """Return what waits. A job that waits for its time (a retry, the calling hours) does not count as waiting."""
    startable = select(jobs.c.id).where(jobs.c.status == TODO, STARTABLE.of(tx))
    return Queue(
        waiting=tx.execute(select(func.count()).select_from(startable.subquery())).scalar_one(),
        oldest=min(waiting_since(tx).values(), default=None),
        failed=tx.execute(select(func.count()).where(jobs.c.status == FAILED)).scalar_one(),
        retried=_retried_since(tx, now - LONG_TRIED),
        overdue=overdue(tx, now),
        silence=silence(tx),
    )


def waiting_since(tx: Connection) -> dict[str, datetime]:
    """Return, by their tasks, since when the oldest of the jobs waits that could start now; of the first 10,000.

    A job that is tried again waits since then, and keeps its place among the others.
    """
    startable = select(jobs.c.id, jobs.c.task_name).where(jobs.c.status == TODO, STARTABLE.of(tx))
    first = startable.order_by(jobs.c.id).limit(MOST_LOOKED_AT).subquery()
    each = select(first.c.task_name, func.max(events.c.at).label("since")).join(events, events.c.job_id == first.c.id)
    queued = each.where(events.c.type.op("IN")(QUEUED)).group_by(first.c.id, first.c.task_name).subquery()
    oldest = select(queued.c.task_name, func.min(queued.c.since)).group_by(queued.c.task_name)
    return dict(tx.execute(oldest).all())


def _retried_since(tx: Connection, before: datetime) -> RetriedJobs | None:
    """Return the jobs that were tried and were there before this time already."""
    tried = select(jobs.c.id, jobs.c.task_name).where(jobs.c.status == TODO, jobs.c.attempts > 0).subquery()
    first = func.min(events.c.at).label("since")
    since = select(tried.c.task_name, first).join(events, events.c.job_id == tried.c.id)
    rows = tx.execute(since.group_by(tried.c.id, tried.c.task_name)).all()
    long = [row for row in rows if row.since < before]
    if not long:
        return None
    return RetriedJobs(len(long), tuple(sorted({row.task_name for row in long})), min(row.since for row in long))


@dataclass(frozen=True, slots=True)
class OverdueJob:
    """A job that has run for longer than any of its kind should, since *since*."""

    id: int
    task: str
    since: datetime


def longest_run(task: str) -> timedelta:
    """Return for how long a job of this task may run."""
    return LONGEST_RUNS.get(task, LONGEST_RUN)


def overdue(tx: Connection, now: datetime) -> list[OverdueJob]:
    """Return the jobs that seem to hang, the longest first.

    Those that bring orders to Kalimera are left out: an order that stays away too long is noticed itself.
    """
    running = select(jobs.c.id, jobs.c.task_name, func.max(events.c.at).label("since")).join(
        events, events.c.job_id == jobs.c.id
    )
    started = running.where(jobs.c.status == DOING, jobs.c.priority >= ORDINARY, events.c.type == STARTED)
    rows = tx.execute(started.group_by(jobs.c.id, jobs.c.task_name)).all()
    long = [OverdueJob(*row) for row in rows if now - row.since > longest_run(row.task_name)]
    return sorted(long, key=lambda job: job.since)


def silence(tx: Connection) -> timedelta | None:
    """Return how long ago a worker last showed that it lives; None if none ever did, or all have ended in order.

    By the database's clock, which wrote it. What that wrote while it was ahead is as far from now as what is long ago.
    """
    beats = tx.execute(select(NOW_THERE, workers.c.last_heartbeat)).all()
    return min((abs(now - beat) for now, beat in beats), default=None)


def start_now(tx: Connection, queueing_lock: str) -> None:
    """Have the job that waits under this name wait for its time no longer: it keeps back the later ones of its lock."""
    waiting = in_hand.c.queueing_lock == queueing_lock
    tx.execute(update(in_hand).where(in_hand.c.status == TODO, waiting).values(NOW.of(tx)))


def waits(tx: Connection, queueing_lock: str) -> bool:
    """Return whether the one job that this queueing lock lets wait does so."""
    return tx.execute(_WAITS, {"queueing_lock": queueing_lock}).first() is not None


def forget_orders(tx: Connection, shopify_ids: list[int]) -> None:
    """Drop the jobs about these orders. One that a worker is at just now ends without its order."""
    about = ABOUT.of(tx).in_(shopify_ids)
    tx.execute(delete(jobs).where(about, jobs.c.status != DOING))


def bring_forward(tx: Connection, tasks: list[str]) -> None:
    """Let those jobs of these tasks start now that wait for another try, but none that waits for an opening."""
    theirs = update(in_hand).where(in_hand.c.status == TODO, not_(STARTABLE.of(tx)), in_hand.c.task_name.in_(tasks))
    tx.execute(theirs.where(_is_another_try(in_hand)).values(NOW.of(tx)))


def wake_oversleepers(tx: Connection, now: datetime) -> int:
    """Let those jobs start now that wait for a time to which nothing is put off; return how many.

    It was set by a clock that was ahead and has been put right. A job that starts too early knows itself when it may go
    on: an order outside of the calling hours waits for the opening again.
    """
    woken = 0
    sleeping = select(jobs.c.id, jobs.c.scheduled_at).where(jobs.c.status == TODO, not_(STARTABLE.of(tx)))
    for kind, longest in ((_is_another_try(jobs), LONGEST_PAUSE), (not_(_is_another_try(jobs)), LONGEST_REST)):
        latest = sleeping.where(kind).order_by(jobs.c.scheduled_at.desc()).limit(MOST_WOKEN)
        late = [row.id for row in tx.execute(latest) if row.scheduled_at > now + longest]
        if late:
            tx.execute(update(in_hand).where(in_hand.c.id.in_(late)).values(NOW.of(tx)))
        woken += len(late)
    return woken


def wake_all(tx: Connection) -> int:
    """Let all jobs start now that wait for a time, which another clock has set; return how many.

    Those that start too early put themselves off again.
    """
    sleeping = update(in_hand).where(in_hand.c.status == TODO, not_(STARTABLE.of(tx)))
    return tx.execute(sleeping.values(NOW.of(tx))).rowcount


def _is_another_try(those: FromClause) -> ColumnElement[bool]:
    """Say of jobs that wait for their time that they failed before; a campaign's flush queues its next try itself."""
    return or_(those.c.attempts > 0, those.c.priority == FILLS_THE_LIST)


def failed_before(tx: Connection, task: str) -> bool:
    """Return whether a job of this task waits that was tried already."""
    again = select(jobs.c.id).where(jobs.c.status == TODO, jobs.c.attempts > 0)
    return tx.execute(again.where(jobs.c.task_name == task).limit(1)).first() is not None


def is_running(tx: Connection, task: str) -> bool:
    """Return whether a worker is at a job of this task."""
    running = select(jobs.c.id).where(jobs.c.status == DOING, jobs.c.task_name == task)
    return tx.execute(running.limit(1)).first() is not None


@dataclass(frozen=True, slots=True)
class NextTry:
    """When a job is tried next, and what came of it so far.

    Attributes:
        failed: how many tries of it have failed.
        at: not before this time; None where a worker is at it, or takes it up as soon as one is free.
        under_way: a worker is at it.
    """

    failed: int
    at: datetime | None
    under_way: bool = False


def next_try(tx: Connection, *, lock: str, about: Mapping[str, int | str]) -> NextTry | None:
    """Return when the job with these arguments is tried next, among those that hold this lock or wait for it.

    None: there is no such job, or more than twenty wait before it.
    """
    for job in _jobs_of_lock(tx, lock):
        if about.items() <= json.loads(job.args).items():
            under_way = job.status == "doing"
            return NextTry(job.attempts, None if under_way else job.scheduled_at, under_way)
    return None


def _jobs_of_lock(tx: Connection, lock: str) -> Iterator[Row[Any]]:
    """Yield the job that holds a lock, then those that wait for it. A literal state is what finds the index."""
    for state in (DOING, TODO):
        here = select(jobs).where(jobs.c.lock == lock, jobs.c.status == state)
        yield from tx.execute(here.order_by(jobs.c.id).limit(MOST_IN_LINE))
