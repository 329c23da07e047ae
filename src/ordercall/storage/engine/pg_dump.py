"""A dump of Postgres, by its own program."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ordercall.errors import BackupFailed

LONGEST = 6 * 3_600
"""Seconds for a dump; a hundred million rows take less."""

PASSED_ON = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "dbname": "PGDATABASE",
    "password": "PGPASSWORD",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
}
"""In the environment, for what a program is called with is shown to everybody of its machine."""


def dump(parameters: Mapping[str, Any], file: Path) -> None:
    """Dump the database that libpq finds by these parameters into a file, and look whether it can be read.

    Raises:
        OSError: the program is not there.
        BackupFailed: it refused; the message has its words.
    """
    named = {name: str(parameters[key]) for key, name in PASSED_ON.items() if parameters.get(key)}
    _run(["pg_dump", "--format=custom", "--no-password", f"--file={file}"], os.environ | named)
    _run(["pg_restore", "--list", str(file)], os.environ)


def _run(words: list[str], environment: Mapping[str, str]) -> None:
    try:
        ended = subprocess.run(words, env=environment, capture_output=True, timeout=LONGEST, check=False)  # noqa: S603
    except subprocess.TimeoutExpired as error:
        raise BackupFailed(f"{words[0]} had not ended after {LONGEST // 3_600} hours.") from error
    if ended.returncode:
        told = ended.stderr.decode("utf-8", "replace").strip().partition("\n")[0]
        raise BackupFailed(f"{words[0]} ended with {ended.returncode}: {told or 'without a word'}.")
