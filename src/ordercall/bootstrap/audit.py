"""The audit log by hand: looking whether it is whole, writing it out, pruning it; and the settings of a start."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime

from ordercall.bootstrap.parts import open_database
from ordercall.config import SETTINGS, Settings
from ordercall.domain.audit import Act, AuditRow, Verdict
from ordercall.errors import DatabaseBusy, DatabaseUnusable
from ordercall.storage.engine.database import Database
from ordercall.storage.engine.opening import database_at
from ordercall.storage.records import audit

PROGRAM = "Ordercall"
"""Who starts the web process, in the words of the pages."""

logger = logging.getLogger(__name__)


def verify(settings: Settings, *, known: str) -> Verdict:
    """Return whether the chain is whole, and has the row with this hash where one is given."""
    with closing(open_database(settings)) as db, db.read() as tx:
        return audit.look_at_all(tx, known=known)


def export(settings: Settings) -> Iterator[AuditRow]:
    """Yield all rows, oldest first, and write down that they were exported."""
    with closing(open_database(settings)) as db:
        with db.begin() as tx:
            audit.write(tx, Act.AUDIT_EXPORTED)
        behind = 0
        while some := _slice(db, behind):
            yield from some
            behind = some[-1].id


def prune(settings: Settings, *, before: datetime) -> int:
    """Take out the rows from before this time, and return how many that were."""
    number = 0
    with closing(open_database(settings)) as db:
        while some := _prune_some(db, before):
            number += some
    return number


def _prune_some(db: Database, before: datetime) -> int:
    """Take out no more than so many at once that no webhook waits for it."""
    with db.begin() as tx:
        return audit.prune(tx, before=before.timestamp())


def note(settings: Settings, act: Act, about: str = "", **details: object) -> None:
    """Write down what a command has done, where there is a database of this version; it needed none."""
    try:
        with closing(database_at(settings.database_url, settings.database_path)) as db:
            if db.is_current():
                with db.begin() as tx:
                    audit.write(tx, act, about, **details)
    except (DatabaseBusy, DatabaseUnusable) as error:
        logger.warning("It is done, and could not be written to the audit log: %s", error)


def note_settings(db: Database, settings: Settings) -> None:
    """Write down which settings are others than at the start before; a start must not fail for it."""
    try:
        with db.begin() as tx:
            last = audit.newest(tx, audit.Wanted(act=Act.SETTINGS), limit=1)
            before = json.loads(last[0].details)["marks"] if last else {}
            marks = _marks(settings)
            if changed := sorted(name for name in {*before, *marks} if before.get(name) != marks.get(name)):
                with audit.acting(PROGRAM):
                    audit.write(tx, Act.SETTINGS, changed=changed, marks=marks)
    except DatabaseBusy:
        logger.warning("Which settings are others than before could not be written to the audit log.")


def _marks(settings: Settings) -> dict[str, str]:
    """Return of each setting that somebody chose a mark that changes with its value, and does not tell it.

    Who has the log has not the key of these. Without FLASK_SECRET_KEY there is none, and a name has an empty mark.
    """
    key = settings.flask_secret_key.encode() if "FLASK_SECRET_KEY" in settings.chosen else b""

    def mark(name: str) -> str:
        value = f"{name}\0{getattr(settings, SETTINGS[name].field)}"
        return hmac.new(key, f"audit {value}".encode(), hashlib.sha256).hexdigest()[:8] if key else ""

    return {name: mark(name) for name in sorted(settings.chosen)}


def _slice(db: Database, behind: int) -> list[AuditRow]:
    with db.read() as tx:
        return audit.oldest(tx, audit.Wanted(), behind=behind)
