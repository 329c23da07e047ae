"""The commands `ordercall users` and `ordercall keys`, as a person types them."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pyotp
import pytest
from click.testing import CliRunner, Result

from ordercall.bootstrap.access import second_factors_of
from ordercall.bootstrap.parts import open_database, utc_now
from ordercall.cli import cli
from ordercall.config import read_settings


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    monkeypatch.chdir(tmp_path)
    return {"DATABASE_PATH": str(tmp_path / "orders.db"), "PUBLIC_URL": "https://ordercall.example.com"}


def run(environment: dict[str, str], *arguments: str) -> Result:
    return CliRunner().invoke(cli, [*arguments], env=environment)


def test_a_person_is_invited_given_a_role_and_sent_away(environment: dict[str, str]) -> None:
    invited = run(environment, "users", "invite", "Asha", "--role", "viewer")
    changed = run(environment, "users", "role", "Asha", "agent")
    again = run(environment, "users", "reset", "Asha")
    gone = run(environment, "users", "disable", "Asha")
    listed = run(environment, "users", "list")

    assert invited.stdout.startswith("https://ordercall.example.com/welcome/")
    assert again.stdout.startswith("https://ordercall.example.com/welcome/")
    assert invited.stdout != again.stdout
    assert changed.output == "Asha is an agent now.\n"
    assert gone.output == "Asha may not come in any more.\n"
    assert listed.output.split() == ["Asha", "agent", "may", "not", "come", "in,", "sessions:", "0"]


def test_whoever_was_sent_away_comes_in_again(environment: dict[str, str]) -> None:
    run(environment, "users", "invite", "Asha")
    run(environment, "users", "disable", "Asha")

    assert run(environment, "users", "disable", "Asha", "--undo").output == "Asha may come in again.\n"
    assert "last here never" in run(environment, "users", "list").output


def test_a_lost_phone_is_no_end_for_the_last_owner(environment: dict[str, str]) -> None:
    run(environment, "users", "invite", "Asha", "--role", "owner")
    with closing(open_database(read_settings(environment))) as db:
        factors = second_factors_of(db, read_settings(environment), utc_now)
        code = pyotp.TOTP(factors.begin(1)).now()
        assert factors.confirm(1, code, but="")
    before = run(environment, "users", "list").output

    taken = run(environment, "users", "take-factor", "Asha")

    assert taken.output == "Asha logs in by the password alone now.\n"
    assert ("second factor" in before, "second factor" in run(environment, "users", "list").output) == (True, False)
    assert run(environment, "users", "take-factor", "Asha").exit_code == 1


@pytest.mark.parametrize("words", [("invite", "admin"), ("disable", "Nobody"), ("reset", "Nobody")])
def test_what_cannot_be_done_is_said(environment: dict[str, str], words: tuple[str, ...]) -> None:
    assert run(environment, "users", *words).exit_code == 1


def test_a_key_is_made_rotated_and_ended(environment: dict[str, str]) -> None:
    made = run(environment, "keys", "make", "the desk", "--scope", "read", "--scope", "status")
    following = run(environment, "keys", "rotate", "1")
    ended = run(environment, "keys", "end", "1")
    listed = run(environment, "keys", "list").output

    assert made.stdout.startswith("ock_")
    assert following.stdout.startswith("ock_")
    assert ended.output == "Key 1 of the desk is worth nothing any more.\n"
    assert [line.split()[0] for line in listed.splitlines()] == ["2", "1"]
    assert "by the command line" in listed
    assert made.stdout.strip() not in listed
    assert run(environment, "keys", "end", "1").exit_code == 1
