"""Alembic migrations, one chain for both databases: no ``alembic.ini``.

On SQLite the program runs them at its start; on Postgres ``ordercall db upgrade`` does. Alembic is loaded only when
there is something to run: it takes a quarter of a second and 11 MB of every process, and nearly every start finds all
done.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from ordercall.errors import DatabaseUnusable

if TYPE_CHECKING:
    from alembic.config import Config

FOLDER = Path(__file__).parent
OTHER_TABLES = "Its tables are not those of this version."
MOVED = "moved-from-"


def upgrade(tx: Connection) -> None:
    """Run every migration that the database lacks, in the caller's transaction.

    Raises:
        DatabaseUnusable: a newer version of this program has already changed the database.
    """
    version = _version(tx)
    if version == _newest():
        return
    _refuse_if_newer(version)
    if _is_early(version):
        tx.execute(text("DELETE FROM alembic_version"))  # the first schema completes what it finds
    from alembic import command

    command.upgrade(_config(tx), "head")


def refuse_unless_current(tx: Connection) -> None:
    """Raise DatabaseUnusable, saying what to do, unless the database has exactly this version's tables."""
    version = _version(tx)
    _refuse_if_newer(version)
    if version is None:
        raise DatabaseUnusable("The database has no tables yet; make them with: ordercall db upgrade")
    if version != _newest():
        raise DatabaseUnusable(
            f"The database is at schema {version} and this version of Ordercall needs {_newest()}; "
            "bring it there with: ordercall db upgrade"
        )


def is_current(tx: Connection) -> bool:
    """Return whether the database has exactly this version's tables."""
    return _version(tx) == _newest()


def mark_as_moved(tx: Connection) -> None:
    """See to it that no version of this program goes on with a database whose shop is elsewhere now."""
    tx.execute(text("UPDATE alembic_version SET version_num = :moved || version_num"), {"moved": MOVED})


def _version(tx: Connection) -> str | None:
    """Return the schema version of the database; None: it has no tables of ours."""
    if not inspect(tx).has_table("alembic_version"):
        return None
    version: str | None = tx.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return version


def _known() -> list[str]:
    """Return the versions that have a migration, in order: its file begins with it."""
    return sorted(file.name[:4] for file in (FOLDER / "versions").glob("[0-9]*.py"))


def _newest() -> str:
    return _known()[-1]


def _is_early(version: str | None) -> bool:
    """Return whether the database was made by a version of before the first release, whose steps are gone."""
    return version is not None and version.isdigit() and version < _known()[0]


def _refuse_if_newer(version: str | None) -> None:
    if version and version.startswith(MOVED):
        back = f"UPDATE alembic_version SET version_num = '{version.removeprefix(MOVED)}'"  # noqa: S608 - to be read
        raise DatabaseUnusable(
            "This shop was moved to Postgres with `ordercall db copy`; set DATABASE_URL. Only to go back to the shop "
            f"as it was then: {back}"
        )
    if version and version not in _known() and not _is_early(version):
        raise DatabaseUnusable(
            f"The database is at schema {version}, which this version of Ordercall does not know; "
            "start the newer version that wrote it."
        )


def _config(tx: Connection) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes["connection"] = tx
    return config
