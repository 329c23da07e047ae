"""Refused webhooks are counted, and no flood of them can fill the database or slow the others."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from makers import NOW
from ordercall.intake.refusals import RefusalCounter
from ordercall.intake.signature import Cause
from ordercall.storage.engine.database import Database
from ordercall.storage.records import refusals
from waiting import LONG

NEVER = 3_600.0


class Present:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def present() -> Present:
    return Present()


@pytest.fixture
def db(database: Database) -> Database:
    return database


@pytest.fixture
def counter(db: Database, present: Present) -> RefusalCounter:
    """A counter that writes when the test says so."""
    return RefusalCounter(db, present, pause=NEVER)


def counted(db: Database, since: datetime = NOW) -> dict[str, tuple[int, float]]:
    with db.read() as tx:
        return refusals.by_cause(tx, since=since)


def rows(db: Database) -> list[tuple[object, ...]]:
    with db.read() as tx:
        return [tuple(row) for row in tx.exec_driver_sql("SELECT hour, cause, number FROM refusals ORDER BY hour")]


def test_refusals_are_counted_by_cause(db: Database, counter: RefusalCounter) -> None:
    for cause in (Cause.MISSING, Cause.UNKNOWN_SECRET, Cause.MISSING):
        counter.count(cause)
    counter.write()

    assert counted(db) == {"missing": (2, NOW.timestamp()), "unknown_secret": (1, NOW.timestamp())}


def test_a_flood_costs_one_row_an_hour(db: Database, counter: RefusalCounter, present: Present) -> None:
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(counter.count, [Cause.MISSING] * 4_000))
    counter.write()
    present.now += timedelta(hours=1)
    counter.count(Cause.MISSING)
    counter.write()

    hour = int(NOW.timestamp()) // 3600 * 3600
    assert rows(db) == [(hour, "missing", 4_000), (hour + 3600, "missing", 1)]


def test_nothing_is_written_while_the_pause_lasts(db: Database, counter: RefusalCounter) -> None:
    counter.count(Cause.MISSING)

    assert rows(db) == []


def test_what_was_counted_is_written_after_the_pause(db: Database, present: Present) -> None:
    written = threading.Event()

    class Told(RefusalCounter):
        def write(self) -> None:
            super().write()
            written.set()

    Told(db, present, pause=0.001).count(Cause.EMPTY_BODY)

    assert written.wait(LONG)
    assert counted(db) == {"empty_body": (1, NOW.timestamp())}


def test_a_busy_database_loses_no_count(db: Database, counter: RefusalCounter) -> None:
    counter.count(Cause.MISSING)
    with db.begin():
        counter.write()
    counter.count(Cause.MISSING)
    counter.write()

    assert counted(db) == {"missing": (2, NOW.timestamp())}


def test_counts_are_dropped_after_thirty_days(db: Database, counter: RefusalCounter, present: Present) -> None:
    counter.count(Cause.MISSING)
    counter.write()
    present.now += timedelta(days=30, hours=2)
    counter.count(Cause.NOT_BASE64)
    counter.write()

    assert [cause for _, cause, _ in rows(db)] == ["not_base64"]


def timers() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if isinstance(thread, threading.Timer)}


def test_to_close_writes_what_was_counted_last_and_leaves_no_timer(db: Database, counter: RefusalCounter) -> None:
    before = timers()
    counter.count(Cause.MISSING)
    during = timers()
    counter.close()

    assert len(during - before) == 1
    assert timers() <= before
    assert counted(db) == {"missing": (1, NOW.timestamp())}


@pytest.mark.sqlite
def test_to_close_asks_the_database_for_nothing_when_nothing_was_counted(
    db: Database, counter: RefusalCounter, caplog: pytest.LogCaptureFixture
) -> None:
    counter.count(Cause.MISSING)
    counter.close()
    with db.begin():  # whoever asked it now would be told that it is busy
        counter.close()

    assert [record for record in caplog.records if "could not write" in record.message] == []


@pytest.mark.sqlite
def test_what_cannot_be_written_at_the_end_starts_no_timer(
    db: Database, counter: RefusalCounter, caplog: pytest.LogCaptureFixture
) -> None:
    before = timers()
    counter.count(Cause.MISSING)
    with db.begin():
        counter.close()

    assert timers() <= before
    assert "could not write the count of refused webhooks" in caplog.text
