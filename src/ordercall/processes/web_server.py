"""The server of the web process, which somebody or the system may kill as often as they like."""

from __future__ import annotations

import logging
import time
from typing import Any

from granian.server.mp import MPServer

LONGEST_PAUSE = 4.0
"""Between two starts of one that is killed again and again. Connections wait so long, and Shopify for five seconds."""

LONG_LIFE = 60.0
"""Seconds after which a death has nothing to do with the one before."""

logger = logging.getLogger(__name__)


class Server(MPServer):
    """Granian ends at the second death of its process within some seconds, whatever that served before.

    That is right for one that ends by itself, because it cannot start. One that was killed (by a signal: by hand, or by
    a system that ran out of memory) is started again, after growing pauses.
    """

    _pause = 0.0

    def _respawn_workers(self, workers: list[int], spawn_target: Any, target_loader: Any, delay: float = 0) -> None:
        dead = [self.wrks[index] for index in workers]
        killed = all((process.inner.exitcode or 0) < 0 for process in dead)
        lived = time.monotonic() - min(process.birth for process in dead)
        self._pause = 0.0 if lived > LONG_LIFE + self._pause else min(self._pause * 2 + 0.5, LONGEST_PAUSE)
        if killed:
            logger.error("the web process was killed; it is started again")
            if self.main_loop_interrupt.wait(self._pause):  # everything is to end
                return
        super()._respawn_workers(workers, spawn_target, target_loader, delay)
        if killed:
            self.respawned_wrks.clear()
