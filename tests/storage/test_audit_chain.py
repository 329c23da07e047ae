"""The chain of the audit log: whole under many writers, closed to changes, and broken where somebody changed it."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from ordercall.domain.audit import Act, Verdict
from ordercall.errors import OrdercallError
from ordercall.storage.engine.database import Database
from ordercall.storage.records import audit
from properties import always


@pytest.fixture
def db(open_database: Callable[[], Database]) -> Database:
    return open_database()


KEPT = "rows of the audit log stay as they are"


def write(db: Database, number: int = 1, *, who: str = "Asha", about: str = "order 5001") -> None:
    for _ in range(number):
        with db.begin() as tx, audit.acting(who, "192.0.2.7"):
            audit.write(tx, Act.STATUS_SET, about, to="Success")


def verdict(db: Database, known: str = "") -> Verdict:
    with db.read() as tx:
        return audit.look_at_all(tx, known=known)


def prune(db: Database, before: float) -> int:
    with db.begin() as tx, audit.acting("the command line"):
        return audit.prune(tx, before=before)


def rows(db: Database) -> list[audit.AuditRow]:
    with db.read() as tx:
        return audit.oldest(tx, audit.Wanted())


def as_an_attacker(db: Database, *statements: str) -> None:
    """Change the table as somebody does who has the whole database, and takes away what guards it."""
    with db.begin() as tx:
        if tx.dialect.name == "sqlite":
            for guard in ("audit_unchanged", "audit_kept"):
                tx.execute(text(f"DROP TRIGGER {guard}"))
        else:
            tx.execute(text("SET LOCAL session_replication_role = replica"))  # the tests' databases are used again
        for statement in statements:
            tx.execute(text(statement))


def test_what_was_written_is_a_whole_chain(db: Database) -> None:
    write(db, 3)

    found = verdict(db)

    assert (found.rows, found.broken, found.head) == (3, None, rows(db)[-1].hash)


def test_a_row_says_who_did_what_to_which_from_where(db: Database) -> None:
    write(db)

    [row] = rows(db)
    assert (row.id, row.who, row.address, row.act, row.about, row.details) == (
        *(1, "Asha", "192.0.2.7", "status_set", "order 5001"),
        '{"to":"Success"}',
    )


def test_what_nobody_asked_for_is_not_written(db: Database) -> None:
    with db.begin() as tx:
        audit.write(tx, Act.STATUS_SET, "order 5001")

    assert rows(db) == []


def test_a_row_goes_with_the_transaction_that_it_tells_of(db: Database) -> None:
    assert at_once(db, 1, [(1, True)]) == 0
    write(db)

    assert [row.id for row in rows(db)] == [1]


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit SET who = 'Ravi'", "DELETE FROM audit", "DELETE FROM audit WHERE id = 2"],
)
def test_no_row_is_changed_or_taken_out(db: Database, statement: str) -> None:
    write(db, 2)

    with pytest.raises((DBAPIError, OrdercallError, sqlite3.Error), match=KEPT), db.begin() as tx:
        tx.execute(text(statement))

    assert verdict(db).rows == 2


CHANGES = {
    "who": ("UPDATE audit SET who = 'Asho' WHERE id = 3", 3, "It is not as it was written."),
    "time": ("UPDATE audit SET at = at + 0.001 WHERE id = 1", 1, "It is not as it was written."),
    "taken out": ("DELETE FROM audit WHERE id = 2", 3, "It follows row 1: what was between them is missing."),
    "the first": (
        "DELETE FROM audit WHERE id = 1",
        2,
        "What was before it is missing, and no row says that it was pruned.",
    ),
    "its hash": ("UPDATE audit SET hash = previous WHERE id = 4", 4, "It is not as it was written."),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_found_where_it_was_made(db: Database, change: str) -> None:
    statement, place, fault = CHANGES[change]
    write(db, 5)

    as_an_attacker(db, statement)

    found = verdict(db)
    assert (found.broken, found.fault) == (place, fault)


def test_a_row_made_anew_with_a_right_hash_no_longer_fits_the_next(db: Database) -> None:
    write(db, 4)
    row = rows(db)[1]
    forged = replace(row, who="Ravi").sealed()

    as_an_attacker(db, f"UPDATE audit SET who = 'Ravi', hash = '{forged.hash}' WHERE id = 2")  # noqa: S608

    assert verdict(db).broken == 3


def test_an_end_that_was_cut_off_is_found_by_a_hash_that_was_noted(db: Database) -> None:
    write(db, 3)
    noted = verdict(db).head
    write(db, 2)
    assert verdict(db, noted).broken is None

    as_an_attacker(db, "DELETE FROM audit WHERE id > 2")

    assert verdict(db).broken is None
    assert (verdict(db, noted).broken, verdict(db, noted).rows) == (3, 2)


def test_what_is_pruned_leaves_a_chain_that_still_verifies(db: Database) -> None:
    write(db, 3)
    kept_from = time.time()
    write(db, 2)

    number, again = prune(db, kept_from), prune(db, kept_from)

    assert (number, again) == (3, 0)
    assert [row.id for row in rows(db)] == [4, 5, 6]
    assert (verdict(db).rows, verdict(db).broken) == (3, None)


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("DELETE FROM audit WHERE id = 4", 5),
        ("UPDATE audit SET about = 'row 4' WHERE act = 'audit_pruned'", 6),
        ("UPDATE audit SET about = 'nothing', details = '' WHERE act = 'audit_pruned'", 6),
    ],
)
def test_more_than_was_pruned_is_missed(db: Database, statement: str, found: int) -> None:
    write(db, 3)
    kept_from = time.time()
    write(db, 2)
    prune(db, kept_from)

    as_an_attacker(db, statement)

    assert verdict(db).broken == found


def test_nothing_is_lost_by_pruning_all_of_it(db: Database) -> None:
    write(db, 2)
    prune(db, time.time() + 60)
    write(db)

    assert [row.act for row in rows(db)] == ["audit_pruned", "status_set"]
    assert verdict(db).broken is None


def test_failed_sign_ins_do_not_fill_the_disk(db: Database) -> None:
    for _ in range(audit.FAILURES_WRITTEN + 5):
        with db.begin() as tx:
            audit.write_failed_sign_in(tx, "192.0.2.7", None)

    assert len(rows(db)) == audit.FAILURES_WRITTEN
    assert rows(db)[-1].details == '{"more":"not written for an hour"}'


TURNS = st.lists(st.tuples(st.integers(1, 3), st.booleans()), min_size=2, max_size=6)


def at_once(db: Database, writer: int, turns: list[tuple[int, bool]]) -> int:
    """Write as many rows in each transaction as its turn says, and give some of the transactions up."""
    kept = 0
    for number, gives_up in turns:
        try:
            with db.begin() as tx, audit.acting(f"writer {writer}"):
                for _ in range(number):
                    audit.write(tx, Act.STATUS_SET, f"order {writer}")
                if gives_up:
                    raise InterruptedError
            kept += number
        except InterruptedError:
            continue
    return kept


@settings(always, max_examples=5)
@given(writers=st.lists(TURNS, min_size=2, max_size=4))
def test_the_chain_is_whole_whoever_writes_at_once(db: Database, writers: list[list[tuple[int, bool]]]) -> None:
    before = verdict(db).rows
    with ThreadPoolExecutor(len(writers)) as threads:
        kept = sum(threads.map(at_once, [db] * len(writers), range(len(writers)), writers))

    found = verdict(db)
    assert (found.rows - before, found.broken) == (kept, None)
