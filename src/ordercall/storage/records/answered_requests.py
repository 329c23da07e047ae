"""Requests that were carried out, by their idempotency key: a repeated one is answered and not carried out again."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select, update

from ordercall.storage.engine.dialects import upsert
from ordercall.storage.tables import answered_requests

KEPT = timedelta(days=8)
"""Longer than a session, so than any form from which a request could come again."""

_TAKE = upsert(lambda make: make(answered_requests).on_conflict_do_nothing().returning(answered_requests.c.key))


def first_answer(tx: Connection, key: str | None) -> str | None:
    """Return the answer stored when this request was carried out, or None if it never was. Without a key it is new."""
    known = select(answered_requests.c.answer).where(answered_requests.c.key == key)
    return tx.execute(known).scalar() if key else None


def keep(tx: Connection, key: str | None, answer: str, *, now: datetime) -> None:
    """Store the answer in the transaction of what the request changes, and forget the old ones."""
    if key:
        _forget_old_ones(tx, now)
        tx.execute(insert(answered_requests).values(key=key, answer=answer, answered_at=now.timestamp()))


def take(tx: Connection, key: str, mark: str, *, now: datetime, lost_since: datetime) -> str | None:
    """Take a key before its request is carried out; return None where it is this request's now.

    Args:
        mark: stands in the place of the answer until :func:`settle`.
        lost_since: whoever took it before this time and has not settled it never will.

    Returns:
        What stands there: the mark of the request that is being carried out, or its answer.
    """
    _forget_old_ones(tx, now)
    lost = answered_requests.c.answered_at < lost_since.timestamp()
    tx.execute(
        delete(answered_requests).where(answered_requests.c.key == key, lost, answered_requests.c.answer.not_like("{%"))
    )
    if tx.execute(_TAKE.of(tx), {"key": key, "answer": mark, "answered_at": now.timestamp()}).first():
        return None
    return first_answer(tx, key) or mark  # another has given it back in this moment


def settle(tx: Connection, key: str, answer: str) -> None:
    """Store the answer of a request whose key was taken; it is a JSON object, as no mark is."""
    tx.execute(update(answered_requests).where(answered_requests.c.key == key).values(answer=answer))


def let_go(tx: Connection, key: str) -> None:
    """Give back a key whose request has changed nothing."""
    tx.execute(delete(answered_requests).where(answered_requests.c.key == key))


def _forget_old_ones(tx: Connection, now: datetime) -> None:
    tx.execute(delete(answered_requests).where(answered_requests.c.answered_at < (now - KEPT).timestamp()))
