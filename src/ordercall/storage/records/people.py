"""The people who may log in, and the links by which they choose their passwords."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, exists, func, insert, select, update

from ordercall.domain.people import Permission, Role, held_by
from ordercall.storage.engine.dialects import dialect
from ordercall.storage.tables import people, person_links, second_factors, sessions

LOCK = "people"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may log in.

    Attributes:
        has_password: they have chosen one; who has none cannot log in by one.
        disabled_at: since when they may not come in; None: they may.
    """

    id: int
    name: str
    role: Role
    has_password: bool
    made_at: datetime
    made_by: str
    disabled_at: datetime | None

    @property
    def may(self) -> frozenset[Permission]:
        return held_by(self.role)


@dataclass(frozen=True, slots=True)
class Seen:
    """A person as the list of all shows them: with their sessions, and until when a link of theirs is good."""

    person: Person
    last_used: datetime | None
    sessions: int
    link_until: datetime | None
    has_factor: bool


COLUMNS = (
    people.c.id,
    people.c.name,
    people.c.role,
    people.c.password_hash.is_not(None).label("has_password"),
    people.c.made_at,
    people.c.made_by,
    people.c.disabled_at,
)
"""What a person is made of; the hash of their password stays where it is."""


def person_of(row: Row[Any]) -> Person:
    """Return the person whose COLUMNS stand in a row."""
    return Person(
        id=row.id,
        name=row.name,
        role=Role(row.role),
        has_password=bool(row.has_password),
        made_at=_time(row.made_at),
        made_by=row.made_by,
        disabled_at=row.disabled_at and _time(row.disabled_at),
    )


def take(tx: Connection) -> None:
    """Keep names and roles as they are for all others until the transaction ends."""
    dialect(tx).take_advisory_locks(tx, [LOCK])


def find(tx: Connection, person_id: int) -> Person | None:
    row = tx.execute(select(*COLUMNS).where(people.c.id == person_id)).first()
    return person_of(row) if row else None


def find_by_name(tx: Connection, name: str) -> tuple[Person, str | None] | None:
    """Return the person of exactly this name, and the hash of their password."""
    row = tx.execute(select(*COLUMNS, people.c.password_hash).where(people.c.name == name)).first()
    return (person_of(row), row.password_hash) if row else None


def names(tx: Connection) -> list[str]:
    return list(tx.execute(select(people.c.name)).scalars())


def all_of(tx: Connection, *, now: datetime) -> list[Seen]:
    """Return everybody, by name."""
    used = select(func.max(sessions.c.used_at)).where(sessions.c.person_id == people.c.id).scalar_subquery()
    number = select(func.count()).where(sessions.c.person_id == people.c.id).scalar_subquery()
    link = (
        select(person_links.c.ends_at)
        .where(person_links.c.person_id == people.c.id, person_links.c.ends_at > now.timestamp())
        .scalar_subquery()
    )
    factor = (
        exists()
        .where(second_factors.c.person_id == people.c.id, second_factors.c.confirmed_at.is_not(None))
        .label("factor")
    )
    rows = tx.execute(select(*COLUMNS, used.label("used"), number.label("number"), link.label("link"), factor))
    found = [Seen(person_of(row), _maybe(row.used), row.number, _maybe(row.link), bool(row.factor)) for row in rows]
    return sorted(found, key=lambda seen: seen.person.name.casefold())


def add(tx: Connection, name: str, role: Role, *, by: str, now: datetime) -> int:
    """Add a person who has no password yet. The caller has taken the people."""
    row = insert(people).values(name=name, role=role, made_at=now.timestamp(), made_by=by)
    person_id: int = tx.execute(row.returning(people.c.id)).scalar_one()
    return person_id


def set_role(tx: Connection, person_id: int, role: Role) -> None:
    tx.execute(update(people).where(people.c.id == person_id).values(role=role))


def set_disabled(tx: Connection, person_id: int, since: datetime | None) -> None:
    tx.execute(update(people).where(people.c.id == person_id).values(disabled_at=since and since.timestamp()))


def set_password(tx: Connection, person_id: int, password_hash: str) -> None:
    tx.execute(update(people).where(people.c.id == person_id).values(password_hash=password_hash))


def put_link(tx: Connection, person_id: int, link_hash: str, *, ends_at: datetime) -> None:
    """Keep a link of a person's; the one before is worth nothing any more."""
    end_link(tx, person_id)
    tx.execute(insert(person_links).values(person_id=person_id, hash=link_hash, ends_at=ends_at.timestamp()))


def find_by_link(tx: Connection, link_hash: str, *, now: datetime) -> Person | None:
    """Return whose link this is, as long as it is good."""
    good = person_links.c.hash == link_hash, person_links.c.ends_at > now.timestamp(), people.c.disabled_at.is_(None)
    row = tx.execute(select(*COLUMNS).join(person_links, person_links.c.person_id == people.c.id).where(*good)).first()
    return person_of(row) if row else None


def use_link(tx: Connection, link_hash: str) -> bool:
    """Take a link away, and return whether it was there: of two who come with it at once, one gets it."""
    return tx.execute(delete(person_links).where(person_links.c.hash == link_hash)).rowcount == 1


def end_link(tx: Connection, person_id: int) -> None:
    tx.execute(delete(person_links).where(person_links.c.person_id == person_id))


def _time(stored: float) -> datetime:
    return datetime.fromtimestamp(stored, UTC)


def _maybe(stored: float | None) -> datetime | None:
    return None if stored is None else _time(stored)
