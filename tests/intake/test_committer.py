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
from ordercall.services.intake_service import Received
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

    def let_one_go_on(self) -> None:
        self._may.release()

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
    deliveries = [make_received(make_body(order)) for order in range(1, number + 1)]
    first = threads.submit(committer.store, lambda: deliveries[0])
    disk.wait_for_commit()
    others = [threads.submit(committer.store, lambda one=one: one) for one in deliveries[1:]]
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
        committer.store(lambda: make_received(make_body(4)))
    disk.go_on()

    assert [answer.result() for answer in answers] == [Outcome.RECORDED] * 3


def test_what_comes_while_the_disk_works_is_read_before_it_is_done(
    database: Database, disk: SlowDisk, threads: ThreadPoolExecutor
) -> None:
    committer, being_read = make_committer(database), threading.Event()

    def read() -> Received:
        being_read.set()
        return make_received(make_body(4))

    answers = send_during_a_commit(committer, disk, threads, 3)
    disk.let_one_go_on()  # the first came alone; the next commit is for two
    disk.wait_for_commit()
    answers.append(threads.submit(committer.store, read))

    assert being_read.wait(LONG)
    disk.go_on()
    assert [answer.result() for answer in answers] == [Outcome.RECORDED] * 4


def test_what_cannot_be_read_fails_alone(database: Database, disk: SlowDisk, threads: ThreadPoolExecutor) -> None:
    def fail() -> Received:
        raise ZeroDivisionError

    committer = make_committer(database)
    answers = send_during_a_commit(committer, disk, threads, 3)
    odd = threads.submit(committer.store, fail)
    disk.go_on()

    with pytest.raises(ZeroDivisionError):
        odd.result()
    assert [answer.result() for answer in answers] == [Outcome.RECORDED] * 3


def test_a_flood_of_what_is_refused_keeps_no_order_from_being_stored(
    database: Database, threads: ThreadPoolExecutor
) -> None:
    committer, orders = make_committer(database), list[Future[Outcome]]()

    def refuse() -> Received:
        """Be refused, and see to it that the next one waits already."""
        if not orders[0].done():
            threads.submit(committer.store, refuse)
            until(lambda: committer.waiting >= 2 or orders[0].done(), "the next one waits")
        raise PermissionError

    def read() -> Received:
        threads.submit(committer.store, refuse)
        until(lambda: committer.waiting >= 1, "one waits behind the order")
        return make_received(make_body(1))

    orders.append(threads.submit(committer.store, read))

    assert orders[0].result() is Outcome.RECORDED
