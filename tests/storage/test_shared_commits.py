"""Commits that many threads share: one for all that queued, and each thread hears only of its own work."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, event

from ordercall.storage.engine.shared_commits import SharedCommits
from waiting import LONG, until

Work = Callable[[Connection], int]


class Ledger:
    """A table; the test says how long a transaction stays open."""

    def __init__(self, path: Path) -> None:
        self.engine = create_engine(f"sqlite:///{path}")
        self.commits = 0
        self.opened, self.may_go_on = threading.Event(), threading.Event()
        event.listen(self.engine, "connect", lambda driver, _: setattr(driver, "isolation_level", None))
        event.listen(self.engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
        with self.begin() as tx:
            tx.exec_driver_sql("CREATE TABLE entries (number INTEGER PRIMARY KEY)")
        self.commits = 0

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        with self.engine.begin() as tx:
            yield tx
        self.commits += 1

    def hold(self, tx: Connection) -> int:
        self.opened.set()
        assert self.may_go_on.wait(LONG)
        return 0

    def numbers(self) -> list[int]:
        with self.engine.connect() as connection:
            return list(connection.exec_driver_sql("SELECT number FROM entries ORDER BY number").scalars())


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    ledger = Ledger(tmp_path / "ledger.db")
    yield ledger
    ledger.engine.dispose()


def write(number: int) -> Work:
    def work(tx: Connection) -> int:
        tx.exec_driver_sql("INSERT INTO entries VALUES (?)", (number,))
        if number == 13:
            raise ValueError("an unlucky number")
        return number

    return work


def at_once(ledger: Ledger, works: list[Work]) -> list[Future[int]]:
    """Run these while a transaction that was begun before them is still open, and end that one."""
    shared = SharedCommits(ledger.begin)
    with ThreadPoolExecutor(len(works) + 1) as threads:
        threads.submit(shared.run, ledger.hold)
        assert ledger.opened.wait(LONG)
        answers = [threads.submit(shared.run, work) for work in works]
        until(lambda: shared.waiting == len(works), "all wait")
        assert not any(answer.done() for answer in answers)
        ledger.may_go_on.set()
    return answers


def test_all_that_queued_during_a_commit_share_the_next_one(ledger: Ledger) -> None:
    answers = at_once(ledger, [write(number) for number in range(1, 13)])

    assert [answer.result() for answer in answers] == list(range(1, 13))
    assert (ledger.numbers(), ledger.commits) == (list(range(1, 13)), 2)


def test_work_that_fails_is_undone_and_spoils_no_other(ledger: Ledger) -> None:
    answers = at_once(ledger, [write(number) for number in (12, 13, 14)])

    assert isinstance(answers[1].exception(), ValueError)
    assert [answers[0].result(), answers[2].result()] == [12, 14]
    assert ledger.numbers() == [12, 14]


def test_a_commit_that_fails_is_heard_of_by_all_who_shared_it(ledger: Ledger) -> None:
    def refuse(_: Connection) -> None:
        raise OSError("the disk is full")

    event.listen(ledger.engine, "commit", refuse)
    answers = at_once(ledger, [write(1), write(2)])

    assert [type(answer.exception()) for answer in answers] == [OSError, OSError]
    assert ledger.numbers() == []
