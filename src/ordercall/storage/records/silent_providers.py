"""The providers that do not answer, as the workers' circuit breakers say."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, select

from ordercall.storage.engine.dialects import dialect
from ordercall.storage.tables import silent_providers


def all_of(tx: Connection) -> dict[str, float]:
    """Return, by provider, since when it does not answer (unix seconds)."""
    rows = tx.execute(select(silent_providers.c.provider, silent_providers.c.since).order_by("provider"))
    return {row.provider: row.since for row in rows}


def begin(tx: Connection, provider: str, *, now: datetime) -> None:
    """Keep that it does not answer; since when stays as it was."""
    row = dialect(tx).insert(silent_providers).values(provider=provider, since=now.timestamp())
    tx.execute(row.on_conflict_do_nothing())


def end(tx: Connection, provider: str) -> None:
    """Keep that it answers again."""
    tx.execute(delete(silent_providers).where(silent_providers.c.provider == provider))
