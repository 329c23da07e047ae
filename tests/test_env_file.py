"""How ``.env`` is read: what cannot be read, or sets nothing, is named with its line."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ordercall.env_file import read_environment
from ordercall.errors import ConfigurationError


def test_a_file_in_the_folder_is_read_below_the_environment(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("HOME=/from/the/file\nORDERCALL_TEST='only in the file'\nEMPTY\n")

    environment = read_environment(tmp_path)

    assert environment["ORDERCALL_TEST"] == "only in the file"
    assert environment["HOME"] == os.environ["HOME"]
    assert "EMPTY" not in environment


OPEN_QUOTES = {
    "not closed": ('PORT=8081\nSYNC_API_TOKEN="of-the-shop\nHOST=127.0.0.1\n', 2),
    "not closed, single": ("SYNC_API_TOKEN='of-the-shop\n", 1),
    "not closed, exported": ('# ours\n\nexport SYNC_API_TOKEN="of-the-shop', 3),
    "not closed, and the next one is": ('SYNC_API_TOKEN="of-the-shop\nHOST="127.0.0.1"\n', 1),
    "something behind it": ('SYNC_API_TOKEN="of-the-shop"x\n', 1),
    "closed by another": ("SYNC_API_TOKEN = \"of-the-shop'\n", 1),
}


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_a_file_in_another_encoding_is_named_in_a_sentence(tmp_path: Path, encoding: str) -> None:
    (tmp_path / ".env").write_text("PORT=8081\nADMIN_PASSWORD=café\n", encoding=encoding)

    with pytest.raises(ConfigurationError, match=r"\.env is not written in UTF-8, .*; save it as UTF-8\.") as refused:
        read_environment(tmp_path)

    assert "caf" not in str(refused.value)


def test_a_file_with_a_byte_order_mark_is_read_from_its_first_line(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("ORDERCALL_TEST=first\n", encoding="utf-8-sig")

    assert read_environment(tmp_path)["ORDERCALL_TEST"] == "first"


@pytest.mark.parametrize(("written", "line"), OPEN_QUOTES.values(), ids=OPEN_QUOTES)
def test_a_line_that_is_lost_by_its_quotes_is_named_in_a_sentence(tmp_path: Path, written: str, line: int) -> None:
    (tmp_path / ".env").write_text(written)

    with pytest.raises(ConfigurationError) as refused:
        read_environment(tmp_path)

    assert refused.value.faults == [
        f"{tmp_path / '.env'}, line {line}: SYNC_API_TOKEN is not set, because the quotes around its value are no pair;"
        " close or remove them."
    ]


@pytest.mark.parametrize(
    "line",
    [
        "DATABASE_URL: postgresql://here",
        "DATABASE_URL postgresql://here",
        "set DATABASE_URL=postgresql://here",
        "$env:DATABASE_URL = 'postgresql://here'",
        "ENV DATABASE_URL=postgresql://here",
        "- DATABASE_URL=postgresql://here",
        '{"DATABASE_URL": "postgresql://here"}',
        "DATABASE_URL:=postgresql://here",
        "DATABASE_URL\uff1dpostgresql://here",
        "\u200bDATABASE_URL=postgresql://here",
        "\ufeffDATABASE_URL=postgresql://here",
    ],
)
def test_a_line_that_names_a_setting_as_other_files_write_it_is_refused(tmp_path: Path, line: str) -> None:
    (tmp_path / ".env").write_text(f"# DATABASE_URL: here\nPORT=80\n\n  {line}\n", encoding="utf-8")

    with pytest.raises(ConfigurationError) as refused:
        read_environment(tmp_path)

    assert refused.value.faults == [
        f"{tmp_path / '.env'}, line 4: DATABASE_URL is not set, because its line is no NAME=value; write it so."
    ]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("ORDERCALL_TEST=it's here\n", "it's here"),
        ("export ORDERCALL_TEST = here\nORDERCALL_OTHER\nNote: ORDERCALL_TEST is ours\n", "here"),
        ('ORDERCALL_TEST="it\'s here" # ours\n', "it's here"),
        ('ORDERCALL_TEST="say \\"here\\""\n', 'say "here"'),
        ("a line that sets nothing\n----\nORDERCALL_TEST=here\n", "here"),
    ],
)
def test_a_file_is_read_as_python_dotenv_reads_it(tmp_path: Path, written: str, value: str) -> None:
    (tmp_path / ".env").write_text(written)

    assert read_environment(tmp_path)["ORDERCALL_TEST"] == value


@pytest.mark.parametrize(
    "line", ["PORT: 80", "set PORT=80", "$env:PORT=80", "\ufeffPORT=80", "PORT\uff1d80", "- PORT=80"]
)
def test_a_setting_of_one_word_is_refused_in_such_a_line_too(tmp_path: Path, line: str) -> None:
    (tmp_path / ".env").write_text(f"HOST=::\n{line}\n", encoding="utf-8")

    with pytest.raises(ConfigurationError, match="line 2: PORT is not set, because its line is no NAME=value"):
        read_environment(tmp_path)


@pytest.mark.parametrize("again", ["PORT=", "PORT", "export PORT=", 'PORT=""', "PORT= # none"])
def test_a_line_that_takes_back_what_was_set_above_is_refused(tmp_path: Path, again: str) -> None:
    (tmp_path / ".env").write_text(f"PORT=80\n\n{again}\n")

    with pytest.raises(ConfigurationError, match=r"line 3: PORT is set in line 1, and nothing stands here"):
        read_environment(tmp_path)


@pytest.mark.parametrize("written", ["PORT=\nPORT=81\n", "PORT=80\nPORT=81\n", "PORT=81\nPORT=81\n"])
def test_of_a_name_that_is_set_twice_the_last_counts(tmp_path: Path, written: str) -> None:
    (tmp_path / ".env").write_text(written)

    assert read_environment(tmp_path)["PORT"] == "81"


def test_a_folder_without_a_file_gives_the_environment(tmp_path: Path) -> None:
    assert read_environment(tmp_path) == dict(os.environ)
