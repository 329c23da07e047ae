"""The program's commands in this process: in one of its own each would load for half a second what is loaded here."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from unittest.mock import patch

from ordercall.cli import main


@dataclass(frozen=True)
class Ended:
    """How a command ended: its exit code, and what it wrote."""

    code: int
    stdout: str
    stderr: str


@contextmanager
def started_in(folder: Path, **settings: str) -> Iterator[None]:
    """Be in a folder during the block, with nothing in the environment but these settings; then all is as before."""
    with patch.dict(os.environ, {"PATH": os.environ["PATH"]} | settings, clear=True), chdir(folder):
        yield


def run(folder: Path, *words: str, **settings: str) -> Ended:
    """Run a command to its end."""
    stdout, stderr = StringIO(), StringIO()
    with started_in(folder, **settings), redirect_stdout(stdout), redirect_stderr(stderr):
        try:
            main([*words])
        except SystemExit as end:
            return Ended(int(end.code or 0), stdout.getvalue(), stderr.getvalue())
    raise AssertionError("a command ends with an exit code")
