"""Requests that were carried out, by their idempotency key: a repeated one is answered and not carried out again."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select

from ordercall.storage.tables import answered_requests

KEPT = timedelta(days=8)
"""Longer than a session, so than any form from which a request could come again."""


def first_answer(tx: Connection, key: str | None) -> str | None:
    """Return the answer stored when this request was carried out, or None if it never was. Without a key it is new."""
    known = select(answered_requests.c.answer).where(answered_requests.c.key == key)
    return tx.execute(known).scalar() if key else None


def keep(tx: Connection, key: str | None, answer: str, *, now: datetime) -> None:
    """Store the answer in the transaction of what the request changes, and forget the old ones."""
    if key:
        tx.execute(delete(answered_requests).where(answered_requests.c.answered_at < (now - KEPT).timestamp()))
        tx.execute(insert(answered_requests).values(key=key, answer=answer, answered_at=now.timestamp()))
