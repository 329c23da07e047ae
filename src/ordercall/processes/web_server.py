"""The server of the web process, which somebody or the system may kill as often as they like."""

from __future__ import annotations

import logging
import threading
import time
from functools import partial
from typing import Any

from granian._internal import load_target
from granian.log import LogLevels
from granian.server.mp import MPServer

from ordercall.logs import JSON, TO_THE_SAME_PLACE
from ordercall.processes.pulse import Pulse

LONGEST_PAUSE = 4.0
"""Between two starts of one that is killed again and again. Connections wait so long, and Shopify for five seconds."""

LONG_LIFE = 60.0
"""Seconds after which a death has nothing to do with the one before."""

LOOK_SECONDS = 1.0
"""Between two looks whether the web process stands still, as with the processes beside it."""

logger = logging.getLogger(__name__)


def log_options(form: str) -> dict[str, Any]:
    """Return what granian says of itself; in JSON its lines go where all others do."""
    return {"log_level": LogLevels.error, "log_dictconfig": TO_THE_SAME_PLACE if form == JSON else None}


class Server(MPServer):
    """Granian ends at the second death of its process within some seconds, whatever that served before.

    That is right for one that ends by itself, because it cannot start. One that was killed (by a signal: by hand, or by
    a system that ran out of memory) is started again, after growing pauses. So is one that stands still.
    """

    _pause = 0.0

    def serve_and_watch(self) -> None:
        """Serve until SIGTERM or SIGINT."""
        self._pulse = Pulse("web process")
        self.on_startup(threading.Thread(target=self._watch, name="web pulse", daemon=True).start)
        self.serve(target_loader=partial(_load, self._pulse))

    def _watch(self) -> None:
        while not self.interrupt_signal:
            time.sleep(LOOK_SECONDS)
            for worker in list(self.wrks):
                self._pulse.end_if_still(worker.inner)

    def _respawn_workers(self, workers: list[int], spawn_target: Any, target_loader: Any, delay: float = 0) -> None:
        dead = [self.wrks[index] for index in workers]
        killed = all((process.inner.exitcode or 0) < 0 for process in dead)
        lived = time.monotonic() - min(process.birth for process in dead)
        self._pulse.begin()
        self._pause = 0.0 if lived > LONG_LIFE + self._pause else min(self._pause * 2 + 0.5, LONGEST_PAUSE)
        if killed:
            logger.error("the web process was killed; it is started again")
            if self.main_loop_interrupt.wait(self._pause):  # everything is to end
                return
        super()._respawn_workers(workers, spawn_target, target_loader, delay)
        if killed:
            self.respawned_wrks.clear()


def _load(pulse: Pulse, application: str) -> Any:
    """In the process that granian makes: load what it is to serve."""
    pulse.take()
    return load_target(application, factory=True)
