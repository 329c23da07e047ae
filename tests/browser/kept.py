"""What a shop held after it was filled, kept for the next test that wants the same: a second of work each time."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from web_app import Shop

_kept: dict[tuple[Path, str], sqlite3.Connection] = {}
"""Whole databases in memory, by the file that each was copied from and the name of what it holds."""


def fill_as_before(shop: Shop, name: str, fill: Callable[[], None]) -> None:
    """Fill a shop that was emptied; from the second time on its whole database is put back as it stood after that."""
    key = shop.settings.database_path, name
    with closing(sqlite3.connect(key[0])) as file:
        if key in _kept:
            _kept[key].backup(file)
            return
        fill()
        _kept[key] = sqlite3.connect(":memory:")
        file.backup(_kept[key])
