"""The shops whose pages are read: of three sizes, on both databases, made once and kept in ``build/shops``.

The largest takes some ten minutes on each database, all of them five gigabytes of the disk. A shop that an older
version made is brought to today's tables when it is opened; delete the folder to have all of them made anew.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg

from databases import open_at
from makers import make_settings
from postgres_server import Server
from processes import ROOT, cpu_nanoseconds
from shop import NOW, History, make_shop
from stores import POSTGRES, SQLITE
from web_app import Shop

FOLDER = ROOT / "build" / "shops"
SIZES = (1_000, 100_000, 1_000_000)
SETTINGS = {"shared_buffers": "256MB", "max_wal_size": "4GB", "max_parallel_workers_per_gather": "0"}
"""Room; and every statement is carried out by one process, whose processor time is known while it lives."""


@dataclass(frozen=True)
class Kept:
    """A shop that was opened. ``server``: the process its database is in, if that is not this one."""

    store: str
    size: int
    shop: Shop
    server: Server | None = None

    def database_cpu(self) -> float:
        """Milliseconds of the processor that the database has taken outside of this process."""
        return cpu_nanoseconds(self.server.pid) / 1e6 if self.server else 0.0


@contextmanager
def kept_shops() -> Iterator[list[Kept]]:
    """Open all shops, those that are not there yet after making them, with ``NOW`` as their present."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    server = Server(folder=FOLDER / "postgres", **SETTINGS)
    server.start()
    try:
        shops = [Kept(SQLITE, size, _open(_in_a_file(size))) for size in SIZES]
        yield shops + [Kept(POSTGRES, size, _open(_on_a_server(server, size)), server) for size in SIZES]
    finally:
        server.stop()


def _open(place: dict[str, str]) -> Shop:
    with closing(open_at(place)) as database:
        database.upgrade()
    return Shop(make_settings(**place), now=NOW)


def _in_a_file(size: int) -> dict[str, str]:
    file, unfinished = FOLDER / f"{size}.db", FOLDER / f"{size}.unfinished.db"
    if not file.exists():
        for rest in FOLDER.glob(f"{unfinished.name}*"):
            rest.unlink()
        _make({"DATABASE_PATH": str(unfinished)}, size)
        unfinished.rename(file)
    return {"DATABASE_PATH": str(file)}


def _on_a_server(server: Server, size: int) -> dict[str, str]:
    name, unfinished = f"shop_{size}", f"unfinished_{size}"
    with psycopg.connect(f"{server.url}/postgres", autocommit=True) as manager:
        if not manager.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone():
            _do(manager, f'DROP DATABASE IF EXISTS "{unfinished}"', f'CREATE DATABASE "{unfinished}"')
            _make({"DATABASE_URL": f"{server.url}/{unfinished}"}, size)
            with psycopg.connect(f"{server.url}/{unfinished}", autocommit=True) as made:
                _do(made, "VACUUM ANALYZE")
            _do(manager, f'ALTER DATABASE "{unfinished}" RENAME TO "{name}"')
    return {"DATABASE_URL": f"{server.url}/{name}"}


def _make(place: dict[str, str], size: int) -> None:
    sys.stderr.write(f"making a shop of {size:,} orders ({next(iter(place.values()))})\n")
    with closing(open_at(place)) as database:
        database.upgrade()
        make_shop(database, History(size))


def _do(connection: psycopg.Connection[Any], *statements: str) -> None:
    for statement in statements:
        connection.execute(statement)  # type: ignore[call-overload]
