"""Backups of Postgres by its own programs: made, compared, restored; and what is said where one of them refuses."""

from __future__ import annotations

import os
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

import command_line
from house import House
from ordercall.errors import BackupFailed
from ordercall.sandbox.orders import make_order
from ordercall.services.backups import Backups, Plan
from postgres_server import client_programs

pytestmark = pytest.mark.postgres
PROGRAMS = client_programs()


@pytest.fixture(autouse=True)
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Have the server's programs found, and before them what a test puts into the folder that is returned."""
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:{PROGRAMS}:{os.environ['PATH']}")
    return folder


def put(programs: Path, name: str, script: str) -> None:
    (programs / name).write_text(f"#!/bin/sh\n{script}\n")
    (programs / name).chmod(0o755)


def ask(place: dict[str, str], query: str) -> list[Any]:
    with psycopg.connect(place["DATABASE_URL"]) as connection:
        return connection.execute(query).fetchall()  # type: ignore[call-overload, no-any-return]


def orders(place: dict[str, str]) -> list[Any]:
    return ask(place, "SELECT shopify_id, customer_phone FROM orders ORDER BY 1")


def databases_beside(place: dict[str, str]) -> list[Any]:
    return ask(place, "SELECT datname FROM pg_database WHERE datname LIKE 'ordercall_restored_%'")


def back_up(house: House, file: Path, *, compared: bool = False) -> int:
    return house.db.back_up(file, lambda _done, _of: None, compared=compared)


def test_a_drill_brings_back_what_was_lost(house: House, tmp_path: Path, place: dict[str, str]) -> None:
    house.receive(make_order(1))
    Backups(house.db, Plan(tmp_path, timedelta(days=1), 2), house.clock).look()
    [file] = tmp_path.glob("ordercall-*.backup")
    before = orders(place)
    house.receive(make_order(2))
    assert file.stat().st_mode & 0o777 == 0o600

    told = command_line.run(tmp_path, "db", "restore", str(file), **place)
    by_hand = told.stderr.partition("by: ")[2]
    subprocess.run(["sh", "-c", by_hand], check=True, env=os.environ | place)

    assert orders(place) == before
    house.receive(make_order(3))
    assert len(orders(place)) == 2


def test_a_backup_is_tried_in_a_database_of_its_own(house: House, tmp_path: Path, place: dict[str, str]) -> None:
    house.receive(make_order(1))
    done = command_line.run(tmp_path, "db", "backup", "--verify", "copy.dump", **place)
    house.receive(make_order(2))

    tried = command_line.run(tmp_path, "db", "restore", "--check", "copy.dump", **place)

    assert done.stdout == "copy.dump is sound. Orders in it: 1.\n"
    assert any(line.split() == ["orders", "1", "restored"] for line in tried.stdout.splitlines())
    assert len(orders(place)) == 2
    assert databases_beside(place) == []
    assert ask(place, "SELECT who, about FROM audit WHERE act = 'backed_up'") == [("the command line", "copy.dump")]


def test_a_backup_is_of_its_first_moment_though_others_write(
    house: House, tmp_path: Path, place: dict[str, str], programs: Path
) -> None:
    house.receive(make_order(1))
    late = "UPDATE orders SET city = 'Elsewhere'"
    put(programs, "pg_dump", f"""psql --quiet --command="{late}" && exec {PROGRAMS}/pg_dump "$@" """)

    assert back_up(house, tmp_path / "copy.dump", compared=True) == 1

    assert ask(place, "SELECT city FROM orders") == [("Elsewhere",)]


def test_a_copy_that_differs_in_one_row_is_not_kept(
    house: House, tmp_path: Path, place: dict[str, str], programs: Path
) -> None:
    house.receive(make_order(1))
    changed = "psql --quiet --command=\"UPDATE orders SET customer_phone = '+915550000099'\""
    put(programs, "pg_restore", f'{PROGRAMS}/pg_restore "$@" || exit 1\n[ "$1" = --list ] || {changed}')

    with pytest.raises(BackupFailed, match="not what was copied, in orders"):
        back_up(house, tmp_path / "copy.dump", compared=True)

    assert [path.name for path in tmp_path.iterdir()] == ["programs"]
    assert databases_beside(place) == []


def test_what_a_program_refuses_is_told_with_its_detail_and_no_row(
    house: House, tmp_path: Path, programs: Path
) -> None:
    words = "pg_dump: error: another version\npg_dump: detail: server version: 18; pg_dump version: 15"
    put(programs, "pg_dump", f"echo '{words}' >&2; exit 1")
    with pytest.raises(BackupFailed, match="another version; pg_dump: detail: server version: 18"):
        back_up(house, tmp_path / "copy.dump")

    put(programs, "pg_dump", "echo 'pg_dump: error: broken\nDETAIL: (phone)=(+915550000001)' >&2; exit 1")
    with pytest.raises(BackupFailed, match="broken") as refused:
        back_up(house, tmp_path / "copy.dump")
    assert "555" not in str(refused.value)


def test_where_the_programs_are_not_there_it_says_so(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(BackupFailed, match="pg_dump is not on this machine: install the client programs of Postgres"):
        back_up(house, tmp_path / "copy.dump")
