"""The pulse of a process, for the one that made it: a process may be there and do nothing, stopped or in endless loops.

It is a counter in memory that both share. The event loop that does the work beats it, so it tells more than that the
process is there; and no clock that is put right can fool it.
"""

from __future__ import annotations

import ctypes
import faulthandler
import logging
import os
import signal
import time
from multiprocessing.process import BaseProcess
from multiprocessing.sharedctypes import RawValue

from ordercall.progress import ProgressWatch

MOST_LOOKS = 30
"""Looks without a beat, a second or more each, after which a process stands still. Loops beat every two seconds."""

WRITING_SECONDS = 1.0
"""For a process to write where each of its threads stands, before it is killed. One that was stopped cannot."""

_mine: list[Pulse] = []

logger = logging.getLogger(__name__)


def beat() -> None:
    """Show whoever made this process that its event loop goes on. Nobody looks at one that was started alone."""
    for pulse in _mine:
        pulse.beat()


class Pulse:
    """How often a process has beaten. One that has not begun to is not judged: it may wait for its database.

    Args:
        name: of the process, for the log.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._beats = RawValue(ctypes.c_uint64)
        self.begin()

    def begin(self) -> None:
        """Another process has it from now on."""
        self._beats.value = 0
        self._watch = ProgressWatch({self._name: self._progress}, looks=MOST_LOOKS)

    def take(self) -> None:
        """In the process that has it: let :func:`beat` beat it."""
        _mine.append(self)
        faulthandler.register(signal.SIGUSR1)

    def beat(self) -> None:
        self._beats.value += 1

    def _progress(self) -> int | None:
        return self._beats.value or None

    def end_if_still(self, process: BaseProcess) -> None:
        """Look at the process, once a second or less often, and kill it if it stands still."""
        if self._watch.look() and process.is_alive() and process.pid:
            logger.error("the %s stands still and is killed", self._name)
            os.kill(process.pid, signal.SIGUSR1)  # faulthandler's, which needs no interpreter that goes on
            time.sleep(WRITING_SECONDS)
            process.kill()
            self.begin()
