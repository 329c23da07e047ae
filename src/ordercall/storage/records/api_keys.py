"""The keys of programs. A key itself is nowhere here, only what it can be known by again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, or_, select, update

from ordercall.domain.people import Permission, Scope, held_by
from ordercall.storage.tables import api_keys


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key of a program's, by its name.

    Attributes:
        used_at, used_from: when it was used last, to the minute, and the address that it came from.
    """

    id: int
    name: str
    scopes: tuple[Scope, ...]
    made_at: datetime
    made_by: str
    used_at: datetime | None
    used_from: str | None
    ended_at: datetime | None
    ended_by: str | None

    @property
    def may(self) -> frozenset[Permission]:
        return held_by(*self.scopes)


def add(tx: Connection, name: str, scopes: Iterable[Scope], key_hash: str, *, by: str, now: datetime) -> int:
    wanted = set(scopes)
    written = " ".join(scope for scope in Scope if scope in wanted)
    row = insert(api_keys).values(name=name, scopes=written, hash=key_hash, made_at=now.timestamp(), made_by=by)
    key_id: int = tx.execute(row.returning(api_keys.c.id)).scalar_one()
    return key_id


def find(tx: Connection, key_id: int) -> ApiKey | None:
    row = tx.execute(select(api_keys).where(api_keys.c.id == key_id)).first()
    return _key(row) if row else None


def find_by_hash(tx: Connection, key_hash: str) -> ApiKey | None:
    """Return the key that is in force and has this hash: one look into a unique index."""
    row = tx.execute(_IN_FORCE.where(api_keys.c.hash == key_hash)).first()
    return _key(row) if row else None


def all_of(tx: Connection) -> list[ApiKey]:
    """Return all keys, those in force first, the newest before others."""
    rows = tx.execute(select(api_keys).order_by(api_keys.c.ended_at.is_not(None), api_keys.c.id.desc()))
    return [_key(row) for row in rows]


def names_in_force(tx: Connection) -> set[str]:
    return set(tx.execute(select(api_keys.c.name).where(api_keys.c.ended_at.is_(None))).scalars())


def use(tx: Connection, key_id: int, address: str, *, now: datetime, unless_since: datetime) -> None:
    """Write down that a key was used, unless somebody has since then."""
    old = or_(api_keys.c.used_at.is_(None), api_keys.c.used_at <= unless_since.timestamp())
    used = update(api_keys).where(api_keys.c.id == key_id, old)
    tx.execute(used.values(used_at=now.timestamp(), used_from=address))


def end(tx: Connection, key_id: int, *, by: str, now: datetime) -> bool:
    """End a key, and return whether it was in force."""
    mine = update(api_keys).where(api_keys.c.id == key_id, api_keys.c.ended_at.is_(None))
    return tx.execute(mine.values(ended_at=now.timestamp(), ended_by=by)).rowcount == 1


_IN_FORCE = select(api_keys).where(api_keys.c.ended_at.is_(None))


def _key(row: Row[Any]) -> ApiKey:
    known = set(Scope)
    return ApiKey(
        id=row.id,
        name=row.name,
        scopes=tuple(Scope(word) for word in row.scopes.split() if word in known),
        made_at=datetime.fromtimestamp(row.made_at, UTC),
        made_by=row.made_by,
        used_at=_maybe(row.used_at),
        used_from=row.used_from,
        ended_at=_maybe(row.ended_at),
        ended_by=row.ended_by,
    )


def _maybe(stored: float | None) -> datetime | None:
    return None if stored is None else datetime.fromtimestamp(stored, UTC)
