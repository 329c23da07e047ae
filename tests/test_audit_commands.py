"""The commands ``ordercall audit``, over the file of a shop."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ordercall.cli import cli
from stub import Stub


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A shop in which three people were invited on the command line."""
    monkeypatch.chdir(tmp_path)
    for name in ("Asha", "Ravi", "Mira"):
        assert run(tmp_path / "orders.db", "users", "invite", name).exit_code == 0
    return tmp_path / "orders.db"


def run(file: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli, [*arguments], env={"DATABASE_PATH": str(file)})


def change(file: Path, statement: str) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        for guard in ("audit_unchanged", "audit_kept"):
            connection.execute(f"DROP TRIGGER IF EXISTS {guard}")
        connection.execute(statement)


def test_a_whole_chain_is_said_to_be_whole_with_the_hash_to_note(file: Path) -> None:
    said = run(file, "audit", "verify")

    head = said.output.split()[-1]
    assert (said.exit_code, len(head)) == (0, 64)
    assert said.output.startswith("Rows that fit each other: 3.\n")
    assert run(file, "audit", "verify", "--last", head).exit_code == 0


def test_one_changed_byte_is_found_in_its_row(file: Path) -> None:
    change(file, "UPDATE audit SET details = replace(details, 'Ravi', 'Rafi') WHERE id = 2")

    said = run(file, "audit", "verify")

    assert said.exit_code == 1
    assert said.output == ("Rows that fit each other: 1.\nThe chain is broken at row 2. It is not as it was written.\n")


def test_an_end_that_is_missing_is_found_by_the_hash_that_was_noted(file: Path) -> None:
    noted = run(file, "audit", "verify").output.split()[-1]
    change(file, "DELETE FROM audit WHERE id = 3")

    assert run(file, "audit", "verify").exit_code == 0
    assert run(file, "audit", "verify", "--last", noted).exit_code == 1


def test_an_export_is_lines_of_json_and_tells_of_itself(file: Path) -> None:
    rows = [json.loads(line) for line in run(file, "audit", "export").stdout.splitlines()]

    assert [(row["id"], row["who"], row["act"]) for row in rows] == [
        *((number, "the command line", "person_invited") for number in (1, 2, 3)),
        (4, "the command line", "audit_exported"),
    ]


def test_nothing_young_is_pruned(file: Path) -> None:
    assert run(file, "audit", "prune", "--days", "30").output == "Rows taken out: 0.\n"
    assert run(file, "audit", "prune", "--days", "1").exit_code == 2
    assert run(file, "audit", "verify").output.startswith("Rows that fit each other: 3.")


def test_backups_by_hand_and_tests_of_alerts_are_in_the_log(file: Path, stub: Stub) -> None:
    stub.answers({}, status=410)
    slack = CliRunner().invoke(cli, ["alerts", "test"], env={"DATABASE_PATH": str(file), "ALERT_SLACK_URL": stub.url})
    made = run(file, "db", "backup", "copy.db")
    restored = run(file, "db", "restore", "copy.db")

    rows = [json.loads(line) for line in run(file, "audit", "export").output.splitlines()]
    assert (slack.exit_code, made.exit_code, restored.exit_code) == (1, 0, 0)
    assert [(row["who"], row["act"], row["about"]) for row in rows[3:-1]] == [
        ("the command line", "alert_tested", "Slack"),
        ("the command line", "restored", "copy.db"),
    ]  # that the backup was made is younger than the backup
    kept = next(file.parent.glob("orders.db.before-restore-*"))
    with closing(sqlite3.connect(kept)) as connection:
        assert connection.execute("SELECT about FROM audit WHERE act = 'backed_up'").fetchall() == [("copy.db",)]


def test_a_backup_of_an_older_version_is_made_all_the_same(file: Path) -> None:
    change(file, "DROP TABLE audit")
    change(file, "UPDATE alembic_version SET version_num = '0069'")

    assert run(file, "db", "backup", "copy.db").exit_code == 0
