"""People as their owner keeps them: inviting, roles, leaving, and the links by which passwords are chosen.

The person whom ADMIN_USERNAME names is an owner as long as it does, with ADMIN_PASSWORD: so nobody can lock the shop
out of its own pages, and there is no last owner to look after.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from ordercall.domain.audit import Act
from ordercall.domain.people import Role, name_fault
from ordercall.errors import InvalidRequest
from ordercall.storage.engine.database import Database
from ordercall.storage.records import audit, issuer_accounts, people, second_factors, sessions
from ordercall.storage.records.people import Person, Seen

LINK_GOOD_FOR = timedelta(hours=24)
"""A working day and a night to hand it over, by whatever way the two trust."""

SETTINGS = "the settings"
"""Who has made the first owner."""


@dataclass(frozen=True, slots=True)
class Link:
    """What a person opens to choose a password; ``token`` is shown once and kept nowhere."""

    person: Person
    token: str
    ends_at: datetime


class People:
    """Keeps the people of one shop.

    Args:
        owner: the name in the settings, whose password stands there.
    """

    def __init__(self, db: Database, owner: str, clock: Callable[[], datetime]) -> None:
        self._db = db
        self._owner = owner
        self._clock = clock

    def all_of(self, tx: Connection) -> list[Seen]:
        seen = people.all_of(tx, now=self._clock())
        return [replace(each, person=self.as_set(each.person)) for each in seen]

    def as_set(self, person: Person) -> Person:
        """Return a person as the settings have them: an owner who may come in, if they are the one named there."""
        return replace(person, role=Role.OWNER, disabled_at=None) if self.is_set(person) else person

    def is_set(self, person: Person) -> bool:
        """Return whether the settings name this person."""
        return person.name == self._owner

    def of_settings(self, tx: Connection) -> Person:
        """Return the owner whom the settings name, who has a row from the first login on."""
        people.take(tx)
        if found := people.find_by_name(tx, self._owner):
            return self.as_set(found[0])
        person_id = people.add(tx, self._owner, Role.OWNER, by=SETTINGS, now=self._clock())
        return self._found(tx, person_id)

    def without_a_row(self) -> Person:
        """Return the owner whom the settings name, while no row can be written for them."""
        now = self._clock()
        return Person(0, self._owner, Role.OWNER, has_password=False, made_at=now, made_by=SETTINGS, disabled_at=None)

    def find(self, name: str) -> Person:
        """Return the person of this name.

        Raises:
            InvalidRequest: nobody has it.
        """
        with self._db.read() as tx:
            found = people.find_by_name(tx, name)
        if found is None:
            raise InvalidRequest(f"Nobody is called {name!r}.", code="UnknownPerson", status=404)
        return self.as_set(found[0])

    def invite(self, name: str, role: Role, *, by: str) -> Link:
        """Add a person, and return the link by which they choose their password.

        Raises:
            InvalidRequest: they cannot be called this.
        """
        with self._db.begin() as tx:
            people.take(tx)
            if fault := name_fault(name, [*people.names(tx), self._owner]):
                raise InvalidRequest(fault, code="InvalidName")
            person_id = people.add(tx, name, role, by=by, now=self._clock())
            audit.write(tx, Act.PERSON_INVITED, about(person_id), name=name, role=role)
            return self._link(tx, person_id)

    def reset(self, person_id: int) -> Link:
        """Return a new link for a person. Their password and sessions go on until it is used."""
        with self._db.begin() as tx:
            person = self._to_change(tx, person_id)
            if person.disabled_at:
                raise InvalidRequest(f"{person.name} may not come in; let them in first.", code="Disabled", status=409)
            audit.write(tx, Act.LINK_MADE, about(person_id), name=person.name)
            return self._link(tx, person_id)

    def set_role(self, person_id: int, role: Role) -> Person:
        """Give a person another role, which counts from their next request on."""
        with self._db.begin() as tx:
            person = self._to_change(tx, person_id)
            people.set_role(tx, person_id, role)
            audit.write(tx, Act.ROLE_SET, about(person_id), name=person.name, **{"from": person.role, "to": role})
        return replace(person, role=role)

    def disable(self, person_id: int) -> Person:
        """Let a person in no longer: their sessions end, and so do their link, second factor and linked account."""
        with self._db.begin() as tx:
            person = self._to_change(tx, person_id)
            people.set_disabled(tx, person_id, self._clock())
            people.end_link(tx, person_id)
            second_factors.remove(tx, person_id)
            issuer_accounts.remove(tx, person_id)
            ended = sessions.end_all(tx, person_id)
            audit.write(tx, Act.PERSON_DISABLED, about(person_id), name=person.name, sessions=ended)
        return person

    def enable(self, person_id: int) -> Person:
        """Let a person in again, with the password that they had."""
        with self._db.begin() as tx:
            person = self._to_change(tx, person_id)
            people.set_disabled(tx, person_id, None)
            audit.write(tx, Act.PERSON_ENABLED, about(person_id), name=person.name)
        return person

    def take_factor(self, person_id: int) -> Person:
        """Take a person's second factor away, such as for a lost phone: it may be logged in, so their sessions end.

        Raises:
            InvalidRequest: they have none.
        """
        with self._db.begin() as tx:
            person = self._found(tx, person_id)
            if not second_factors.remove(tx, person_id):
                raise InvalidRequest(f"{person.name} has no second factor.", code="FactorOff", status=409)
            ended = sessions.end_all(tx, person_id)
            audit.write(tx, Act.FACTOR_TAKEN, about(person_id), name=person.name, sessions=ended)
        return person

    def end_sessions(self, person_id: int, *, but: str = "") -> int:
        """End all sessions of a person, or all but one; return how many that were."""
        with self._db.begin() as tx:
            name = self._found(tx, person_id).name
            ended = sessions.end_all(tx, person_id, but=but)
            audit.write(tx, Act.SESSIONS_ENDED, about(person_id), name=name, sessions=ended)
            return ended

    def end_session(self, person_id: int, session_hash: str) -> bool:
        with self._db.begin() as tx:
            ended = sessions.end(tx, session_hash, of=person_id)
            if ended:
                audit.write(tx, Act.SESSIONS_ENDED, about(person_id), sessions=1)
            return ended

    def of_link(self, token: str) -> Person:
        """Return who may choose a password by this link.

        Raises:
            InvalidRequest: nobody, or nobody any more.
        """
        with self._db.read() as tx:
            person = people.find_by_link(tx, hashed(token), now=self._clock())
        if person is None or self.is_set(person):
            raise _no_link()
        return person

    def link(self, token: str) -> Link:
        """Return the link of this token, as long as it is good.

        Raises:
            InvalidRequest: it is not, or not any more.
        """
        person = self.of_link(token)
        with self._db.read() as tx:
            until = next(seen.link_until for seen in self.all_of(tx) if seen.person.id == person.id)
        if until is None:
            raise _no_link()
        return Link(person, token, until)

    def choose(self, token: str, password_hash: str, *, address: str) -> Person:
        """Give the person of a link their password. All sessions that they had end, and the link is used up.

        So does the account that they logged in by: where a stranger had come in, it may be the stranger's.
        """
        with self._db.begin() as tx:
            person = people.find_by_link(tx, hashed(token), now=self._clock())
            if person is None or self.is_set(person) or not people.use_link(tx, hashed(token)):
                raise _no_link()
            people.set_password(tx, person.id, password_hash)
            issuer_accounts.remove(tx, person.id)
            with audit.acting(person.name, address):  # nobody is logged in yet: the link says who it is
                audit.write(
                    tx, Act.PASSWORD_SET, about(person.id), by="a link", sessions=sessions.end_all(tx, person.id)
                )
        return person

    def set_password(self, person_id: int, password_hash: str, *, but: str) -> None:
        """Give a person another password; all their sessions end but one."""
        with self._db.begin() as tx:
            self._to_change(tx, person_id)
            people.set_password(tx, person_id, password_hash)
            people.end_link(tx, person_id)
            ended = sessions.end_all(tx, person_id, but=but)
            audit.write(tx, Act.PASSWORD_SET, about(person_id), by="the one before", sessions=ended)

    def _link(self, tx: Connection, person_id: int) -> Link:
        token, ends_at = secrets.token_urlsafe(32), self._clock() + LINK_GOOD_FOR
        people.put_link(tx, person_id, hashed(token), ends_at=ends_at)
        return Link(self._found(tx, person_id), token, ends_at)

    def _to_change(self, tx: Connection, person_id: int) -> Person:
        people.take(tx)
        person = self._found(tx, person_id)
        if self.is_set(person):
            message = (
                f"{person.name} is the owner whom ADMIN_USERNAME names: an owner for as long as it does, with the"
                " password ADMIN_PASSWORD. Change those in the settings."
            )
            raise InvalidRequest(message, code="SetBySettings", status=409)
        return person

    def _found(self, tx: Connection, person_id: int) -> Person:
        person = people.find(tx, person_id)
        if person is None:
            raise InvalidRequest("There is no such person.", code="UnknownPerson", status=404)
        return person


def about(person_id: int) -> str:
    """Return how the audit log names a person whom something was done to."""
    return f"person {person_id}"


def hashed(token: str) -> str:
    """Return what is kept of a random text of 256 bits.

    A plain SHA-256: nobody can try 2^256 texts, however fast each is. Slow hashes are for what people think of.
    """
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()


def _no_link() -> InvalidRequest:
    message = "This link was used, replaced by a newer one, or is too old. Ask an owner for another one."
    return InvalidRequest(message, code="LinkEnded", status=404)
