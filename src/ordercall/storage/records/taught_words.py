"""What the words of a shop's agents mean, as its people taught it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, delete, insert, select

from ordercall.domain.reports.words import Rule
from ordercall.storage.tables import report_words


@dataclass(frozen=True, slots=True)
class Taught:
    """A rule, who taught it, and when."""

    id: int
    rule: Rule
    by: str
    at: datetime


def rules(tx: Connection) -> list[Rule]:
    """Return what the shop's words mean."""
    columns = (report_words.c.path, report_words.c.word, report_words.c.key, report_words.c.value)
    return [Rule(*row) for row in tx.execute(select(*columns).order_by(report_words.c.id))]


def all_taught(tx: Connection) -> list[Taught]:
    """Return the same with who taught it, the newest first: as many as people took the trouble to explain."""
    return [
        Taught(row.id, Rule(row.path, row.word, row.key, row.value), row.taught_by, _moment(row.taught_at))
        for row in tx.execute(select(report_words).order_by(report_words.c.id.desc()))
    ]


def teach(tx: Connection, rule: Rule, *, by: str, now: datetime) -> None:
    """Store what a word means from now on, about which there is no rule yet."""
    values = {"path": rule.path, "word": rule.word, "key": rule.key, "value": rule.value}
    tx.execute(insert(report_words).values(values | {"taught_at": now.timestamp(), "taught_by": by}))


def forget(tx: Connection, taught_id: int) -> Rule | None:
    """Have a rule go, and return it; None: there is none of this number."""
    mine = delete(report_words).where(report_words.c.id == taught_id)
    columns = (report_words.c.path, report_words.c.word, report_words.c.key, report_words.c.value)
    gone = tx.execute(mine.returning(*columns)).first()
    return Rule(*gone) if gone else None


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
