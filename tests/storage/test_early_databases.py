"""Databases of each version before the first release that was in use are upgraded in place, without losing anything.

``landed/`` holds them as those versions left them, with a row or more in every table: a number of their schema each,
SQLite's packed, and the statements that made the one on Postgres.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from old_files import ask, upgrade
from sqlalchemy import Connection, inspect, text

from databases import PostgresCopies
from ordercall.storage.engine.database import Database
from ordercall.storage.engine.postgres_database import PostgresDatabase
from ordercall.storage.engine.sqlite_database import SQLiteDatabase
from ordercall.storage.reads import recount
from ordercall.storage.reads.facets import INDEX
from ordercall.storage.tables import metadata

LANDED = Path(__file__).with_name("landed")
ON_SQLITE = sorted(file.name.removesuffix(".db.gz") for file in LANDED.glob("*.db.gz"))
OTHERS = ("procrastinate_", "search_", "order_counts")
"""Tables that are not in the metadata: the engine's, the search's, and the counters, which are a view on Postgres."""

OF_THE_SEARCH = ("orders_by_words", "orders_by_digits")


@pytest.fixture(params=ON_SQLITE)
def early(request: pytest.FixtureRequest, path: Path) -> Path:
    path.write_bytes(gzip.decompress((LANDED / f"{request.param}.db.gz").read_bytes()))
    return path


@pytest.fixture
def upgraded(early: Path) -> Iterator[Database]:
    with closing(SQLiteDatabase(early)) as database:
        database.upgrade()
        yield database


@pytest.fixture
def upgraded_on_postgres(databases: PostgresCopies) -> Iterator[Database]:
    address = databases.bare()
    with psycopg.connect(address) as connection:
        connection.execute(gzip.decompress((LANDED / "0022.postgres.sql.gz").read_bytes()))
    with closing(PostgresDatabase(address)) as database:
        database.upgrade()
        yield database


def rows(path: Path) -> dict[str, list[dict[str, Any]]]:
    """Return all rows of a file, by table and column; what is worked out from others is left out."""
    with closing(SQLiteDatabase(path)) as database, database.read() as tx:
        return {
            table: [dict(row) for row in tx.execute(text(f"SELECT * FROM {table} ORDER BY 1")).mappings()]  # noqa: S608
            for table in inspect(tx).get_table_names()
            if not table.startswith(("search_", "order_counts", "alembic_", "sqlite_"))
        }


def differences(tx: Connection) -> list[Any]:
    """Return where the tables differ from the metadata; SQLite's keys aside, which it shows as nullable."""
    ours = {"include_object": lambda _, name, kind, *__: kind != "table" or not name.startswith(OTHERS)}
    compared = compare_metadata(MigrationContext.configure(tx, opts=ours), metadata)
    others = [one for one in compared if not (isinstance(one, list) and one[0][0] == "modify_nullable")]
    lacking = INDEX if tx.dialect.name == "postgresql" else ""
    others = [one for one in others if one[0] != "add_index" or one[1].name != lacking]
    return [one for one in others if one[0] != "remove_index" or one[1].name not in OF_THE_SEARCH]


@pytest.mark.sqlite
def test_an_early_file_keeps_every_row_and_value(early: Path) -> None:
    before = rows(early)

    upgrade(early)

    after = rows(early)
    decided = [row for row in before["orders"] if row.get("status_changed_at") is None]
    kept = {table: [_some(row, one) for row, one in zip(after[table], of, strict=True)] for table, of in before.items()}
    for row in decided:  # the one thing that is worked out
        row["status_changed_at"] = _of(kept["orders"], row["shopify_id"])["status_changed_at"]
    for row in before.get("access_tokens", []):  # a token in clear is asked for anew
        row["token"] = None
    assert kept == before
    assert all(before[table] for table in metadata.tables if table in before)


def _some(row: dict[str, Any], like: dict[str, Any]) -> dict[str, Any]:
    return {column: row[column] for column in like}


def _of(orders: list[dict[str, Any]], shopify_id: int) -> dict[str, Any]:
    return next(order for order in orders if order["shopify_id"] == shopify_id)


@pytest.mark.sqlite
def test_an_early_file_ends_with_the_tables_of_the_metadata(upgraded: Database) -> None:
    with upgraded.read() as tx:
        assert differences(tx) == []


@pytest.mark.sqlite
def test_the_counters_of_an_early_file_are_right(upgraded: Database) -> None:
    with upgraded.begin() as tx:
        tx.execute(text("UPDATE orders SET confirmation_status = 'Success' WHERE confirmation_status = 'Placed'"))
        counted = tx.execute(
            text("SELECT sum(orders) FROM order_counts WHERE span = 0 AND status = 'Success'")
        ).scalar()

        assert recount.differences(tx) == []
        assert counted == tx.execute(text("SELECT count(*) FROM orders WHERE confirmation_status = 'Success'")).scalar()


@pytest.mark.sqlite
def test_no_order_of_an_early_file_is_adopted_from_the_original_program_once_more(early: Path) -> None:
    query = "SELECT shopify_id, calling_state, calling_reason FROM orders ORDER BY 1"
    before = ask(early, query)

    upgrade(early)

    assert ask(early, query) == before


@pytest.mark.sqlite
def test_a_decision_without_a_day_gets_the_day_of_its_order(upgraded: Database) -> None:
    with upgraded.read() as tx:
        undated = text(
            "SELECT count(*) FROM orders WHERE confirmation_status <> 'Placed' AND status_changed_at IS NULL"
        )

        assert tx.execute(undated).scalar() == 0


@pytest.mark.postgres
def test_an_early_database_on_postgres_ends_with_the_tables_of_the_metadata(upgraded_on_postgres: Database) -> None:
    with upgraded_on_postgres.read() as tx:
        assert differences(tx) == []
        assert recount.differences(tx) == []
        assert tx.execute(text("SELECT count(*) FROM procrastinate_jobs")).scalar() == 1
