"""The processes beside a web server, worker and sandbox: started, watched, started again and ended."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess

from ordercall.config import Settings
from ordercall.processes.pulse import Pulse

STOP_SECONDS = 9.0
"""How long they may take to end; after it they are killed, within the ten seconds that the whole may take."""

LONGEST_PAUSE = 30.0
"""Between two starts of one that keeps ending: two a minute cost nothing, and the cause may be gone by then."""

LOOK_SECONDS = 1.0
"""Between two looks whether they live. Five a second took 0.05 % of a core, a tenth of all that idling takes."""

PROCESSES = multiprocessing.get_context("fork") if sys.platform == "linux" else multiprocessing.get_context("spawn")
"""What is forked shares what was loaded before (docs/decisions/0009); only Linux can be relied on to bear it."""

type Command = Callable[[list[str]], None]
"""What runs this program's commands, given the words that a person would type after its name."""

logger = logging.getLogger(__name__)


@contextmanager
def beside(settings: Settings, command: Command) -> Iterator[threading.Event]:
    """Run the companions beside the web server of this process, until the event is set or the block ends."""
    children, stop = companions(settings, command), threading.Event()
    for child in children:
        child.start()
    keeper = threading.Thread(target=watch, args=(children, stop), name="companions")
    keeper.start()
    try:
        yield stop
    finally:
        stop.set()
        keeper.join()


def companions(settings: Settings, command: Command) -> list[Child]:
    """Return the processes that belong beside the web process."""
    children = [Child("worker", command)] if settings.worker == "embedded" else []
    return [*children, Child("sandbox", command)] if settings.sandboxed else children


def watch(children: list[Child], stop: threading.Event) -> None:
    """Keep the children alive until *stop* is set, then end them all."""
    while not stop.wait(LOOK_SECONDS):
        for child in children:
            child.end_if_still()
            child.restart_if_ended()
    end(children)


def end(children: list[Child]) -> None:
    """Ask all children to end, and kill those that do not within the time."""
    for child in children:
        child.ask_to_end()
    deadline = time.monotonic() + STOP_SECONDS
    for child in children:
        child.wait_or_kill(max(deadline - time.monotonic(), 0.1))


class Child:
    """A process of this program: ``ordercall worker`` or ``ordercall sandbox``."""

    def __init__(self, name: str, command: Command) -> None:
        self.name = name
        self._command = command
        self._pulse = Pulse(name)
        self._pause = 0.5

    def start(self) -> None:
        self._started = time.monotonic()
        _refuse_without_a_process()
        self._pulse.begin()
        process = PROCESSES.Process(
            target=_be, args=(self._command, self.name, self._pulse), name=self.name, daemon=True
        )
        process.start()
        self._process = process

    def end_if_still(self) -> None:
        """Kill the process if it is there and does nothing."""
        self._pulse.end_if_still(self._process)

    def restart_if_ended(self) -> None:
        """Start the process again if it ended by itself, with growing pauses while it keeps ending at once.

        The pause is part of the time it is said to have lived, so it takes two of the longest to count as well.
        """
        lived = time.monotonic() - self._started
        if self._process.is_alive() or lived < self._pause:
            return
        self._pause = 0.5 if lived > 2 * LONGEST_PAUSE else min(self._pause * 2, LONGEST_PAUSE)
        logger.error("the %s ended with code %s; it is started again", self.name, self._process.exitcode)
        try:
            self.start()
        except OSError as error:
            logger.error("the %s could not be started (%s); it is tried again", self.name, error)

    def ask_to_end(self) -> None:
        self._process.terminate()

    def wait_or_kill(self, seconds: float) -> None:
        self._process.join(seconds)
        if self._process.is_alive():
            logger.warning("the %s did not end in time and is killed", self.name)
            self._process.kill()
            self._process.join()


def _refuse_without_a_process() -> None:
    """Raise OSError while the system makes no process.

    Python leaves four ends of pipes open each time that its own fork fails, so after some hours of trying none could be
    made for want of files, however many processes there may be again.
    """
    if PROCESSES.get_start_method() == "fork":
        made = os.fork()
        if made == 0:
            os._exit(0)
        os.waitpid(made, 0)


def _be(command: Command, name: str, pulse: Pulse) -> None:
    """In the new process: run the command of this name as if it had been typed."""
    be_a_child()
    pulse.take()
    command([name])


def be_a_child() -> None:
    """In a process that another one made: end when that one is gone, and at a signal until it is listened to here."""
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, signal.SIG_DFL)  # not what the other one does at it
    if parent := multiprocessing.parent_process():
        threading.Thread(target=_end_after, args=(parent,), name="parent", daemon=True).start()


def _end_after(parent: BaseProcess) -> None:
    parent.join()  # however it ended
    os.kill(os.getpid(), signal.SIGTERM)
