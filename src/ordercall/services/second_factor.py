"""The second factor as its person keeps it: switching it on and off, using a code, and recovery codes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from ordercall.domain.audit import Act
from ordercall.domain.second_factor import (
    FactorKeys,
    new_nonce,
    new_recovery_codes,
    plain,
    right_step,
)
from ordercall.errors import InvalidRequest
from ordercall.services.people import about, hashed
from ordercall.storage.engine.database import Database
from ordercall.storage.records import audit, people, second_factors, sessions
from ordercall.storage.records.people import Person
from ordercall.storage.records.second_factors import Factor

WAITS = timedelta(hours=1)
"""For its first code: whoever finds a page that was left open has no use for the secret on it later."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a person's second factor stands, where it is on.

    Attributes:
        readable: the key that its secret is made of is known; else recovery codes alone are of use.
    """

    since: datetime
    codes_left: int
    readable: bool


class SecondFactors:
    """Keeps the second factors of one shop's people.

    Args:
        wanted_of: the roles that can do nothing without one.
    """

    def __init__(
        self, db: Database, keys: FactorKeys, clock: Callable[[], datetime], wanted_of: frozenset[str]
    ) -> None:
        self._db = db
        self._wanted_of = wanted_of
        self._keys = keys
        self._clock = clock

    def is_on(self, person_id: int) -> bool:
        """Return whether a person comes in by a code alone."""
        return self.standing(person_id) is not None

    def is_owed_by(self, person: Person) -> bool:
        """Return whether a person has yet to switch on what their role asks for."""
        return person.role in self._wanted_of and not self.is_on(person.id)

    def standing(self, person_id: int) -> Standing | None:
        """Return how a person's second factor stands; None where it is off."""
        with self._db.read() as tx:
            factor = second_factors.find(tx, person_id)
            left = second_factors.codes_left(tx, person_id)
        if factor is None or factor.confirmed_at is None:
            return None
        return Standing(factor.confirmed_at, left, self._secret(factor) is not None)

    def begin(self, person_id: int) -> str:
        """Return the secret for an app that is to count from its first right code on.

        Raises:
            InvalidRequest: one counts already.
        """
        with self._db.begin() as tx:
            people.take(tx)
            if people.find(tx, person_id) is None:  # who logged in while nothing could be stored has no row
                raise InvalidRequest("Log in again first.", code="UnknownPerson", status=409)
            factor = second_factors.find(tx, person_id)
            if factor and factor.confirmed_at:
                raise InvalidRequest("Your second factor is on already.", code="FactorOn", status=409)
            nonce, mark = new_nonce(), self._keys.marks[0]
            second_factors.begin(tx, person_id, nonce=nonce, key_mark=mark, now=self._clock())
        return self._keys.secret(mark, person_id, nonce) or ""

    def waiting(self, person_id: int) -> str:
        """Return the secret of an app that waits for its first code.

        Raises:
            InvalidRequest: none does, or none any more.
        """
        with self._db.read() as tx:
            factor = self._waiting(tx, person_id)
        return self._secret(factor) or ""

    def confirm(self, person_id: int, code: str, *, but: str) -> list[str] | None:
        """Switch a person's app on by its first code, and return their recovery codes; None where the code is wrong.

        All sessions of theirs end but one: whoever has another has not shown a code.
        """
        with self._db.begin() as tx:
            factor = self._waiting(tx, person_id)
            step = self._right_step(factor, code)
            if step is None:
                return None
            if not second_factors.confirm(tx, person_id, factor.nonce, step=step, now=self._clock()):
                raise _none_waits()
            ended = sessions.end_all(tx, person_id, but=but)
            audit.write(tx, Act.FACTOR_ON, about(person_id), sessions=ended)
            return self._new_codes(tx, person_id)

    def use(self, person_id: int, code: str) -> bool:
        """Use a code of a person's app, or a recovery code, up; return whether it was right and not used before."""
        with self._db.begin() as tx:
            factor = second_factors.find(tx, person_id)
            if factor is None or factor.confirmed_at is None:
                return False
            step = self._right_step(factor, code)
            if step is not None:
                return second_factors.use_step(tx, person_id, step)
            if not second_factors.use_code(tx, person_id, hashed(plain(code))):
                return False
            audit.write(tx, Act.RECOVERY_CODE_USED, about(person_id), left=second_factors.codes_left(tx, person_id))
            return True

    def make_codes(self, person_id: int) -> list[str]:
        """Return new recovery codes of a person whose second factor is on; those before are worth nothing any more."""
        with self._db.begin() as tx:
            people.take(tx)  # two who make them at once would have twenty
            return self._new_codes(tx, person_id)

    def switch_off(self, person_id: int, *, but: str) -> None:
        """Take away a person's own second factor, which they have just shown; all their sessions end but one."""
        with self._db.begin() as tx:
            if second_factors.remove(tx, person_id):
                audit.write(tx, Act.FACTOR_OFF, about(person_id), sessions=sessions.end_all(tx, person_id, but=but))

    def _new_codes(self, tx: Connection, person_id: int) -> list[str]:
        factor = second_factors.find(tx, person_id)
        if factor is None or factor.confirmed_at is None:
            raise factor_off()
        codes = new_recovery_codes()
        second_factors.put_codes(tx, person_id, [hashed(plain(code)) for code in codes])
        audit.write(tx, Act.RECOVERY_CODES_MADE, about(person_id))
        return codes

    def _waiting(self, tx: Connection, person_id: int) -> Factor:
        factor = second_factors.find(tx, person_id)
        if factor is None or factor.confirmed_at or self._clock() - factor.begun_at >= WAITS:
            raise _none_waits()
        return factor

    def _right_step(self, factor: Factor, code: str) -> int | None:
        secret = self._secret(factor)
        if secret is None:
            return None
        return right_step(secret, code, now=self._clock().timestamp(), after=factor.last_step)

    def _secret(self, factor: Factor) -> str | None:
        return self._keys.secret(factor.key_mark, factor.person_id, factor.nonce)


def factor_off() -> InvalidRequest:
    return InvalidRequest("Your second factor is off.", code="FactorOff", status=409)


def _none_waits() -> InvalidRequest:
    message = (
        "No app waits for its first code: it is on already, or more than an hour has passed. Look at your account;"
        " whoever did not see the recovery codes makes new ones there."
    )
    return InvalidRequest(message, code="NoFactorWaits", status=409)
