"""What granian serves (RSGI): webhooks and reports in its event loop, all else by the WSGI application, in threads."""

from __future__ import annotations

import asyncio
import faulthandler
import logging
import math
import os
import signal
from collections.abc import Callable, Coroutine, Iterable
from typing import TYPE_CHECKING

from granian.rsgi import HTTPProtocol, Scope

from ordercall.intake.reception import Reception
from ordercall.intake.report_reception import ReportReception
from ordercall.progress import Progress, ProgressWatch
from ordercall.server.bodies import ROOM_FOR_FORMS, ROOM_FOR_WEBHOOKS, Bodies
from ordercall.server.bridge import Bridge
from ordercall.server.crowd import Crowd, end_what_stalls
from ordercall.server.reports import ReportDoor
from ordercall.server.webhooks import PATHS, WebhookDoor

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

LOOK_SECONDS = 2.0
"""Between two looks whether the threads get on, and between two beats for the process that watches this one."""

DOOR_SECONDS = 0.01
"""Between two looks whether this process listens yet."""

STORING_LOOKS = 30
"""A minute for one commit: each wait for the database has a patience of some seconds."""

PAGES_LOOKS = 150
"""Five minutes without one answer: a page takes a second at the most, a large bulk run is written down in some more."""

logger = logging.getLogger(__name__)


class ServerApplication:
    """Answers webhooks by *reception*, reports of calls by *reports*, and all other requests by *wsgi*.

    Args:
        connections: the most that are open at a time.
        storing: the threads that store what comes, by what they are called. The process ends when one of them, or all
            threads of *wsgi*, stand still: no thread can be ended from outside, and what was answered is stored.
        beat: called every two seconds as long as the event loop goes on.
        ends: called when the process ends in order, and all that came is answered.
    """

    def __init__(
        self,
        wsgi: WSGIApplication,
        reception: Reception,
        reports: ReportReception,
        *,
        connections: float = math.inf,
        storing: Iterable[tuple[str, Progress]] = (),
        beat: Callable[[], None] = lambda: None,
        ends: Callable[[], None] = lambda: None,
    ) -> None:
        crowd = Crowd(connections)
        self._webhooks = WebhookDoor(reception, Bodies(ROOM_FOR_WEBHOOKS), crowd)
        forms = Bodies(ROOM_FOR_FORMS)
        self._reports = ReportDoor(reports, forms)
        self._bridge = Bridge(wsgi, forms, crowd)
        self._storing = ProgressWatch(dict(storing), looks=STORING_LOOKS)
        self._pages = ProgressWatch({"every thread of the pages": self._bridge.progress}, looks=PAGES_LOOKS)
        self._beat = beat
        self._ends = ends

    def __rsgi__(self, scope: Scope, protocol: HTTPProtocol) -> Coroutine[None, None, None]:
        if scope.path in PATHS and scope.method == "POST":
            return self._webhooks.answer(scope, protocol)
        if sender := self._reports.sender_of(scope):
            return self._reports.answer(scope, protocol, sender)
        return self._bridge.answer(scope, protocol)

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        _when_it_listens(loop)
        self._look(loop)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        for name in (*self._storing.look(), *self._pages.look()):
            _end(name)
        self._beat()
        loop.call_later(LOOK_SECONDS, self._look, loop)

    def __rsgi_del__(self, _loop: asyncio.AbstractEventLoop) -> None:
        self._ends()


def _when_it_listens(loop: asyncio.AbstractEventLoop) -> None:
    """Bound what stalls as soon as granian has made its socket, which is after it tells us that it begins."""
    if not end_what_stalls():
        loop.call_later(DOOR_SECONDS, _when_it_listens, loop)


def _end(name: str) -> None:
    """End this process as if somebody had killed it; who watches it starts another one."""
    logger.error("%s stands still; this process ends, and is started again", name)
    faulthandler.dump_traceback()
    os.kill(os.getpid(), signal.SIGKILL)
