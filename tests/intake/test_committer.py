"""One commit for all that queued while the last one ran."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from receiving import make_intake, make_received
from sqlalchemy import event

from makers import make_body
from ordercall.errors import DatabaseBusy
from ordercall.intake.committer import Committer
from ordercall.storage.engine.database import Database
from ordercall.storage.records.deliveries import Outcome
from waiting import LONG, until

CONNECTIONS = 64


class SlowDisk:
    """Holds commits until :meth:`go_on`, and counts all."""

    def __init__(self, database: Database) -> None:
        self.commits = 0
        self._reached, self._may = threading.Semaphore(0), threading.Semaphore(0)
        event.listen(database.engine, "commit", self._commit)

    def _commit(self, _: object) -> None:
        self.commits += 1
        self._reached.release()
        assert self._may.acquire(timeout=LONG)

    def wait_for_commit(self) -> None:
        assert self._reached.acquire(timeout=LONG)

    def go_on(self) -> None:
        self._may.release(1_000)


@pytest.fixture
def disk(database: Database) -> SlowDisk:
    return SlowDisk(database)


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(CONNECTIONS) as threads:
        yield threads


def make_committer(database: Database, **limits: int) -> Committer:
    return Committer(database, make_intake(database), **limits)


def send_during_a_commit(
    committer: Committer, disk: SlowDisk, threads: ThreadPoolExecutor, number: int
) -> list[Future[Outcome]]:
    """Send one order, and the others while its commit runs."""
    deliveries = [make_received(make_body(order)).delivery for order in range(1, number + 1)]
    first = threads.submit(committer.store, deliveries[0])
    disk.wait_for_commit()
    others = [threads.submit(committer.store, one) for one in deliveries[1:]]
    until(lambda: committer.waiting == number - 1, "all others wait")
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
        committer.store(make_received(make_body(4)).delivery)
    disk.go_on()

    assert [answer.result() for answer in answers] == [Outcome.RECORDED] * 3
