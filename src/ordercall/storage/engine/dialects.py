"""The statements that differ between the two databases: the one place that asks which of them it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Connection,
    Exists,
    Float,
    Table,
    cast,
    column,
    exists,
    func,
    table,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite

from ordercall.storage.reads.postgres_triggers import SETTLE
from ordercall.storage.reads.predicates import KEY, MEASURES
from ordercall.storage.tables import order_counts

_SUMS = ", ".join(f"sum({name})" for name in MEASURES)
_IN_SLOTS = "span = slots.column2 AND slot >= slots.column3 AND slot < slots.column4"


@dataclass(frozen=True, slots=True)
class InEach[T]:
    """Something that is another one in each of the two databases. No other place asks which of them it is."""

    sqlite: T
    postgres: T

    def of(self, tx: Connection) -> T:
        """Return the one for the database of this transaction."""
        return self.sqlite if tx.dialect.name == "sqlite" else self.postgres


class Dialect(Protocol):
    """The statements of one database."""

    def insert(self, table: Table) -> Any:
        """Return an INSERT that knows ``on_conflict_do_nothing`` and ``on_conflict_do_update``."""

    def take_advisory_locks(self, tx: Connection, names: Iterable[str]) -> None:
        """Wait until no other transaction is open that holds one of these locks; they end with the transaction.

        For what is looked for before it is there: a row that does not exist cannot be locked.
        """

    def share_advisory_lock(self, tx: Connection, name: str) -> None:
        """Wait until no other transaction is open that has taken this lock; any number may share it meanwhile."""

    def zero_freed_space(self, tx: Connection) -> None:
        """Have the database overwrite what is deleted from here on, where it would otherwise only forget it."""

    def add_to_counters(self, tx: Connection, rows: list[dict[str, Any]]) -> None:
        """Add to the counters; each row has the columns of ``order_counts``."""

    def settle_counters(self, tx: Connection) -> None:
        """Add up what was written down for the counters; one process at a time does."""

    def sum_counters(self, slots: str, of_status: str) -> str:
        """Return a SELECT that sums counters by interval, status and currency.

        Args:
            slots: rows of (interval, span, first slot, slot after the last), as ``VALUES`` takes them.
            of_status: a further condition, which begins with AND; or nothing.
        """


class SQLite:
    """One writer at a time: a transaction that writes holds every lock from its first statement."""

    insert = staticmethod(sqlite.insert)

    def take_advisory_locks(self, tx: Connection, names: Iterable[str]) -> None:
        pass

    def share_advisory_lock(self, tx: Connection, name: str) -> None:
        pass

    def zero_freed_space(self, tx: Connection) -> None:
        tx.exec_driver_sql("PRAGMA secure_delete = ON")

    def add_to_counters(self, tx: Connection, rows: list[dict[str, Any]]) -> None:
        put = sqlite.insert(order_counts)
        summed = {name: order_counts.c[name] + put.excluded[name] for name in MEASURES}
        tx.execute(put.on_conflict_do_update(index_elements=list(KEY), set_=summed), rows)

    def settle_counters(self, tx: Connection) -> None:
        """The triggers add to the counters themselves."""

    def sum_counters(self, slots: str, of_status: str) -> str:
        return (
            f"SELECT slots.column1, status, currency, {_SUMS} FROM (VALUES {slots}) AS slots"  # noqa: S608 - our numbers
            f" CROSS JOIN order_counts WHERE {_IN_SLOTS}{of_status} GROUP BY slots.column1, status, currency"
        )


class Postgres:
    """Many writers at a time, which see each other's commits between two statements."""

    insert = staticmethod(postgresql.insert)

    _LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(name, 0)) FROM unnest(CAST(:names AS text[])) AS name")

    def take_advisory_locks(self, tx: Connection, names: Iterable[str]) -> None:
        """Take the locks in the order of their names, so that transactions which want the same ones never deadlock."""
        tx.execute(self._LOCK, {"names": sorted(set(names))})

    _SHARE = text("SELECT pg_advisory_xact_lock_shared(hashtextextended(:name, 0))")

    def share_advisory_lock(self, tx: Connection, name: str) -> None:
        tx.execute(self._SHARE, {"name": name})

    def zero_freed_space(self, tx: Connection) -> None:
        """Postgres keeps older versions of rows until it vacuums (``Database.forget_for_good``)."""

    def add_to_counters(self, tx: Connection, rows: list[dict[str, Any]]) -> None:
        tx.execute(table("order_counts_changes", *(column(name) for name in (*KEY, *MEASURES))).insert(), rows)

    def settle_counters(self, tx: Connection) -> None:
        self.take_advisory_locks(tx, ["order_counts"])
        tx.exec_driver_sql(SETTLE)

    def sum_counters(self, slots: str, of_status: str) -> str:
        """Look each row of slots up by itself: a join would read all counters there are, 250 ms of a million orders."""
        return (
            f"SELECT slots.column1, summed.* FROM (VALUES {slots}) AS slots CROSS JOIN LATERAL"  # noqa: S608 - as above
            f" (SELECT status, currency, {_SUMS} FROM order_counts WHERE {_IN_SLOTS}{of_status}"
            " GROUP BY status, currency) AS summed"
        )


_DIALECTS: InEach[Dialect] = InEach(sqlite=SQLite(), postgres=Postgres())


def dialect(tx: Connection) -> Dialect:
    """Return the statements for the database of this transaction."""
    return _DIALECTS.of(tx)


def upsert(build: Callable[[Callable[[Table], Any]], Any]) -> InEach[Any]:
    """Return a statement with an INSERT of a dialect in it, made once for each of the two."""
    return InEach(sqlite=build(sqlite.insert), postgres=build(postgresql.insert))


_ELEMENTS: InEach[Callable[[Any], Any]] = InEach(
    sqlite=func.json_each, postgres=lambda numbers: func.json_array_elements_text(cast(numbers, JSON))
)


def has_one_of(tx: Connection, numbers: Column[str], wanted: Iterable[int]) -> Exists:
    """Return the condition that a column, a JSON list of numbers, holds one of those that are wanted."""
    each = _ELEMENTS.of(tx)(numbers).table_valued("value")
    return exists().select_from(each).where(cast(each.c.value, BigInteger).in_(list(wanted)))


_NUMBERS: InEach[Callable[[Any, str], Any]] = InEach(
    sqlite=lambda text, key: func.json_extract(text, f"$.{key}"),
    postgres=lambda text, key: cast(cast(text, JSON)[key].as_string(), Float),
)


def number_in(tx: Connection, column: Column[str], key: str) -> Any:
    """Return the number that a column, a JSON object, has under a key."""
    return _NUMBERS.of(tx)(column, key)
