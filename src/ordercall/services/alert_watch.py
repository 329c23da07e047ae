"""Looks each minute at what somebody on call is told of, and has each beginning and each end sent once.

The web process looks: a worker cannot tell that it is gone. Of several the first to see a change stores it, together
with its messages, and the others find that. Only that nothing can be stored is kept in memory: each process tells that
itself, because there is no place where they could agree.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from ordercall.domain.alerts import Alert, Message, Reading, Standing, after, message_of, message_of_test
from ordercall.domain.audit import Act
from ordercall.errors import DatabaseBusy, InvalidRequest
from ordercall.services.alert_readings import Readings
from ordercall.services.alert_sending import AlertOutbox, is_old
from ordercall.storage.engine.database import Database
from ordercall.storage.engine.dialects import dialect
from ordercall.storage.records import alerts, audit
from ordercall.storage.records.alerts import Sending

LOOK_SECONDS = 60.0
"""Between two looks: a dozen queries, and the shortest time that a state must hold."""

ENDING_SECONDS = 1.0
"""For the thread to end with its process; what it was sending is tried again after its lease."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ShownChannel:
    """The newest message that was tried, and how many are not delivered yet."""

    last: Sending | None
    waiting: int


@dataclass(frozen=True, slots=True)
class ShownAlerts:
    """Each state, and each channel that is set."""

    standings: dict[Alert, Standing]
    channels: dict[str, ShownChannel]


class AlertWatch:
    """The states and who is told of them.

    Args:
        pages: the address of this installation, for links.
    """

    def __init__(
        self, db: Database, readings: Readings, outbox: AlertOutbox, clock: Callable[[], datetime], *, pages: str
    ) -> None:
        self._db = db
        self._readings = readings
        self._outbox = outbox
        self._clock = clock
        self._pages = pages
        self._database = Standing()
        self._untold: dict[str, Message] = {}  # that nothing can be stored, by the channels that could not take it
        self._wake, self._ends = threading.Event(), False

    # -- the thread

    def start(self) -> None:
        """Look each minute, in a thread of its own, until :meth:`close`."""
        self._thread = threading.Thread(target=self._go_on, name="alerts", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._ends = True
        self._wake.set()
        self._thread.join(ENDING_SECONDS)

    def _go_on(self) -> None:
        while not self._ends:
            try:
                self.look()
            except Exception as fault:  # noqa: BLE001 - whatever it is, the next look may see what this one could not
                logger.error("a look for alerts failed (%s); the next one is in a minute", type(fault).__name__)
            self._wake.wait(LOOK_SECONDS)
            self._wake.clear()

    # -- a look

    def look(self) -> None:
        """Look at everything, and send what is due."""
        now = self._clock()
        fault = ""
        try:
            self._db.refuse_if_unfit()
            self._move(now)
        except DatabaseBusy as error:
            fault = str(error)
        self._move_database(fault, now)
        if not fault:
            self._outbox.send_due()

    def _move(self, now: datetime) -> None:
        """Bring each state to where what is read now has it. Most looks read alone: there is nothing to store."""
        at = now.timestamp()
        with self._db.read() as tx:
            seen = self._readings(tx, now)
            known = alerts.standings(tx)
        if all(after(known[alert], alert, reading, at) is known[alert] for alert, reading in seen.items()):
            return
        with self._db.begin() as tx:
            dialect(tx).take_advisory_locks(tx, ["alerts"])
            known = alerts.standings(tx)
            for alert, reading in seen.items():
                standing = after(known[alert], alert, reading, at)
                if standing is not known[alert]:
                    alerts.store(tx, alert, standing)
                if standing.is_on is not known[alert].is_on:
                    message = message_of(alert, known[alert], standing, at=at, pages=self._pages)
                    self._outbox.queue(tx, message)

    def _move_database(self, fault: str, now: datetime) -> None:
        before, at = self._database, now.timestamp()
        self._database = after(before, Alert.DATABASE, Reading(bool(fault), fault), at)
        if self._database.is_on is not before.is_on:
            message = message_of(Alert.DATABASE, before, self._database, at=at, pages=self._pages)
            self._untold = dict.fromkeys(self._outbox.channels, message)
        tried = [(name, message) for name, message in self._untold.items() if not is_old(message, now)]
        self._untold = {name: message for name, message in tried if self._outbox.send_now(name, message)}

    # -- what people see and do

    def shown(self) -> ShownAlerts:
        """Return how all states and channels stand."""
        with self._db.read() as tx:
            waiting = Counter(sending.channel for sending in alerts.unsettled(tx))
            channels = {name: ShownChannel(alerts.last_of(tx, name), waiting[name]) for name in self._outbox.channels}
            return ShownAlerts(alerts.standings(tx), channels)

    def test(self, channel: str) -> None:
        """Send a message by one channel that only shows that it arrives.

        Raises:
            InvalidRequest: this channel is not set.
        """
        if channel not in self._outbox.channels:
            raise InvalidRequest("This channel of alerts is not set; set it in the environment, and start anew.")
        with self._db.begin() as tx:
            message = message_of_test(at=self._clock().timestamp(), pages=self._pages)
            self._outbox.queue(tx, message, only=[channel])
            audit.write(tx, Act.ALERT_TESTED, channel)
        self._wake.set()
