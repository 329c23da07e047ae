"""The providers that do not accept a credential of this installation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select

from ordercall.storage.engine.dialects import dialect
from ordercall.storage.tables import refused_credentials


@dataclass(frozen=True, slots=True)
class RefusedCredential:
    """What a person has to put right, what the provider says, and since when (unix seconds)."""

    provider: str
    setting: str
    words: str
    since: float


def all_of(tx: Connection) -> list[RefusedCredential]:
    return [RefusedCredential(*row) for row in tx.execute(select(refused_credentials).order_by("provider"))]


def find(tx: Connection, provider: str) -> RefusedCredential | None:
    return next((one for one in all_of(tx) if one.provider == provider), None)


def store(tx: Connection, provider: str, setting: str, words: str, *, now: datetime) -> None:
    """Keep that this is refused; since when stays as it was."""
    refusal = {"setting": setting, "words": words}
    row = dialect(tx).insert(refused_credentials).values(provider=provider, since=now.timestamp(), **refusal)
    tx.execute(row.on_conflict_do_update(index_elements=["provider"], set_=refusal))


def remove_all(tx: Connection) -> None:
    """Keep nothing of how the providers stand to us."""
    tx.execute(delete(refused_credentials))


def remove(tx: Connection, provider: str) -> None:
    """Keep that all is accepted."""
    tx.execute(delete(refused_credentials).where(refused_credentials.c.provider == provider))
