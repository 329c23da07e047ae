"""The checks of this machine: settings, signatures, time, database and queue."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ordercall.config import HOW_TO_MAKE_ONE, Settings, production_faults
from ordercall.doctor.findings import Finding, failure, ok, warning
from ordercall.domain.calls.calling import INDIA
from ordercall.intake.signature import known_secrets, matching_secret, sign
from ordercall.jobs.queue import LONG_WAIT, Queue, look_at_queue
from ordercall.services.policy_service import at_start
from ordercall.services.standstill_service import is_alive
from ordercall.storage.engine.opening import database_at
from ordercall.storage.records import paused_campaigns, refused_credentials

INDIAN_OFFSET = timedelta(hours=5, minutes=30)  # all year round: no clock is changed there
OTHERS_MAY_READ = 0o077  # every right of the group and of all others
PUBLISHED = ("key", b"The quick brown fox jumps over the lazy dog", "97yD9DBThCSxMpjmqm+xQ+9NWaFJRhdZl0edvC0aPNg=")
"""A key, a text and its HMAC-SHA256 as the literature gives it."""

TOO_LONG_WAIT = timedelta(minutes=30)
"""For a job that could start: half an hour is an outage."""


def settings_are_safe(settings: Settings, _now: datetime) -> Iterator[Finding]:
    """Settings that cannot be read stop the program before it comes here."""
    yield ok("settings", f"{settings.app_env}, on {settings.host}:{settings.port}")
    if not settings.production:
        mend = "Set APP_ENV=production on a server."
        yield warning("settings", "Development: the API is open to programs on this machine.", mend)
        if faults := production_faults(settings):
            mend = f"Make one: {HOW_TO_MAKE_ONE} (Shopify shows its own)."
            yield warning(
                "settings", f"Production would refuse {', '.join(fault.split()[0] for fault in faults)}.", mend
            )
    env = Path(".env")
    if env.exists() and env.stat().st_mode & OTHERS_MAY_READ:
        yield warning("settings", ".env holds secrets and other users of this machine may read it.", "chmod 600 .env")


def signatures_are_told_apart(settings: Settings, _now: datetime) -> Iterator[Finding]:
    key, body, signature = PUBLISHED
    if sign(body, key) != signature:
        yield failure("signature", "HMAC-SHA256 gives a wrong result on this machine.", "Install Python anew.")
        return
    secrets = known_secrets(settings)
    if not secrets:
        mend = "Set the secret that signs your webhooks, see docs/operations.md."
        yield failure("signature", "No webhook secret is set, so every webhook is refused.", mend)
        return
    for secret in secrets:
        signed = sign(body, secret.value)
        if matching_secret(body, signed, [secret]) is None or matching_secret(body + b" ", signed, [secret]):
            yield failure("signature", f"The {secret.name} secret does not tell right from wrong.", "Copy it again.")
            return
    yield ok("signature", f"checked against {', '.join(secret.name for secret in secrets)}")


def india_is_known(_settings: Settings, now: datetime) -> Iterator[Finding]:
    if now.astimezone(INDIA).utcoffset() == INDIAN_OFFSET:
        yield ok("time zone", f"it is {now.astimezone(INDIA):%H:%M} in Asia/Kolkata")
    else:
        yield failure("time zone", "Asia/Kolkata is not five and a half hours ahead of UTC here.", "Update tzdata.")


def calling_hours(settings: Settings, now: datetime) -> Iterator[Finding]:
    with closing(database_at(settings.database_url, settings.database_path)) as db:
        when = at_start(db, settings).when
    if when.always:
        mend = "Set CALLING_HOURS=09:00-21:00."
        yield warning("calling hours", "Customers may be rung at any hour of the night.", mend)
        return
    opening = when.next_opening(now)
    if opening == now:
        yield ok("calling hours", f"open until {when.closing(now):%H:%M}")
    elif opening:
        yield ok("calling hours", f"closed; orders wait until {opening:%a %H:%M}")


def database(settings: Settings, _now: datetime) -> Iterator[Finding]:
    with closing(database_at(settings.database_url, settings.database_path)) as db:
        for seen in db.condition():
            if not seen.mend:
                yield ok(seen.about, seen.sentence)
            else:
                yield (failure if seen.grave else warning)(seen.about, seen.sentence, seen.mend)


def credentials(settings: Settings, now: datetime) -> Iterator[Finding]:
    """Tell what the worker was refused; whether it still is, the lines on Kalimera and Shopify say."""
    with closing(database_at(settings.database_url, settings.database_path)) as db:
        if not db.is_current():
            return
        with db.read() as tx:
            found = refused_credentials.all_of(tx)
    for one in found:
        waits = _span(now - datetime.fromtimestamp(one.since, UTC))
        message = f"{one.provider} has not accepted {one.setting} for {waits}: {one.words}."
        yield failure("credentials", message, f"Put {one.setting} right and start the worker again.")


def campaigns(settings: Settings, now: datetime) -> Iterator[Finding]:
    """Tell which campaigns a person has paused at Kalimera, as the worker saw it."""
    with closing(database_at(settings.database_url, settings.database_path)) as db:
        if not db.is_current():
            return
        with db.read() as tx:
            found = paused_campaigns.all_of(tx)
    for one in found:
        since = _span(now - datetime.fromtimestamp(one.since, UTC))
        message = f"Campaign {one.campaign_id} has been paused at Kalimera for {since}; orders wait: {one.waiting:,}."
        yield warning("campaign", message, "Resume it at Kalimera: they go on by themselves within a minute.")


def queue(settings: Settings, now: datetime) -> Iterator[Finding]:
    with closing(database_at(settings.database_url, settings.database_path)) as db:
        if db.is_current():
            with db.read() as tx:
                yield from _lines(look_at_queue(tx, now), now)


def _lines(seen: Queue, now: datetime) -> Iterator[Finding]:
    waits = now - seen.oldest if seen.oldest else timedelta(0)
    message = f"{_jobs(seen.waiting)} waiting, the oldest for {_span(waits)}" if seen.oldest else "no job waits"
    if not is_alive(seen.silence):
        yield warning("worker", "No worker is running, so nobody is called.", "Start: ordercall serve")
    else:
        yield ok("worker", "running")
    if waits >= TOO_LONG_WAIT:
        yield failure("queue", f"{message}.", "Look at the worker's log and at Kalimera.")
    elif waits >= LONG_WAIT:
        yield warning("queue", f"{message}.", "Look whether Kalimera answers.")
    else:
        yield ok("queue", message)
    if retried := seen.retried:
        verb, age = "is" if retried.number == 1 else "are", _span(now - retried.oldest)
        tried = f"{_jobs(retried.number)} {verb} tried again and again, the oldest for {age}"
        message = f"{tried}: {', '.join(retried.tasks)}."
        yield warning("queue", message, "Whom they ask does not answer: see the lines on Kalimera and Shopify.")
    for job in seen.overdue:
        message = f"Job {job.id} ({job.task}) has run for {_span(now - job.since)}, and seems to hang."
        yield failure("worker", message, "Start the worker anew: it goes on there.")
    if seen.failed:
        yield warning("queue", f"{_jobs(seen.failed)} ended for good without success.", "The orders say why.")


def _jobs(number: int) -> str:
    return "1 job" if number == 1 else f"{number} jobs"


def _span(span: timedelta) -> str:
    return (
        f"{int(span.total_seconds() // 60)} min" if span >= timedelta(minutes=1) else f"{int(span.total_seconds())} s"
    )
