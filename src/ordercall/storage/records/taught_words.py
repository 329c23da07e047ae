"""What the words of a shop's agents mean, as its people taught it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from ordercall.domain.reports.words import Rule
from ordercall.storage.tables import report_words


def rules(tx: Connection) -> list[Rule]:
    """Return what the shop's words mean."""
    columns = (report_words.c.path, report_words.c.word, report_words.c.key, report_words.c.value)
    return [Rule(*row) for row in tx.execute(select(*columns).order_by(report_words.c.id))]


def teach(tx: Connection, rule: Rule, *, by: str, now: datetime) -> None:
    """Store what a word means from now on; what it meant for the same key before is replaced."""
    forget_word(tx, rule)
    values = {"path": rule.path, "word": rule.word, "key": rule.key, "value": rule.value}
    tx.execute(insert(report_words).values(values | {"taught_at": now.timestamp(), "taught_by": by}))


def forget_word(tx: Connection, rule: Rule) -> bool:
    same = (report_words.c.path == rule.path, report_words.c.word == rule.word, report_words.c.key == rule.key)
    return tx.execute(delete(report_words).where(*same)).rowcount > 0
