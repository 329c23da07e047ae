"""``python app.py`` and the other commands: how they are found, and what is said where they are not."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path
from shlex import quote

import pytest

APP = Path(__file__).parents[1] / "app.py"
PYTHONS = [sys.executable, *map(str, Path.home().glob(".pyenv/versions/*/bin/python"))]
"""This one, and whichever pyenv keeps on this machine; with -S none of them sees what is installed for it."""


def start(*command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"]}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


@pytest.mark.parametrize("python", PYTHONS)
def test_a_python_without_ordercall_says_how_to_get_to_the_right_one(python: str, tmp_path: Path) -> None:
    done = start(python, "-S", str(APP), folder=tmp_path)

    first, second = done.stderr.splitlines()
    assert done.returncode == 1
    assert first.startswith("Ordercall is not installed for this Python (")
    assert second.startswith("Run `make setup` once, and in each new terminal `. .venv/bin/activate`; then ")


def test_it_holds_nothing_that_an_old_python_cannot_read() -> None:
    text = APP.read_text()
    since_then = (ast.JoinedStr, ast.AnnAssign, ast.NamedExpr, ast.Starred, ast.AsyncFunctionDef, ast.Match)

    assert text.isascii()
    assert [node for node in ast.walk(ast.parse(text)) if isinstance(node, since_then)] == []


def test_it_takes_the_commands_of_ordercall(tmp_path: Path) -> None:
    helped = start(sys.executable, str(APP), "--help", folder=tmp_path)
    upgraded = start(sys.executable, str(APP), "db", "upgrade", folder=tmp_path)

    assert helped.stdout.startswith("Usage: app.py [OPTIONS] COMMAND [ARGS]...")
    assert "without one it runs `serve`" in " ".join(helped.stdout.split())
    assert upgraded.stdout == f"{tmp_path / 'shopify_orders.db'} is up to date.\n"


def test_a_terminal_that_enters_the_environment_finds_the_commands(tmp_path: Path) -> None:
    names = ("ordercall", "flask", "python")
    look = f". {quote(sys.prefix)}/bin/activate; for name in {' '.join(names)}; do command -v $name; done"

    found = start("sh", "-c", look, folder=tmp_path)

    assert found.stdout.splitlines() == [f"{sys.prefix}/bin/{name}" for name in names]
