"""Keys of programs: making one, changing to the next without a gap, ending one, and knowing one at each request."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from ordercall.domain.audit import Act
from ordercall.domain.people import Scope, name_fault
from ordercall.errors import DatabaseBusy, InvalidRequest
from ordercall.services.people import hashed
from ordercall.storage.engine.database import Database
from ordercall.storage.records import api_keys, audit
from ordercall.storage.records.api_keys import ApiKey
from ordercall.storage.records.people import take

PREFIX = "ock_"
"""How every key begins: those who look for secrets in files find it, and what begins otherwise is not looked up."""

NOTED_EVERY = timedelta(minutes=1)
"""A key that is used a hundred times a second is written to once."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that was made. ``secret`` is what the program sends; it is shown once and kept nowhere."""

    key: ApiKey
    secret: str


class ApiKeys:
    """Keeps the keys of one shop."""

    def __init__(self, db: Database, clock: Callable[[], datetime]) -> None:
        self._db = db
        self._clock = clock

    def all_of(self, tx: Connection) -> list[ApiKey]:
        return api_keys.all_of(tx)

    def make(self, name: str, scopes: Iterable[Scope], *, by: str) -> NewKey:
        """Make a key.

        Raises:
            InvalidRequest: it cannot be called this, or is for nothing.
        """
        wanted = set(scopes)
        if not wanted:
            raise InvalidRequest(f"Choose what the key is for: {', '.join(Scope)}.", code="NoScope")
        with self._db.begin() as tx:
            take(tx)
            if fault := name_fault(name, api_keys.names_in_force(tx)):
                raise InvalidRequest(fault, code="InvalidName")
            new = self._made(tx, name, wanted, by)
            audit.write(tx, Act.KEY_MADE, f"key {new.key.id}", name=name, scopes=sorted(wanted))
            return new

    def rotate(self, key_id: int, *, by: str) -> NewKey:
        """Make another key of the same name and scopes. The one before goes on until it is ended."""
        with self._db.begin() as tx:
            take(tx)
            before = api_keys.find(tx, key_id)
            if before is None or before.ended_at:
                raise _no_key(key_id)
            new = self._made(tx, before.name, before.scopes, by)
            audit.write(tx, Act.KEY_ROTATED, f"key {new.key.id}", name=before.name, before=key_id)
            return new

    def end(self, key_id: int, *, by: str) -> ApiKey:
        """End a key at once: the next request with it is refused."""
        with self._db.begin() as tx:
            ended = api_keys.end(tx, key_id, by=by, now=self._clock())
            key = api_keys.find(tx, key_id)
            if key and ended:
                audit.write(tx, Act.KEY_ENDED, f"key {key_id}", name=key.name)
        if key is None or not ended:
            raise _no_key(key_id)
        return key

    def known_by(self, secret: str, address: str) -> ApiKey | None:
        """Return the key in force that a program has sent, and note its use; None: it is none.

        It is looked up at each request, by one statement and a unique index: an end counts at once, on every machine.
        """
        if not secret.startswith(PREFIX):
            return None
        with self._db.read() as tx:
            key = api_keys.find_by_hash(tx, hashed(secret))
        if key:
            self._note(key, address)
        return key

    def _note(self, key: ApiKey, address: str) -> None:
        now = self._clock()
        if key.used_at and now - key.used_at < NOTED_EVERY:
            return
        try:
            with self._db.begin() as tx:
                api_keys.use(tx, key.id, address, now=now, unless_since=now - NOTED_EVERY)
        except DatabaseBusy:
            logger.info("That key %s was used could not be noted; the next request notes it", key.id)

    def _made(self, tx: Connection, name: str, scopes: Iterable[Scope], by: str) -> NewKey:
        secret = PREFIX + secrets.token_urlsafe(32)
        key = api_keys.find(tx, api_keys.add(tx, name, scopes, hashed(secret), by=by, now=self._clock()))
        if key is None:
            raise AssertionError("a row that was just written is there")
        return NewKey(key, secret)


def _no_key(key_id: int) -> InvalidRequest:
    return InvalidRequest(f"No key {key_id} is in force.", code="UnknownKey", status=404)
