"""Failed logins, by which guessing passwords is throttled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, insert, or_, select

from ordercall.storage.engine.dialects import dialect
from ordercall.storage.tables import login_failures


def take_try(tx: Connection, limits: Mapping[str, int], *, period: timedelta, now: datetime) -> int | timedelta:
    """Count one more try, and return how many are left after it; or how long to wait, when none was.

    It counts as failed until :func:`forget`, so that tries which come all at once are no more than others. The old ones
    of everybody are forgotten, and those from a clock that was far ahead: they would count until it is there again.

    Args:
        limits: by what is counted, each with the most tries in *period*: an address, a name, a browser.
    """
    dialect(tx).take_advisory_locks(tx, [f"login {key}" for key in limits])
    at, earliest, latest = login_failures.c.failed_at, (now - period).timestamp(), (now + period).timestamp()
    tx.execute(delete(login_failures).where(or_(at <= earliest, at > latest)))
    counted = select(login_failures.c.address, func.count(), func.min(login_failures.c.failed_at)).where(
        login_failures.c.address.in_(limits)
    )
    failed = {key: (number, oldest) for key, number, oldest in tx.execute(counted.group_by(login_failures.c.address))}
    full = [oldest for key, (number, oldest) in failed.items() if number >= limits[key]]
    if full:
        return timedelta(seconds=max(full) - now.timestamp()) + period
    tx.execute(insert(login_failures), [{"address": key, "failed_at": now.timestamp()} for key in limits])
    left: int = min(limit - failed.get(key, (0, 0))[0] for key, limit in limits.items()) - 1
    return left


def forget(tx: Connection, key: str, *, the_last_of: Iterable[str] = ()) -> None:
    """Forget all tries that are counted by *key*, and the last one by each of the others."""
    tx.execute(delete(login_failures).where(login_failures.c.address == key))
    for other in the_last_of:
        last = select(func.max(login_failures.c.id)).where(login_failures.c.address == other).scalar_subquery()
        tx.execute(delete(login_failures).where(login_failures.c.id == last))
