"""Every test of the intake starts from an empty database."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from receiving import Shop, make_reception

from ordercall.storage.database import Database


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a database once; every test starts from a copy, which is many times faster."""
    database = Database(tmp_path_factory.mktemp("empty") / "orders.db")
    database.upgrade()
    database.close()
    return database.path


@pytest.fixture
def database(empty_file: Path, tmp_path: Path) -> Iterator[Database]:
    database = Database(Path(shutil.copy(empty_file, tmp_path)), patience=0.05)
    yield database
    database.close()


@pytest.fixture
def shop(database: Database) -> Shop:
    return Shop(database.path, make_reception(database))
