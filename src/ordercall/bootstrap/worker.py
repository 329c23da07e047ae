"""The worker."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import timedelta
from functools import partial

from ordercall.bootstrap.first_call import first_call_service
from ordercall.bootstrap.parts import (
    Clock,
    backups_of,
    call_again,
    decision_service,
    intake_service,
    open_database,
    order_service,
    retention_of,
    shop_service,
    utc_now,
)
from ordercall.config import Settings
from ordercall.error_reports import send_errors
from ordercall.jobs.engine import JobEngine
from ordercall.jobs.outages import Outages
from ordercall.jobs.queue import silence
from ordercall.jobs.takeover import Takeover
from ordercall.jobs.tasks import ASKING, Services
from ordercall.jobs.worker import work
from ordercall.providers.kalimera.client import KalimeraClient
from ordercall.providers.shopify.addresses import ShopAddresses
from ordercall.providers.shopify.admin import ShopifyAdmin
from ordercall.providers.shopify.app import ShopifyApp
from ordercall.providers.shopify.holds import ShopHolds
from ordercall.providers.shopify.orders import shop_orders
from ordercall.providers.shopify.parcels import ShopParcels
from ordercall.providers.shopify.write_back import ShopWriteBack
from ordercall.services.address_correction import AddressCorrection
from ordercall.services.bulk_service import BulkService
from ordercall.services.call_service import CallService
from ordercall.services.cancel_belt import CancelBelt
from ordercall.services.connection_check import ConnectionCheckService
from ordercall.services.contact_maker import ContactMaker
from ordercall.services.credential_watch import CredentialWatch
from ordercall.services.decision_service import DecisionService
from ordercall.services.hold_service import HoldService
from ordercall.services.kalimera_service import CampaignService
from ordercall.services.next_calls import NextCalls
from ordercall.services.parcel_service import ParcelService
from ordercall.services.policy_service import bring_in_force
from ordercall.services.policy_trial import TrialService
from ordercall.services.reconcile_service import ReconcileService
from ordercall.services.shape_records import ShapeRecords
from ordercall.services.shop_name_watch import ShopNameWatch
from ordercall.services.shop_service import ShopService
from ordercall.services.shopify_service import PAUSES, CancelService
from ordercall.services.shopify_tokens import open_shop
from ordercall.services.subscription_watch import SubscriptionWatch
from ordercall.services.sync_batches import SyncBatches
from ordercall.services.sync_service import SyncService
from ordercall.services.write_back_service import WriteBackService
from ordercall.storage.engine.database import Database


def run_worker(
    settings: Settings, stop: threading.Event, *, clock: Clock = utc_now, beat: Callable[[], None] = lambda: None
) -> None:
    """Run jobs until *stop* is set; on SQLite, wait first while another worker runs.

    Args:
        beat: called every two seconds while jobs are run and the event loop goes on.
    """
    send_errors(settings.sentry_dsn, settings.app_env)
    with closing(open_database(settings)) as db, worker_services(settings, db, clock) as services:
        bring_in_force(db, settings, clock(), others_live=_others_live(settings, db))
        work(services.jobs, services, stop, concurrency=settings.worker_concurrency, beat=beat)


def _others_live(settings: Settings, db: Database) -> bool:
    """Return whether other workers are at work; on a file a second one only stands by, and takes over what it finds."""
    if not settings.database_url:
        return False
    with db.read() as tx:
        last = silence(tx)
    return last is not None and last < timedelta(seconds=settings.worker_takeover_seconds)


@contextmanager
def worker_services(
    settings: Settings, db: Database, clock: Clock, *, pauses: Sequence[float] = PAUSES
) -> Iterator[Services]:
    """Build what the jobs call, and let go of both providers in the end; *pauses*: seconds between looks at cancels."""
    jobs, watch = JobEngine(db, Takeover(settings.worker_takeover_seconds)), CredentialWatch(db, clock)
    decisions, shapes = decision_service(settings, clock), ShapeRecords(db, clock)
    with (
        closing(KalimeraClient(settings, jobs.check_lease, watch, shapes=shapes.note)) as kalimera,
        closing(open_shop(settings, db, clock, jobs.check_lease, watch)) as admin,
    ):
        shop, belt = shop_service(db, jobs, decisions, clock), CancelBelt(db, jobs, decisions, clock)
        yield Services(
            jobs=jobs,
            db=db,
            sync=(sync := _sync_service(db, jobs, kalimera, settings, decisions, clock)),
            syncs=SyncBatches(db, jobs, sync, most=settings.worker_concurrency),
            campaigns=CampaignService(db, jobs, kalimera, settings, decisions, clock),
            calls=CallService(db, NextCalls(jobs, decisions, clock), clock),
            belt=belt,
            cancels=CancelService(db, shop_orders(settings, admin), settings, belt, clock, pauses=pauses),
            holds=HoldService(db, jobs, ShopHolds(admin), settings, decisions, clock),
            parcels=_parcel_service(db, jobs, admin, settings, decisions, clock),
            addresses=AddressCorrection(db, jobs, ShopAddresses(admin), settings, clock),
            writing=WriteBackService(db, jobs, ShopWriteBack(admin), settings, decisions, clock),
            bulk=_bulk_service(db, jobs, decisions, clock),
            trials=TrialService(db, jobs, clock),
            shop=shop,
            check_connections=partial(_check_connections, db, jobs, settings, clock),
            first_calls=first_call_service(db, jobs, settings, decisions, clock),
            reconcile=_reconcile_service(db, jobs, admin, shop, settings, decisions, clock),
            outages=Outages(db, jobs, {"Kalimera": kalimera.breaker, "Shopify": admin.breaker}, ASKING, clock),
            credentials=watch,
            shapes=shapes,
            clock=clock,
            retention=retention_of(db, jobs, settings, clock),
            backups=backups_of(db, settings, clock),
            reconcile_minutes=settings.reconcile_minutes,
        )


def _sync_service(
    db: Database,
    jobs: JobEngine,
    kalimera: KalimeraClient,
    settings: Settings,
    decisions: DecisionService,
    clock: Clock,
) -> SyncService:
    maker = ContactMaker(db, kalimera, clock, rings_once=settings.kalimera_call_again == "new-contact")
    return SyncService(db, jobs, maker, decisions, clock)


def _check_connections(db: Database, jobs: JobEngine, settings: Settings, clock: Clock) -> None:
    from ordercall.doctor import examine_in_worker  # late: with what it loads, for the few who ask

    ConnectionCheckService(db, jobs, clock).carry_out(partial(examine_in_worker, settings, clock))


def _bulk_service(db: Database, jobs: JobEngine, decisions: DecisionService, clock: Clock) -> BulkService:
    orders, again = order_service(db, jobs, decisions, clock), call_again(db, jobs, decisions, clock)
    return BulkService(db, jobs, orders, again, decisions, clock)


def _parcel_service(
    db: Database, jobs: JobEngine, admin: ShopifyAdmin, settings: Settings, decisions: DecisionService, clock: Clock
) -> ParcelService:
    orders = order_service(db, jobs, decisions, clock)
    return ParcelService(db, jobs, ShopParcels(admin), ShopifyApp(admin), orders, settings, clock)


def _reconcile_service(
    db: Database,
    jobs: JobEngine,
    admin: ShopifyAdmin,
    shop: ShopService,
    settings: Settings,
    decisions: DecisionService,
    clock: Clock,
) -> ReconcileService:
    app, intake = ShopifyApp(admin), intake_service(jobs, settings, decisions)
    names = ShopNameWatch(db, app, settings.shopify_store_domain, clock)
    watch = SubscriptionWatch(app, settings)
    return ReconcileService(
        db, intake, shop_orders(settings, admin), shop, settings, decisions, clock, watch=watch, names=names
    )
