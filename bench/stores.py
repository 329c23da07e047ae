"""The two databases that the program runs on; whatever is measured on one is measured on the other in the same round.

On both, every commit is on the disk before it counts. Postgres is a server of the bench's own, on the same machine.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from databases import Databases, PostgresCopies, SQLiteFiles
from postgres_server import Server
from processes import cpu_seconds

DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "autovacuum": "on"}
SQLITE, POSTGRES = "SQLite", "Postgres"
NAMES = (SQLITE, POSTGRES)


@dataclass(frozen=True)
class Store:
    """A kind of database. ``server``: the process it is in, if that is not the program's own."""

    name: str
    databases: Databases
    server: Server | None = None

    def place(self) -> dict[str, str]:
        """Return the settings that name a fresh database with all tables."""
        return self.databases.place()

    def cpu(self) -> float:
        """Seconds of the processor that the database has taken outside of the program."""
        return cpu_seconds(self.server.pid) if self.server else 0.0


@contextmanager
def stores() -> Iterator[list[Store]]:
    server = Server(**DURABLE)
    server.start()
    try:
        with tempfile.TemporaryDirectory() as folder:
            yield [Store(SQLITE, SQLiteFiles(Path(folder))), Store(POSTGRES, PostgresCopies(server.url), server)]
    finally:
        server.remove()
