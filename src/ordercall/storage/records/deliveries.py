"""The inbox: every signed webhook as it came, once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, Select, bindparam, func, select, update

from ordercall.domain.orders.order import Order
from ordercall.domain.topics import Topic
from ordercall.storage.engine.batches import insert_all, look_up
from ordercall.storage.engine.index_hints import by_index
from ordercall.storage.tables import WITH_A_BODY, deliveries

_COPIES = deliveries.alias("copies")
_THE_SAME = (
    select(_COPIES.c.id)
    .where(_COPIES.c.body_digest == bindparam("digest"))
    .order_by(_COPIES.c.webhook_id != bindparam("key"), _COPIES.c.topic != bindparam("about"), _COPIES.c.id)
    .limit(1)
)
_COUNT_REPEAT = (
    update(deliveries)
    .where(deliveries.c.id == _THE_SAME.scalar_subquery())
    .values(repeats=deliveries.c.repeats + 1, last_repeat_at=bindparam("at"))
)


DELETION = "It says that the order was deleted."
"""The reason of what is kept of a deletion: its topic is not signed, and other bodies come under it, too."""


class Outcome(StrEnum):
    """What became of a delivery."""

    RECORDED = "recorded"  # a new order was stored, or a known one changed
    REPEAT = "repeat"  # the order was known already
    UNUSED = "unused"  # a topic that this program does not act on
    UNREADABLE = "unreadable"  # signed, but not something we can read: a person should look


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One webhook request whose signature was right.

    ``webhook_id`` is Shopify's id of the delivery, or the body's digest where Shopify sent none.
    ``headers`` holds only what Shopify sent about the delivery.
    """

    webhook_id: str
    body_digest: str
    topic: str
    shop: str
    headers: dict[str, str]
    body: bytes | None
    secret_name: str
    received_at: datetime

    @classmethod
    def read_from_shopify(cls, topic: Topic, order: Order, body: bytes, *, store: str, now: datetime) -> Delivery:
        """Return an order that was read, in the form in which it would have been delivered.

        The same order in the same state is the same delivery, however often it is read.
        """
        state = order.shopify_updated_at.isoformat() if order.shopify_updated_at else ""
        return cls(
            webhook_id=f"{topic}:{order.shopify_id}:{state}",
            body_digest=hashlib.sha256(body).hexdigest(),
            topic=topic,
            shop=f"{store}.myshopify.com",
            headers={},
            body=body,
            secret_name="",
            received_at=now,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessedDelivery:
    """A delivery and what became of it."""

    delivery: Delivery
    outcome: Outcome
    shopify_id: int | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class StoredDelivery:
    """A delivery as a list shows it. Times are unix seconds; ``size`` in bytes, None when the body was emptied."""

    id: int
    received_at: float
    topic: str | None
    outcome: str
    reason: str | None
    repeats: int
    handled_at: float | None
    handled_by: str | None
    size: int | None


_LISTED = ("id", "received_at", "topic", "outcome", "reason", "repeats", "handled_at", "handled_by")
LISTED: Select[Any] = select(*(deliveries.c[name] for name in _LISTED), func.length(deliveries.c.body))
"""Selects what a :class:`StoredDelivery` is made of."""


class Earlier(NamedTuple):
    """A delivery that was kept before. ``received_at``: unix seconds."""

    webhook_id: str
    body_digest: str
    topic: str
    outcome: str
    received_at: float


_EARLIER = [deliveries.c[name] for name in Earlier._fields]


def with_these_bodies(tx: Connection, digests: Iterable[str]) -> list[Earlier]:
    """Return the deliveries that were kept of these bodies."""
    return [Earlier(*row) for row in look_up(tx, _EARLIER, deliveries.c.body_digest, digests)]


def deletions(tx: Connection, shopify_ids: Iterable[int]) -> dict[int, datetime]:
    """Return when it came that these orders were deleted in Shopify; those of which that never came are left out."""
    wanted = [deliveries.c.shopify_id, deliveries.c.reason, deliveries.c.received_at]
    found = look_up(tx, wanted, deliveries.c.shopify_id, shopify_ids)
    return {shopify_id: datetime.fromtimestamp(at, UTC) for shopify_id, reason, at in found if reason == DELETION}


def count_repeats(tx: Connection, repeats: list[Delivery]) -> None:
    """Count deliveries that came once more, at one of the same body, and of the same id or topic if there is one."""
    if repeats:
        tx.execute(
            _COUNT_REPEAT,
            [
                {
                    "digest": delivery.body_digest,
                    "key": delivery.webhook_id,
                    "about": delivery.topic,
                    "at": delivery.received_at.timestamp(),
                }
                for delivery in repeats
            ],
        )


def add_all(tx: Connection, processed: list[ProcessedDelivery]) -> None:
    """Store deliveries and what became of them."""
    insert_all(tx, deliveries, map(_row, processed))


def _row(processed: ProcessedDelivery) -> dict[str, Any]:
    delivery, headers = processed.delivery, processed.delivery.headers
    return {
        "webhook_id": delivery.webhook_id,
        "body_digest": delivery.body_digest,
        "topic": delivery.topic,
        "shop": delivery.shop,
        "event_id": headers.get("event-id"),
        "api_version": headers.get("api-version"),
        "triggered_at": headers.get("triggered-at"),
        "received_at": delivery.received_at.timestamp(),
        "headers": msgspec.json.encode(headers).decode(),
        "body": delivery.body,
        "secret_name": delivery.secret_name,
        "shopify_id": processed.shopify_id,
        "outcome": processed.outcome,
        "reason": processed.reason,
    }


def forget_bodies(tx: Connection, *, now: datetime, after: timedelta, limit: int = 500) -> int:
    """Empty the bodies of deliveries older than *after*, at most *limit* at a time; return how many."""
    filled = by_index(select(deliveries.c.id), deliveries, "deliveries_with_a_body").where(WITH_A_BODY)
    old = filled.where(deliveries.c.received_at < (now - after).timestamp())
    old = old.order_by(deliveries.c.received_at).limit(limit)
    return tx.execute(update(deliveries).where(deliveries.c.id.in_(old)).values(body=None, headers="{}")).rowcount


def first_since(tx: Connection, moment: datetime, *, but_of: str | None = None) -> datetime | None:
    """Return when the first delivery since then came, from any shop but this one, or None if none did."""
    first = select(func.min(deliveries.c.received_at)).where(deliveries.c.received_at >= moment.timestamp())
    found = tx.execute(first.where(deliveries.c.shop.is_distinct_from(but_of)) if but_of else first).scalar()
    return None if found is None else datetime.fromtimestamp(found, UTC)


def any_unused(tx: Connection, reason: str, *, since: datetime) -> bool:
    """Return whether a delivery came since then that was not used for this reason."""
    unused = deliveries.c.outcome == Outcome.UNUSED, deliveries.c.reason == reason
    late = deliveries.c.received_at > since.timestamp()
    return tx.execute(select(deliveries.c.id).where(*unused, late).limit(1)).first() is not None


def times_of_topic(tx: Connection, topic: str, before_the_last: timedelta, limit: int = 20_000) -> list[float]:
    """Return when the latest deliveries of a topic came (unix seconds, rising): the last one, and some time before."""
    newest = select(func.max(deliveries.c.received_at)).where(deliveries.c.topic == topic).scalar_subquery()
    recent = deliveries.c.received_at >= newest - before_the_last.total_seconds()
    times = select(deliveries.c.received_at).where(deliveries.c.topic == topic, recent)
    return list(tx.execute(times.order_by(deliveries.c.received_at.desc()).limit(limit)).scalars())[::-1]


def last_by_secret(tx: Connection) -> dict[str, float]:
    """Return, for each webhook secret that ever signed, its mark and the unix time of its last delivery.

    Reads the whole inbox: for a command that a person runs, not for a page.
    """
    latest = func.max(deliveries.c.received_at).label("last_at")
    named = select(deliveries.c.secret_name, latest).where(deliveries.c.secret_name != "")
    rows = tx.execute(named.group_by(deliveries.c.secret_name).order_by(latest.desc()))
    return {row.secret_name: row.last_at for row in rows}
