"""Failed logins, so that nobody can try passwords for ever."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, insert, select

from ordercall.storage.tables import login_failures


def count(tx: Connection, address: str, *, since: datetime) -> int:
    """Return how many logins from this address failed since then."""
    failures = select(func.count()).where(
        login_failures.c.address == address, login_failures.c.failed_at > since.timestamp()
    )
    return tx.execute(failures).scalar_one()


def record(tx: Connection, address: str, *, now: datetime, forget_after: timedelta) -> None:
    """Store a failed login, and forget the old ones of everybody."""
    tx.execute(delete(login_failures).where(login_failures.c.failed_at < (now - forget_after).timestamp()))
    tx.execute(insert(login_failures).values(address=address, failed_at=now.timestamp()))


def forget(tx: Connection, address: str) -> None:
    tx.execute(delete(login_failures).where(login_failures.c.address == address))
