"""The databases of the tests: made once, emptied between tests, and asked in the tests' own words."""

from __future__ import annotations

import itertools
import os
import shutil
from pathlib import Path
from typing import Any, Protocol

import psycopg
from sqlalchemy import Connection, Dialect, Engine

from ordercall.storage.engine.database import Database
from ordercall.storage.engine.opening import database_at
from ordercall.storage.engine.postgres_database import PostgresDatabase
from ordercall.storage.engine.sqlite_database import SQLiteDatabase

ADDRESS = "ORDERCALL_TEST_POSTGRES"
"""The variable that tells the test processes where the server is."""

AT_ONCE = "_at_once"
"""How the names of triggers end that a test makes."""

_dialects: dict[str, Dialect] = {}
_compiled: dict[Any, Any] = {}

EMPTY_ON_POSTGRES = """
DO $$
DECLARE one record;
BEGIN
    SET LOCAL session_replication_role = replica;
    FOR one IN SELECT tgname, tgrelid::regclass AS place FROM pg_trigger WHERE tgname LIKE '%_at_once' LOOP
        EXECUTE format('DROP TRIGGER %I ON %s', one.tgname, one.place);
    END LOOP;
    FOR one IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version' LOOP
        EXECUTE format('DELETE FROM %I', one.tablename);
    END LOOP;
    FOR one IN SELECT sequencename FROM pg_sequences WHERE last_value IS NOT NULL LOOP
        PERFORM setval(one.sequencename::regclass, 1, false);
    END LOOP;
END $$
"""


class Databases(Protocol):
    """Gives out databases with all tables and no rows."""

    def place(self) -> dict[str, str]:
        """Return the settings that name a fresh database."""

    def give_back(self, place: dict[str, str]) -> None:
        """Nobody uses this database any more."""


class SQLiteFiles:
    """Each database is a copy of one file, which is many times faster than to make it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._template = folder / "template.db"
        self._numbers = itertools.count(1)
        _upgrade({"DATABASE_PATH": str(self._template)})

    def place(self) -> dict[str, str]:
        folder = self._folder / str(next(self._numbers))
        folder.mkdir()
        return {"DATABASE_PATH": str(shutil.copy(self._template, folder / "orders.db"))}

    def give_back(self, place: dict[str, str]) -> None:
        shutil.rmtree(Path(place["DATABASE_PATH"]).parent)


class PostgresCopies:
    """Each database is used again and again: to make one takes ten times as long as to empty it."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._free: list[dict[str, str]] = []
        self._numbers = itertools.count(1)
        self._template = self.bare()
        _upgrade({"DATABASE_URL": self._template})

    def place(self) -> dict[str, str]:
        if not self._free:
            return {"DATABASE_URL": self._new(self._template.rpartition("/")[2])}
        place = self._free.pop()
        with psycopg.connect(place["DATABASE_URL"]) as connection:
            connection.execute(EMPTY_ON_POSTGRES)
        return place

    def give_back(self, place: dict[str, str]) -> None:
        self._free.append(place)

    def bare(self) -> str:
        """Return the address of a database without tables."""
        return self._new("template1")

    def _new(self, template: str) -> str:
        name = f"t{os.getpid()}_{next(self._numbers)}"
        with psycopg.connect(f"{self._address}/postgres", autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')  # type: ignore[call-overload]
        return f"{self._address}/{name}"


def open_at(place: dict[str, str], **options: float) -> Database:
    """Open the database that these settings name. The options are those of the database's class."""
    database = database_at(place.get("DATABASE_URL", ""), Path(place.get("DATABASE_PATH", "")))
    if options:
        database.close()
        where: Any = place.get("DATABASE_URL") or Path(place["DATABASE_PATH"])
        database = type(database)(where, **options)
    if isinstance(database, SQLiteDatabase):
        _share_statements(database.engine)
    return database


def _share_statements(engine: Engine) -> None:
    """Let SQLAlchemy compile a statement once for all databases of a run, which is a sixth of what most tests take."""
    engine.dialect = _dialects.setdefault(engine.dialect.name, engine.dialect)
    engine.update_execution_options(compiled_cache=_compiled)


def ask(tx: Connection, question: str, *values: Any) -> Any:
    """Ask in SQL that both databases understand, with ``?`` for each value."""
    return tx.exec_driver_sql(question if tx.dialect.name == "sqlite" else question.replace("?", "%s"), values)


def rows_read(tx: Connection, table: str) -> int:
    """Return how many rows of a table Postgres has read in this transaction."""
    question = "SELECT seq_tup_read + coalesce(idx_tup_fetch, 0) FROM pg_stat_xact_user_tables WHERE relname = %s"
    number: int = tx.exec_driver_sql(question, (table,)).scalar_one()
    return number


def empty(database: Database) -> None:
    """Take all rows out of a database that is open, and what a test made."""
    with database.begin() as tx:
        if isinstance(database, PostgresDatabase):
            tx.exec_driver_sql(EMPTY_ON_POSTGRES.replace("%", "%%"))
            return
        driver: Any = tx.connection.driver_connection  # which carries out some fifty statements ten times as fast
        driver.execute("PRAGMA defer_foreign_keys = ON")
        for kind, name in driver.execute("SELECT type, name FROM sqlite_master").fetchall():
            if kind == "trigger" and name.endswith(AT_ONCE):
                driver.execute(f"DROP TRIGGER {name}")
            if name == "audit":  # whose rows nobody may take out
                [guard] = driver.execute("SELECT sql FROM sqlite_master WHERE name = 'audit_kept'").fetchone()
                driver.execute("DROP TRIGGER audit_kept")
                driver.execute("DELETE FROM audit")
                driver.execute(guard)
            elif kind == "table" and not name.startswith(("alembic_", "search_")):  # triggers empty the search
                driver.execute(f"DELETE FROM {name}")  # noqa: S608 - the name comes from the database


def _upgrade(place: dict[str, str]) -> None:
    database = open_at(place)
    database.upgrade()
    database.close()


REFUSAL = {
    "sqlite": "SELECT RAISE(ABORT, 'not this one')",
    "postgresql": "RAISE EXCEPTION 'not this one' USING ERRCODE = '{state}'",
}


def add_trigger(tx: Connection, moment: str, condition: str, deed: str) -> None:
    """Do something in the database whenever a row fulfils a condition, in SQL that both databases understand.

    Args:
        moment: such as ``AFTER INSERT ON orders``.
        condition: what must hold; NEW is the row.
        deed: one statement.
    """
    name = f"t{abs(hash((moment, condition, deed)))}{AT_ONCE}"
    if tx.dialect.name == "sqlite":
        tx.exec_driver_sql("SELECT 1 FROM sqlite_master")  # or a pooled connection still knows one that was dropped
        tx.exec_driver_sql(f"CREATE TRIGGER {name} {moment} WHEN {condition} BEGIN {deed}; END")
        return
    tx.exec_driver_sql(
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN IF {condition} THEN {deed}; END IF; RETURN NEW; END $$"
    )
    tx.exec_driver_sql(f"CREATE TRIGGER {name} {moment} FOR EACH ROW EXECUTE FUNCTION {name}()")


def refuse(tx: Connection, moment: str, condition: str, *, state: str = "integrity_constraint_violation") -> None:
    """From now on the database refuses such rows, with the words "not this one"; on Postgres for a reason of choice."""
    add_trigger(tx, moment, condition, REFUSAL[tx.dialect.name].format(state=state))


def forget_triggers(tx: Connection, table: str) -> None:
    """Take away what was added to a table."""
    names = {
        "sqlite": f"SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = '{table}'",  # noqa: S608 - our own tables
        "postgresql": f"SELECT tgname FROM pg_trigger WHERE tgrelid = '{table}'::regclass",  # noqa: S608 - our own tables
    }
    for name in tx.exec_driver_sql(names[tx.dialect.name]).scalars().all():
        if name.endswith(AT_ONCE):
            tx.exec_driver_sql(f"DROP TRIGGER {name}" + ("" if tx.dialect.name == "sqlite" else f" ON {table}"))


def lock_out(database: Database) -> Connection:
    """Hold the tables in a transaction of its own, until it is rolled back, so that nobody else can write."""
    connection = database.engine.connect().execution_options(patience=1.0)
    connection.begin()
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("LOCK TABLE orders, logs, deliveries IN ACCESS EXCLUSIVE MODE")
    return connection
