"""The lists that people keep under a name. They are everybody's, whoever kept them; none is one's own yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, select

from ordercall.storage.engine.dialects import dialect
from ordercall.storage.tables import saved_views

MOST = 50
"""More than that nobody reads through, and each list shows them all."""
LONGEST_NAME = 60
"""Characters, as many as a line of the menu has on a phone."""


@dataclass(frozen=True, slots=True)
class SavedView:
    """A list by its name. ``query``: the query string of its address, with its question mark."""

    id: int
    name: str
    query: str
    made_by: str


_VIEWS = select(saved_views.c.id, saved_views.c.name, saved_views.c.query, saved_views.c.made_by)


def all_of(tx: Connection) -> list[SavedView]:
    """Return all views by their names."""
    return [SavedView(*row) for row in tx.execute(_VIEWS.order_by(func.lower(saved_views.c.name)).limit(MOST))]


def save(tx: Connection, name: str, query: str, *, by: str, now: datetime) -> bool:
    """Keep a list under a name; return whether that was free, and there is room."""
    if tx.execute(select(func.count()).select_from(saved_views)).scalar_one() >= MOST:
        return False
    row = {"name": name, "query": query, "made_by": by, "made_at": now.timestamp()}
    put = dialect(tx).insert(saved_views).values(row).on_conflict_do_nothing()
    return tx.execute(put.returning(saved_views.c.id)).scalar() is not None


def remove(tx: Connection, view_id: int) -> str | None:
    """Forget a view; return its name, or None where somebody was faster."""
    name = tx.execute(select(saved_views.c.name).where(saved_views.c.id == view_id)).scalar()
    tx.execute(delete(saved_views).where(saved_views.c.id == view_id))
    return name
