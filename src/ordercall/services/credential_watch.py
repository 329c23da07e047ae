"""The one alarm for a credential that a provider refuses: a row for pages and doctor, and a line in the process log."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from ordercall.providers.lockout import Refusal
from ordercall.storage.engine.database import Database
from ordercall.storage.records import refused_credentials

logger = logging.getLogger(__name__)

ALARM = "%s does not accept %s (%s). Put it right; until then everything waits, and then it goes on by itself"


class CredentialWatch:
    """Keeps how a provider stands to this installation; several workers may say the same."""

    def __init__(self, db: Database, clock: Callable[[], datetime]) -> None:
        self._db = db
        self._clock = clock
        self._begun = False

    def begin(self) -> None:
        """Forget, once, what earlier workers were refused: this one looks at once, and reports whether it is so still.

        Else an alarm would outlive its cause for as long as nothing is left that asks the provider.
        """
        if not self._begun:
            with self._db.begin() as tx:
                refused_credentials.remove_all(tx)
            self._begun = True

    def now(self) -> float:
        return self._clock().timestamp()

    def report(self, provider: str, refusal: Refusal | None) -> bool:
        """Store it, and log what is news; return whether the database took it. No answer is lost over it."""
        try:
            self._store(provider, refusal)
        except Exception as error:  # noqa: BLE001 - whatever it is, a provider has just answered and is to be heard
            kind = type(error).__name__
            logger.warning("not stored yet how %s takes the credentials (%s); the next answer does", provider, kind)
            return False
        return True

    def _store(self, provider: str, refusal: Refusal | None) -> None:
        with self._db.read() as tx:
            known = refused_credentials.find(tx, provider)
        if refusal is None and known:
            with self._db.begin() as tx:
                refused_credentials.remove(tx, provider)
            logger.warning("%s accepts %s again; what waited goes on by itself", provider, known.setting)
        elif refusal and (known is None or (known.setting, known.words) != (refusal.setting, refusal.words)):
            with self._db.begin() as tx:
                refused_credentials.store(tx, provider, refusal.setting, refusal.words, now=self._clock())
            logger.error(ALARM, provider, refusal.setting, refusal.words)
