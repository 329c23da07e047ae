"""How often a provider may be asked and who goes first, in a loop whose time passes only while everybody waits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from itertools import pairwise
from typing import Any

import pytest

from ordercall.providers.rate_limiter import LATE_SECONDS, RateLimiter


class Loop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        super().__init__()
        self.now = 1_000.0

    def time(self) -> float:
        return self.now

    def _run_once(self) -> None:
        if not self._ready and self._scheduled:  # type: ignore[attr-defined]
            self.now = max(self.now, self._scheduled[0].when())  # type: ignore[attr-defined]
        super()._run_once()  # type: ignore[misc]


def run[T](scenario: Callable[[], Coroutine[Any, Any, T]]) -> T:
    return asyncio.run(scenario(), loop_factory=Loop)


async def seconds_for(requests: int, limiter: RateLimiter) -> float:
    loop = asyncio.get_running_loop()
    started = loop.time()
    for _ in range(requests):
        await limiter.acquire()
    return loop.time() - started


@pytest.mark.parametrize(("requests", "seconds"), [(1, 0.0), (8, 0.875), (28, 3.375)])
def test_the_first_goes_at_once_and_the_others_at_the_rate(requests: int, seconds: float) -> None:
    async def scenario() -> None:
        assert await seconds_for(requests, RateLimiter(8)) == pytest.approx(seconds)

    run(scenario)


def test_a_quiet_hour_saves_nothing() -> None:
    async def scenario() -> None:
        limiter = RateLimiter(8)
        await limiter.acquire()
        await asyncio.sleep(3_600)
        assert await seconds_for(16, limiter) == pytest.approx(15 / 8)

    run(scenario)


def test_without_a_rate_nobody_waits() -> None:
    async def scenario() -> None:
        assert await seconds_for(10_000, RateLimiter(0)) == 0

    run(scenario)


def test_the_urgent_pass_by_all_who_wait_and_the_others_keep_their_order() -> None:
    async def scenario() -> None:
        limiter, passed = RateLimiter(10), []

        async def ask(name: str, *, urgent: bool = False) -> None:
            await limiter.acquire(urgent=urgent)
            passed.append((name, asyncio.get_running_loop().time()))

        crowd = [asyncio.create_task(ask(f"contact {number}")) for number in range(600)]
        await asyncio.sleep(5)
        before = len(passed)
        await asyncio.gather(ask("list", urgent=True), ask("campaign", urgent=True))
        assert [name for name, _ in passed[before:]] == ["list", "campaign"]
        await asyncio.gather(*crowd)
        assert [name for name, _ in passed if name.startswith("contact")] == [f"contact {n}" for n in range(600)]
        assert min(later - at for (_, at), (_, later) in pairwise(passed)) == pytest.approx(0.1)

    run(scenario)


def test_a_loop_that_wakes_up_late_makes_up_for_a_little_of_it() -> None:
    async def scenario() -> None:
        limiter, loop = RateLimiter(100), asyncio.get_running_loop()
        crowd = [asyncio.create_task(limiter.acquire()) for _ in range(100)]
        await asyncio.sleep(0)
        loop.now += 10  # type: ignore[attr-defined]  # the loop was kept busy
        later = loop.time()
        await asyncio.gather(*crowd)
        assert loop.time() - later == pytest.approx(0.98 - LATE_SECONDS)

    run(scenario)


def test_who_is_cancelled_takes_no_turn() -> None:
    async def scenario() -> None:
        limiter = RateLimiter(1)
        await limiter.acquire()
        gone = asyncio.create_task(limiter.acquire())
        await asyncio.sleep(0)
        gone.cancel()
        assert await seconds_for(1, limiter) == pytest.approx(1.0)

    run(scenario)
