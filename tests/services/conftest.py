"""The services on a real database, speaking real HTTP to the sandbox, with a clock that the test moves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from databases import open_at
from gate import Gate
from house import SECRET, House
from ordercall.config import read_settings
from ordercall.domain.calling import INDIA
from ordercall.intake.committer import Committer
from ordercall.intake.reception import Reception
from ordercall.intake.refusals import RefusalCounter
from ordercall.intake.signature import known_secrets
from ordercall.jobs.engine import JobEngine
from ordercall.providers.kalimera.client import KalimeraClient
from ordercall.providers.shopify.app import ShopifyApp
from ordercall.providers.shopify.orders import shop_orders
from ordercall.providers.shopify.payload import read_order_if_any
from ordercall.providers.shopify.rest import RestOrders
from ordercall.sandbox.app import create_sandbox
from ordercall.sandbox.kalimera import FakeKalimera
from ordercall.sandbox.server import run_in_thread
from ordercall.sandbox.shopify import FakeShopify
from ordercall.services.bulk_service import BulkService
from ordercall.services.intake_service import IntakeService
from ordercall.services.kalimera_service import CampaignService
from ordercall.services.order_service import OrderService
from ordercall.services.reconcile_service import ReconcileService
from ordercall.services.shop_service import ShopService
from ordercall.services.shopify_service import CancelService
from ordercall.services.shopify_tokens import open_shop
from ordercall.services.subscription_watch import SubscriptionWatch
from ordercall.services.sync_service import SyncService
from ordercall.services.tag_service import TagService

CAMPAIGN = "sandbox-campaign"


@pytest.fixture
def shopify_settings() -> dict[str, str]:
    """How the shop is asked; a test module that asks otherwise overrides it."""
    return {"SHOPIFY_ACCESS_TOKEN": "sandbox-access-token"}


@pytest.fixture
def database_options() -> dict[str, float]:
    """How the database is opened; a test module that opens it otherwise overrides it."""
    return {}


@pytest.fixture
def house(
    place: dict[str, str], shopify_settings: dict[str, str], database_options: dict[str, float]
) -> Iterator[House]:
    kalimera, shopify = FakeKalimera(), FakeShopify()
    sandbox_app = create_sandbox(kalimera, shopify)
    gate = Gate(sandbox_app)
    with run_in_thread(sandbox_app) as sandbox:
        settings = read_settings(
            place
            | {
                "SHOPIFY_SHARED_SECRET": SECRET,
                "SHOPIFY_STORE_DOMAIN": "sandbox-shop",
                "PUBLIC_URL": "https://ordercall.example",
                "SHOPIFY_ADMIN_URL": f"{sandbox.url}/shopify",
                "KALIMERA_CONTACT_URL": f"{sandbox.url}/kalimera/contact",
                "KALIMERA_CAMPAIGN_ID": CAMPAIGN,
                "KALIMERA_CAMPAIGN_URL": f"{sandbox.url}/kalimera/campaign/<campaign id>",
                "KALIMERA_CAMPAIGN_CONTACTS_URL": f"{sandbox.url}/kalimera/campaign/contacts",
                "KALIMERA_AUTH_TOKEN": "Bearer sandbox-token",
                "KALIMERA_AGENT_ID_EN": "sandbox-agent-english",
                "KALIMERA_AGENT_ID_HI": "sandbox-agent-hindi",
                "KALIMERA_TIMEOUT_SECONDS": "10",
            }
            | shopify_settings
        )
        db = open_at(place, **database_options)
        jobs = JobEngine(db)
        kalimera_client = KalimeraClient(settings, jobs.check_lease)
        noon = datetime(2026, 11, 24, 12, 0, tzinfo=INDIA)
        house: House

        def clock() -> datetime:
            return house.now

        admin = open_shop(settings, db, clock, jobs.check_lease)
        shopify_client = shop_orders(settings, admin)
        shop = ShopService(db, jobs, clock, max_order_age=timedelta(hours=24))
        order_service = OrderService(db, jobs, clock, wait_seconds=0, tagged=settings.tags)
        house = House(
            db=db,
            reception=Reception(
                known_secrets(settings),
                Committer(db, IntakeService(jobs)),
                RefusalCounter(db, clock, pause=3_600),
                clock,
            ),
            orders=order_service,
            bulk=BulkService(db, jobs, order_service, clock),
            sync=SyncService(db, jobs, kalimera_client, settings, clock),
            campaigns=CampaignService(db, jobs, kalimera_client, settings, clock),
            cancels=CancelService(db, shopify_client, settings, clock, pauses=(0.0, 0.0)),
            tags=TagService(db, shopify_client, settings, clock),
            shop=shop,
            reconcile=ReconcileService(
                db,
                IntakeService(jobs),
                RestOrders(admin),
                shop,
                settings,
                clock,
                watch=SubscriptionWatch(ShopifyApp(admin), settings),
                read=read_order_if_any,
            ),
            kalimera=kalimera,
            shopify=shopify,
            gate=gate,
            now=noon,
        )
        yield house
        kalimera_client.close()
        admin.close()
        db.close()
