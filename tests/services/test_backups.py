"""A drill: backups by the clock, one of them restored and compared; and what is said of one that failed."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import command_line
from house import House
from ordercall.errors import BackupFailed
from ordercall.sandbox.orders import make_order
from ordercall.services.backups import Backups, Plan
from ordercall.storage.engine import backup
from ordercall.storage.records import upkeep

pytestmark = pytest.mark.sqlite
DAY = timedelta(days=1)


def backups(house: House, folder: Path, keep: int = 2) -> Backups:
    return Backups(house.db, Plan(folder, DAY, keep), house.clock)


def made(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def last(house: House) -> Any:
    with house.db.read() as tx:
        return upkeep.last_of(tx, "backup")


def rows(path: Path) -> list[Any]:
    with closing(sqlite3.connect(path)) as database:
        return database.execute("SELECT shopify_id, customer_phone FROM orders ORDER BY 1").fetchall()


def test_a_backup_a_day_is_made_and_two_are_kept(house: House, tmp_path: Path) -> None:
    (tmp_path / "ordercall-notes.backup").write_text("not one of ours")
    house.receive(make_order(1))
    work = backups(house, tmp_path)

    for _ in range(4):
        work.look()
        work.look()  # nothing is due
        house.pass_time(days=1)

    assert len(made(tmp_path)) == 3
    assert made(tmp_path)[-1] == "ordercall-notes.backup"
    assert (last(house).number, last(house).fault) == (1, None)


def test_what_went_wrong_is_kept_and_tried_again_in_an_hour(house: House, tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    work = backups(house, gone)
    work.look()
    assert "could not be made" in last(house).fault

    gone.mkdir()
    work.look()
    assert made(gone) == []
    house.pass_time(hours=1)
    work.look()

    assert len(made(gone)) == 1
    assert last(house).fault is None


def test_a_drill_brings_back_what_was_lost(house: House, tmp_path: Path, place: dict[str, str]) -> None:
    house.receive(make_order(1))
    backups(house, tmp_path).look()
    [name] = made(tmp_path)
    shop = tmp_path / "shop.db"
    house.receive(make_order(2))
    house.db.back_up(shop, lambda _done, _of: None, compared=True)
    assert len(rows(shop)) == 2

    tried = command_line.run(tmp_path, "db", "restore", "--check", name)
    restored = command_line.run(tmp_path, "db", "restore", name, DATABASE_PATH=str(shop))

    assert tried.code == restored.code == 0
    assert any(line.split() == ["orders", "1", "the", "same"] for line in tried.stdout.splitlines())
    assert rows(shop) == rows(tmp_path / name)
    [kept] = tmp_path.glob("shop.db.before-restore-*")
    assert len(rows(kept)) == 2


def test_nothing_is_restored_under_those_who_use_the_database(house: House, tmp_path: Path) -> None:
    house.receive(make_order(1))
    backups(house, tmp_path).look()
    [name] = made(tmp_path)

    with house.db.read() as tx:
        tx.exec_driver_sql("SELECT 1 FROM orders")
        done = command_line.run(tmp_path, "db", "restore", name, DATABASE_PATH=str(house.db.name))

    assert (done.code, "is in use" in done.stderr) == (1, True)
    assert len(rows(Path(house.db.name))) == 1


def test_a_copy_that_differs_in_one_row_is_not_kept(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.receive(make_order(1))
    checked = backup._checked

    def change_and_check(copy: Path) -> int:
        with closing(sqlite3.connect(copy)) as database, database:
            database.execute("UPDATE orders SET customer_phone = '+915550000099'")
        return checked(copy)

    monkeypatch.setattr(backup, "_checked", change_and_check)

    with pytest.raises(BackupFailed, match="not what was copied, in orders"):
        house.db.back_up(tmp_path / "copy.db", lambda _done, _of: None, compared=True)
    assert made(tmp_path) == []
