"""What a person does with the database by hand."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from shlex import quote

from ordercall.bootstrap.audit import note
from ordercall.bootstrap.parts import open_database
from ordercall.config import Settings
from ordercall.domain.audit import Act
from ordercall.domain.sealing import SealingKeys
from ordercall.errors import BackupFailed
from ordercall.jobs import tables as job_tables
from ordercall.services.lasting_secrets import lasting_secrets
from ordercall.services.shopify_tokens import seal_anew
from ordercall.storage.engine.backup import restore
from ordercall.storage.engine.database import Progress
from ordercall.storage.engine.move import Moved, move
from ordercall.storage.engine.opening import database_at
from ordercall.storage.reads import recount
from ordercall.storage.reads.recount import Difference
from ordercall.storage.tables import metadata, order_counts


def upgrade_database(settings: Settings) -> str:
    """Bring the database to this version's tables and return what it is called.

    Raises:
        DatabaseUnusable: it cannot be reached or changed, or a newer version has changed it.
    """
    with closing(database_at(settings.database_url, settings.database_path)) as db:
        db.upgrade()
        db.make_ready()
        return db.name


def seal_tokens_anew(settings: Settings) -> tuple[int, int]:
    """Seal stored tokens by the newest key; return how many that were, and how many no key opened."""
    with closing(open_database(settings)) as db:
        return seal_anew(db, SealingKeys.of(lasting_secrets(settings)))


def back_up_database(settings: Settings, file: Path, progress: Progress, *, compared: bool) -> int:
    """Copy the database into a new file and return the number of its orders; *compared*: every row, with the original.

    Raises:
        BackupFailed: nothing was made; the message says why.
    """
    with closing(database_at(settings.database_url, settings.database_path)) as db:
        orders = db.back_up(file, progress, compared=compared)
    note(settings, Act.BACKED_UP, file.name, orders=orders)
    return orders


def restore_database(settings: Settings, file: Path) -> tuple[Path, Path | None]:
    """Put a backup in the place of DATABASE_PATH; return that, and where what was there is kept.

    Raises:
        BackupFailed: nothing was changed; the message says why, or with which program it is done.
    """
    if settings.database_url:
        raise BackupFailed(
            "A dump of Postgres is restored, with everything stopped, by:"
            f' pg_restore --clean --if-exists --single-transaction --dbname="$DATABASE_URL" {quote(str(file))}'
        )
    kept = restore(file, settings.database_path.absolute())
    note(settings, Act.RESTORED, file.name)
    return settings.database_path, kept


def try_restore(settings: Settings, file: Path) -> dict[str, int]:
    """Restore a backup beside the database, take that away again, and return the rows of each table.

    Raises:
        BackupFailed: it cannot be restored; the message says why.
    """
    with closing(database_at(settings.database_url, settings.database_path)) as db:
        return db.try_restore(file)


def copy_database(settings: Settings, progress: Progress) -> Moved:
    """Move the shop from DATABASE_PATH to DATABASE_URL.

    Raises:
        CopyFailed: nothing was copied, or there is nothing to copy.
        DatabaseUnusable: the target cannot be reached or changed, or one of the two has another version's tables.
    """
    counted_anew = {order_counts}
    tables = [*(table for table in metadata.sorted_tables if table not in counted_anew), *job_tables.COPIED]
    return move(settings.database_path, settings.database_url, tables, [job_tables.workers], progress)


def recount_orders(settings: Settings) -> list[Difference]:
    """Put right what the counters of the pages lack, and return that. Webhooks are taken in meanwhile."""
    with closing(open_database(settings)) as db:
        with db.read() as tx:
            found = recount.differences(tx)
        if found:
            with db.begin() as tx:
                recount.repair(tx, found)
        return found
