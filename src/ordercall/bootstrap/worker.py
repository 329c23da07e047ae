"""The worker."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import timedelta

from ordercall.bootstrap.parts import Clock, intake_service, open_database, order_service, shop_service, utc_now
from ordercall.config import Settings
from ordercall.jobs.engine import JobEngine
from ordercall.jobs.outages import Outages
from ordercall.jobs.takeover import Takeover
from ordercall.jobs.tasks import ASKING, Services
from ordercall.jobs.worker import work
from ordercall.providers.kalimera.client import KalimeraClient
from ordercall.providers.shopify.app import ShopifyApp
from ordercall.providers.shopify.orders import shop_orders
from ordercall.services.bulk_service import BulkService
from ordercall.services.call_service import CallService
from ordercall.services.credential_watch import CredentialWatch
from ordercall.services.kalimera_service import CampaignService
from ordercall.services.reconcile_service import ReconcileService
from ordercall.services.shopify_service import PAUSES, CancelService
from ordercall.services.shopify_tokens import open_shop
from ordercall.services.subscription_watch import SubscriptionWatch
from ordercall.services.sync_batches import SyncBatches
from ordercall.services.sync_service import SyncService
from ordercall.services.tag_service import TagService
from ordercall.storage.engine.database import Database


def run_worker(settings: Settings, stop: threading.Event, *, clock: Clock = utc_now) -> None:
    """Run jobs until *stop* is set; on SQLite, wait first while another worker runs."""
    with closing(open_database(settings)) as db, worker_services(settings, db, clock) as services:
        work(services.jobs, services, stop, concurrency=settings.worker_concurrency)


@contextmanager
def worker_services(
    settings: Settings, db: Database, clock: Clock, *, pauses: Sequence[float] = PAUSES
) -> Iterator[Services]:
    """Build what the jobs call, and let go of both providers in the end.

    Args:
        pauses: seconds between the looks at a cancellation that Shopify has begun.
    """
    jobs, watch = JobEngine(db, Takeover(settings.worker_takeover_seconds)), CredentialWatch(db, clock)
    with (
        closing(KalimeraClient(settings, jobs.check_lease, watch)) as kalimera,
        closing(open_shop(settings, db, clock, jobs.check_lease, watch)) as admin,
    ):
        shopify, shop = shop_orders(settings, admin), shop_service(db, jobs, settings, clock)
        sync = SyncService(db, jobs, kalimera, settings, clock)
        subscriptions = SubscriptionWatch(ShopifyApp(admin), settings)
        yield Services(
            jobs=jobs,
            db=db,
            sync=sync,
            syncs=SyncBatches(db, jobs, sync, most=settings.worker_concurrency),
            campaigns=CampaignService(db, jobs, kalimera, settings, clock),
            calls=CallService(db, clock),
            cancels=CancelService(db, shopify, settings, clock, pauses=pauses),
            tags=TagService(db, shopify, settings, clock),
            bulk=BulkService(db, jobs, order_service(db, jobs, settings, clock), clock),
            shop=shop,
            reconcile=ReconcileService(
                db, intake_service(jobs, settings), shopify, shop, settings, clock, watch=subscriptions
            ),
            outages=Outages(db, jobs, {"Kalimera": kalimera.breaker, "Shopify": admin.breaker}, ASKING),
            credentials=watch,
            clock=clock,
            keep_deliveries=timedelta(days=settings.raw_delivery_days),
            reconcile_minutes=settings.reconcile_minutes,
        )
