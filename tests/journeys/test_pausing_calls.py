"""All calls are paused while customers wait to be rung, with real processes and a dialer that keeps to the window."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from gate import Gate
from installation import HTTP, TOKEN, Installation, mixed_orders
from load import fire
from ordercall.sandbox.dialer import Dialer
from ordercall.sandbox.kalimera import FakeKalimera
from ordercall.sandbox.schedule import Schedule
from waiting import until

pytestmark = pytest.mark.journey

BACK = 1_800
"""Seconds: longer than the grace."""

LATE = 0.7
"""Seconds by which a busy machine may see the first call late, and so the others too soon after it.

Who begins with a second's worth at once is too soon by 0.95 s.
"""


class ByHand(Schedule):
    """Does what is due when the test says so, however late that is."""

    def __init__(self) -> None:
        self.waiting: list[Callable[[], None]] = []

    def after(self, seconds: float, act: Callable[[], None]) -> None:
        self.waiting.append(act)

    def do_all(self) -> None:
        for act in self.waiting[:]:
            act()
        self.waiting.clear()


def test_a_pause_silences_the_phones_and_after_it_all_are_rung(shop: Installation, kalimera: FakeKalimera) -> None:
    schedule = ByHand()
    dialer = Dialer(kalimera, schedule, pick_up=lambda _ring: False, delay=timedelta)
    for order in mixed_orders(3):
        shop.deliver(order)
    until(lambda: shop.on_campaign() == 3, "all wait to be rung")

    said = shop.run("calls", "pause", "--why", "The price is wrong.")
    until(lambda: shop.rows("SELECT outcome FROM window_endings") == [("ended",)], "Kalimera has taken it")
    schedule.do_all()

    assert "Calls are paused until somebody resumes." in said
    assert dialer.rings == []

    shop.kill()
    shifted = "UPDATE calls SET window_start = window_start - ?, window_end = window_end - ?"
    shop.write(f"{shifted}, may_ring_until = may_ring_until - ?, cut_off_at = cut_off_at - ?", *[BACK] * 4)
    shop.start()
    shop.look_now("see_silence")
    until(
        lambda: shop.rows("SELECT count(*) FROM calls WHERE state = 'planned'") == [(3,)], "they are to be rung again"
    )
    assert len(kalimera.listings) == 3

    shop.run("calls", "resume")
    shop.write("UPDATE procrastinate_jobs SET scheduled_at = '2026-01-01 00:00:00' WHERE task_name = 'sync_order'")
    until(lambda: len(kalimera.listings) == 6, "they are on the campaign again")
    schedule.do_all()

    assert sorted(ring.phone for ring in dialer.rings) == sorted(kalimera.contacts)
    assert shop.rows("SELECT count(*) FROM logs WHERE event_type = 'Call_Unanswered'") == [(0,)]


@pytest.mark.sqlite
def test_who_waited_for_the_end_of_a_pause_goes_no_faster_than_the_pace(
    install: Callable[..., Installation], kalimera: FakeKalimera
) -> None:
    pace, count = 20, 60
    shop = install(KALIMERA_REQUESTS_PER_SECOND=str(pace))
    shop.start()
    shop.wait_for_workers()
    shop.run("calls", "pause")
    assert fire(shop.url, shop.webhooks(mixed_orders(count)), connections=16).statuses == Counter({200: count})
    until(lambda: shop.rows("SELECT count(*) FROM calls WHERE reason = 'pause'") == [(count,)], "all wait for its end")
    assert kalimera.contacts == {}
    kalimera.forget_calls()

    HTTP.post(f"{shop.url}/api/calls/resume", headers={"X-App-Token": TOKEN}).raise_for_status()
    shop.write("UPDATE procrastinate_jobs SET scheduled_at = '2026-01-01 00:00:00' WHERE task_name = 'sync_order'")
    until(lambda: shop.on_campaign() == count, "all are on the campaign")

    times = sorted(call.at for call in kalimera.calls)
    early = [each for each, at in enumerate(times) if at - times[0] + LATE < each / pace]
    assert early == []
    assert len(kalimera.contacts) == count


@pytest.mark.sqlite
def test_a_kill_while_kalimera_answers_repeats_one_put_at_most(
    install: Callable[..., Installation], kalimera: FakeKalimera, gate: Gate
) -> None:
    shop = install()
    shop.start()
    shop.wait_for_workers()
    shop.deliver(mixed_orders(1)[0])
    until(lambda: shop.on_campaign() == 1, "somebody waits to be rung")
    before = updates(kalimera)
    gate.close()
    with ThreadPoolExecutor() as threads:
        threads.submit(shop.run, "calls", "pause")  # it waits for an answer that does not come
        until(lambda: gate.waiting() == 1, "Kalimera is being told")
        shop.kill()
    assert shop.rows("SELECT count(*) FROM calls WHERE may_ring_until > cut_off_at") == [(1,)]

    gate.open()
    shop.start()

    until(lambda: shop.rows("SELECT outcome FROM window_endings") == [("ended",)], "Kalimera has taken it")
    assert updates(kalimera) - before <= 2
    assert shop.rows("SELECT count(*) FROM calls WHERE may_ring_until = cut_off_at") == [(1,)]


def updates(kalimera: FakeKalimera) -> int:
    return len([call for call in kalimera.calls if call.method == "PUT"])
