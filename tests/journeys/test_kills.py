"""Processes that are killed quickly, again and again: they come back, and nothing that was answered for is lost."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

import pytest

from installation import Installation
from ordercall.sandbox.orders import make_order
from waiting import until

pytestmark = [pytest.mark.journey, pytest.mark.sqlite]

KILLS = 4
"""Granian gave up at the second within some seconds."""


@pytest.mark.parametrize("name", ["web", "worker"])
def test_a_process_that_is_killed_several_times_in_a_row_comes_back(
    install: Callable[..., Installation], name: str
) -> None:
    shop = install()
    shop.start()
    shop.wait_for_workers()
    killed: set[int] = set()
    for _ in range(KILLS):
        pid = until(lambda: (found := shop.process(name)) not in killed and found, f"there is a {name} again")
        killed.add(pid)
        os.kill(pid, signal.SIGKILL)

    until(lambda: shop.process(name) not in {None, *killed}, f"there is a {name} after the last")
    until(lambda: not shop.runs or shop.answers(), "the pages answer")

    assert shop.runs
    until(lambda: shop.deliver(make_order(1)).status_code == 200, "a webhook is taken")
    until(lambda: shop.on_campaign() == 1, "the customer is on the campaign")
    assert shop.stop() == 0
