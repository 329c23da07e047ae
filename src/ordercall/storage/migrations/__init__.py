"""Alembic migrations, one chain for both databases: no ``alembic.ini``.

On SQLite the program runs them at its start; on Postgres ``ordercall db upgrade`` does.
"""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from ordercall.errors import DatabaseUnusable

OTHER_TABLES = "Its tables are not those of this version."
MOVED = "moved-from-"


def upgrade(tx: Connection) -> None:
    """Run every migration that the database lacks, in the caller's transaction.

    Raises:
        DatabaseUnusable: a newer version of this program has already changed the database.
    """
    config = _config(tx)
    scripts = ScriptDirectory.from_config(config)
    version = MigrationContext.configure(tx).get_current_revision()
    if version == scripts.get_current_head():
        return
    _refuse_if_newer(version, scripts)
    command.upgrade(config, "head")


def refuse_unless_current(tx: Connection) -> None:
    """Raise DatabaseUnusable, saying what to do, unless the database has exactly this version's tables."""
    scripts = ScriptDirectory.from_config(_config(tx))
    version = MigrationContext.configure(tx).get_current_revision()
    _refuse_if_newer(version, scripts)
    if version is None:
        raise DatabaseUnusable("The database has no tables yet; make them with: ordercall db upgrade")
    if version != scripts.get_current_head():
        raise DatabaseUnusable(
            f"The database is at schema {version} and this version of Ordercall needs {scripts.get_current_head()}; "
            "bring it there with: ordercall db upgrade"
        )


def is_current(tx: Connection) -> bool:
    """Return whether the database has exactly this version's tables."""
    newest = ScriptDirectory.from_config(_config(tx)).get_current_head()
    return MigrationContext.configure(tx).get_current_revision() == newest


def mark_as_moved(tx: Connection) -> None:
    """See to it that no version of this program goes on with a database whose shop is elsewhere now."""
    tx.execute(text("UPDATE alembic_version SET version_num = :moved || version_num"), {"moved": MOVED})


def _refuse_if_newer(version: str | None, scripts: ScriptDirectory) -> None:
    if version and version.startswith(MOVED):
        back = f"UPDATE alembic_version SET version_num = '{version.removeprefix(MOVED)}'"  # noqa: S608 - to be read
        raise DatabaseUnusable(
            "This shop was moved to Postgres with `ordercall db copy`; set DATABASE_URL. Only to go back to the shop "
            f"as it was then: {back}"
        )
    if version and version not in {script.revision for script in scripts.walk_revisions()}:
        raise DatabaseUnusable(
            f"The database is at schema {version}, which this version of Ordercall does not know; "
            "start the newer version that wrote it."
        )


def _config(tx: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = tx
    return config
