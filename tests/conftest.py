"""Which database the tests run on: ``--database=sqlite`` (the default) or ``--database=postgres``."""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from databases import ADDRESS, Databases, PostgresCopies, SQLiteFiles, open_at
from ordercall.storage.engine.database import Database
from postgres_server import Server
from routes import compile_each_route_once
from stub import Stub
from waiting import until

CHOICES = ("sqlite", "postgres")
SERVER = pytest.StashKey[Server]()
MEMORY = Path("/dev/shm")  # noqa: S108 - what is made there has a name that nobody can guess
ROOM = 1024**3
RARELY = (10_000, 20, 20)
"""When garbage is looked for: what a test leaves is freed without, but for a little, and each look costs all of it."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=CHOICES, default=CHOICES[0], help="where the tests keep orders and jobs")


def pytest_configure(config: pytest.Config) -> None:
    """Start the server once for the run: in the process that the workers of pytest-xdist are children of."""
    gc.set_threshold(*RARELY)
    compile_each_route_once()
    if config.getoption("database") == "postgres" and not hasattr(config, "workerinput"):
        config.stash[SERVER] = server = Server()
        server.start()
        os.environ[ADDRESS] = server.url


def pytest_unconfigure(config: pytest.Config) -> None:
    if SERVER in config.stash:
        config.stash[SERVER].remove()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is about the other database, and on Postgres also what asks no database: SQLite's run has it."""
    name = config.getoption("database")
    left_out = [item for item in items if not is_about(item, name)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in set(left_out)]


def is_about(item: pytest.Item, name: str) -> bool:
    """A test is about the databases that its marks name; without a mark about both, if it gets one of ``databases``."""
    marked = set(CHOICES) & {mark.name for mark in item.iter_markers()}
    if marked or name == CHOICES[0]:
        return name in (marked or CHOICES)
    return isinstance(item, pytest.Function) and databases.__name__ in item.fixturenames


def pytest_collection_finish() -> None:
    """Spare the garbage collector what stays to the end: modules and thousands of tests, a tenth of a run's time."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def databases(request: pytest.FixtureRequest) -> Iterator[Databases]:
    if request.config.getoption("database") == "postgres":
        yield PostgresCopies(os.environ[ADDRESS])
        return
    with tempfile.TemporaryDirectory(prefix="ordercall-tests-", dir=without_a_disk()) as folder:
        yield SQLiteFiles(Path(folder))


def without_a_disk() -> Path | None:
    """Return a folder in memory, or None where there is none or little: no test cuts the power, and each commit would
    wait for the disk."""
    roomy = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM
    return MEMORY if roomy else None


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


@pytest.fixture(scope="session")
def running_stub() -> Iterator[Stub]:
    stub = Stub()
    yield stub
    stub.stop()


@pytest.fixture
def stub(running_stub: Stub) -> Iterator[Stub]:
    running_stub.forget()
    yield running_stub
    if running_stub.silent:
        until(lambda: running_stub.requests, "what the caller gave up has come")  # or it would come in the next test
    running_stub.let_go.set()
