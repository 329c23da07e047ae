"""The Postgres behind the door: who is refused, who waits for whom and how long, and what happens when it goes away."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.exc import IntegrityError, InternalError

from databases import PostgresCopies, forget_triggers, refuse
from ordercall.errors import DatabaseBusy, DatabaseFault, DatabaseUnusable
from ordercall.storage.engine.postgres_database import PostgresDatabase
from ordercall.storage.reads.facets import INDEX
from ordercall.storage.tables import metadata
from pooler import pooling
from waiting import LONG

pytestmark = pytest.mark.postgres

NOBODY_THERE = "postgresql://ordercall:a-secret@127.0.0.1:1/orders"


@pytest.fixture
def bare(databases: PostgresCopies) -> Iterator[PostgresDatabase]:
    """A database without tables."""
    with closing(PostgresDatabase(databases.bare())) as database:
        yield database


@pytest.fixture
def counted(bare: PostgresDatabase) -> PostgresDatabase:
    """A database with a table of two numbers."""
    with bare.begin() as tx:
        tx.exec_driver_sql("CREATE TABLE counted (name text PRIMARY KEY, n integer CHECK (n < 1000))")
        tx.exec_driver_sql("INSERT INTO counted VALUES ('a', 0), ('b', 0)")
    return bare


@contextmanager
def beside(database: PostgresDatabase, **options: float) -> Iterator[PostgresDatabase]:
    """Open the database as another machine does."""
    parts = database.parameters
    url = f"postgresql://postgres@{parts['host']}:{parts['port']}/{parts['dbname']}"
    with closing(PostgresDatabase(url, **options)) as other:
        yield other


def add_one(database: PostgresDatabase, *names: str) -> None:
    with database.begin() as tx:
        for name in names or ("a",):
            tx.exec_driver_sql("UPDATE counted SET n = n + 1 WHERE name = %s", (name,))


def count(database: PostgresDatabase, name: str = "a") -> int:
    with database.read() as tx:
        return int(tx.exec_driver_sql("SELECT n FROM counted WHERE name = %s", (name,)).scalar_one())


def cut_all_connections(database: PostgresDatabase) -> None:
    """End every connection to the database at the server, as its restart does."""
    with psycopg.connect(**database.parameters | {"dbname": "postgres"}, autocommit=True) as server:
        cut = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s"
        server.execute(cut, (database.parameters["dbname"],))


# Which tables it takes


@pytest.mark.parametrize(
    ("version", "said"),
    [
        (None, "The database has no tables yet; make them with: ordercall db upgrade"),
        ("0001", "is at schema 0001 and this version of Ordercall needs"),
        ("9999", "is at schema 9999, which this version of Ordercall does not know; start the newer version"),
    ],
)
def test_a_start_on_other_tables_is_refused_in_a_sentence(
    bare: PostgresDatabase, version: str | None, said: str
) -> None:
    if version:
        with bare.begin() as tx:
            tx.exec_driver_sql("CREATE TABLE alembic_version (version_num varchar(32))")
            tx.exec_driver_sql("INSERT INTO alembic_version VALUES (%s)", (version,))

    with pytest.raises(DatabaseUnusable, match=said):
        bare.make_ready()


@contextmanager
def behind_a_pooler(database: PostgresDatabase, mode: str) -> Iterator[PostgresDatabase]:
    parts = database.parameters
    with pooling(parts["host"], int(parts["port"]), mode) as port:
        url = f"postgresql://postgres@127.0.0.1:{port}/{parts['dbname']}"
        with closing(PostgresDatabase(url)) as behind:
            yield behind


def test_a_pooler_that_changes_the_session_between_transactions_is_refused_with_what_to_do(
    bare: PostgresDatabase,
) -> None:
    bare.upgrade()
    with behind_a_pooler(bare, "transaction") as database, pytest.raises(DatabaseUnusable) as refused:
        database.make_ready()

    assert str(refused.value) == (
        "DATABASE_URL leads to a pooler that gives each transaction another session of Postgres, such as PgBouncer in"
        " transaction mode; locks and announcements get lost there. Set pool_mode = session in it, or name Postgres"
        " itself."
    )


def test_a_pooler_that_keeps_the_session_is_as_good_as_the_server(bare: PostgresDatabase) -> None:
    bare.upgrade()
    with behind_a_pooler(bare, "session") as database:
        database.make_ready()

        assert database.is_current()


def test_a_pooler_that_refuses_our_options_is_named_with_what_to_do(bare: PostgresDatabase) -> None:
    with behind_a_pooler(bare, "strict") as database, pytest.raises(DatabaseUnusable) as refused:
        database.make_ready()

    assert "unsupported startup parameter: options. A pooler stands there: have it ignore or pass" in str(refused.value)


def test_an_upgrade_makes_the_tables_of_the_metadata(bare: PostgresDatabase) -> None:
    bare.upgrade()

    bare.make_ready()
    assert bare.is_current()
    with bare.read() as tx:
        context = MigrationContext.configure(tx, opts={"include_object": _is_shared})
        differences = [(kind, item.name) for kind, item in compare_metadata(context, metadata)]

    assert differences == []


def _is_shared(_item: object, name: str | None, *_: object) -> bool:
    """Leave out what the engine made, what counters and search are made of on Postgres alone, and SQLite's index."""
    one_sided = ("orders_by_digits", "orders_by_words", INDEX)
    return not str(name).startswith(("procrastinate_", "order_counts", *one_sided))


def test_of_many_who_upgrade_at_once_one_does_it(bare: PostgresDatabase) -> None:
    def upgrade(_: int) -> None:
        with beside(bare) as machine:
            machine.upgrade()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(upgrade, range(4)))

    bare.make_ready()


def test_a_server_that_is_not_there_is_named_without_its_password() -> None:
    with closing(PostgresDatabase(NOBODY_THERE)) as database:
        with pytest.raises(DatabaseUnusable, match=r"DATABASE_URL names postgresql://127\.0\.0\.1:1/orders") as refused:
            database.make_ready()
        assert not database.exists()

    assert "a-secret" not in str(refused.value)


def test_the_connections_of_a_rush_serve_the_next_one(counted: PostgresDatabase) -> None:
    all_at_once = threading.Barrier(8)

    def ask(_: int) -> int:
        with counted.begin() as tx:
            all_at_once.wait(LONG)
            return int(tx.exec_driver_sql("SELECT pg_backend_pid()").scalar_one())

    with ThreadPoolExecutor(8) as threads:
        first, second = (set(threads.map(ask, range(8))) for _ in range(2))

    assert first == second


def test_a_transaction_asks_the_server_nothing_beside_its_own_statements(
    counted: PostgresDatabase, tmp_path: Path
) -> None:
    with (tmp_path / "trace").open("wb") as trace:
        with counted.begin() as tx:
            driver: Any = tx.connection.driver_connection
            driver.pgconn.trace(trace.fileno())
        add_one(counted)
        driver.pgconn.untrace()

    answers = (tmp_path / "trace").read_text().count("ReadyForQuery")
    assert answers == len(["BEGIN", "UPDATE", "COMMIT"])


# Who waits for whom


def test_writers_of_different_rows_do_not_wait_for_each_other(counted: PostgresDatabase) -> None:
    with beside(counted, patience=0.1) as other, counted.begin() as tx:
        tx.exec_driver_sql("UPDATE counted SET n = 7 WHERE name = 'a'")
        add_one(other, "b")

    assert (count(counted, "a"), count(counted, "b")) == (7, 1)


def test_a_writer_gives_up_while_another_machine_holds_its_row(counted: PostgresDatabase) -> None:
    with beside(counted, patience=0.1) as other, counted.begin() as tx:
        tx.exec_driver_sql("UPDATE counted SET n = 7 WHERE name = 'a'")
        with pytest.raises(DatabaseBusy, match="busy for too long"):
            add_one(other, "a")

    assert count(counted) == 7


def test_two_who_wait_for_each_other_are_told_to_come_again(counted: PostgresDatabase) -> None:
    def add_both(names: tuple[str, str]) -> type[Exception] | None:
        with beside(counted) as machine:
            try:
                with machine.begin() as tx:
                    tx.exec_driver_sql("UPDATE counted SET n = n + 1 WHERE name = %s", (names[0],))
                    started.wait(LONG)
                    tx.exec_driver_sql("UPDATE counted SET n = n + 1 WHERE name = %s", (names[1],))
            except DatabaseBusy as error:
                return type(error)
        return None

    started = threading.Barrier(2)
    with ThreadPoolExecutor(2) as threads:
        ended = list(threads.map(add_both, [("a", "b"), ("b", "a")]))

    assert set(ended) == {None, DatabaseBusy}


def test_a_reader_sees_one_state_from_its_first_look_to_its_last(counted: PostgresDatabase) -> None:
    with counted.read() as tx:
        first = tx.exec_driver_sql("SELECT n FROM counted WHERE name = 'a'").scalar_one()
        add_one(counted)
        last = tx.exec_driver_sql("SELECT n FROM counted WHERE name = 'a'").scalar_one()

    assert (first, last, count(counted)) == (0, 0, 1)


def test_a_reader_cannot_write(counted: PostgresDatabase) -> None:
    with pytest.raises(InternalError, match="read-only"), counted.read() as tx:
        tx.exec_driver_sql("UPDATE counted SET n = n + 1")


def test_a_statement_that_is_refused_takes_the_whole_transaction_with_it(counted: PostgresDatabase) -> None:
    def add_too_much() -> None:
        with counted.begin() as tx:
            tx.exec_driver_sql("UPDATE counted SET n = n + 1 WHERE name = 'a'")
            tx.exec_driver_sql("UPDATE counted SET n = 1000 WHERE name = 'b'")

    with pytest.raises(IntegrityError):
        add_too_much()

    assert count(counted) == 0


def test_one_process_at_a_time_holds_a_lock(counted: PostgresDatabase) -> None:
    with beside(counted) as other:
        with counted.only_one("reading") as mine, other.only_one("reading") as theirs, other.only_one("x") as another:
            assert (mine, theirs, another) == (True, False, True)
        with other.only_one("reading") as theirs:
            assert theirs


def test_who_loses_touch_lets_go_of_its_lock(counted: PostgresDatabase) -> None:
    with beside(counted) as other, counted.only_one("reading"):
        cut_all_connections(counted)
        with other.only_one("reading") as theirs:
            assert theirs


# When it goes away


def test_connections_that_died_are_replaced_without_anybody_noticing(counted: PostgresDatabase) -> None:
    add_one(counted)
    cut_all_connections(counted)

    add_one(counted)

    assert count(counted) == 2


@pytest.mark.parametrize("look", [PostgresDatabase.begin, PostgresDatabase.read], ids=["writing", "reading"])
def test_a_connection_that_is_cut_in_the_middle_is_said_in_our_own_words(
    counted: PostgresDatabase, look: Callable[..., Any]
) -> None:
    def look_twice() -> None:
        with look(counted) as tx:
            tx.exec_driver_sql("SELECT n FROM counted")
            cut_all_connections(counted)
            tx.exec_driver_sql("SELECT n FROM counted")

    with pytest.raises(DatabaseBusy, match="did not answer"):
        look_twice()


def test_a_database_that_is_away_is_said_in_our_own_words() -> None:
    with closing(PostgresDatabase(NOBODY_THERE)) as database, pytest.raises(DatabaseBusy), database.begin():
        pass


def test_what_stays_after_an_erasure_is_vacuumed_away(open_database: Callable[..., PostgresDatabase]) -> None:
    assert open_database().forget_for_good({"+915550000041"})


def test_its_keeper_is_told_that_the_tests_server_would_lose_commits(
    open_database: Callable[..., PostgresDatabase],
) -> None:
    (seen, *_) = open_database().condition()

    assert (seen.about, seen.grave) == ("database", True)
    assert "fsync and synchronous_commit off" in seen.sentence


def read_only(database: PostgresDatabase, value: str) -> None:
    """Let the server refuse or take writes on connections that are opened from now on."""
    with psycopg.connect(**database.parameters, autocommit=True) as connection:
        connection.execute("SET default_transaction_read_only = off")
        connection.execute(
            f'ALTER DATABASE "{database.parameters["dbname"]}" SET default_transaction_read_only = {value}'
        )
    database.close()


def test_a_server_that_may_only_be_read_is_named_once_and_written_to_when_it_may_be_again(
    counted: PostgresDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    read_only(counted, "on")
    for _ in range(2):
        with pytest.raises(DatabaseFault, match="standby or read only"):
            add_one(counted)
    with pytest.raises(DatabaseFault, match="standby or read only"):
        counted.refuse_if_unfit()
    assert count(counted) == 0
    read_only(counted, "off")

    counted.refuse_if_unfit()
    add_one(counted)

    assert count(counted) == 1
    assert ["standby" in record.getMessage() for record in caplog.records] == [True, False]


def test_a_servers_full_disk_is_remembered_until_something_is_stored(counted: PostgresDatabase) -> None:
    with counted.begin() as tx:
        refuse(tx, "BEFORE UPDATE ON counted", "NEW.n = 1", state="disk_full")
    with pytest.raises(DatabaseFault, match="disk is full"):
        add_one(counted)
    with pytest.raises(DatabaseFault, match="disk is full"):
        counted.refuse_if_unfit()
    with counted.begin() as tx:
        forget_triggers(tx, "counted")

    counted.refuse_if_unfit()
