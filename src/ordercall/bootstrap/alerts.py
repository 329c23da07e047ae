"""Who is told when something begins to be wrong: built for the web process, and tried by hand."""

from __future__ import annotations

from ordercall.bootstrap.audit import note
from ordercall.bootstrap.parts import Clock, utc_now
from ordercall.config import Settings
from ordercall.domain.alerts import message_of_test
from ordercall.domain.audit import Act
from ordercall.jobs.engine import JobEngine
from ordercall.providers.alert_channels import channels_of
from ordercall.providers.mail import NotDelivered
from ordercall.services.alert_readings import AlertReadings
from ordercall.services.alert_sending import AlertOutbox
from ordercall.services.alert_watch import AlertWatch
from ordercall.services.decision_service import DecisionService
from ordercall.storage.engine.database import Database


def alert_watch(
    settings: Settings, db: Database, jobs: JobEngine, decisions: DecisionService, clock: Clock
) -> AlertWatch:
    readings = AlertReadings(db, jobs, decisions, settings.display_timezone)
    outbox = AlertOutbox(db, channels_of(settings), clock)
    return AlertWatch(db, readings.read, outbox, clock, pages=pages_of(settings))


def try_channels(settings: Settings) -> dict[str, str | None]:
    """Send a test by each channel that is set; return why it did not arrive, or None.

    It needs no database; the audit log of one that is there tells of it.
    """
    message = message_of_test(at=utc_now().timestamp(), pages=pages_of(settings))
    came: dict[str, str | None] = {}
    for name, send in channels_of(settings).items():
        try:
            send(message, utc_now().timestamp())
        except NotDelivered as fault:
            came[name] = str(fault)
        else:
            came[name] = None
    if came:
        note(settings, Act.ALERT_TESTED, ", ".join(came), failed=[name for name, fault in came.items() if fault])
    return came


def pages_of(settings: Settings) -> str:
    """Return the address of the pages, as people reach them."""
    return (settings.public_url or settings.local_url).rstrip("/")
