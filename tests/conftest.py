"""Which database the tests run on: ``--database=sqlite`` (the default) or ``--database=postgres``."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest

from databases import ADDRESS, Databases, PostgresCopies, SQLiteFiles, open_at
from ordercall.storage.database import Database
from postgres_server import Server

CHOICES = ("sqlite", "postgres")
SERVER = pytest.StashKey[Server]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=CHOICES, default=CHOICES[0], help="where the tests keep orders and jobs")


def pytest_configure(config: pytest.Config) -> None:
    """Start the server once for the run: in the process that the workers of pytest-xdist are children of."""
    if config.getoption("database") == "postgres" and not hasattr(config, "workerinput"):
        config.stash[SERVER] = server = Server()
        server.start()
        os.environ[ADDRESS] = server.url


def pytest_unconfigure(config: pytest.Config) -> None:
    if SERVER in config.stash:
        config.stash[SERVER].remove()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is about the other database: those tests say so by a mark of its name."""
    others = {name for name in CHOICES if name != config.getoption("database")}
    left_out = [item for item in items if others & {mark.name for mark in item.iter_markers()}]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in set(left_out)]


@pytest.fixture(scope="session")
def databases(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Databases:
    if request.config.getoption("database") == "sqlite":
        return SQLiteFiles(tmp_path_factory.mktemp("databases"))
    return PostgresCopies(os.environ[ADDRESS])


@pytest.fixture
def place(databases: Databases) -> Iterator[dict[str, str]]:
    """The settings that name an empty database of this test."""
    place = databases.place()
    yield place
    databases.give_back(place)


@pytest.fixture
def open_database(place: dict[str, str]) -> Iterator[Callable[..., Database]]:
    """Open this test's database, as often as there are processes in what it plays."""
    opened: list[Database] = []

    def open_it(**options: float) -> Database:
        opened.append(open_at(place, **options))
        return opened[-1]

    yield open_it
    for database in opened:
        database.close()


@pytest.fixture(scope="module")
def module_database(databases: Databases) -> Iterator[Database]:
    """An empty database for all tests of a module, each of which undoes what it does."""
    place = databases.place()
    database = open_at(place)
    yield database
    database.close()
    databases.give_back(place)
