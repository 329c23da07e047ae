"""The jobs: each has a name, a retry rule and one service that does the work."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from procrastinate import App, JobContext
from procrastinate.jobs import Job

from ordercall.domain.orders import Status
from ordercall.errors import DatabaseBusy, ProviderError
from ordercall.jobs.engine import (
    ANSWER_PRIVACY_REQUEST,
    CANCEL_ORDER,
    FLUSH_CAMPAIGN,
    READ_ORDER_AGAIN,
    RECONCILE,
    RUN_BULK,
    SYNC_ORDER,
    TAG_ORDER,
    JobEngine,
)
from ordercall.jobs.retries import ProviderBackoff, last_try
from ordercall.services.bulk_service import BulkService
from ordercall.services.kalimera_service import CampaignService
from ordercall.services.reconcile_service import ReconcileService
from ordercall.services.shop_service import ShopService
from ordercall.services.shopify_service import CancelService
from ordercall.services.sync_service import SyncService
from ordercall.services.tag_service import TagService
from ordercall.storage.engine.database import Database
from ordercall.storage.engine.dialects import dialect
from ordercall.storage.reads import search
from ordercall.storage.records import bulk, deliveries

logger = logging.getLogger(__name__)

MOST_CRASHES = 3
"""A job that was running when its worker died this often is set aside: it may be what kills it."""

KEEP_RUNS = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Services:
    """What the jobs call."""

    jobs: JobEngine
    db: Database
    sync: SyncService
    campaigns: CampaignService
    cancels: CancelService
    tags: TagService
    bulk: BulkService
    shop: ShopService
    reconcile: ReconcileService
    clock: Callable[[], datetime]
    keep_deliveries: timedelta
    reconcile_minutes: int

    def give_up(self, job: Job) -> None:
        """Show a person what a job was for that cannot be finished."""
        if job.task_name == RUN_BULK:
            self.bulk.give_up(_number(job, "run_id"))
        else:
            ways = {
                SYNC_ORDER: self.sync.give_up,
                CANCEL_ORDER: self.cancels.give_up,
                TAG_ORDER: self.tags.give_up,
            }
            ways[job.task_name](_number(job, "shopify_id"))


def register(jobs: JobEngine, services: Services) -> None:
    """Teach the engine its tasks. Only a worker needs this; whoever defers a job names it."""
    app = jobs.app
    _register_reading(app, services)

    @app.task(name=SYNC_ORDER, retry=ProviderBackoff(), pass_context=True)
    def sync_order(context: JobContext, shopify_id: int, crashes: int = 0) -> None:
        del crashes
        _attempt(context.job, services, lambda: services.sync.sync(shopify_id))

    @app.task(name=CANCEL_ORDER, retry=ProviderBackoff(), pass_context=True)
    def cancel_order(context: JobContext, shopify_id: int, crashes: int = 0) -> None:
        del crashes
        _attempt(context.job, services, lambda: services.cancels.cancel(shopify_id))

    @app.task(name=TAG_ORDER, retry=ProviderBackoff(), pass_context=True)
    def tag_order(context: JobContext, shopify_id: int, status: str, crashes: int = 0) -> None:
        del crashes
        _attempt(context.job, services, lambda: services.tags.tag(shopify_id, Status(status)))

    @app.task(name=RUN_BULK, retry=ProviderBackoff(), pass_context=True)
    def run_bulk(context: JobContext, run_id: int, crashes: int = 0) -> None:
        del crashes
        _attempt(context.job, services, lambda: services.bulk.work(run_id))

    @app.task(name=FLUSH_CAMPAIGN)
    def flush_campaign(campaign_id: str, crashes: int = 0) -> None:
        del crashes
        try:
            services.campaigns.flush(campaign_id)
        except DatabaseBusy as error:
            logger.warning("a campaign waits for the next look: %s", error)

    @app.periodic(cron="* * * * *")
    @app.task(name="wake_campaigns", queueing_lock="wake_campaigns")
    def wake_campaigns(timestamp: int, crashes: int = 0) -> None:
        del timestamp, crashes
        services.campaigns.wake()

    @app.periodic(cron="* * * * *")
    @app.task(name="settle_reads", queueing_lock="settle_reads")
    def settle_reads(timestamp: int, crashes: int = 0) -> None:
        del timestamp, crashes
        index_new_orders(services.db)
        settle_counters(services.db)

    @app.periodic(cron="17 * * * *")
    @app.task(name="forget_deliveries", queueing_lock="forget_deliveries")
    def forget_deliveries(timestamp: int, crashes: int = 0) -> None:
        del timestamp, crashes
        forget_old_deliveries(services)
        forget_old_runs(services)


def _register_reading(app: App, services: Services) -> None:
    """Add the tasks that read the shop, and that answer what it asks about its customers' data."""

    @app.task(name=ANSWER_PRIVACY_REQUEST, retry=ProviderBackoff())
    def answer_privacy_request(request_id: int, crashes: int = 0) -> None:
        del crashes
        services.shop.answer_privacy_request(request_id)

    @app.task(name=READ_ORDER_AGAIN, retry=ProviderBackoff())
    def read_order_again(shopify_id: int, crashes: int = 0) -> None:
        del crashes
        services.reconcile.read_again(shopify_id)

    @app.task(name=RECONCILE, retry=ProviderBackoff(), lock=RECONCILE, queueing_lock=RECONCILE)
    def reconcile(timestamp: int = 0, crashes: int = 0) -> None:
        del timestamp, crashes
        services.reconcile.run()

    if services.reconcile_minutes:
        app.periodic(cron=f"*/{services.reconcile_minutes} * * * *")(reconcile)


def begin(jobs: JobEngine, services: Services) -> None:
    """Queue what a worker does at its start.

    What waits for a campaign, what was to be erased and is not, and what the shop did while nobody listened.
    """
    services.campaigns.wake()
    services.shop.take_up_again()
    if services.reconcile_minutes:
        with services.db.begin() as tx:
            jobs.reconcile(tx)


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


def index_new_orders(db: Database) -> None:
    """Let the search find quickly what has come since the last time, a slice at a time so that no webhook waits."""
    more = True
    while more:
        with db.begin() as tx:
            more = search.index_some(tx) == search.SLICE


def settle_counters(db: Database) -> None:
    """Add up what was written down for the counters, where that is not done at once."""
    with db.begin() as tx:
        dialect(tx).settle_counters(tx)


def forget_old_deliveries(services: Services) -> None:
    """Empty the raw bodies that were kept long enough, a slice at a time so that no webhook waits."""
    emptied = 1
    while emptied:
        with services.db.begin() as tx:
            emptied = deliveries.forget_bodies(tx, now=services.clock(), after=services.keep_deliveries)


def forget_old_runs(services: Services) -> None:
    """Drop bulk runs that nobody looks at any more, a slice at a time."""
    dropped = 1
    while dropped:
        with services.db.begin() as tx:
            dropped = bulk.forget(tx, before=services.clock() - KEEP_RUNS)


def _attempt(job: Job, services: Services, work: Callable[[], None]) -> None:
    """Do the work; when a fault of ours ends it for good, the order is shown to a person."""
    try:
        work()
    except (ProviderError, DatabaseBusy):
        raise
    except Exception:
        if last_try(job.attempts):
            services.give_up(job)
        raise


def _queue_again(jobs: JobEngine, services: Services, job: Job) -> None:
    crashes: int | None = _number(job, "crashes") + 1
    if crashes and crashes > MOST_CRASHES and job.task_name in (SYNC_ORDER, CANCEL_ORDER, TAG_ORDER, RUN_BULK):
        services.give_up(job)
        crashes = None
    with services.db.begin() as tx:
        jobs.take_over(tx, job, crashes=crashes)


def _number(job: Job, argument: str) -> int:
    value = job.task_kwargs.get(argument, 0)
    return value if isinstance(value, int) else 0
