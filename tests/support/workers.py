"""The workers on a Postgres, for tests in which one dies: who they are, and when one has jobs in hand for certain."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ordercall.sandbox.kalimera import FakeKalimera
from waiting import until

SLOW_SECONDS = 2.0

Ask = Callable[[str], list[tuple[Any, ...]]]
"""Puts a question to the database in SQL."""

WAITING_FOR_KALIMERA = """
SELECT count(*) FROM procrastinate_jobs job
JOIN procrastinate_events started ON started.job_id = job.id AND started.type = 'started'
JOIN orders ON orders.shopify_id = (job.args ->> 'shopify_id')::bigint
JOIN contacts ON contacts.phone = orders.customer_phone AND contacts.state = 'creating'
WHERE job.status = 'doing' AND job.worker_id = {worker_id}
  AND started.at > greatest('{since}', clock_timestamp() - interval '{seconds} s')
"""
"""Jobs that asked for a contact and began so lately that it cannot have been answered: calls are slow by then.

All other jobs in hand may end yet. The worker stores the ends of many in one message, and that may be on its way.
"""


def newest(ask: Ask, number: int) -> int:
    """Wait until so many workers have registered, and return the id of the last one."""
    until(lambda: len(_ids(ask)) == number, f"{number} workers have registered")
    return _ids(ask)[-1]


@contextmanager
def slow_after(kalimera: FakeKalimera, contacts: int) -> Iterator[None]:
    """For the block, let each call take long once so many contacts exist, so that jobs gather in the workers' hands."""

    def slow_down(_call: object) -> None:
        if len(kalimera.contacts) >= contacts:
            time.sleep(SLOW_SECONDS)

    kalimera.on_call.append(slow_down)
    yield
    kalimera.on_call.remove(slow_down)


def freeze_at_work(pid: int, worker_id: int, ask: Ask) -> None:
    """Stop a worker while it has jobs in hand; no time passes for it, so it keeps them until it goes on or dies."""
    [(since,)] = ask("SELECT now()")
    jobs = WAITING_FOR_KALIMERA.format(worker_id=worker_id, since=since.isoformat(), seconds=SLOW_SECONDS / 2)

    def has_jobs() -> bool:
        return bool(ask(jobs)[0][0])

    def frozen() -> bool:
        if not has_jobs():
            return False
        os.kill(pid, signal.SIGSTOP)
        if has_jobs():
            return True
        os.kill(pid, signal.SIGCONT)
        return False

    until(frozen, "the worker has jobs in hand")


def _ids(ask: Ask) -> list[int]:
    return [row[0] for row in ask("SELECT id FROM procrastinate_workers ORDER BY id")]
