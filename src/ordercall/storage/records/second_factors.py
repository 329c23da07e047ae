"""The second factors of people, and the recovery codes that open in their place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, delete, func, insert, select, update

from ordercall.storage.tables import recovery_codes, second_factors


@dataclass(frozen=True, slots=True)
class Factor:
    """An authenticator app of a person's.

    Attributes:
        nonce, key_mark: of what its secret is made: a text of its own, and which key.
        confirmed_at: since when it counts; None: it waits for its first right code.
        last_step: the time step of the last code that was used.
    """

    person_id: int
    nonce: str
    key_mark: str
    begun_at: datetime
    confirmed_at: datetime | None
    last_step: int


def find(tx: Connection, person_id: int) -> Factor | None:
    row = tx.execute(select(second_factors).where(second_factors.c.person_id == person_id)).first()
    if row is None:
        return None
    return Factor(
        person_id=row.person_id,
        nonce=row.nonce,
        key_mark=row.key_mark,
        begun_at=datetime.fromtimestamp(row.begun_at, UTC),
        confirmed_at=None if row.confirmed_at is None else datetime.fromtimestamp(row.confirmed_at, UTC),
        last_step=row.last_step,
    )


def begin(tx: Connection, person_id: int, *, nonce: str, key_mark: str, now: datetime) -> None:
    """Keep an app that waits for its first code; one that waited before does so no longer."""
    tx.execute(delete(second_factors).where(second_factors.c.person_id == person_id))
    row = {"person_id": person_id, "nonce": nonce, "key_mark": key_mark, "begun_at": now.timestamp(), "last_step": 0}
    tx.execute(insert(second_factors).values(row))


def confirm(tx: Connection, person_id: int, nonce: str, *, step: int, now: datetime) -> bool:
    """Let an app count, and return whether it was the one that waited: of two who confirm at once, one does."""
    waiting = second_factors.c.nonce == nonce, second_factors.c.confirmed_at.is_(None)
    confirmed = update(second_factors).where(second_factors.c.person_id == person_id, *waiting)
    return tx.execute(confirmed.values(confirmed_at=now.timestamp(), last_step=step)).rowcount == 1


def use_step(tx: Connection, person_id: int, step: int) -> bool:
    """Use up the codes to this step, and return whether it was not used before: of two with one code, one comes in."""
    unused = second_factors.c.person_id == person_id, second_factors.c.last_step < step
    return tx.execute(update(second_factors).where(*unused).values(last_step=step)).rowcount == 1


def put_codes(tx: Connection, person_id: int, hashes: Iterable[str]) -> None:
    """Keep recovery codes; those before are worth nothing any more."""
    tx.execute(delete(recovery_codes).where(recovery_codes.c.person_id == person_id))
    tx.execute(insert(recovery_codes), [{"hash": each, "person_id": person_id} for each in hashes])


def use_code(tx: Connection, person_id: int, code_hash: str) -> bool:
    """Take a recovery code away, and return whether it was there."""
    mine = recovery_codes.c.hash == code_hash, recovery_codes.c.person_id == person_id
    return tx.execute(delete(recovery_codes).where(*mine)).rowcount == 1


def codes_left(tx: Connection, person_id: int) -> int:
    number: int = tx.execute(
        select(func.count()).select_from(recovery_codes).where(recovery_codes.c.person_id == person_id)
    ).scalar_one()
    return number


def remove(tx: Connection, person_id: int) -> bool:
    """Take a person's app and recovery codes away, and return whether the app counted."""
    factor = find(tx, person_id)
    tx.execute(delete(recovery_codes).where(recovery_codes.c.person_id == person_id))
    tx.execute(delete(second_factors).where(second_factors.c.person_id == person_id))
    return factor is not None and factor.confirmed_at is not None
