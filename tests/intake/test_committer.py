"""One commit for all that queued while the last one ran."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from receiving import make_received
from sqlalchemy import event

from makers import make_body
from ordercall.errors import DatabaseBusy
from ordercall.intake.committer import Committer
from ordercall.jobs.engine import JobEngine
from ordercall.services.intake_service import IntakeService
from ordercall.storage.database import Database
from ordercall.storage.deliveries import Outcome

CONNECTIONS = 64


class SlowDisk:
    """Holds the first commit until :meth:`go_on`, and counts all."""

    def __init__(self, database: Database) -> None:
        self.commits = 0
        self._reached, self._go_on = threading.Event(), threading.Event()
        event.listen(database.engine, "commit", self._commit)

    def _commit(self, _: object) -> None:
        self.commits += 1
        self._reached.set()
        assert self._go_on.wait(10)

    def wait_for_commit(self) -> None:
        assert self._reached.wait(10)

    def go_on(self) -> None:
        self._go_on.set()


@pytest.fixture
def disk(database: Database) -> SlowDisk:
    return SlowDisk(database)


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(CONNECTIONS) as threads:
        yield threads


def make_committer(database: Database, **limits: int) -> Committer:
    return Committer(database, IntakeService(JobEngine(database)), **limits)


def until(look: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not look():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def send_during_a_commit(
    committer: Committer, disk: SlowDisk, threads: ThreadPoolExecutor, number: int
) -> list[Future[Outcome]]:
    """Send one order, and the others while its commit runs."""
    deliveries = [make_received(make_body(order)) for order in range(1, number + 1)]
    first = threads.submit(committer.store, deliveries[0])
    disk.wait_for_commit()
    others = [threads.submit(committer.store, delivery) for delivery in deliveries[1:]]
    until(lambda: committer.waiting == number - 1)
    return [first, *others]


def test_64_connections_at_once_cost_two_commits(
    database: Database, disk: SlowDisk, threads: ThreadPoolExecutor
) -> None:
    answers = send_during_a_commit(make_committer(database), disk, threads, CONNECTIONS)
    disk.go_on()

    assert [answer.result() for answer in answers] == [Outcome.RECORDED] * CONNECTIONS
    assert disk.commits / CONNECTIONS <= 0.06


def test_what_comes_when_the_queue_is_full_is_refused_at_once(
    database: Database, disk: SlowDisk, threads: ThreadPoolExecutor
) -> None:
    committer = make_committer(database, longest_queue=2)
    answers = send_during_a_commit(committer, disk, threads, 3)

    with pytest.raises(DatabaseBusy, match="Too many deliveries wait"):
        committer.store(make_received(make_body(4)))
    disk.go_on()

    assert [answer.result() for answer in answers] == [Outcome.RECORDED] * 3
