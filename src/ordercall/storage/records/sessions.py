"""Sessions that a person has ended. A session lives in its cookie, and a copy of it must not outlive the logout."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select

from ordercall.storage.engine.dialects import dialect
from ordercall.storage.tables import ended_sessions


def end(tx: Connection, session_id: str, *, now: datetime, forget_after: timedelta) -> None:
    """Store that this session is over, and forget those whose cookies have expired."""
    tx.execute(delete(ended_sessions).where(ended_sessions.c.ended_at < (now - forget_after).timestamp()))
    ended = dialect(tx).insert(ended_sessions).values(id=session_id, ended_at=now.timestamp())
    tx.execute(ended.on_conflict_do_nothing(index_elements=["id"]))


def has_ended(tx: Connection, session_id: str) -> bool:
    return tx.execute(select(ended_sessions.c.id).where(ended_sessions.c.id == session_id)).first() is not None
