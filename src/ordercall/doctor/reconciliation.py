"""What the webhooks missed, as far as the shop was read again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from ordercall.config import Settings
from ordercall.doctor.findings import Finding, failure, ok, warning
from ordercall.providers.shopify.orders import SHOWN_WITHOUT_READ_ALL
from ordercall.storage.engine.opening import database_at
from ordercall.storage.records import reconciliations
from ordercall.storage.records.reconciliations import Run

CHECK = "missed webhooks"
LONGEST_PAUSE = timedelta(hours=2)
"""RECONCILE_MINUTES is at most 59, so by then two readings in a row have not come."""

NO_END = "Shopify does not answer, or no worker runs"
OLDEST_SHOWN = (
    "Shopify shows an app the orders of the last 60 days, unless it has the scope read_all_orders; "
    "what is older may be missing."
)


def reconciliation(settings: Settings, now: datetime) -> Iterator[Finding]:
    """Check when the shop was last read, and what no webhook had brought."""
    if missing := settings.missing_for_cancels:
        yield warning(CHECK, "nobody looks for them: the shop's orders cannot be read.", f"Set {', '.join(missing)}.")
        return
    if not settings.reconcile_minutes:
        yield warning(CHECK, "nobody looks for them: RECONCILE_MINUTES is 0.", "Set it to 15.")
    with closing(database_at(settings.database_url, settings.database_path)) as db:
        if not db.is_current():
            return
        with db.read() as tx:
            run, stuck = reconciliations.latest(tx), reconciliations.without_an_end(tx, now)
    if stuck:
        message = f"the shop could not be read since {_moment(stuck.started_at, settings.display_timezone)}: {NO_END}."
        yield warning(CHECK, message, "See the lines on Shopify and on the worker.")
    elif run:
        yield from _last_run(run, now, settings.display_timezone)


def _last_run(run: Run, now: datetime, zone: ZoneInfo) -> Iterator[Finding]:
    if run.fault:
        yield failure(CHECK, f"the shop's orders could not be read: {run.fault}.", "See the line on Shopify.")
    elif run.ended_at and now - run.ended_at > LONGEST_PAUSE:
        yield warning(CHECK, f"the shop was last read {_moment(run.ended_at, zone)}.", "See that a worker runs.")
    elif run.missed_orders:
        yield warning(CHECK, in_words(run, zone), "Look at the webhooks in Shopify.")
    else:
        yield ok(CHECK, in_words(run, zone))
    if run.since and too_far_back(run.since, run.started_at):
        yield warning(CHECK, "the last reading began more than 60 days back.", OLDEST_SHOWN)
    for topic, last in run.silent.items():
        hours = (now.timestamp() - last) / 3_600
        yield warning(CHECK, f"{topic} used to come often, and last came {hours:.0f} h ago.", "Look in Shopify.")


def in_words(run: Run | None, zone: ZoneInfo) -> str:
    """Return what a run came to, in a sentence, with times in this zone."""
    if run is None:
        return "Another process reads the shop's orders just now."
    read = f"Read {_counted(run.seen, 'order')}"
    if run.fault:
        return f"{read}, then no more: {run.fault}."
    changes = _counted(run.missed_changes, "change")
    missed = f"{run.missed_orders:,} that no webhook had brought and {changes} that none had told"
    unreadable = f"; {run.unreadable:,} could not be read as orders" if run.unreadable else ""
    return f"{read} that changed since {_moment(run.since, zone)}: {missed}{unreadable}."


def _counted(number: int, word: str) -> str:
    return f"{number:,} {word}" if number == 1 else f"{number:,} {word}s"


def _moment(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%d %b, %H:%M}"


def too_far_back(since: datetime, now: datetime) -> bool:
    """Return whether Shopify may not show all orders since then."""
    return now - since > SHOWN_WITHOUT_READ_ALL
