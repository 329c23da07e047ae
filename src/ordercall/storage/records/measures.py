"""What workers have measured, added up over all of them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select

from ordercall.measures import Distribution, Histogram, Labels
from ordercall.storage.engine.dialects import dialect
from ordercall.storage.tables import measures

SUM, LAST, IS = "sum", "+Inf", "is"
FORGOTTEN_AFTER = timedelta(days=1)
"""A machine that is silent for so long is none any more; containers have another name at each start."""


def add(tx: Connection, histogram: Histogram, seen: Mapping[Labels, Distribution], *, now: datetime) -> None:
    """Add observations to those of all workers."""
    for labels, (numbers, total) in sorted(seen.items()):  # in one order, so that no two workers wait for each other
        parts = zip((*map(str, histogram.bounds), LAST), numbers, strict=True)
        for part, number in (*((part, number) for part, number in parts if number), (SUM, total)):
            _keep(tx, histogram.name, labels, part, number, now, more=True)


def put(tx: Connection, labels: Labels, gauges: Mapping[str, float], *, now: datetime) -> None:
    """Keep how something is now, by its name; what was kept of others long ago is dropped."""
    for name, number in sorted(gauges.items()):
        _keep(tx, name, labels, IS, number, now, more=False)
    old = measures.c.part == IS, measures.c.at < (now - FORGOTTEN_AFTER).timestamp()
    tx.execute(delete(measures).where(*old))


def read(tx: Connection, histogram: Histogram) -> dict[Labels, Distribution]:
    """Return what all workers have observed since the table is there."""
    rows = select(measures.c.labels, measures.c.part, measures.c.number).where(measures.c.name == histogram.name)
    found: defaultdict[Labels, dict[str, float]] = defaultdict(dict)
    for labels, part, number in tx.execute(rows):
        found[_read_labels(labels)][part] = number
    names = (*map(str, histogram.bounds), LAST)
    return {
        labels: Distribution([int(parts.get(name, 0)) for name in names], parts.get(SUM, 0.0))
        for labels, parts in found.items()
    }


def gauges(tx: Connection, names: Iterable[str], *, since: datetime) -> dict[str, dict[Labels, float]]:
    """Return what was kept of these names since then, by name and labels."""
    wanted = measures.c.name.in_(list(names)), measures.c.part == IS, measures.c.at >= since.timestamp()
    found: defaultdict[str, dict[Labels, float]] = defaultdict(dict)
    for name, labels, number in tx.execute(
        select(measures.c.name, measures.c.labels, measures.c.number).where(*wanted)
    ):
        found[name][_read_labels(labels)] = number
    return found


def _keep(tx: Connection, name: str, labels: Labels, part: str, number: float, now: datetime, *, more: bool) -> None:
    row = (
        dialect(tx)
        .insert(measures)
        .values(name=name, labels=json.dumps(labels), part=part, number=number, at=now.timestamp())
    )
    kept = {"number": measures.c.number + number if more else number, "at": now.timestamp()}
    tx.execute(row.on_conflict_do_update(index_elements=["name", "labels", "part"], set_=kept))


def _read_labels(written: str) -> Labels:
    return tuple(json.loads(written))
