"""What keeps counters and search right on Postgres.

Two transactions that changed one counter would wait for each other, and some for ever. So the triggers only write down
what is to be added, in a table of its own; the worker adds it up every minute. ``order_counts`` is a view of both.
"""

from __future__ import annotations

from ordercall.storage.reads import predicates
from ordercall.storage.reads.predicates import COUNTED, KEY, MEASURES, count, counter_columns, counts_otherwise

_NAMES = ", ".join((*KEY, *MEASURES))
_CHANGES = "order_counts_changes"
_COLUMNS = counter_columns("BIGINT")

COUNTS = (
    f"CREATE TABLE order_counts_settled ({_COLUMNS}, PRIMARY KEY ({', '.join(KEY)}))",
    f"CREATE TABLE order_counts_changes ({_COLUMNS})",
    "CREATE INDEX order_counts_changes_by_slot ON order_counts_changes (span, slot)",
    f"CREATE VIEW order_counts AS SELECT {_NAMES} FROM order_counts_settled"  # noqa: S608
    f" UNION ALL SELECT {_NAMES} FROM order_counts_changes",
)
SEARCH = (
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    "CREATE INDEX orders_by_digits ON orders USING gin (customer_phone gin_trgm_ops)",
)
WORDS = "orders_by_words"
INDEX_WORDS = f"CREATE INDEX {{}}{WORDS} ON orders USING gin (({predicates.words()}) gin_trgm_ops)"
"""With nothing in the place of the braces, or with ``CONCURRENTLY``, which keeps no order from being stored."""

SETTLE = (
    "WITH taken AS (DELETE FROM order_counts_changes RETURNING *)"  # noqa: S608
    f" INSERT INTO order_counts_settled AS settled ({_NAMES})"
    f" SELECT {', '.join(KEY)}, {', '.join(f'sum({name})' for name in MEASURES)} FROM taken GROUP BY {', '.join(KEY)}"
    f" ON CONFLICT ({', '.join(KEY)}) DO UPDATE SET "
    + ", ".join(f"{name} = settled.{name} + excluded.{name}" for name in MEASURES)
)


def statements() -> list[str]:
    """Return the functions and triggers, in the order in which they are made."""
    return [
        _function(
            "count_new_orders", count(_CHANGES, "sum({})", "", source=" FROM new_orders", then=" GROUP BY 1, 2, 3, 4")
        ),
        "CREATE TRIGGER count_new_order AFTER INSERT ON orders REFERENCING NEW TABLE AS new_orders"
        " FOR EACH STATEMENT EXECUTE FUNCTION count_new_orders()",
        _function("count_deleted_orders", count(_CHANGES, "-({})", "OLD.")),
        "CREATE TRIGGER count_deleted_order AFTER DELETE ON orders"
        " FOR EACH ROW EXECUTE FUNCTION count_deleted_orders()",
        _function("count_changed_orders", count(_CHANGES, "-({})", "OLD.") + count(_CHANGES, "+({})", "NEW.")),
        f"CREATE TRIGGER count_changed_order AFTER UPDATE OF {', '.join(COUNTED)} ON orders"
        f" FOR EACH ROW WHEN ({counts_otherwise('IS DISTINCT FROM')}) EXECUTE FUNCTION count_changed_orders()",
    ]


def _function(name: str, body: str) -> str:
    return f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} RETURN NULL; END $$"
