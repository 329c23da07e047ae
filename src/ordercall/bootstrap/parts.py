"""What both web and worker are built of. ``ordercall serve`` loads it before it forks them, so that they share it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from datetime import UTC, datetime, timedelta

from ordercall.config import Settings
from ordercall.domain.activity import COMMAND_LINE
from ordercall.domain.do_not_call import NumberKeys
from ordercall.jobs.engine import JobEngine
from ordercall.services.backups import Backups, Plan
from ordercall.services.call_again import CallAgain
from ordercall.services.cancel_belt import CancelBelt
from ordercall.services.decision_service import DecisionService
from ordercall.services.do_not_call_service import DoNotCallService
from ordercall.services.intake_service import IntakeService
from ordercall.services.lasting_secrets import lasting_secrets
from ordercall.services.order_service import WAIT_SECONDS, OrderService
from ordercall.services.pause_service import PauseService
from ordercall.services.people import People
from ordercall.services.policy_service import at_start
from ordercall.services.retention import Keep, Retention
from ordercall.services.shop_service import ShopService
from ordercall.storage.engine.database import Database
from ordercall.storage.engine.opening import database_at
from ordercall.storage.records.audit import acting

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


def by_command() -> AbstractContextManager[None]:
    """Have what is done meanwhile told of as done by whoever gave a command on this machine."""
    return acting(COMMAND_LINE)


def decision_service(settings: Settings, clock: Clock) -> DecisionService:
    return DecisionService(settings, number_keys(settings), clock)


def missing_at_start(settings: Settings) -> list[str]:
    """Return the settings without which nobody is called once a start has brought its policy in force.

    Raises:
        DatabaseUnusable: as :func:`open_database`.
    """
    with closing(open_database(settings)) as db:
        policy = at_start(db, settings)
        with db.read() as tx:
            return decision_service(settings, utc_now).missing(tx, policy)


def number_keys(settings: Settings) -> NumberKeys:
    """Return the keys of the do-not-call list."""
    return NumberKeys.of(lasting_secrets(settings))


def do_not_call_service(db: Database, settings: Settings, clock: Clock) -> DoNotCallService:
    return DoNotCallService(db, number_keys(settings), clock)


def intake_service(jobs: JobEngine, settings: Settings, decisions: DecisionService) -> IntakeService:
    return IntakeService(jobs, decisions, store=settings.shopify_store_domain, sandboxed=settings.sandboxed)


def order_service(
    db: Database,
    jobs: JobEngine,
    decisions: DecisionService,
    clock: Clock,
    *,
    wait_seconds: float = WAIT_SECONDS,
) -> OrderService:
    belt = CancelBelt(db, jobs, decisions, clock)
    return OrderService(db, jobs, decisions, belt, clock, wait_seconds=wait_seconds)


def call_again(
    db: Database,
    jobs: JobEngine,
    decisions: DecisionService,
    clock: Clock,
    *,
    wait_seconds: float = WAIT_SECONDS,
) -> CallAgain:
    return CallAgain(db, jobs, decisions, clock, wait_seconds=wait_seconds)


def pause_service(db: Database, jobs: JobEngine, clock: Clock, *, wait_seconds: float = WAIT_SECONDS) -> PauseService:
    return PauseService(db, jobs, clock, wait_seconds=wait_seconds)


def people_of(db: Database, settings: Settings, clock: Clock) -> People:
    return People(db, settings.admin_username, clock)


def shop_service(db: Database, jobs: JobEngine, decisions: DecisionService, clock: Clock) -> ShopService:
    return ShopService(db, jobs, decisions, clock)


def retention_of(db: Database, jobs: JobEngine, settings: Settings, clock: Clock) -> Retention:
    customers, history = settings.keep_customers_days, settings.keep_history_days
    keep = Keep(
        bodies=timedelta(days=settings.raw_delivery_days),
        customers=timedelta(days=customers) if customers else None,
        history=timedelta(days=history) if history else None,
    )
    return Retention(db, jobs, keep, clock)


def backups_of(db: Database, settings: Settings, clock: Clock) -> Backups:
    return Backups(db, Plan(settings.backup_dir, settings.backup_every, settings.backup_keep), clock)
