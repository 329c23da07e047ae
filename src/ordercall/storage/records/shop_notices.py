"""When the app was not connected to its shop, and what was asked about customers' data."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from ordercall.domain.shop_notices import PrivacyRequest
from ordercall.domain.topics import Topic
from ordercall.storage.engine.batches import ask
from ordercall.storage.tables import disconnections, privacy_requests

_OPEN = "SELECT happened_at FROM disconnections WHERE ended_at IS NULL LIMIT 1"


def disconnected_since(tx: Connection) -> float | None:
    """Return since when (unix seconds) the app has been out of the shop, or None while it is in."""
    return next((happened_at for (happened_at,) in ask(tx, _OPEN)), None)


def last_connected(tx: Connection) -> float | None:
    """Return when (unix seconds) the app was last known to be back in the shop, or None if it never was away."""
    return tx.execute(select(func.max(disconnections.c.ended_at))).scalar()


def disconnect(tx: Connection, shop: str, *, now: datetime) -> None:
    tx.execute(insert(disconnections).values(shop=shop, happened_at=now.timestamp()))


def connect(tx: Connection, *, by: str, now: datetime) -> bool:
    """Note that the app is in the shop again; return whether it was away."""
    away = update(disconnections).where(disconnections.c.ended_at.is_(None))
    return bool(tx.execute(away.values(ended_at=now.timestamp(), ended_by=by)).rowcount)


@dataclass(frozen=True, slots=True)
class StoredRequest:
    """A privacy request as it is stored. Times are unix seconds.

    Attributes:
        report: what it came to so far; None while nobody has looked.
        done_at, done_by: None while something is left to do.
    """

    id: int
    request: PrivacyRequest
    received_at: float
    report: dict[str, Any] | None
    done_at: float | None
    done_by: str | None


def add_request(tx: Connection, request: PrivacyRequest, *, now: datetime) -> int:
    """Store a privacy request, without personal data; return its number."""
    row = insert(privacy_requests).values(
        topic=request.topic,
        shop=request.shop,
        reference=request.reference,
        received_at=now.timestamp(),
        named=json.dumps(request.order_ids),
    )
    number: int = tx.execute(row.returning(privacy_requests.c.id)).scalar_one()
    return number


def find_request(tx: Connection, request_id: int) -> StoredRequest | None:
    row = tx.execute(select(privacy_requests).where(privacy_requests.c.id == request_id)).first()
    return _stored(row) if row else None


def latest_requests(tx: Connection, limit: int = 200) -> list[StoredRequest]:
    """Return the latest privacy requests, newest first."""
    return [
        _stored(row) for row in tx.execute(select(privacy_requests).order_by(privacy_requests.c.id.desc()).limit(limit))
    ]


def _stored(row: Row[Any]) -> StoredRequest:
    request = PrivacyRequest(Topic(row.topic), row.shop, row.reference, tuple(json.loads(row.named)))
    report = json.loads(row.report) if row.report else None
    return StoredRequest(row.id, request, row.received_at, report, row.done_at, row.done_by)


def open_erasures(tx: Connection) -> list[int]:
    """Return the numbers of the requests to erase that are not done, the oldest first."""
    undone = privacy_requests.c.done_at.is_(None), privacy_requests.c.topic != Topic.DATA_REQUEST
    return list(tx.execute(select(privacy_requests.c.id).where(*undone).order_by(privacy_requests.c.id)).scalars())


def report(tx: Connection, request_id: int, found: dict[str, Any]) -> None:
    """Store what a request came to so far: numbers and ids, never the data itself."""
    mine = update(privacy_requests).where(privacy_requests.c.id == request_id)
    tx.execute(mine.values(report=json.dumps(found)))


def reported(tx: Connection, request_id: int) -> dict[str, Any]:
    text = tx.execute(select(privacy_requests.c.report).where(privacy_requests.c.id == request_id)).scalar()
    return dict(json.loads(text)) if text else {}


def finish(tx: Connection, request_id: int, *, by: str, now: datetime) -> bool:
    """Note that nothing is left to do; return whether that is news."""
    left = update(privacy_requests).where(privacy_requests.c.id == request_id, privacy_requests.c.done_at.is_(None))
    return bool(tx.execute(left.values(done_at=now.timestamp(), done_by=by)).rowcount)


@dataclass(frozen=True, slots=True)
class Standing:
    """How the app stands with its shop: since when it is out (unix seconds), and how many customers
    wait for their data.

    ``any_request``: whether anything was ever asked about customers' data.
    """

    away_since: float | None
    data_requests: int
    any_request: bool


def standing(tx: Connection) -> Standing:
    waiting = select(func.count()).where(
        privacy_requests.c.done_at.is_(None), privacy_requests.c.topic == Topic.DATA_REQUEST
    )
    any_request = tx.execute(select(privacy_requests.c.id).limit(1)).first() is not None
    return Standing(disconnected_since(tx), tx.execute(waiting).scalar_one(), any_request)
