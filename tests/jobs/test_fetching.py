"""What is fetched for a worker before it asks: as many jobs as end, and none that it will not ask for."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any

from working import run

from ordercall.jobs.fetching import FetchAhead

ASKED = {"queues": None, "worker_id": 1}


class Queue:
    """Jobs by their ids, None where there is none; ``fetched`` counts how often somebody looked."""

    def __init__(self, *jobs: int | None) -> None:
        self._jobs = list(jobs)
        self.fetched = 0

    def fetch(self, arguments: dict[str, Any]) -> Future[list[dict[str, Any]]]:
        assert arguments == ASKED
        self.fetched += 1
        answer: Future[list[dict[str, Any]]] = Future()
        answer.set_result([{"id": self._jobs.pop(0) if self._jobs else None}])
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
        ahead.one_ends()
        assert queue.fetched == 2
        assert await ask(ahead) == 2
        assert queue.fetched == 2

    run(scenario())


def test_nothing_is_fetched_for_a_worker_that_waits_for_news() -> None:
    queue = Queue(1, None, 2)

    async def scenario() -> None:
        ahead = FetchAhead(queue.fetch)
        assert [await ask(ahead), await ask(ahead)] == [1, None]
        ahead.one_ends()
        assert queue.fetched == 2
        assert await ahead.left_over() == []

    run(scenario())


def test_a_job_that_was_found_after_a_look_in_vain_is_given_too() -> None:
    queue = Queue(1, None, 2)

    async def scenario() -> None:
        ahead = FetchAhead(queue.fetch)
        assert await ask(ahead) == 1
        ahead.one_ends()
        ahead.one_ends()
        assert await ask(ahead) == 2

    run(scenario())


def test_what_a_worker_does_not_ask_for_any_more_is_left_over() -> None:
    queue = Queue(1, 2, None, 3)

    async def scenario() -> None:
        ahead = FetchAhead(queue.fetch)
        assert await ask(ahead) == 1
        ahead.one_ends()
        ahead.one_ends()
        ahead.stop()
        ahead.one_ends()
        assert (await ahead.left_over(), queue.fetched) == ([2], 3)

    run(scenario())
