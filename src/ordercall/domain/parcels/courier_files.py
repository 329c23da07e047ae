"""The files that describe couriers' columns: those that come with Ordercall, and a shop's own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from ordercall.domain.parcels.courier_columns import CourierColumns, UnusableColumns, read_columns

STEM = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
"""How a file is named, without its ending: so the address of an export names it."""


def courier_columns(folder: Path | None) -> Mapping[str, CourierColumns]:
    """Return the columns of each courier by the name of its file, in the order of the couriers' names.

    Args:
        folder: a shop's own files; one that is named like one of ours takes its place.

    Raises:
        UnusableColumns: the first file that cannot be used, with the key and the remedy.
    """
    found: dict[str, CourierColumns] = {}
    for file in (*_files((files("ordercall") / "couriers").iterdir()), *_files(folder.iterdir() if folder else ())):
        try:
            found[_stem(file)] = read_columns(_text(file))
        except UnusableColumns as fault:
            raise UnusableColumns(f"{file.name}: {fault}") from None
    return dict(sorted(found.items(), key=lambda one: one[1].name.casefold()))


def _files(found: Iterable[Traversable]) -> list[Traversable]:
    return sorted((file for file in found if file.name.endswith(".toml")), key=lambda file: file.name)


def _stem(file: Traversable) -> str:
    stem = file.name.removesuffix(".toml")
    if not STEM.fullmatch(stem):
        raise UnusableColumns("its name must be small letters, digits and hyphens before .toml; rename it.")
    return stem


def _text(file: Traversable) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise UnusableColumns("cannot be read as a text in UTF-8; save it as UTF-8, readable for Ordercall.") from None
