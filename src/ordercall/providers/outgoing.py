"""The event loop that carries every request which leaves this process.

It is one for all providers, runs in a thread of its own, and starts when it is first used. Whoever has no loop waits
for it in :func:`run`, and has many requests under way at once with ``run(gather(*coroutines))``; whoever has one awaits
``asyncio.wrap_future(submit(coroutine))`` there.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from importlib import import_module
from importlib.util import find_spec
from typing import Any

_starting = threading.Lock()
_started: list[asyncio.AbstractEventLoop] = []


def submit[T](work: Coroutine[Any, Any, T]) -> Future[T]:
    """Begin a coroutine in the loop, and return what will hold its result."""
    return asyncio.run_coroutine_threadsafe(work, _loop())


def run[T](work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine in the loop and return its result. Never called in the loop, which would wait for itself."""
    under_way = submit(work)
    try:
        return under_way.result()
    except BaseException:
        under_way.cancel()  # where it was not the coroutine that failed, nobody waits for it any more
        raise


async def gather[T](*works: Coroutine[Any, Any, T]) -> list[T | BaseException]:
    """Run all of them at once; return, in their order, what each returned or raised."""
    return await asyncio.gather(*works, return_exceptions=True)


def _loop() -> asyncio.AbstractEventLoop:
    with _starting:
        if not _started:
            loop = _new_loop()
            threading.Thread(target=loop.run_forever, name="outgoing", daemon=True).start()
            _started.append(loop)
        return _started[0]


def _new_loop() -> asyncio.AbstractEventLoop:
    """Return uvloop's loop where that is installed; it is named, because whatever else chooses takes what it finds."""
    made: asyncio.AbstractEventLoop = import_module("uvloop" if find_spec("uvloop") else "asyncio").new_event_loop()
    return made
