"""``ordercall db backup``: one sound file of one moment, whatever is written meanwhile, or none at all."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

import command_line
from command_line import Ended
from makers import NOW, ORDER_ID, make_body, make_headers, make_settings
from ordercall.bootstrap.web import create_app
from ordercall.errors import BackupFailed
from ordercall.storage.engine import backup
from ordercall.storage.engine.backup import back_up


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Return the database of a shop with one order, and with pages enough for several steps of a copy."""
    path = tmp_path / "orders.db"
    app = create_app(make_settings(path), clock=lambda: NOW)
    body = make_body()
    assert app.test_client().post("/shopify/webhook", data=body, headers=make_headers(body)).status_code == 200
    app.extensions["ordercall"].db.close()
    with closing(sqlite3.connect(path)) as database:
        database.executescript("CREATE TABLE pair (a, b); INSERT INTO pair VALUES (0, 0)")
        database.execute("CREATE TABLE ballast AS SELECT zeroblob(1000000)")
        database.commit()
    return path


def write_once(path: Path) -> None:
    """Another connection adds one to both of a pair, in one commit."""
    with closing(sqlite3.connect(path)) as other, other:
        other.execute("UPDATE pair SET a = a + 1")
        other.execute("UPDATE pair SET b = b + 1")


def ask(path: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as database:
        return database.execute(query).fetchall()


def unheard(done: int, of: int) -> None:
    assert done <= of


def run(*arguments: str, database: Path, **environment: str) -> Ended:
    return command_line.run(database.parent, "db", "backup", *arguments, DATABASE_PATH=str(database), **environment)


def test_a_backup_holds_what_was_stored_and_can_be_used_in_place(shop: Path, tmp_path: Path) -> None:
    assert back_up(shop, tmp_path / "copy.db", unheard) == 1

    app = create_app(make_settings(tmp_path / "copy.db"))
    with app.extensions["ordercall"].db.read() as tx:
        assert tx.exec_driver_sql("SELECT shopify_id FROM orders").scalars().all() == [ORDER_ID]
        assert tx.exec_driver_sql("SELECT task_name FROM procrastinate_jobs").scalars().all() == ["sync_order"]
    app.extensions["ordercall"].db.close()


def test_a_backup_is_of_its_first_moment_and_ends_though_others_write(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup, "STEP_PAGES", 8)

    back_up(shop, tmp_path / "copy.db", lambda _done, _all: write_once(shop))

    assert ask(tmp_path / "copy.db", "SELECT a, b FROM pair") == [(0, 0)]
    [(a, b)] = ask(shop, "SELECT a, b FROM pair")
    assert a == b > 10


def test_a_backup_is_one_file_for_its_owner_only(shop: Path, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()

    back_up(shop, folder / "copy.db", unheard)

    assert [path.name for path in folder.iterdir()] == ["copy.db"]
    assert (folder / "copy.db").stat().st_mode & 0o777 == 0o600


def test_a_file_that_exists_is_left_as_it_is(shop: Path, tmp_path: Path) -> None:
    (tmp_path / "copy.db").write_text("the backup of yesterday")

    with pytest.raises(BackupFailed, match="name a file that does not"):
        back_up(shop, tmp_path / "copy.db", unheard)

    assert (tmp_path / "copy.db").read_text() == "the backup of yesterday"


def test_the_copy_of_a_damaged_database_is_not_kept(shop: Path, tmp_path: Path) -> None:
    with shop.open("r+b") as file:
        file.seek(-40_000, 2)
        file.write(b"\xff" * 20_000)

    with pytest.raises(BackupFailed, match="damaged"):
        back_up(shop, tmp_path / "copy.db", unheard)

    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("copy")] == []


def test_the_command_says_what_the_copy_holds(shop: Path, tmp_path: Path) -> None:
    done = run("copy.db", database=shop)

    assert (done.code, done.stdout) == (0, "copy.db is sound. Orders in it: 1.\n")


@pytest.mark.parametrize(
    ("database", "target", "said"),
    [
        ("nothing.db", "copy.db", "There is no database at "),
        ("orders.db", "no-such-folder/copy.db", "no-such-folder/copy.db could not be made: "),
    ],
)
def test_the_command_says_why_there_is_no_copy(shop: Path, database: str, target: str, said: str) -> None:
    done = run(target, database=shop.with_name(database))

    assert done.code == 1
    assert f"Ordercall stopped: {said}" in done.stderr
    assert not shop.with_name("nothing.db").exists()


def test_on_postgres_the_command_names_the_program_that_does_it(tmp_path: Path) -> None:
    environment = {"DATABASE_URL": "postgresql://somebody:secret@db.example/shop", "FLASK_SECRET_KEY": "a-flask-key"}
    done = run("nightly copy.dump", database=tmp_path / "orders.db", **environment)

    assert done.code == 1
    assert "pg_dump --format=custom --file='nightly copy.dump' \"$DATABASE_URL\"" in done.stderr
    assert "secret" not in done.stderr
