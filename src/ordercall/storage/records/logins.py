"""Failed logins, by which guessing passwords is throttled."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select

from ordercall.storage.engine.dialects import dialect
from ordercall.storage.tables import login_failures


def take_try(tx: Connection, address: str, *, at_most: int, since: datetime, now: datetime) -> int | None:
    """Count one more try of this address and return how many are left after it, or None when none was.

    It counts as failed until :func:`forget`, so that tries which come all at once are no more than others. The old ones
    of everybody are forgotten.
    """
    dialect(tx).take_advisory_locks(tx, [f"login {address}"])
    tx.execute(delete(login_failures).where(login_failures.c.failed_at <= since.timestamp()))
    failed = tx.execute(select(func.count()).where(login_failures.c.address == address)).scalar_one()
    if failed >= at_most:
        return None
    tx.execute(insert(login_failures).values(address=address, failed_at=now.timestamp()))
    return at_most - failed - 1


def forget(tx: Connection, address: str) -> None:
    tx.execute(delete(login_failures).where(login_failures.c.address == address))
