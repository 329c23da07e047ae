"""The environment of the process, and a ``.env`` below it, with a sentence for each line that sets nothing."""

from __future__ import annotations

import os
import re
from io import StringIO
from pathlib import Path

from dotenv import dotenv_values
from dotenv.parser import parse_stream

from ordercall.errors import ConfigurationError

SETS = re.compile(r"(?:export\s+)?'?([A-Za-z_]\w*)'?\s*=")
"""How a line of a ``.env`` begins that sets something."""

ELSEWHERE = re.compile(
    r"[\ufeff\u200b]*(?:(?:(?i:set|env)\s|-|\{|\$env:)\s*)?"
    r"[\"']?([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|HOST|PORT|WORKER)[\"']?[\s:=\uff1d]+\S"
)
"""How a line names a setting in a shell, a Dockerfile, YAML or JSON, or behind a sign that shows nothing."""


def read_environment(folder: Path | None = None) -> dict[str, str]:
    """Return the environment, and below it what ``.env`` in *folder* (default: here) says.

    Raises:
        ConfigurationError: the file is not UTF-8, as some editors save it, the quotes around a value are no pair, or a
            line takes back what one above it sets.
    """
    path = (folder or Path.cwd()) / ".env"
    written = _written(path)
    _refuse_what_sets_nothing(path, written)
    from_file = dotenv_values(stream=StringIO(written))
    return {key: value for key, value in from_file.items() if value is not None} | dict(os.environ)


def _refuse_what_sets_nothing(path: Path, written: str) -> None:
    """Refuse a line that names a setting and sets none, which python-dotenv leaves out: its default would hold."""
    faults, set_in = [], dict[str, int]()
    for each in parse_stream(StringIO(written)):
        line = each.original.string.lstrip()
        number = each.original.line + each.original.string.removesuffix(line).count("\n")
        if each.key and (each.value or "").strip():
            set_in[each.key] = number
        elif each.key in set_in:
            why = f"{each.key} is set in line {set_in[each.key]}, and nothing stands here; remove one of the lines."
            faults.append(f"{path}, line {number}: {why}")
        if each.error and (found := SETS.match(line)):
            why = "because the quotes around its value are no pair; close or remove them."
        elif (each.error or not (each.key or "_").isidentifier()) and (found := ELSEWHERE.match(line)):
            why = "because its line is no NAME=value; write it so."
        else:
            continue
        faults.append(f"{path}, line {number}: {found[1]} is not set, {why}")
    if faults:
        raise ConfigurationError(faults)


def _written(path: Path) -> str:
    """Return what is written in a ``.env``; nothing, where there is none."""
    written = path.read_bytes() if path.is_file() or path.is_fifo() else b""
    try:
        if b"\0" not in written:
            return written.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    fault = "is not written in UTF-8, but perhaps in UTF-16 or Windows-1252; save it as UTF-8."
    raise ConfigurationError([f"{path} {fault}"])
