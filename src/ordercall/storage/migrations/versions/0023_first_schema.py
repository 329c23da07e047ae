"""The first schema: made new, or grown around what a database of before the first release holds.

A file that the original program wrote holds ``orders`` and ``logs`` only. They keep every row; our columns are
added behind theirs. An order that was stored there is never called by us of our own accord: nobody can tell
whether its customer was already rung.

A database of an early version of this program lacks some tables and columns, and has some indexes and triggers by
conditions of then. It gets what it lacks, and its indexes and triggers anew.
"""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from ordercall.jobs.schemas import create_job_tables
from ordercall.storage.migrations.first_tables import INDEXES, TABLES, definitions
from ordercall.storage.reads import postgres_triggers, sqlite_triggers
from ordercall.storage.reads.recount import counted_anew

revision = "0023"
down_revision = None

TRIGGERS = [f"{does}_{which}_order" for does in ("count", "search") for which in ("new", "deleted", "changed")]


def upgrade() -> None:
    tx = op.get_bind()
    found = {table: _columns(table) for table in sa.inspect(tx).get_table_names()}
    for table in TABLES:
        _make_or_complete(table, found.get(table))
    for name, indexed in INDEXES.items():
        _run(f"DROP INDEX IF EXISTS {name}", f"CREATE INDEX {name} ON {indexed}")
    if "procrastinate_jobs" not in found:
        create_job_tables(tx)
    if "orders" in found and "calling_state" not in found["orders"]:
        _adopt_original_orders(logs_found="logs" in found)
    elif "deliveries" in found and "is_demo" not in found["orders"]:
        _mark_orders_of_the_sandbox()
    _date_old_decisions()
    _make_counters()


def _columns(table: str) -> set[str]:
    return {column["name"] for column in sa.inspect(op.get_bind()).get_columns(table)}


def _make_or_complete(table: str, present: set[str] | None) -> None:
    defined = definitions(table, op.get_bind().dialect.name)
    if present is None:
        _run(f"CREATE TABLE {table} ({', '.join(defined)})")
        return
    columns = (one for one in defined if one.split()[0] not in {"CONSTRAINT", "PRIMARY"})
    _run(*(f"ALTER TABLE {table} ADD COLUMN {one}" for one in columns if one.split()[0] not in present))


def _adopt_original_orders(*, logs_found: bool) -> None:
    _run(
        "UPDATE orders SET confirmation_status = 'Placed' WHERE confirmation_status IS NULL",
        "UPDATE orders SET calling_state = 'not_called', calling_reason = 'earlier_program',"
        " calling_changed_at = webhook_timestamp, status_changed_at = webhook_timestamp",
    )
    if logs_found:
        _run(
            "UPDATE orders SET calling_state = 'on_campaign', calling_reason = NULL WHERE shopify_id IN"
            " (SELECT shopify_id FROM logs WHERE event_type = 'Kalimera_Sync_Success')"
        )
    _read_old_times(op.get_bind())


def _read_old_times(tx: sa.Connection) -> None:
    old = tx.execute(sa.text("SELECT shopify_id, created_at, webhook_timestamp FROM orders")).all()
    times = [{"id": row.shopify_id, "at": _seconds(row.created_at, row.webhook_timestamp)} for row in old]
    if times:
        tx.execute(sa.text("UPDATE orders SET placed_at = :at WHERE shopify_id = :id"), times)


def _seconds(created_at: object, received: float | None) -> float | None:
    """The creation time as unix seconds, or the time of receipt where it cannot be read."""
    try:
        moment = datetime.fromisoformat(str(created_at))
    except ValueError:
        return received
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _mark_orders_of_the_sandbox() -> None:
    """Mark the sandbox's orders where everything says so: one that is missed counts as real, and harms nobody.

    Their webhooks came from the sandbox's shop, their customer's address is one that nobody can have, and so is their
    phone.
    """
    op.execute(
        "UPDATE orders SET is_demo = 1 WHERE customer_email LIKE 'customer%@example.com'"
        " AND coalesce(customer_phone, '+91555') LIKE '+91555%' AND EXISTS (SELECT 1 FROM deliveries"
        " WHERE deliveries.shopify_id = orders.shopify_id AND deliveries.shop = 'sandbox-shop.myshopify.com')"
    )


def _date_old_decisions() -> None:
    """An order whose decision has no stored time gets that of its placing: reports read by that time."""
    op.execute(
        "UPDATE orders SET status_changed_at = placed_at"
        " WHERE confirmation_status <> 'Placed' AND status_changed_at IS NULL"
    )


def _make_counters() -> None:
    """Make the counters and fill them. The search comes last of all (0066): it reads columns that are yet to come."""
    if op.get_bind().dialect.name == "sqlite":
        _run(*(f"DROP TRIGGER IF EXISTS {name}" for name in TRIGGERS))
        made_anew = ("order_counts", "search_words", "search_places", "search_waiting")
        _run(*(f"DROP TABLE IF EXISTS {name}" for name in made_anew))
        _run(*sqlite_triggers.COUNTS, f"INSERT INTO order_counts {counted_anew()}", *sqlite_triggers.of_counts())
    else:
        _run("DROP VIEW IF EXISTS order_counts", "DROP TABLE IF EXISTS order_counts_settled, order_counts_changes")
        _run(*(f"DROP FUNCTION IF EXISTS count_{which}_orders() CASCADE" for which in ("new", "deleted", "changed")))
        _run("DROP INDEX IF EXISTS orders_by_words", "DROP INDEX IF EXISTS orders_by_digits")
        _run(*postgres_triggers.COUNTS, f"INSERT INTO order_counts_settled {counted_anew()}")
        _run(*postgres_triggers.SEARCH, *postgres_triggers.statements())


def _run(*statements: str) -> None:
    for statement in statements:
        op.get_bind().exec_driver_sql(statement)
