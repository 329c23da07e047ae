"""The token with which the app asks its shop, and the lease of the process that gets the next one.

All processes read the same row, so a token is asked for once. The lease ends by itself: a process that dies with
it holds up the others no longer than that.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, or_, select, update

from ordercall.storage.engine.dialects import dialect
from ordercall.storage.tables import access_tokens

LONGEST_LEASE = timedelta(minutes=10)
"""Nobody asks Shopify for a token for as long."""


@dataclass(frozen=True, slots=True)
class StoredToken:
    """A token, sealed where it stands in its row, and the unix time at which it ends."""

    token: str = field(repr=False)
    scopes: str
    ends_at: float


def find(tx: Connection, app: str) -> StoredToken | None:
    """Return the last token that was stored for this app and shop, whether it is still good or not.

    Nobody changes it until the transaction ends, so the lease may be taken on the strength of it.
    """
    _hold(tx, app)
    columns = (access_tokens.c.token, access_tokens.c.scopes, access_tokens.c.ends_at)
    row = tx.execute(select(*columns).where(access_tokens.c.app == app, access_tokens.c.token.is_not(None))).first()
    return StoredToken(*row) if row else None


def apps(tx: Connection) -> list[str]:
    """Return of which apps and shops a token is stored."""
    return list(tx.scalars(select(access_tokens.c.app).where(access_tokens.c.token.is_not(None))))


def put(tx: Connection, app: str, sealed: str | None) -> None:
    """Store a token as it is sealed now, or none."""
    tx.execute(update(access_tokens).where(access_tokens.c.app == app).values(token=sealed))


def take_lease(tx: Connection, app: str, *, now: datetime, lasts: timedelta) -> bool:
    """Take the lease to ask for a token, unless another process holds it; return whether it is ours.

    One that ends later than any does was taken by a clock that was ahead.
    """
    tx.execute(dialect(tx).insert(access_tokens).values(app=app).on_conflict_do_nothing())
    until = access_tokens.c.turn_until
    free = or_(until.is_(None), until <= now.timestamp(), until > (now + LONGEST_LEASE).timestamp())
    taken = update(access_tokens).where(access_tokens.c.app == app, free)
    return tx.execute(taken.values(turn_until=(now + lasts).timestamp())).rowcount == 1


def end_lease(tx: Connection, app: str) -> None:
    """Give the lease back; the token stays as it was."""
    tx.execute(update(access_tokens).where(access_tokens.c.app == app).values(turn_until=None))


def store(tx: Connection, app: str, token: StoredToken) -> None:
    """Store a new token in place of the old one, and end the lease."""
    _hold(tx, app)
    values = {"token": token.token, "scopes": token.scopes, "ends_at": token.ends_at, "turn_until": None}
    tx.execute(update(access_tokens).where(access_tokens.c.app == app).values(values))


def _hold(tx: Connection, app: str) -> None:
    dialect(tx).take_advisory_locks(tx, [f"token {app}"])
