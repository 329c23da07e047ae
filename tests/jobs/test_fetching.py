"""What is fetched for a worker before it asks: as many jobs as end, and none that it will not ask for."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from working import run

from ordercall.jobs.fetching import FetchAhead
from ordercall.jobs.priorities import (
    FILLS_THE_LIST,
    KEPT_FREE,
    MORE_PLACES,
    ORDINARY,
    SOMEBODY_WAITS,
    least_to_fetch,
)
from properties import always

ASKED = {"queues": None, "worker_id": 1}


class Queue:
    """Jobs by their ids, None where there is none; ``fetched`` counts how often somebody looked."""

    def __init__(self, *jobs: int | None) -> None:
        self._jobs = list(jobs)
        self.fetched = 0

    def fetch(self, arguments: dict[str, Any]) -> Future[list[dict[str, Any]]]:
        assert arguments == ASKED | {"at_least": ORDINARY, "resting": []}
        self.fetched += 1
        answer: Future[list[dict[str, Any]]] = Future()
        answer.set_result([{"id": self._jobs.pop(0) if self._jobs else None, "priority": ORDINARY}])
        return answer


async def ask(ahead: FetchAhead) -> int | None:
    [row] = await ahead.next(ASKED)
    found: int | None = row["id"]
    return found


def test_the_next_job_is_fetched_when_one_ends_and_given_when_it_is_asked_for() -> None:
    queue = Queue(1, 2)

    async def scenario() -> None:
        ahead = FetchAhead(queue.fetch)
        assert await ask(ahead) == 1
        ahead.one_ends(1)
        assert queue.fetched == 2
        assert await ask(ahead) == 2
        assert queue.fetched == 2

    run(scenario())


def test_nothing_is_fetched_for_a_worker_that_waits_for_news() -> None:
    queue = Queue(1, None, 2)

    async def scenario() -> None:
        ahead = FetchAhead(queue.fetch)
        assert [await ask(ahead), await ask(ahead)] == [1, None]
        ahead.one_ends(1)
        assert queue.fetched == 2
        assert await ahead.left_over() == []

    run(scenario())


def test_a_job_that_was_found_after_a_look_in_vain_is_given_too() -> None:
    queue = Queue(1, None, 2)

    async def scenario() -> None:
        ahead = FetchAhead(queue.fetch)
        assert await ask(ahead) == 1
        ahead.one_ends(1)
        ahead.one_ends(1)
        assert await ask(ahead) == 2

    run(scenario())


def test_what_a_worker_does_not_ask_for_any_more_is_left_over() -> None:
    queue = Queue(1, 2, None, 3)

    async def scenario() -> None:
        ahead = FetchAhead(queue.fetch)
        assert await ask(ahead) == 1
        ahead.one_ends(1)
        ahead.one_ends(1)
        ahead.stop()
        ahead.one_ends(1)
        assert (await ahead.left_over(), queue.fetched) == ([2], 3)

    run(scenario())


PLACES = 4
KINDS = st.sampled_from([ORDINARY, SOMEBODY_WAITS, FILLS_THE_LIST])


class Worker:
    """A worker with four places for ordinary jobs, over a queue of priorities; a job's id is its place in it."""

    def __init__(self, *waiting: int) -> None:
        self.waiting = dict(enumerate(waiting, start=1))
        self.ahead = FetchAhead(self._fetch)
        self.ahead.places = PLACES

    def _fetch(self, arguments: dict[str, Any]) -> Future[list[dict[str, Any]]]:
        may = [(-kind, number) for number, kind in self.waiting.items() if kind >= arguments["at_least"]]
        number = min(may)[1] if may else None
        answer: Future[list[dict[str, Any]]] = Future()
        answer.set_result([{"id": number, "priority": self.waiting.pop(number) if number else None}])
        return answer

    async def takes_all_it_may(self) -> list[int]:
        taken = []
        while (number := await ask(self.ahead)) is not None:
            taken.append(number)
        return taken


def test_a_cancellation_finds_a_place_while_ordinary_jobs_have_all_of_theirs() -> None:
    async def scenario() -> None:
        worker = Worker(*[ORDINARY] * 600)
        assert await worker.takes_all_it_may() == [1, 2, 3, 4]
        worker.waiting |= {601: SOMEBODY_WAITS, 602: FILLS_THE_LIST}
        assert await worker.takes_all_it_may() == [602, 601]

    run(scenario())


def test_a_crowd_of_cancellations_leaves_a_place_to_whoever_fills_the_list() -> None:
    async def scenario() -> None:
        worker = Worker(*[SOMEBODY_WAITS] * 100)
        assert len(await worker.takes_all_it_may()) == PLACES + KEPT_FREE
        worker.waiting[101] = FILLS_THE_LIST
        assert await worker.takes_all_it_may() == [101]

    run(scenario())


def test_a_worker_whose_places_were_full_is_told_when_one_is_free_and_its_job_is_there() -> None:
    async def scenario() -> None:
        worker = Worker(*[ORDINARY] * 6)
        assert await worker.takes_all_it_may() == [1, 2, 3, 4]
        assert worker.ahead.one_ends(2) is False
        assert list(worker.waiting) == [6]
        assert await worker.takes_all_it_may() == [5]

    run(scenario())


@given(st.lists(KINDS, max_size=40))
@always
def test_each_kind_finds_the_places_that_are_kept_from_those_below_it(kinds: list[int]) -> None:
    """Whatever waits: the most urgent go first, no kind takes more than its places, and none is left unused."""

    async def scenario() -> None:
        worker = Worker(*kinds)
        taken = [kinds[number - 1] for number in await worker.takes_all_it_may()]
        assert taken == sorted(taken, reverse=True)
        assert sum(kind <= ORDINARY for kind in taken) <= PLACES
        assert sum(kind <= SOMEBODY_WAITS for kind in taken) <= PLACES + KEPT_FREE
        assert all(kind < least_to_fetch(taken, PLACES) for kind in worker.waiting.values())

    run(scenario())


def test_as_many_places_are_added_as_are_kept() -> None:
    full = [ORDINARY] * PLACES + [SOMEBODY_WAITS] * KEPT_FREE + [FILLS_THE_LIST] * KEPT_FREE
    assert len(full) == PLACES + MORE_PLACES
