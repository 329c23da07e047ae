"""The shapes of Kalimera's answers, each once; nothing in them tells of a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from ordercall.domain.shapes import AnswerShape, exported
from ordercall.storage.engine.dialects import dialect
from ordercall.storage.tables import answer_shapes

MOST = 200
"""Shapes that are kept. Six requests with a dozen answers each are far fewer; an API whose names are values would
bring others without end."""

_OF_A_SHAPE = (
    *(answer_shapes.c.operation, answer_shapes.c.status, answer_shapes.c.content_type),
    *(answer_shapes.c.outcome, answer_shapes.c.body),
)


@dataclass(frozen=True, slots=True)
class RecordedShape:
    """A shape, when it was seen first and last (unix seconds), and about how often."""

    shape: AnswerShape
    first_seen: float
    last_seen: float
    times: int


def store(tx: Connection, found: Mapping[AnswerShape, int], *, now: datetime) -> None:
    """Count what came again, and keep what is new while there is room.

    Args:
        found: how often each came.
    """
    known = set(tx.execute(select(answer_shapes.c.fingerprint)).scalars())
    for fingerprint, shape in sorted((shape.fingerprint, shape) for shape in found):  # in one order: no deadlock
        if fingerprint in known or len(known) < MOST:
            known.add(fingerprint)
            _store_one(tx, fingerprint, shape, found[shape], now.timestamp())


def all_of(tx: Connection) -> list[RecordedShape]:
    """Return them by what was asked; of one operation the most frequent first."""
    table = answer_shapes.c
    query = select(*_OF_A_SHAPE, table.first_seen, table.last_seen, table.times)
    rows = tx.execute(query.order_by(table.operation, table.times.desc(), table.fingerprint))
    return [RecordedShape(AnswerShape(*row[:5]), *row[5:]) for row in rows]


def export(tx: Connection) -> str:
    """Return all of them as a file for the sandbox, or for whoever is to help."""
    return exported((each.shape, each.times) for each in all_of(tx))


def _store_one(tx: Connection, fingerprint: str, shape: AnswerShape, times: int, now: float) -> None:
    row = (
        dialect(tx)
        .insert(answer_shapes)
        .values(fingerprint=fingerprint, first_seen=now, last_seen=now, times=times, **asdict(shape))
    )
    again = {"last_seen": now, "times": answer_shapes.c.times + times}
    tx.execute(row.on_conflict_do_update(index_elements=["fingerprint"], set_=again))
