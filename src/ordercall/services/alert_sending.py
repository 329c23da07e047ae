"""Sending what somebody on call is told: by each channel in order, again and again until it arrives, for a day.

It is done by the web process and not by the jobs: that no worker runs must be told, too.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping
from datetime import datetime

from sqlalchemy import Connection

from ordercall.domain.alerts import Message, Stage
from ordercall.providers.alert_channels import Channel
from ordercall.providers.mail import NotDelivered
from ordercall.storage.engine.database import Database
from ordercall.storage.records import alerts
from ordercall.storage.records.alerts import Sending

LEASE = 300.0
"""Seconds for which a message is one process's to try: a try takes twenty, and each of three channels has its turn."""

FIRST_PAUSE, LONGEST_PAUSE = 30.0, 3_600.0
"""Seconds before the second try; it doubles with each, up to an hour: a channel that is out costs a request an hour."""

GIVEN_UP_AFTER = 86_400.0
"""Seconds: what is a day old is news to nobody, and the pages show how things stand."""

NOBODY_SENT_IT = "within a day nobody sent it"

logger = logging.getLogger(__name__)


class AlertOutbox:
    """The messages that are to leave, in the database: of many processes one sends each.

    Args:
        channels: by their names, as they are set here; of another name nothing is sent.
    """

    def __init__(self, db: Database, channels: Mapping[str, Channel], clock: Callable[[], datetime]) -> None:
        self._db = db
        self._channels = channels
        self._clock = clock

    @property
    def channels(self) -> list[str]:
        return list(self._channels)

    def queue(self, tx: Connection, message: Message, *, only: Collection[str] | None = None) -> None:
        """Have a message sent by all channels, or *only* by some of them."""
        alerts.queue(tx, message, [name for name in self._channels if only is None or name in only])

    def send_due(self) -> None:
        """Try what is due. A message waits for those before it, so that an end never comes before its beginning."""
        with self._db.read() as tx:
            waiting = alerts.unsettled(tx)
        for sending in _in_turn(waiting):
            if sending.channel in self._channels and sending.next_try_at <= self._clock().timestamp():
                self._try(sending)

    def send_now(self, name: str, message: Message) -> str | None:
        """Try a message that is not stored; return why it did not arrive, or None."""
        fault, _ = self._send(name, message)
        return fault

    def _try(self, sending: Sending) -> None:
        with self._db.begin() as tx:
            if not alerts.claim(tx, sending, until=self._clock().timestamp() + LEASE):
                return
        late = is_old(sending.message, self._clock())
        old = (sending.fault or NOBODY_SENT_IT, False)
        fault, again = old if late else self._send(sending.channel, sending.message)
        now = self._clock()
        with self._db.begin() as tx:
            if fault and again and sending.message.stage is not Stage.TEST:  # a person sees what came of a test
                alerts.try_again(tx, sending, at=now.timestamp() + pause_after(sending.tries), fault=fault)
            else:
                alerts.settle(tx, sending, now=now, fault=fault)

    def _send(self, name: str, message: Message) -> tuple[str | None, bool]:
        """Return why a message did not arrive, and whether another try may help."""
        try:
            self._channels[name](message, self._clock().timestamp())
        except NotDelivered as error:
            fault, again = str(error), error.again
        except Exception as error:  # noqa: BLE001 - a fault of ours in one channel must not stop the others
            fault, again = f"it could not be sent ({type(error).__name__})", True
        else:
            return None, False
        logger.warning("an alert (%s) was not delivered by %s: %s", message.alert, name, fault)
        return fault, again


def is_old(message: Message, now: datetime) -> bool:
    """Return whether a message is tried no more."""
    return now.timestamp() - message.at >= GIVEN_UP_AFTER


def pause_after(tries: int) -> float:
    """Return for how many seconds a message waits that failed after so many tries before."""
    return min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(tries, 30))


def _in_turn(waiting: list[Sending]) -> list[Sending]:
    """Return the first message of each channel, and the tests: a person waits for those and sees what came of each."""
    first: dict[str, Sending] = {}
    tests = [sending for sending in waiting if sending.message.stage is Stage.TEST]
    for sending in waiting:
        if sending.message.stage is not Stage.TEST:
            first.setdefault(sending.channel, sending)
    return [*first.values(), *tests]
