"""Statements on one SQLite connection: what they are given, and what they give back."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from procrastinate import exceptions

from ordercall.jobs.sqlite.worker_locks import WorkerLocks

type Row = dict[str, Any]
type Value = str | int | float | None

JOB_COLUMNS = """id, queue_name, task_name, priority, lock, queueing_lock, args, status, scheduled_at, attempts,
    abort_requested, worker_id"""


class Statements:
    """Carries out statements on one connection. Whoever writes holds a transaction, and ends it."""

    def __init__(self, connection: sqlite3.Connection, locks: WorkerLocks) -> None:
        self._connection = connection
        self._locks = locks

    def _rows(self, statement: str, **parameters: Value) -> list[Row]:
        cursor = self._connection.cursor()
        cursor.row_factory = None  # the connection may be the caller's and have a row factory of its own
        cursor.execute(statement, parameters)
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]

    def _jobs(self, statement: str, **parameters: Value) -> list[Row]:
        return [
            row
            | {
                "args": json.loads(row["args"]),
                "scheduled_at": as_time(row["scheduled_at"]) if row["scheduled_at"] else None,
                "abort_requested": bool(row["abort_requested"]),
            }
            for row in self._rows(statement, **parameters)
        ]


def now() -> datetime:
    return datetime.now(UTC)


def as_text(moment: datetime) -> str:
    """Write a moment so that text compares as time does."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


def as_time(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def schedule(moment: datetime | None) -> dict[str, Value]:
    if moment is None:
        return {"scheduled_at": None, "ready": True}
    return {"scheduled_at": as_text(moment), "ready": moment <= now()}


def equal(**filters: Value) -> str:
    """Return a condition of only the filters in use; ``:x IS NULL OR ...`` would keep SQLite from its indexes."""
    return " AND ".join([f"{column} = :{column}" for column, value in filters.items() if value is not None] or ["TRUE"])


def in_queues(queues: Iterable[str] | None) -> tuple[str, dict[str, Value]]:
    if queues is None:
        return "TRUE", {}
    return "queue_name IN (SELECT value FROM json_each(:queues))", {"queues": json.dumps(list(queues))}


def at_least_one(rows: list[Row], otherwise: str) -> list[Row]:
    if not rows:
        raise exceptions.ConnectorException(otherwise)
    return rows
