"""A file of the original program is upgraded in place, without losing anything."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from old_files import MANY, ORDERS_OF_OLD, RECEIVED, an_order, ask, upgrade, write_many, write_original

from ordercall.storage.tables import metadata

pytestmark = pytest.mark.sqlite
LOGS_OF_OLD = [
    ("id", "INTEGER"),
    ("shopify_id", "INTEGER"),
    ("timestamp", "TEXT"),
    ("event_type", "TEXT"),
    ("message", "TEXT"),
]


def columns(path: Path, table: str) -> list[tuple[str, str]]:
    return [(row[1], row[2]) for row in ask(path, f"PRAGMA table_info({table})")]


def original_rows(path: Path) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """Return what stands in the two original tables' original columns."""
    names, log_names = (", ".join(name for name, _ in columns) for columns in (ORDERS_OF_OLD, LOGS_OF_OLD))
    return ask(path, f"SELECT {names} FROM orders ORDER BY 1"), ask(path, f"SELECT {log_names} FROM logs ORDER BY 1")  # noqa: S608


@pytest.mark.parametrize(("table", "expected"), [("orders", ORDERS_OF_OLD), ("logs", LOGS_OF_OLD)])
def test_a_table_begins_with_the_original_columns(path: Path, table: str, expected: list[tuple[str, str]]) -> None:
    upgrade(path)

    assert columns(path, table)[: len(expected)] == expected


@pytest.mark.parametrize(("table", "key"), [("orders", "shopify_id"), ("logs", "id")])
def test_a_table_has_the_original_primary_key(path: Path, table: str, key: str) -> None:
    upgrade(path)

    assert [row[1] for row in ask(path, f"PRAGMA table_info({table})") if row[5]] == [key]


def test_an_original_file_keeps_every_row_and_value(path: Path) -> None:
    write_many(path)
    before = original_rows(path)

    upgrade(path)

    assert original_rows(path) == before
    assert [len(rows) for rows in before] == [MANY, 3 * MANY]


def test_an_original_file_gets_our_columns_behind_its_own(path: Path) -> None:
    write_original(path)

    upgrade(path)

    names = [name for name, _ in columns(path, "orders")]
    assert names == [column.name for column in metadata.tables["orders"].columns]


def test_an_original_file_keeps_values_that_are_not_of_their_columns_type(path: Path) -> None:
    odd = {"total_price": "12,50", "created_at": 1768633200, "webhook_timestamp": "yesterday", "order_name": b"\xff"}
    write_original(path, an_order(**odd))
    before = original_rows(path)

    upgrade(path)

    assert original_rows(path) == before


def test_a_log_line_whose_order_is_gone_is_kept(path: Path) -> None:
    write_original(path, logs=((42, "Kalimera_Sync_Success"),))

    upgrade(path)

    assert ask(path, "SELECT shopify_id, event_type FROM logs") == [(42, "Kalimera_Sync_Success")]


def test_an_original_file_without_logs_is_upgraded(path: Path) -> None:
    write_original(path, an_order())
    ask(path, "DROP TABLE logs")

    upgrade(path)

    assert ask(path, "SELECT count(*) FROM orders") == [(1,)]


def test_an_order_of_the_original_program_is_not_called(path: Path) -> None:
    write_original(path, an_order(confirmation_status="Placed"))

    upgrade(path)

    assert ask(path, "SELECT calling_state, calling_reason FROM orders") == [("not_called", "earlier_program")]
    assert ask(path, "SELECT count(*) FROM procrastinate_jobs") == [(0,)]


def test_an_order_that_the_original_program_put_on_the_campaign_shows_so(path: Path) -> None:
    order = an_order()
    write_original(path, order, logs=((order["shopify_id"], "Kalimera_Sync_Success"),))

    upgrade(path)

    assert ask(path, "SELECT calling_state, calling_reason FROM orders") == [("on_campaign", None)]


def test_an_order_without_a_status_becomes_placed(path: Path) -> None:
    write_original(path, an_order(confirmation_status=None))

    upgrade(path)

    assert ask(path, "SELECT confirmation_status FROM orders") == [("Placed",)]


@pytest.mark.parametrize(
    ("created_at", "placed_at"),
    [
        ("2026-01-17T11:58:57+05:30", datetime(2026, 1, 17, 6, 28, 57, tzinfo=UTC).timestamp()),
        ("2026-01-17T06:28:57Z", datetime(2026, 1, 17, 6, 28, 57, tzinfo=UTC).timestamp()),
        ("2026-01-17T06:28:57", datetime(2026, 1, 17, 6, 28, 57, tzinfo=UTC).timestamp()),
        ("yesterday", RECEIVED),
        (None, RECEIVED),
    ],
)
def test_an_order_is_placed_at_its_creation_or_else_at_its_receipt(
    path: Path, created_at: str | None, placed_at: float
) -> None:
    write_original(path, an_order(created_at=created_at, webhook_timestamp=RECEIVED))

    upgrade(path)

    assert ask(path, "SELECT placed_at FROM orders") == [(placed_at,)]
