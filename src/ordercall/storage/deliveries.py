"""The inbox: every signed webhook as it came, once."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection, insert, select, update

from ordercall.storage.tables import deliveries


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
    body: bytes
    secret_name: str
    received_at: datetime


def count_repeat(tx: Connection, delivery: Delivery) -> bool:
    """Return whether this very delivery was already kept, and count the repetition if so."""
    repeat = (
        update(deliveries)
        .where(
            deliveries.c.webhook_id == delivery.webhook_id,
            deliveries.c.body_digest == delivery.body_digest,
        )
        .values(repeats=deliveries.c.repeats + 1, last_repeat_at=delivery.received_at.timestamp())
    )
    return tx.execute(repeat).rowcount > 0


def keep(
    tx: Connection, delivery: Delivery, outcome: Outcome, *, shopify_id: int | None = None, reason: str | None = None
) -> None:
    """Store a delivery and what became of it."""
    headers = delivery.headers
    tx.execute(
        insert(deliveries).values(
            webhook_id=delivery.webhook_id,
            body_digest=delivery.body_digest,
            topic=delivery.topic,
            shop=delivery.shop,
            event_id=headers.get("event-id"),
            api_version=headers.get("api-version"),
            triggered_at=headers.get("triggered-at"),
            received_at=delivery.received_at.timestamp(),
            headers=json.dumps(headers),
            body=delivery.body,
            secret_name=delivery.secret_name,
            shopify_id=shopify_id,
            outcome=outcome,
            reason=reason,
        )
    )


def forget_bodies(tx: Connection, *, now: datetime, after: timedelta, limit: int = 500) -> int:
    """Empty the bodies of deliveries older than *after*, at most *limit* at a time; return how many."""
    old = (
        select(deliveries.c.id)
        .where(deliveries.c.received_at < (now - after).timestamp(), deliveries.c.body.is_not(None))
        .order_by(deliveries.c.received_at)
        .limit(limit)
    )
    return tx.execute(update(deliveries).where(deliveries.c.id.in_(old)).values(body=None, headers="{}")).rowcount
