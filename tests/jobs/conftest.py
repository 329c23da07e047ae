"""A fresh database for jobs: as a process has it, as another has it, and as the tests look into it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from procrastinate import App

from ordercall.jobs.stores import job_store
from ordercall.jobs.takeover import Takeover
from ordercall.storage.engine.database import Database

type MakeApp = Callable[[], App]
type Look = Callable[[str], list[tuple[Any, ...]]]


@pytest.fixture
def make_app(open_database: Callable[[], Database]) -> MakeApp:
    """Give apps over one fresh database, each as another process would have it."""
    return lambda: App(connector=job_store(open_database(), Takeover()).connector)


@pytest.fixture
def app(make_app: MakeApp) -> App:
    return make_app()


@pytest.fixture
def database(open_database: Callable[[], Database]) -> Database:
    return open_database()


@pytest.fixture
def look(database: Database) -> Look:
    """Ask for what is committed."""

    def look(question: str) -> list[tuple[Any, ...]]:
        with database.read() as tx:
            return [tuple(row) for row in tx.exec_driver_sql(question)]

    return look


@pytest.fixture
def path(place: dict[str, str]) -> Path:
    return Path(place["DATABASE_PATH"])
