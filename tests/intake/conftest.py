"""Every test of the intake starts from an empty database."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from receiving import Shop, make_reception

from ordercall.storage.engine.database import Database


@pytest.fixture
def database(open_database: Callable[..., Database]) -> Database:
    return open_database(patience=0.05)


@pytest.fixture
def shop(database: Database) -> Shop:
    return Shop(database, make_reception(database))
