"""The sessions of people: a row each, found by the hash of what the browser's cookie says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, or_, select, update

from ordercall.storage.records.people import COLUMNS, Person, person_of
from ordercall.storage.tables import people, sessions


@dataclass(frozen=True, slots=True)
class Session:
    """A time in which a browser is logged in.

    Attributes:
        hash: of its id; whoever reads the database learns nothing that opens a door.
        address, browser: where it was begun, for its owner to know it by.
        credential: what changes with a password that stands in the settings; empty where none does.
    """

    hash: str
    person: Person
    begun_at: datetime
    used_at: datetime
    address: str
    browser: str
    credential: str


def begin(tx: Connection, session: Session) -> None:
    row = {
        "hash": session.hash,
        "person_id": session.person.id,
        "begun_at": session.begun_at.timestamp(),
        "used_at": session.used_at.timestamp(),
        "address": session.address,
        "browser": session.browser,
        "credential": session.credential,
    }
    tx.execute(insert(sessions).values(row))


def find(tx: Connection, session_hash: str) -> Session | None:
    row = tx.execute(_SESSIONS.where(sessions.c.hash == session_hash)).first()
    return _session(row) if row else None


def of_person(tx: Connection, person_id: int) -> list[Session]:
    """Return a person's sessions, the one that began last first."""
    mine = _SESSIONS.where(sessions.c.person_id == person_id).order_by(sessions.c.begun_at.desc())
    return [_session(row) for row in tx.execute(mine)]


def use(tx: Connection, session_hash: str, *, now: datetime) -> None:
    tx.execute(update(sessions).where(sessions.c.hash == session_hash).values(used_at=now.timestamp()))


def end(tx: Connection, session_hash: str, *, of: int) -> bool:
    """End a session of this person's, and return whether there was one."""
    mine = sessions.c.hash == session_hash, sessions.c.person_id == of
    return tx.execute(delete(sessions).where(*mine)).rowcount == 1


def end_all(tx: Connection, person_id: int, *, but: str = "") -> int:
    """End the sessions of a person's, all or all but one, and return how many that were."""
    others = sessions.c.person_id == person_id, sessions.c.hash != but
    return tx.execute(delete(sessions).where(*others)).rowcount


def forget(tx: Connection, *, unused_since: datetime, begun_before: datetime) -> None:
    """Take out what has ended by itself."""
    over = sessions.c.used_at <= unused_since.timestamp(), sessions.c.begun_at <= begun_before.timestamp()
    tx.execute(delete(sessions).where(or_(*over)))


_SESSIONS = select(
    *COLUMNS,
    sessions.c.hash,
    sessions.c.begun_at,
    sessions.c.used_at,
    sessions.c.address,
    sessions.c.browser,
    sessions.c.credential,
).join(people, people.c.id == sessions.c.person_id)


def _session(row: Row[Any]) -> Session:
    return Session(
        hash=row.hash,
        person=person_of(row),
        begun_at=datetime.fromtimestamp(row.begun_at, UTC),
        used_at=datetime.fromtimestamp(row.used_at, UTC),
        address=row.address,
        browser=row.browser,
        credential=row.credential,
    )
