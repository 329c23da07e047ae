"""What both web and worker are built of. ``ordercall serve`` loads it before it forks them, so that they share it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from ordercall.config import Settings
from ordercall.jobs.engine import JobEngine
from ordercall.services.decision_service import DecisionService
from ordercall.services.intake_service import IntakeService
from ordercall.services.order_service import WAIT_SECONDS, OrderService
from ordercall.services.pause_service import PauseService
from ordercall.services.shop_service import ShopService
from ordercall.storage.engine.database import Database
from ordercall.storage.engine.opening import database_at

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    return datetime.now(UTC)


def open_database(settings: Settings) -> Database:
    """Return the database that the settings name, with this version's tables.

    Raises:
        DatabaseUnusable: it cannot be made, reached or read, or its tables are another version's.
    """
    db = database_at(settings.database_url, settings.database_path)
    db.make_ready()
    return db


def decision_service(settings: Settings, clock: Clock) -> DecisionService:
    return DecisionService(settings, clock)


def intake_service(jobs: JobEngine, settings: Settings, decisions: DecisionService) -> IntakeService:
    return IntakeService(jobs, decisions, store=settings.shopify_store_domain, sandboxed=settings.sandboxed)


def order_service(
    db: Database,
    jobs: JobEngine,
    settings: Settings,
    decisions: DecisionService,
    clock: Clock,
    *,
    wait_seconds: float = WAIT_SECONDS,
) -> OrderService:
    return OrderService(db, jobs, decisions, clock, wait_seconds=wait_seconds, tagged=settings.tags)


def pause_service(db: Database, jobs: JobEngine, clock: Clock) -> PauseService:
    return PauseService(db, jobs, clock)


def shop_service(db: Database, jobs: JobEngine, decisions: DecisionService, clock: Clock) -> ShopService:
    return ShopService(db, jobs, decisions, clock)
