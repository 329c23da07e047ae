"""One commit for what many store at once: all that gathered share it, and each hears only of its own."""

from __future__ import annotations

import asyncio
import itertools
import random
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from ordercall.errors import DatabaseBusy
from ordercall.storage.engine.group_commit import BlockedThread, GroupCommit
from waiting import LONG, until

MOST_AT_ONCE = 50
UNLUCKY, TOO_BUSY = 13, 99
CROWD, EACH, SEEDS = 12, 60, range(3)


class Ledger:
    """A table of numbers, of which some cannot be stored; the test says how long a commit stays open."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.execute("PRAGMA synchronous = OFF")  # no power cut comes
        self._connection.execute("CREATE TABLE entries (number INTEGER)")
        self._reached, self._may_go_on = threading.Event(), threading.Event()
        self._may_go_on.set()
        self.commits: list[int] = []

    def commit(self, numbers: list[int]) -> list[str]:
        self._connection.execute("BEGIN")
        try:
            names = [self._store(number) for number in numbers]
        except Exception:
            self._connection.execute("ROLLBACK")
            raise
        self._reached.set()
        assert self._may_go_on.wait(LONG)
        self._connection.execute("COMMIT")
        self.commits.append(len(numbers))
        return names

    def _store(self, number: int) -> str:
        self._connection.execute("INSERT INTO entries VALUES (?)", (number,))
        if number % 100 == UNLUCKY:
            raise ValueError("an unlucky number")
        if number % 100 == TOO_BUSY:
            raise DatabaseBusy("somebody else holds the lock")
        return f"number {number}"

    def numbers(self) -> list[int]:
        return [number for (number,) in self._connection.execute("SELECT number FROM entries ORDER BY rowid")]

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep the first commit from ending during the block."""
        self._may_go_on.clear()
        yield
        self._may_go_on.set()

    def wait_for_commit(self) -> None:
        assert self._reached.wait(LONG)

    def close(self) -> None:
        self._connection.close()


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    ledger = Ledger(tmp_path / "ledger.db")
    yield ledger
    ledger.close()


@pytest.fixture
def group(ledger: Ledger) -> GroupCommit[int, str]:
    return GroupCommit(ledger.commit, most_at_once=MOST_AT_ONCE)


@pytest.fixture
def served(group: GroupCommit[int, str]) -> Iterator[GroupCommit[int, str]]:
    """The same, with a thread that does nothing else than to commit."""
    thread = threading.Thread(target=group.serve, daemon=True)
    thread.start()
    yield group
    group.close()
    thread.join(LONG)
    assert not thread.is_alive()


def put_and_wait(group: GroupCommit[int, str], number: int) -> str:
    waiter = BlockedThread[str]()
    group.put(number, waiter)
    return waiter.result(LONG)


@pytest.fixture
def store(served: GroupCommit[int, str]) -> Callable[[int], str]:
    """Store a number and wait."""
    return lambda number: put_and_wait(served, number)


def during_a_commit(
    ledger: Ledger, group: GroupCommit[int, str], store: Callable[[int], str], numbers: list[int]
) -> list[Future[str]]:
    """Store these while the commit of a number before them is still open, and end that one."""
    with ThreadPoolExecutor(len(numbers) + 1) as threads, ledger.held():
        threads.submit(store, 0)
        ledger.wait_for_commit()
        answers = [_next_in_line(threads, group, store, number) for number in numbers]
        assert not any(answer.done() for answer in answers)
    return answers


def _next_in_line(
    threads: ThreadPoolExecutor, group: GroupCommit[int, str], store: Callable[[int], str], number: int
) -> Future[str]:
    before = group.waiting
    answer = threads.submit(store, number)
    until(lambda: group.waiting > before, "it waits behind the others")
    return answer


def test_all_that_gathered_during_a_commit_share_the_next_one(
    ledger: Ledger, group: GroupCommit[int, str], store: Callable[[int], str]
) -> None:
    answers = during_a_commit(ledger, group, store, list(range(1, 13)))

    assert [answer.result() for answer in answers] == [f"number {number}" for number in range(1, 13)]
    assert (ledger.numbers(), ledger.commits) == (list(range(13)), [1, 12])


def test_a_crowd_is_shared_out_over_several_commits(
    ledger: Ledger, group: GroupCommit[int, str], store: Callable[[int], str]
) -> None:
    numbers = [number for number in range(100, 100 + MOST_AT_ONCE + 4) if number % 100 != UNLUCKY]

    answers = during_a_commit(ledger, group, store, numbers)

    assert [answer.result() for answer in answers] == [f"number {number}" for number in numbers]
    assert ledger.commits == [1, MOST_AT_ONCE, 3]


def test_what_cannot_be_stored_is_undone_and_spoils_no_other(
    ledger: Ledger, group: GroupCommit[int, str], store: Callable[[int], str]
) -> None:
    answers = during_a_commit(ledger, group, store, [12, UNLUCKY, 14])

    assert isinstance(answers[1].exception(), ValueError)
    assert [answers[0].result(), answers[2].result()] == ["number 12", "number 14"]
    assert (ledger.numbers(), ledger.commits) == ([0, 12, 14], [1, 1, 1])


def test_that_the_database_is_busy_all_hear_at_once(
    ledger: Ledger, group: GroupCommit[int, str], store: Callable[[int], str]
) -> None:
    answers = during_a_commit(ledger, group, store, [1, TOO_BUSY, 2])

    assert [type(answer.exception()) for answer in answers] == [DatabaseBusy] * 3
    assert ledger.numbers() == [0]


def test_after_a_failure_the_next_one_is_stored(ledger: Ledger, store: Callable[[int], str]) -> None:
    with pytest.raises(ValueError, match="unlucky"):
        store(UNLUCKY)

    assert store(14) == "number 14"


@pytest.mark.parametrize("seed", SEEDS)
def test_in_any_crowd_each_hears_once_and_what_is_said_to_be_stored_is(
    ledger: Ledger, store: Callable[[int], str], seed: int
) -> None:
    numbers = list(range(1, CROWD * EACH + 1))
    random.Random(seed).shuffle(numbers)  # noqa: S311 - chance is all it needs
    stored: list[int] = []
    unlucky: list[int] = []
    busy: list[int] = []

    def come(mine: tuple[int, ...]) -> list[int]:
        for number in mine:
            try:
                assert store(number) == f"number {number}"
                stored.append(number)
            except DatabaseBusy:
                busy.append(number)
            except ValueError:
                unlucky.append(number)
        return [number for number in mine if number in stored]

    with ThreadPoolExecutor(CROWD) as threads:
        orders_of_coming = list(threads.map(come, itertools.batched(numbers, EACH)))

    assert sorted(stored + unlucky + busy) == sorted(numbers)
    assert {number % 100 for number in unlucky} == {UNLUCKY}
    assert sorted(ledger.numbers()) == sorted(stored)
    assert [[number for number in ledger.numbers() if number in mine] for mine in orders_of_coming] == orders_of_coming
    assert (sum(ledger.commits), max(ledger.commits) <= MOST_AT_ONCE) == (len(stored), True)


def test_who_loses_patience_hears_that_the_database_is_busy(ledger: Ledger, served: GroupCommit[int, str]) -> None:
    waiter = BlockedThread[str]()
    with ledger.held():
        served.put(1, waiter)
        with pytest.raises(DatabaseBusy, match="send it again"):
            waiter.result(0.01)


def test_what_is_not_waited_for_any_more_is_not_stored(ledger: Ledger, served: GroupCommit[int, str]) -> None:
    first, given_up, last = Future[str](), Future[str](), Future[str]()
    with ledger.held():
        served.put(1, first)
        ledger.wait_for_commit()
        served.put(2, given_up)
        given_up.cancel()
        served.put(3, last)

    assert [first.result(LONG), last.result(LONG)] == ["number 1", "number 3"]
    assert ledger.numbers() == [1, 3]


def test_an_event_loop_waits_without_a_thread(ledger: Ledger, served: GroupCommit[int, str]) -> None:
    async def store(number: int) -> str:
        future = Future[str]()
        served.put(number, future)
        return await asyncio.wrap_future(future)

    async def crowd() -> list[str | BaseException]:
        return await asyncio.gather(*map(store, (1, UNLUCKY, 3)), return_exceptions=True)

    one, unlucky, three = asyncio.run(crowd())

    assert (one, type(unlucky), three) == ("number 1", ValueError, "number 3")


def test_what_came_before_the_end_is_stored_before_it(ledger: Ledger, group: GroupCommit[int, str]) -> None:
    futures = [Future[str]() for _ in range(MOST_AT_ONCE + 1)]
    for number, future in enumerate(futures, start=14):
        group.put(number, future)
    group.close()

    group.serve()

    assert all(future.done() for future in futures)
    assert ledger.commits == [MOST_AT_ONCE, 1]


def test_what_makes_a_commit_too_heavy_is_stored_by_the_next_in_its_order(ledger: Ledger) -> None:
    group = GroupCommit(ledger.commit, most_at_once=MOST_AT_ONCE, weigh=lambda number: number, heaviest=10)
    waiters = [Future[str]() for _ in range(5)]
    for number, waiter in zip((4, 6, 1, 30, 2), waiters, strict=True):
        group.put(number, waiter)
    group.close()

    commits = 1
    while group.commit_next():
        commits += 1

    assert (ledger.commits, ledger.numbers()) == ([2, 1, 1, 1], [4, 6, 1, 30, 2])
    assert [waiter.result(0) for waiter in waiters] == [f"number {number}" for number in (4, 6, 1, 30, 2)]
    assert (commits, group.waiting) == (4, 0)


def test_what_was_left_over_is_still_waiting(ledger: Ledger) -> None:
    group = GroupCommit(ledger.commit, most_at_once=MOST_AT_ONCE, weigh=lambda number: number, heaviest=10)
    for number in (9, 8):
        group.put(number, Future[str]())

    group.commit_next()

    assert group.waiting == 1
