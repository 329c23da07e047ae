"""A fresh SQLite database for jobs: as a process has it, as another has it, and as a script in one more."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from procrastinate import App
from procrastinate.connector import BaseAsyncConnector

from ordercall.jobs.sqlite.connector import SQLiteConnector, SyncSQLiteConnector

type MakeConnector = Callable[[], BaseAsyncConnector]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "orders.sqlite"


@pytest.fixture
def make_connector(path: Path) -> MakeConnector:
    """Give connectors to one fresh database, each as another process would have it."""
    with App(connector=SQLiteConnector(path)).open() as app:
        app.schema_manager.apply_schema()
    return lambda: SQLiteConnector(path)


@pytest.fixture
def app(make_connector: MakeConnector) -> App:
    return App(connector=make_connector())


@pytest.fixture
def store(make_connector: MakeConnector, path: Path) -> Iterator[SyncSQLiteConnector]:
    store = SyncSQLiteConnector(path, busy_timeout=0.05)
    yield store
    store.close()
