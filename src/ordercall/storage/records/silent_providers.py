"""The providers that do not answer, as the workers' circuit breakers say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update

from ordercall.storage.engine.dialects import dialect
from ordercall.storage.tables import silent_providers

MOST_WAITED = 10_000
"""So many orders are counted that wait for a provider: after a night's outage of a large shop there are hundreds."""


@dataclass(frozen=True, slots=True)
class Return:
    """Since when a provider answers again (unix seconds), and how many orders waited for a call until then."""

    at: float
    waited: int


def all_of(tx: Connection) -> dict[str, float]:
    """Return, by provider, since when it does not answer (unix seconds)."""
    silent = select(silent_providers.c.provider, silent_providers.c.since).where(silent_providers.c.back_at.is_(None))
    return {row.provider: row.since for row in tx.execute(silent.order_by("provider"))}


def find_return(tx: Connection, provider: str) -> Return | None:
    """Return how it was when this provider last began to answer again, or None if it never did, or is silent."""
    mine = silent_providers.c.provider == provider, silent_providers.c.back_at.is_not(None)
    row = tx.execute(select(silent_providers.c.back_at, silent_providers.c.waited).where(*mine)).first()
    return Return(row.back_at, row.waited or 0) if row else None


def begin(tx: Connection, provider: str, *, now: datetime) -> None:
    """Keep that it does not answer; since when stays as it was."""
    silence = {"since": now.timestamp(), "back_at": None, "waited": None}
    row = dialect(tx).insert(silent_providers).values(provider=provider, **silence)
    anew = silent_providers.c.back_at.is_not(None)
    tx.execute(row.on_conflict_do_update(index_elements=["provider"], set_=silence, where=anew))


def end(tx: Connection, provider: str, *, now: datetime, waited: int) -> None:
    """Keep that it answers again, and how many orders waited for a call; since when stays as it was."""
    silent = silent_providers.c.provider == provider, silent_providers.c.back_at.is_(None)
    tx.execute(update(silent_providers).where(*silent).values(back_at=now.timestamp(), waited=waited))
