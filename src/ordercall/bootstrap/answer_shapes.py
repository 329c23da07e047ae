"""What is read of the shapes of Kalimera's answers where no web process runs."""

from __future__ import annotations

from contextlib import closing

from ordercall.bootstrap.parts import open_database
from ordercall.config import Settings
from ordercall.storage.records import answer_shapes


def recorded_shapes(settings: Settings) -> str:
    """Return the file of all shapes that were recorded.

    Raises:
        DatabaseUnusable: as :func:`ordercall.bootstrap.parts.open_database`.
    """
    with closing(open_database(settings)) as db, db.read() as tx:
        return answer_shapes.export(tx)
