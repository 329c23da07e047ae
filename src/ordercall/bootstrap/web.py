"""The web application."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from flask import Flask

from ordercall.bootstrap.access import issuer_sign_in_of, link_mail_of, second_factors_of
from ordercall.bootstrap.alerts import alert_watch
from ordercall.bootstrap.audit import note_settings
from ordercall.bootstrap.parts import (
    Clock,
    call_again,
    decision_service,
    do_not_call_service,
    intake_service,
    open_database,
    order_service,
    pause_service,
    people_of,
    shop_service,
    utc_now,
)
from ordercall.config import Settings, read_settings
from ordercall.domain.parcels.courier_files import courier_columns
from ordercall.error_reports import send_errors
from ordercall.intake.committer import Committer
from ordercall.intake.reception import Reception
from ordercall.intake.refusals import RefusalCounter
from ordercall.intake.report_committer import ReportCommitter
from ordercall.intake.report_reception import ReportReception
from ordercall.intake.signature import known_secrets
from ordercall.jobs.engine import JobEngine
from ordercall.services.address_proposals import AddressDesk
from ordercall.services.api_keys import ApiKeys
from ordercall.services.bulk_service import BulkService
from ordercall.services.cached_reading import CachedReading
from ordercall.services.cancel_belt import CancelBelt
from ordercall.services.connection_check import ConnectionCheckService
from ordercall.services.demo import DemoService
from ordercall.services.first_call_service import FirstCallService
from ordercall.services.next_calls import NextCalls
from ordercall.services.observation import Observation
from ordercall.services.order_service import WAIT_SECONDS
from ordercall.services.parcel_release import ParcelRelease
from ordercall.services.policy_service import begin
from ordercall.services.policy_trial import TrialService
from ordercall.services.readiness import Readiness
from ordercall.services.report_service import ReportService
from ordercall.services.report_words import ReportWords
from ordercall.services.write_again import WriteAgain
from ordercall.storage.engine.database import Database
from ordercall.web.access.passwords import Passwords
from ordercall.web.application import application
from ordercall.web.context import Access, Context, Signals

if TYPE_CHECKING:
    from ordercall.server.application import ServerApplication

READINESS_SECONDS = 2.0
"""For which one look at the readiness serves: load balancers ask every few seconds, strangers as often as they like."""

OBSERVATION_SECONDS = 5.0
"""For which one reading of the database serves: Prometheus asks every 15 seconds, and a second one costs nothing."""


def create_app(
    settings: Settings | None = None,
    *,
    clock: Clock = utc_now,
    passwords: Passwords | None = None,
    wait_seconds: float = WAIT_SECONDS,
) -> Flask:
    """Return the web application, over a database that is ready.

    Args:
        settings: default: the environment and ``.env``.
        clock: the present, aware.
        passwords: how passwords are kept; default: so that it takes whoever steals them long.
        wait_seconds: how long a request waits for the worker to finish what it asked for.

    Raises:
        ConfigurationError: one or more settings are missing or wrong.
        DatabaseUnusable: the database cannot be used as it is.
    """
    settings = settings or read_settings()
    context = web_context(settings, open_database(settings), clock, wait_seconds=wait_seconds)
    note_settings(context.db, settings)
    if passwords:
        context = replace(context, access=replace(context.access, passwords=passwords))
    return application(context)


def create_server_application(beat: Callable[[], None], connections: int) -> ServerApplication:
    """Return what the web process serves: the application of the environment, and the event loop's part before it.

    Args:
        beat: called as long as the event loop goes on.
        connections: the most that are open at a time.
    """
    from ordercall.server.application import ServerApplication  # late: it loads granian

    app = create_app()
    context: Context = app.extensions["ordercall"]
    send_errors(context.settings.sentry_dsn, context.settings.app_env)
    storing = [
        ("the thread that stores webhooks", context.reception.committer.progress),
        ("the thread that stores reports", context.report_reception.committer.progress),
    ]
    context.alerts.start()
    doors = context.reception, context.report_reception
    return ServerApplication(
        app, *doors, connections=connections, storing=storing, beat=beat, ends=partial(_end, context)
    )


def _end(context: Context) -> None:
    context.refusals.close()
    context.alerts.close()


def web_context(settings: Settings, db: Database, clock: Clock, *, wait_seconds: float = WAIT_SECONDS) -> Context:
    """Build what the views work with; *wait_seconds*: how long a request waits for what it asked a worker for."""
    begin(db, settings, clock())
    jobs, decisions = JobEngine(db), decision_service(settings, clock)
    orders = order_service(db, jobs, decisions, clock, wait_seconds=wait_seconds)
    again = call_again(db, jobs, decisions, clock, wait_seconds=wait_seconds)
    refusals, committer = RefusalCounter(db, clock), Committer(db, intake_service(jobs, settings, decisions))
    numbers = do_not_call_service(db, settings, clock)
    redials = settings.kalimera_rings_again in ("redials", "both")
    reports = ReportService(db, orders, numbers, NextCalls(jobs, decisions, clock), clock, redials=redials)
    return Context(
        settings=settings,
        db=db,
        orders=orders,
        decisions=decisions,
        numbers=numbers,
        belt=CancelBelt(db, jobs, decisions, clock),
        again=again,
        bulk=BulkService(db, jobs, orders, again, decisions, clock),
        trials=TrialService(db, jobs, clock),
        pauses=pause_service(db, jobs, clock, wait_seconds=wait_seconds),
        check=ConnectionCheckService(db, jobs, clock),
        first_calls=FirstCallService(db, jobs, decisions, clock),
        addresses=AddressDesk(db, jobs, clock),
        parcels=ParcelRelease(db, jobs, clock),
        write_again=WriteAgain(db, jobs, settings, clock),
        shop=shop_service(db, jobs, decisions, clock),
        demo=DemoService(db, jobs, settings, clock),
        reception=Reception(known_secrets(settings), committer, refusals, clock),
        refusals=refusals,
        reports=reports,
        words=ReportWords(db, reports, clock),
        couriers=courier_columns(settings.courier_columns_folder),
        report_reception=_report_reception(db, reports, refusals, settings, clock),
        signals=_signals(db, jobs, clock),
        access=_access(settings, db, clock),
        alerts=alert_watch(settings, db, jobs, decisions, clock),
        clock=clock,
    )


def _report_reception(
    db: Database, reports: ReportService, refusals: RefusalCounter, settings: Settings, clock: Clock
) -> ReportReception:
    token, secret = settings.sync_api_token or "", settings.outcomes_secret or ""
    return ReportReception(ReportCommitter(db, reports), refusals, clock, token=token, secret=secret)


def _access(settings: Settings, db: Database, clock: Clock) -> Access:
    return Access(
        people=people_of(db, settings, clock),
        api_keys=ApiKeys(db, clock),
        passwords=Passwords(),
        factors=second_factors_of(db, settings, clock),
        link_mail=link_mail_of(db, settings, clock),
        issuer=issuer_sign_in_of(db, settings, clock),
    )


def _signals(db: Database, jobs: JobEngine, clock: Clock) -> Signals:
    return Signals(
        readiness=CachedReading(Readiness(db, jobs).look, READINESS_SECONDS),
        observation=CachedReading(Observation(db, jobs, clock).look, OBSERVATION_SECONDS),
    )
