"""The web application."""

from __future__ import annotations

from flask import Flask

from ordercall.bootstrap.parts import Clock, intake_service, open_database, shop_service, utc_now
from ordercall.config import Settings, read_settings
from ordercall.intake.committer import Committer
from ordercall.intake.reception import Reception
from ordercall.intake.refusals import RefusalCounter
from ordercall.intake.signature import known_secrets
from ordercall.jobs.engine import JobEngine
from ordercall.services.bulk_service import BulkService
from ordercall.services.demo import DemoService
from ordercall.services.order_service import OrderService
from ordercall.web.application import application
from ordercall.web.context import Context


def create_app(settings: Settings | None = None, *, clock: Clock = utc_now) -> Flask:
    """Return the web application, over a database that is ready.

    Args:
        settings: default: the environment and ``.env``.
        clock: the present, aware.

    Raises:
        ConfigurationError: one or more settings are missing or wrong.
        DatabaseUnusable: the database cannot be used as it is.
    """
    settings = settings or read_settings()
    db = open_database(settings)
    jobs = JobEngine(db)
    committer = Committer(db, intake_service(jobs, settings))
    order_service = OrderService(db, jobs, clock, tagged=settings.tags)
    return application(
        Context(
            settings=settings,
            db=db,
            orders=order_service,
            bulk=BulkService(db, jobs, order_service, clock),
            shop=shop_service(db, jobs, settings, clock),
            demo=DemoService(db, jobs, settings, clock),
            reception=Reception(known_secrets(settings), committer, RefusalCounter(db, clock), clock),
            clock=clock,
        )
    )
