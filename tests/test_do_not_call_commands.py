"""The commands that keep the do-not-call list, as a person types them. None of them prints a number."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ordercall.cli import cli


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    monkeypatch.chdir(tmp_path)
    return {"DATABASE_PATH": str(tmp_path / "orders.db")}


def run(environment: dict[str, str], *arguments: str) -> Result:
    return CliRunner().invoke(cli, ["do-not-call", *arguments], env=environment)


def test_a_number_is_listed_shown_and_taken_off(environment: dict[str, str]) -> None:
    added, again = (run(environment, "add", text) for text in ("+919876543210", "98765 43210"))
    shown = run(environment, "list")
    removed, gone = (run(environment, "remove", "+919876543210") for _ in range(2))

    assert added.output == "Listed: this number is not called.\n"
    assert again.output == "This number is on the list already.\n"
    assert "the command line" in shown.output
    assert shown.output.endswith("Numbers on the list: 1.\n")
    assert "43210" not in shown.output
    assert (removed.exit_code, gone.exit_code) == (0, 1)
    assert run(environment, "list").output == "Numbers on the list: 0.\n"


def test_the_end_of_a_wish_is_shown_in_the_zone_of_the_pages(environment: dict[str, str]) -> None:
    run(environment, "add", "+919876543210", "--until", "2090-01-31")

    assert "until 2090-02-01 00:00+05:30" in run(environment, "list").output


def test_the_reason_is_shown_whether_it_was_typed_or_stood_in_a_file(
    environment: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "wishes.csv").write_text("+919876543211;2090-01-31;wrong_number\n")
    run(environment, "add", "+919876543210", "--why", "complaint")
    run(environment, "import", str(tmp_path / "wishes.csv"))

    newest, first, _ = run(environment, "list").output.splitlines()

    assert "belongs to somebody else, the command line, the command line, until 2090-02-01" in newest
    assert first.endswith("a complaint or a dispute, the command line, the command line")


@pytest.mark.parametrize(
    "arguments",
    [
        ("add", "Meera"),
        ("remove", "12"),
        ("add", "+919876543210", "--until", "soon"),
        ("add", "+919876543210", "--why", "rude"),
        ("import", "no-such.csv"),
    ],
)
def test_what_cannot_be_used_is_refused_and_lists_nothing(
    environment: dict[str, str], arguments: tuple[str, ...]
) -> None:
    refused = run(environment, *arguments)

    assert refused.exit_code == 2
    assert run(environment, "list").output == "Numbers on the list: 0.\n"


def test_an_import_tells_what_became_of_each_line(environment: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "wishes.csv"
    lines = [
        "phone,until",
        "+919876543210",
        '"98765 43211",2090-01-31',
        "",
        "Meera",
        "+91 98765 43210",
        "98765 43212,x",
    ]
    file.write_text("\n".join(lines))

    imported = run(environment, "import", str(file))

    assert imported.output.splitlines() == [
        "line 2: listed",
        "line 3: listed",
        "line 5: no phone number, or more than one",
        "line 6: on the list already",
        "line 7: until is no day or time to come; write 2030-01-31, or nothing for good",
        "Lines: 5. Listed: 2. Not usable: 2.",
    ]
    assert imported.exit_code == 1


def test_a_file_with_a_mark_of_its_encoding_and_foreign_ends_of_lines_is_read(
    environment: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "wishes.csv"
    file.write_bytes("\ufeff+919876543210\r\n+919876543211\r\n".encode())

    imported = run(environment, "import", str(file))

    assert (imported.exit_code, imported.output.splitlines()[-1]) == (0, "Lines: 2. Listed: 2. Not usable: 0.")
