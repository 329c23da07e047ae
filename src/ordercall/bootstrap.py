"""The one place that knows everybody: builds the web application and the worker."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from ordercall.config import Settings, read_settings
from ordercall.errors import ConfigurationError, OutcomeUnknown, ProviderBusy
from ordercall.intake.committer import Committer
from ordercall.intake.payload import read_order_if_any
from ordercall.intake.reception import Reception
from ordercall.intake.refusals import RefusalCounter
from ordercall.intake.signature import known_secrets
from ordercall.jobs import tables as job_tables
from ordercall.jobs.engine import JobEngine
from ordercall.jobs.retries import delay_before
from ordercall.jobs.takeover import Takeover
from ordercall.jobs.tasks import Services
from ordercall.jobs.worker import work
from ordercall.services.bulk_service import BulkService
from ordercall.services.campaign_service import CampaignService
from ordercall.services.cancel_service import CancelService
from ordercall.services.intake_service import IntakeService
from ordercall.services.kalimera_service import KalimeraClient
from ordercall.services.order_service import OrderService
from ordercall.services.reconcile_service import ReconcileService
from ordercall.services.shop_service import ShopService
from ordercall.services.shopify_admin import ShopifyAdmin
from ordercall.services.shopify_app import ShopifyApp
from ordercall.services.shopify_orders import shop_orders
from ordercall.services.shopify_service import ShopifyClient
from ordercall.services.shopify_tokens import open_shop
from ordercall.services.sync_service import SyncService
from ordercall.services.tag_service import TagService
from ordercall.storage import recount
from ordercall.storage.database import Database, Progress
from ordercall.storage.databases import database_at
from ordercall.storage.move import Moved, move
from ordercall.storage.reconciliations import Run
from ordercall.storage.recount import Difference
from ordercall.storage.tables import metadata, order_counts

if TYPE_CHECKING:
    from flask import Flask

Clock = Callable[[], datetime]
MOST_ATTEMPTS = 8


def utc_now() -> datetime:
    return datetime.now(UTC)


def create_app(settings: Settings | None = None, *, clock: Clock = utc_now) -> Flask:
    """Return the web application, over a database that is ready.

    Args:
        settings: default: the environment and ``.env``.
        clock: the present, aware.

    Raises:
        ConfigurationError: one or more settings are missing or wrong.
        DatabaseUnusable: the database cannot be used as it is.
    """
    from ordercall.web.application import application  # late: Flask and the views take 15 MB, and a worker needs none
    from ordercall.web.context import Context

    settings = settings or read_settings()
    db = open_database(settings)
    jobs = JobEngine(db)
    committer = Committer(db, _intake(jobs, settings))
    reception = Reception(known_secrets(settings), committer, RefusalCounter(db, clock), clock)
    order_service = OrderService(db, jobs, clock, tagged=settings.tags)
    return application(
        Context(
            settings=settings,
            db=db,
            orders=order_service,
            bulk=BulkService(db, jobs, order_service, clock),
            shop=ShopService(db, jobs, clock, max_order_age=settings.max_order_age),
            reception=reception,
            clock=clock,
        )
    )


def run_worker(settings: Settings, stop: threading.Event, *, clock: Clock = utc_now) -> None:
    """Run jobs until the process is told to stop; on one machine, wait first while another worker does."""
    db = open_database(settings)
    jobs = JobEngine(db, Takeover(settings.worker_takeover_seconds))
    kalimera, admin = KalimeraClient(settings), open_shop(settings, db, clock)
    shopify = ShopifyClient(admin, settings)
    services = Services(
        db=db,
        sync=SyncService(db, jobs, kalimera, settings, clock),
        campaigns=CampaignService(db, jobs, kalimera, settings, clock),
        cancels=CancelService(db, shopify, settings, clock),
        tags=TagService(db, shopify, settings, clock),
        bulk=BulkService(db, jobs, OrderService(db, jobs, clock, tagged=settings.tags), clock),
        shop=ShopService(db, jobs, clock, max_order_age=settings.max_order_age),
        reconcile=_reconciler(db, jobs, admin, settings, clock),
        clock=clock,
        keep_deliveries=timedelta(days=settings.raw_delivery_days),
        reconcile_minutes=settings.reconcile_minutes,
    )
    try:
        work(jobs, services, stop, concurrency=settings.worker_concurrency)
    finally:
        kalimera.close()
        admin.close()
        db.close()


def reconcile_now(settings: Settings, since: datetime | None, *, clock: Clock = utc_now) -> Run | None:
    """Read the shop's orders once, waiting as often as Shopify asks for it; None: another process reads just now.

    Raises:
        ConfigurationError: the settings that reading needs are missing.
        ProviderError: Shopify gave no answer, again and again.
    """
    db = open_database(settings)
    admin = open_shop(settings, db, clock)
    try:
        reconciler = _reconciler(db, JobEngine(db), admin, settings, clock)
        if reconciler.missing:
            raise ConfigurationError([f"Without {', '.join(reconciler.missing)} no order can be read from Shopify."])
        return _patiently(lambda: reconciler.run(since=since, by="a person"))
    finally:
        admin.close()
        db.close()


@contextmanager
def the_app(settings: Settings, *, clock: Clock = utc_now) -> Iterator[ShopifyApp]:
    """Open the app in its shop.

    Raises:
        ConfigurationError: the settings that asking Shopify needs are missing.
    """
    if missing := settings.missing_for_cancels:
        raise ConfigurationError([f"Without {', '.join(missing)} Shopify cannot be asked."])
    with closing(open_database(settings)) as db, closing(open_shop(settings, db, clock)) as admin:
        yield ShopifyApp(admin)


def recount_orders(settings: Settings) -> list[Difference]:
    """Put right what the counters of the pages lack, and return that. Webhooks are taken in meanwhile."""
    with closing(open_database(settings)) as db:
        with db.read() as tx:
            found = recount.differences(tx)
        if found:
            with db.begin() as tx:
                recount.repair(tx, found)
        return found


def _patiently(read: Callable[[], Run | None]) -> Run | None:
    for attempt in range(MOST_ATTEMPTS):
        try:
            return read()
        except (ProviderBusy, OutcomeUnknown) as error:
            time.sleep(delay_before(attempt, error.retry_after).total_seconds())
    return read()


def _intake(jobs: JobEngine, settings: Settings) -> IntakeService:
    return IntakeService(jobs, max_order_age=settings.max_order_age, store=settings.shopify_store_domain)


def _reconciler(
    db: Database, jobs: JobEngine, admin: ShopifyAdmin, settings: Settings, clock: Clock
) -> ReconcileService:
    shop = ShopService(db, jobs, clock, max_order_age=settings.max_order_age)
    read_from = shop_orders(settings, admin)
    return ReconcileService(db, _intake(jobs, settings), read_from, shop, settings, clock, read=read_order_if_any)


def open_database(settings: Settings) -> Database:
    """Return the database that the settings name, with this version's tables.

    Raises:
        DatabaseUnusable: it cannot be made, reached or read, or its tables are another version's.
    """
    db = database_at(settings.database_url, settings.database_path)
    db.make_ready()
    return db


def upgrade_database(settings: Settings) -> str:
    """Bring the database to this version's tables and return what it is called.

    Raises:
        DatabaseUnusable: it cannot be reached or changed, or a newer version has changed it.
    """
    with closing(database_at(settings.database_url, settings.database_path)) as db:
        db.upgrade()
        db.make_ready()
        return db.name


def back_up_database(settings: Settings, file: Path, progress: Progress) -> int:
    """Copy the database into a new file and return the number of its orders.

    Raises:
        BackupFailed: nothing was made; the message says why.
    """
    with closing(database_at(settings.database_url, settings.database_path)) as db:
        return db.back_up(file, progress)


def copy_database(settings: Settings, progress: Progress) -> Moved:
    """Move the shop from DATABASE_PATH to DATABASE_URL.

    Raises:
        CopyFailed: nothing was copied, or there is nothing to copy.
        DatabaseUnusable: the target cannot be reached or changed, or one of the two has another version's tables.
    """
    counted_anew = {order_counts}
    tables = [*(table for table in metadata.sorted_tables if table not in counted_anew), *job_tables.COPIED]
    return move(settings.database_path, settings.database_url, tables, [job_tables.workers], progress)
