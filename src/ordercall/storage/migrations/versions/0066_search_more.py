"""Have the search find state, product and pincode too: all orders are put into its index anew, by the worker.

Until it is done the search reads what is not there yet: on SQLite the latest orders one by one, on Postgres as many as
it takes. A shop on Postgres with few orders has its index at once.
"""

from __future__ import annotations

from alembic import op

from ordercall.storage.reads import postgres_triggers, sqlite_triggers

revision = "0066"
down_revision = "0065"

AT_ONCE = 20_000
"""Orders that are indexed within a second."""


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _run(*(f"DROP TRIGGER IF EXISTS search_{which}_order" for which in ("new", "deleted", "changed")))
        _run(*(f"DROP TABLE IF EXISTS search_{name}" for name in ("words", "places", "waiting")))
        _run(*sqlite_triggers.SEARCH, "INSERT INTO search_waiting SELECT shopify_id FROM orders")
        _run(*sqlite_triggers.of_search())
        return
    _run(f"DROP INDEX IF EXISTS {postgres_triggers.WORDS}")
    some = f"SELECT count(*) FROM (SELECT 1 FROM orders LIMIT {AT_ONCE}) AS few"  # noqa: S608 - a number of ours
    if op.get_bind().exec_driver_sql(some).scalar_one() < AT_ONCE:
        _run(postgres_triggers.INDEX_WORDS.format(""))


def _run(*statements: str) -> None:
    for statement in statements:
        op.get_bind().exec_driver_sql(statement)
