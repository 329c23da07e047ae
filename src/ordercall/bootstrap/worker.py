"""The worker."""

from __future__ import annotations

import threading
from datetime import timedelta

from ordercall.bootstrap.parts import Clock, open_database, shop_service, utc_now
from ordercall.bootstrap.shopify import reconciler
from ordercall.config import Settings
from ordercall.jobs.engine import JobEngine
from ordercall.jobs.takeover import Takeover
from ordercall.jobs.tasks import Services
from ordercall.jobs.worker import work
from ordercall.providers.kalimera.client import KalimeraClient
from ordercall.providers.shopify.orders import shop_orders
from ordercall.services.bulk_service import BulkService
from ordercall.services.kalimera_service import CampaignService
from ordercall.services.order_service import OrderService
from ordercall.services.shopify_service import CancelService
from ordercall.services.shopify_tokens import open_shop
from ordercall.services.sync_service import SyncService
from ordercall.services.tag_service import TagService


def run_worker(settings: Settings, stop: threading.Event, *, clock: Clock = utc_now) -> None:
    """Run jobs until the process is told to stop; on one machine, wait first while another worker does."""
    db = open_database(settings)
    jobs = JobEngine(db, Takeover(settings.worker_takeover_seconds))
    kalimera = KalimeraClient(settings, jobs.check_lease)
    admin = open_shop(settings, db, clock, jobs.check_lease)
    shopify = shop_orders(settings, admin)
    services = Services(
        db=db,
        sync=SyncService(db, jobs, kalimera, settings, clock),
        campaigns=CampaignService(db, jobs, kalimera, settings, clock),
        cancels=CancelService(db, shopify, settings, clock),
        tags=TagService(db, shopify, settings, clock),
        bulk=BulkService(db, jobs, OrderService(db, jobs, clock, tagged=settings.tags), clock),
        shop=shop_service(db, jobs, settings, clock),
        reconcile=reconciler(db, jobs, admin, settings, clock),
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
