"""The states that somebody on call is told of, and the messages to each channel."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime

import msgspec
from sqlalchemy import Connection, Row, delete, insert, select, update

from ordercall.domain.alerts import Alert, Message, Standing
from ordercall.storage.alert_tables import UNSETTLED
from ordercall.storage.engine.dialects import dialect
from ordercall.storage.tables import alert_messages, alerts

SLICE = 500
"""Messages that are dropped at a time; a bad day makes a few dozen."""


@dataclass(frozen=True, slots=True)
class Sending:
    """A message to a channel, and what became of it so far; times are unix seconds.

    Attributes:
        settled_at: when it was delivered, or given up; None: it is still tried.
        fault: why the last try failed.
    """

    id: int
    channel: str
    message: Message
    tries: int
    next_try_at: float
    settled_at: float | None
    fault: str | None

    @property
    def is_delivered(self) -> bool:
        return self.settled_at is not None and self.fault is None


def standings(tx: Connection) -> dict[Alert, Standing]:
    """Return how all states stand; those that were always well stand so."""
    rows = {row.alert: row for row in tx.execute(select(alerts))}
    return {alert: _standing(rows[alert]) if alert in rows else Standing() for alert in Alert}


def store(tx: Connection, alert: Alert, standing: Standing) -> None:
    values = asdict(standing) | {"is_on": int(standing.is_on)}
    row = dialect(tx).insert(alerts).values(alert=alert, **values)
    tx.execute(row.on_conflict_do_update(index_elements=["alert"], set_=values))


def queue(tx: Connection, message: Message, channels: Collection[str]) -> None:
    """Have a message sent by these channels, as soon as somebody looks."""
    written = msgspec.json.encode(message).decode()
    row = {"stage": message.stage, "message": written, "made_at": message.at, "tries": 0, "next_try_at": message.at}
    if channels:
        tx.execute(insert(alert_messages), [row | {"channel": channel} for channel in channels])


def unsettled(tx: Connection) -> list[Sending]:
    """Return all messages that are still tried, in the order in which they were made."""
    return [_sending(row) for row in tx.execute(select(alert_messages).where(UNSETTLED).order_by(alert_messages.c.id))]


def claim(tx: Connection, sending: Sending, *, until: float) -> bool:
    """Put a message off; return whether it is the caller's to try now, which it is nobody else's before *until*."""
    as_seen = alert_messages.c.id == sending.id, alert_messages.c.tries == sending.tries, UNSETTLED
    taken = update(alert_messages).where(*as_seen).values(tries=sending.tries + 1, next_try_at=until)
    return tx.execute(taken).rowcount == 1


def settle(tx: Connection, sending: Sending, *, now: datetime, fault: str | None) -> None:
    """Store that a message is delivered, or for *fault* given up."""
    _change(tx, sending, settled_at=now.timestamp(), fault=fault)


def try_again(tx: Connection, sending: Sending, *, at: float, fault: str) -> None:
    _change(tx, sending, next_try_at=at, fault=fault)


def last_of(tx: Connection, channel: str) -> Sending | None:
    """Return the newest message to a channel that was tried; None: none was of late."""
    mine = select(alert_messages).where(alert_messages.c.channel == channel, alert_messages.c.tries > 0)
    row = tx.execute(mine.order_by(alert_messages.c.id.desc()).limit(1)).first()
    return _sending(row) if row else None


def forget(tx: Connection, *, before: datetime) -> int:
    """Drop some of the messages that were made before this time; return how many."""
    old = select(alert_messages.c.id).where(alert_messages.c.made_at < before.timestamp()).limit(SLICE)
    return tx.execute(delete(alert_messages).where(alert_messages.c.id.in_(old))).rowcount


def _change(tx: Connection, sending: Sending, **changes: object) -> None:
    tx.execute(update(alert_messages).where(alert_messages.c.id == sending.id).values(changes))


def _standing(row: Row[tuple[object, ...]]) -> Standing:
    return Standing(bool(row.is_on), row.changed_at, row.doubt_since, row.looked_at, row.words)


def _sending(row: Row[tuple[object, ...]]) -> Sending:
    message = msgspec.json.decode(row.message, type=Message)
    return Sending(row.id, row.channel, message, row.tries, row.next_try_at, row.settled_at, row.fault)
