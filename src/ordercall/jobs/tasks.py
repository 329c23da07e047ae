"""The jobs: each has a name, a retry rule and one service that does the work."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from procrastinate import JobContext
from procrastinate.jobs import Job
from sqlalchemy import Connection

from ordercall import trail
from ordercall.errors import DatabaseBusy, ProviderError
from ordercall.jobs.engine import (
    ALIGN_HOLD,
    ANSWER_PRIVACY_REQUEST,
    CANCEL_ORDER,
    CHECK_CONNECTIONS,
    CORRECT_ADDRESS,
    FIRST_CALL,
    FLUSH_CAMPAIGN,
    FORGET_BY_AGE,
    LOOK_AT_PARCELS,
    READ_ORDER_AGAIN,
    RECONCILE,
    RUN_BULK,
    SEE_OTHER_HOLDS,
    SYNC_ORDER,
    TRY_POLICY,
    WRITE_ORDER,
    JobEngine,
)
from ordercall.jobs.hanging import crashes_of
from ordercall.jobs.outages import Outages
from ordercall.jobs.priorities import FILLS_THE_LIST, ORDINARY, SOMEBODY_WAITS
from ordercall.jobs.queue import BACK_UP, wake_all, wake_oversleepers
from ordercall.jobs.retries import MOST_CRASHES, ProviderBackoff, last_try
from ordercall.services.address_correction import AddressCorrection
from ordercall.services.backups import Backups
from ordercall.services.bulk_service import BulkService
from ordercall.services.call_service import CallService
from ordercall.services.cancel_belt import CancelBelt
from ordercall.services.credential_watch import CredentialWatch
from ordercall.services.first_call_service import FirstCallService
from ordercall.services.hold_service import HoldService
from ordercall.services.kalimera_service import CampaignService
from ordercall.services.measure_records import MeasureRecords
from ordercall.services.parcel_service import ParcelService
from ordercall.services.policy_trial import TrialService
from ordercall.services.reconcile_service import ReconcileService
from ordercall.services.retention import Retention
from ordercall.services.shape_records import ShapeRecords
from ordercall.services.shop_service import ShopService
from ordercall.services.shopify_service import CancelService
from ordercall.services.sync_batches import SyncBatches
from ordercall.services.sync_service import SyncService
from ordercall.services.write_back_service import WriteBackService
from ordercall.storage.engine.database import Database
from ordercall.storage.engine.dialects import dialect
from ordercall.storage.reads import search
from ordercall.storage.records import alerts, bulk, deliveries, first_calls, reports, road_back, trials

type Work = Callable[..., object]

logger = logging.getLogger(__name__)

ASKING = {
    "Kalimera": [SYNC_ORDER, FLUSH_CAMPAIGN],
    "Shopify": [
        CANCEL_ORDER,
        WRITE_ORDER,
        ALIGN_HOLD,
        CORRECT_ADDRESS,
        SEE_OTHER_HOLDS,
        READ_ORDER_AGAIN,
        LOOK_AT_PARCELS,
        RECONCILE,
    ],
}
"""Which tasks ask which provider."""

NIGHTLY = "23 21 * * *"
"""In UTC: seven minutes to three in India, when nobody is rung and few order."""

TAG_ORDER = "tag_order"
"""What versions of before queued for each status with a tag; it may wait still when this one starts."""

ABOUT = {RUN_BULK: "run_id", TRY_POLICY: "trial_id", FIRST_CALL: "call_id"}
"""What the jobs are about that are about no order."""

KEEP_RUNS = timedelta(days=30)
"""How long a bulk run can be looked at and undone, and trials, first calls and alerts looked at; orders' logs stay."""


@dataclass(frozen=True, slots=True)
class Services:
    """What the jobs call."""

    jobs: JobEngine
    db: Database
    sync: SyncService
    syncs: SyncBatches
    campaigns: CampaignService
    calls: CallService
    belt: CancelBelt
    cancels: CancelService
    writing: WriteBackService
    holds: HoldService
    addresses: AddressCorrection
    parcels: ParcelService
    bulk: BulkService
    trials: TrialService
    shop: ShopService
    check_connections: Callable[[], None]
    first_calls: FirstCallService
    reconcile: ReconcileService
    outages: Outages
    credentials: CredentialWatch
    shapes: ShapeRecords
    clock: Callable[[], datetime]
    retention: Retention
    backups: Backups
    reconcile_minutes: int

    def measures(self) -> MeasureRecords:
        """Return what keeps the numbers that this process measures."""
        return MeasureRecords(self.db, self.clock)

    def give_up(self, job: Job) -> bool:
        """Show a person what a job was for that cannot be finished; return whether there is anything to show."""
        ways: dict[str, Work] = {
            SYNC_ORDER: self.sync.give_up,
            CANCEL_ORDER: self.cancels.give_up,
            WRITE_ORDER: self.writing.give_up,
            ALIGN_HOLD: self.holds.give_up,
            CORRECT_ADDRESS: self.addresses.give_up,
            RUN_BULK: self.bulk.give_up,
            TRY_POLICY: self.trials.give_up,
            FIRST_CALL: self.first_calls.give_up,
        }
        way = ways.get(job.task_name)
        if way is not None:
            way(job.task_kwargs[ABOUT.get(job.task_name, "shopify_id")])
        return way is not None


def register(jobs: JobEngine, services: Services) -> None:
    """Teach the engine its tasks. Only a worker needs this; whoever defers a job names it."""
    app, add = jobs.app, partial(_add, jobs, services)
    for name, work in _retried(services).items():
        add(name, work, retry=ProviderBackoff())
    # ``wake_campaigns`` looks again.
    add(FLUSH_CAMPAIGN, left_to_the_next_look(FLUSH_CAMPAIGN, services.campaigns.flush))
    reconcile = add(
        RECONCILE, lambda: read_the_shop(services), retry=ProviderBackoff(), lock=RECONCILE, queueing_lock=RECONCILE
    )
    if services.reconcile_minutes:
        app.periodic(cron=f"*/{services.reconcile_minutes} * * * *")(reconcile)
    by_age = add(FORGET_BY_AGE, services.retention.work, lock=FORGET_BY_AGE, queueing_lock=FORGET_BY_AGE)
    app.periodic(cron=NIGHTLY)(by_age)
    for name, (cron, priority, work) in _periodic(services).items():
        look = left_to_the_next_look(name, work)
        app.periodic(cron=cron)(add(name, look, queueing_lock=name, priority=priority))


def _retried(services: Services) -> dict[str, Work]:
    """Return what is asked for and, where a provider is busy, tried again, by the name of its job."""
    return {
        SYNC_ORDER: services.sync.sync,
        CANCEL_ORDER: services.cancels.cancel,
        WRITE_ORDER: services.writing.write,
        TAG_ORDER: lambda shopify_id, **_: services.writing.take_in(shopify_id),
        ALIGN_HOLD: services.holds.align,
        CORRECT_ADDRESS: services.addresses.correct,
        SEE_OTHER_HOLDS: services.holds.see_others,
        RUN_BULK: services.bulk.work,
        TRY_POLICY: services.trials.work,
        READ_ORDER_AGAIN: services.reconcile.read_again,
        LOOK_AT_PARCELS: services.parcels.look,
        CHECK_CONNECTIONS: services.check_connections,
        FIRST_CALL: services.first_calls.work,
        ANSWER_PRIVACY_REQUEST: services.shop.answer_privacy_request,
    }


def _periodic(services: Services) -> dict[str, tuple[str, int, Work]]:
    """Return what is looked at again and again: by its name how often, as cron writes it, and with which priority."""
    return {
        "wake_campaigns": ("* * * * *", FILLS_THE_LIST, lambda: wake(services)),
        "let_delayed_cancels_go": (
            "* * * * *",
            SOMEBODY_WAITS,
            lambda: _in_slices(services.db, services.belt.come_due),
        ),
        "look_at_holds": ("* * * * *", SOMEBODY_WAITS, services.holds.look),
        "look_at_what_is_written": ("* * * * *", ORDINARY, services.writing.look),
        "see_silence": ("* * * * *", ORDINARY, services.calls.see_silence),
        "look_at_first_calls": ("* * * * *", ORDINARY, services.first_calls.look),
        "settle_reads": ("* * * * *", ORDINARY, lambda: settle_reads(services.db)),
        BACK_UP: ("*/10 * * * *", ORDINARY, services.backups.look),
        "forget_deliveries": ("17 * * * *", ORDINARY, lambda: forget_old(services)),
    }


def _add(jobs: JobEngine, services: Services, name: str, work: Work, **options: Any) -> Any:
    """Add a task. When a fault of ours ends its job for good, a person is shown what the job was for."""

    @jobs.app.task(name=name, pass_context=True, **options)
    def run(context: JobContext, /, timestamp: int = 0, crashes: int = 0, **arguments: Any) -> None:
        del timestamp, crashes  # for the engine: the tick of a periodic task, and what take_over counts
        jobs.running.begin(context.job)
        try:
            with told_of(context.job):
                work(**arguments)
        except (ProviderError, DatabaseBusy):
            raise
        except Exception:
            if last_try(context.job.attempts):
                services.give_up(context.job)
            raise
        finally:
            jobs.running.end(context.job)

    return run


@contextmanager
def told_of(job: Job) -> Iterator[None]:
    """Have what is logged in the block be about what the job is about, and its end told."""
    began, end = time.monotonic(), "done"
    with trail.about(trail.of_job(job.task_kwargs)):
        try:
            yield
        except Exception as error:
            end = type(error).__name__
            raise
        finally:
            took = round((time.monotonic() - began) * 1000)
            trail.tell("job", job=job.id, task=job.task_name, outcome=end, milliseconds=took, attempt=job.attempts)


def read_the_shop(services: Services) -> None:
    """Read what changed in the shop, what is on hold there, and what became of parcels."""
    if run := services.reconcile.run():
        services.holds.find_forgotten(run.since)
    services.parcels.look_at_some()


def left_to_the_next_look(name: str, work: Work) -> Work:
    """Return work that comes again by itself, and so needs no other try where the database does not answer."""

    def look(**arguments: Any) -> None:
        try:
            work(**arguments)
        except DatabaseBusy as error:
            logger.warning("%s waits for the next look: %s", name, error)

    return look


def begin(jobs: JobEngine, services: Services) -> None:
    """Queue what a worker does at its start.

    What waits for a campaign, what was to be erased and is not, and what the shop did while nobody listened. Where the
    clock was ahead before, everything that waits for a time by it is looked at anew.
    """
    services.credentials.begin()
    with services.db.begin() as tx:
        woken = wake_all(tx) if road_back.clock_was_ahead(tx, now=services.clock()) else 0
    if woken:
        logger.warning("%d jobs waited for times by a clock that was ahead; they start now", woken)
    wake(services)
    services.shop.take_up_again()
    if services.reconcile_minutes:
        with services.db.begin() as tx:
            jobs.reconcile(tx)


def wake(services: Services) -> None:
    """Have done what nothing else would bring on: customers who wait for their campaign, jobs that oversleep.

    And providers of which is told that they do not answer.
    """
    services.outages.take_up()
    services.campaigns.wake()
    with services.db.begin() as tx:
        woken = wake_oversleepers(tx, services.clock())
    if woken:
        logger.warning("%d jobs waited for a time that a clock which was ahead had set; they start now", woken)


async def recover(jobs: JobEngine, services: Services) -> None:
    """Queue the jobs again that were running when their worker died.

    Each gets a successor that knows how often this happened, in the transaction that closes the old job: several
    workers may look at the same time, and one of them does it.
    """
    manager, silence = jobs.app.job_manager, jobs.takeover.silence
    stalled = list(await manager.get_stalled_jobs(seconds_since_heartbeat=silence))
    if stalled:
        logger.warning("%d jobs of a worker that died are queued again", len(stalled))
    for job in stalled:
        await asyncio.to_thread(_queue_again, jobs, services, job)
    await manager.prune_stalled_workers(silence)


def settle_reads(db: Database) -> None:
    """Bring up to date what pages read: the search index, and the counters where that is not done at once."""
    index_new_orders(db)
    db.build_search()
    with db.begin() as tx:
        dialect(tx).settle_counters(tx)


def index_new_orders(db: Database) -> None:
    """Let the search find quickly what has come since the last time."""
    _in_slices(db, search.index_some)


def forget_old(services: Services) -> None:
    """Empty the raw bodies that were kept long enough, and drop old runs, trials, first calls and alerts."""
    now, keep = services.clock(), services.retention.keep.bodies
    for forget_bodies in (deliveries.forget_bodies, reports.forget_bodies):
        _in_slices(services.db, partial(forget_bodies, now=now, after=keep))
    for forget in (bulk.forget, trials.forget, first_calls.forget, alerts.forget):
        _in_slices(services.db, partial(forget, before=now - KEEP_RUNS))


def _in_slices(db: Database, work: Callable[[Connection], int]) -> None:
    """Work until nothing is left, each slice in a transaction of its own so that no webhook waits."""
    more = True
    while more:
        with db.begin() as tx:
            more = work(tx) > 0


def _queue_again(jobs: JobEngine, services: Services, job: Job) -> None:
    """Queue the job of a dead worker once more, unless it seems to be what killed it and a person can look."""
    crashes = crashes_of(job) + 1
    given_up = crashes > MOST_CRASHES and services.give_up(job)
    with services.db.begin() as tx:
        jobs.take_over(tx, job, crashes=None if given_up else crashes)
