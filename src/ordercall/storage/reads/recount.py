"""Counting anew: which counters are wrong, and putting them right."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, tzinfo

from sqlalchemy import Connection, text

from ordercall.storage.engine.dialects import dialect
from ordercall.storage.reads import predicates
from ordercall.storage.reads.predicates import EVER, KEY, MEASURES, QUARTER, SPANS, THREE_HOURS

_SUMMED = ", ".join((*KEY, *(f"sum({name}) AS {name}" for name in MEASURES)))


@dataclass(frozen=True, slots=True)
class Difference:
    """What a counter lacks, or has too much of when it is negative. The fields are those of ``order_counts``."""

    span: int
    slot: int
    status: str
    currency: str
    orders: int
    on_campaign: int
    off_campaign: int
    paid_orders: int
    thousandths: int

    def in_words(self, zone: tzinfo) -> str:
        """Say what was wrong, for a person."""
        spanned = {EVER: "All dates", QUARTER: "15 minutes", THREE_HOURS: "3 hours"}[self.span]
        when = f" from {datetime.fromtimestamp(self.slot, zone):%Y-%m-%d %H:%M}" if self.span else ""
        wrong = {name.replace("_", " "): amount for name in MEASURES if (amount := getattr(self, name))}
        faults = ", ".join(f"{abs(n):,} {name} {'missing' if n > 0 else 'too many'}" for name, n in wrong.items())
        return f"{spanned}{when}, {self.status or 'no status'}, {self.currency or 'no currency'}: {faults}"


def counted_anew() -> str:
    """Return the query that counts all orders, by the columns of ``order_counts``."""
    each = " UNION ALL ".join(
        f"SELECT {_as(KEY, predicates.key_of(span))}, {_as(MEASURES, predicates.measures())} FROM orders"  # noqa: S608
        + (" WHERE placed_at IS NOT NULL" if span else "")
        for span in SPANS
    )
    return f"SELECT {_SUMMED} FROM ({each}) AS each_order GROUP BY {', '.join(KEY)}"  # noqa: S608


def differences(tx: Connection) -> list[Difference]:
    """Return what must be added to the counters that are wrong, the shortest span and the earliest slot first."""
    taken = ", ".join((*KEY, *(f"-{name}" for name in MEASURES)))
    some = " OR ".join(f"sum({name}) <> 0" for name in MEASURES)
    compared = text(
        f"SELECT {_SUMMED} FROM ({counted_anew()} UNION ALL SELECT {taken} FROM order_counts) AS compared"  # noqa: S608
        f" GROUP BY {', '.join(KEY)} HAVING {some} ORDER BY {', '.join(KEY)}"
    )
    return [Difference(*row[: len(KEY)], *map(int, row[len(KEY) :])) for row in tx.execute(compared)]


def repair(tx: Connection, found: list[Difference]) -> None:
    """Add what the counters lack.

    Orders may have come and changed since the differences were found: their triggers counted them, and what was
    wrong before is as wrong as it was. So nobody has to wait while all orders are counted.
    """
    if found:
        dialect(tx).add_to_counters(tx, [asdict(difference) for difference in found])


def _as(names: tuple[str, ...], expressions: list[str]) -> str:
    return ", ".join(f"{expression} AS {name}" for name, expression in zip(names, expressions, strict=True))
