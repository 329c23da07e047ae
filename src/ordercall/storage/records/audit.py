"""The audit log: who does something now, and the rows of what was done, which are written and read here alone."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, insert, select

from ordercall.domain.activity import Event, read_run, read_status_change
from ordercall.domain.audit import FIRST, OF_EVENTS, Act, AuditRow, Verdict, as_details, verify
from ordercall.domain.people import SOMEBODY
from ordercall.storage.engine.dialects import dialect
from ordercall.storage.engine.last_steps import at_last
from ordercall.storage.tables import audit

LOCK = "audit"

PAGE = 50
"""The rows that a page shows at a time."""

SLICE = 1_000
"""Rows that are read at a time where all are."""

ONE_BY_ONE = 100
"""Orders of one act that have a row each; of more, such as all that waited for the shop, one row gives the number."""

FAILURES_WRITTEN = 50
"""Sign-ins that fail, in an hour: with more of them a stranger could fill the disk."""

HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Doer:
    """Who does something, and from which address."""

    name: str
    address: str


_DOER: ContextVar[Doer | None] = ContextVar("doer", default=None)


@contextmanager
def acting(name: str, address: str = "") -> Iterator[None]:
    """Let what is done in the block be done by this person, key or program."""
    before = _DOER.set(Doer(name, address))
    try:
        yield
    finally:
        _DOER.reset(before)


@dataclass(frozen=True, slots=True)
class _Deed:
    doer: Doer
    act: Act
    about: str
    details: str
    at: float = field(default_factory=time.time)


def write(tx: Connection, act: Act, about: str = "", **details: object) -> None:
    """Write down that whoever acts did this, in the transaction in which they do.

    Where nobody acts, the worker does what was asked for and written down before: that is in the orders' timelines.

    Args:
        about: what it was done to, such as ``order 5001``.
        details: what else there is to say, without personal data of customers.
    """
    if doer := _DOER.get():
        at_last(tx, _append, _Deed(doer, act, about, as_details(details)))


def write_event(tx: Connection, event: Event, shopify_ids: Iterable[int | None], message: str) -> None:
    """Write down what the orders' timelines say that somebody did."""
    if act := OF_EVENTS.get(event):
        status, run, ids = read_status_change(message), read_run(message), list(shopify_ids)
        details = {"from": status[0], "to": status[1]} if status else {}
        if len(ids) > ONE_BY_ONE:
            write(tx, act, orders=len(ids), **details)
            return
        for shopify_id in ids:
            write(tx, act, f"run {run}" if run else f"order {shopify_id}" if shopify_id else "", **details)


def write_failed_sign_in(tx: Connection, address: str, person_id: int | None, **details: object) -> None:
    """Write down that somebody could not log in; after so many of an hour no more.

    What they called themselves is not: people type their password there, too.
    """
    since = time.time() - HOUR
    written = select(func.count()).where(audit.c.act == Act.SIGN_IN_FAILED, audit.c.at > since)
    number = tx.execute(written).scalar_one()
    if number < FAILURES_WRITTEN:
        if number == FAILURES_WRITTEN - 1:
            details["more"] = "not written for an hour"
        with acting(SOMEBODY, address):
            write(tx, Act.SIGN_IN_FAILED, f"person {person_id}" if person_id else "", **details)


def _append(tx: Connection, deeds: list[_Deed]) -> None:
    """Put rows at the end of the chain, one transaction after the other."""
    dialect(tx).take_advisory_locks(tx, [LOCK])
    last = tx.execute(select(audit.c.id, audit.c.hash).order_by(audit.c.id.desc()).limit(1)).first()
    place, head = (last.id, last.hash) if last else (0, FIRST)
    rows = []
    for deed in deeds:
        row = AuditRow(
            id=place + 1,
            at=deed.at,
            who=deed.doer.name,
            address=deed.doer.address,
            act=deed.act,
            about=deed.about,
            details=deed.details,
            previous=head,
        ).sealed()
        rows.append(asdict(row))
        place, head = row.id, row.hash
    tx.execute(insert(audit), rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which rows are wanted; nothing of it: all.

    Attributes:
        about: what they may be about; one of these.
        since, until: POSIX seconds; the second is the first that is not wanted.
    """

    who: str = ""
    act: Act | None = None
    about: tuple[str, ...] | None = None
    since: float | None = None
    until: float | None = None


def newest(tx: Connection, wanted: Wanted, *, before: int | None = None, limit: int = PAGE + 1) -> list[AuditRow]:
    """Return rows, newest first.

    Args:
        before: the place of a row; what is returned is older.
    """
    found = _narrowed(wanted)
    if before is not None:
        found = found.where(audit.c.id < before)
    return [_row(row) for row in tx.execute(found.order_by(audit.c.id.desc()).limit(limit))]


def oldest(tx: Connection, wanted: Wanted, *, behind: int = 0) -> list[AuditRow]:
    """Return a slice of the rows behind this place, oldest first."""
    found = _narrowed(wanted).where(audit.c.id > behind).order_by(audit.c.id).limit(SLICE)
    return [_row(row) for row in tx.execute(found)]


def doers(tx: Connection) -> list[str]:
    """Return everybody who is in the log, by name."""
    return sorted(tx.execute(select(audit.c.who).distinct()).scalars(), key=str.casefold)


def look_at_all(tx: Connection, *, known: str = "") -> Verdict:
    """Return whether the chain is whole; of a million rows none is held."""

    def rows() -> Iterator[AuditRow]:
        behind = 0
        while some := oldest(tx, Wanted(), behind=behind):
            yield from some
            behind = some[-1].id

    return verify(rows(), known=known)


def prune(tx: Connection, *, before: float) -> int:
    """Take out some of the oldest rows, of those before this time, and return how many that were; 0: none is left.

    A row that stays says up to which and what hash the last of them had, so that the others can still be verified.
    """
    dialect(tx).take_advisory_locks(tx, [LOCK])
    first_kept = select(func.min(audit.c.id)).where(audit.c.at >= before).scalar_subquery()
    behind = func.coalesce(first_kept, select(func.max(audit.c.id)).scalar_subquery() + 1)
    some = select(audit).where(audit.c.id < behind).order_by(audit.c.id).limit(SLICE).subquery()
    last = tx.execute(select(some).order_by(some.c.id.desc()).limit(1)).first()
    if last is None:
        return 0
    _append(tx, [_Deed(_the_doer(), Act.AUDIT_PRUNED, f"row {last.id}", as_details({"hash": last.hash}))])
    return tx.execute(delete(audit).where(audit.c.id <= last.id)).rowcount


def _the_doer() -> Doer:
    doer = _DOER.get()
    if doer is None:
        raise AssertionError("nothing prunes the log by itself")
    return doer


def _narrowed(wanted: Wanted) -> Select[Any]:
    found = select(audit)
    if wanted.who:
        found = found.where(audit.c.who == wanted.who)
    if wanted.act:
        found = found.where(audit.c.act == wanted.act)
    if wanted.about is not None:
        found = found.where(audit.c.about.in_(wanted.about))
    if wanted.since is not None:
        found = found.where(audit.c.at >= wanted.since)
    if wanted.until is not None:
        found = found.where(audit.c.at < wanted.until)
    return found


def _row(row: Row[Any]) -> AuditRow:
    return AuditRow(**row._mapping)
