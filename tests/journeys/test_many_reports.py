"""Reports at the highest rate at which this machine takes them: none that was answered 200 is lost or stands twice."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest

from installation import TOKEN, Installation
from load import Caller, request_bytes
from waiting import until

pytestmark = pytest.mark.journey

SENDERS = 64
BEFORE, AFTER = 300, 300
"""Reports that are answered before the web process is killed, and after that; each sender has one under way then."""

HEADERS = {"Content-Type": "application/json", "X-App-Token": TOKEN}


def report_until_it_is_over(shop: Installation, over: threading.Event, answered: list[str], sender: int) -> None:
    """Send one report after the other, each until it is answered 200, as platforms do; note those that were."""
    callers, numbers = list[Caller](), count(1)
    while not over.is_set():
        name = f"r-{sender}-{next(numbers)}"
        said = {"phone": "+915550000001", "connection": "no_answer", "report_id": name}
        request = request_bytes(f"{shop.url}/api/outcomes", json.dumps(said).encode(), HEADERS)
        while not (is_kept := ask(shop, callers, request) == 200) and not over.wait(0.05):
            pass
        answered += [name] * is_kept
    hang_up(callers)


def ask(shop: Installation, callers: list[Caller], request: bytes) -> int | None:
    """Return the answer's status over the connection that is kept; None where there is no server, or none any more."""
    try:
        caller = callers[0] if callers else Caller((shop.host, shop.port))
        callers[:] = [caller]
        caller.send(request)
        while (answer := caller.receive()) is None:
            pass
    except OSError:
        return hang_up(callers)
    return answer[0]


def hang_up(callers: list[Caller]) -> None:
    while callers:
        callers.pop().close()


def test_no_report_is_lost_or_taken_twice_when_the_web_process_is_killed_under_full_load(
    install: Callable[..., Installation],
) -> None:
    shop, over, answered = install(WORKER="external"), threading.Event(), list[str]()
    shop.start()
    with ThreadPoolExecutor(SENDERS) as senders:
        for sender in range(SENDERS):
            senders.submit(report_until_it_is_over, shop, over, answered, sender)
        try:
            until(lambda: len(answered) >= BEFORE, "reports are answered")
            os.kill(shop.process("web") or 0, signal.SIGKILL)
            before = len(answered)
            until(lambda: len(answered) >= before + AFTER, "reports are answered again")
        finally:
            over.set()

    stored = [name for (name,) in shop.rows("SELECT report_id FROM reports")]
    assert set(answered) - set(stored) == set()
    assert len(stored) == len(set(stored))
    assert len(set(stored) - set(answered)) <= SENDERS
