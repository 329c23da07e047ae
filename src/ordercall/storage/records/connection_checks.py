"""What the last check of the connections found that a person asked for on the pages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import Connection, select

from ordercall.domain.findings import Finding
from ordercall.storage.engine.dialects import dialect
from ordercall.storage.tables import connection_checks

THE_LAST = 1
"""The id of the only row: what earlier checks found is of no use to anybody."""


@dataclass(frozen=True, slots=True)
class ConnectionCheck:
    """What was found, in the order of the checks, and when the last of them ended (unix seconds)."""

    ended_at: float
    findings: list[Finding]


def store(tx: Connection, findings: Iterable[Finding], *, now: datetime) -> None:
    """Keep this in place of what was found before."""
    found = {"ended_at": now.timestamp(), "findings": msgspec.json.encode(list(findings)).decode()}
    row = dialect(tx).insert(connection_checks).values(id=THE_LAST, **found)
    tx.execute(row.on_conflict_do_update(index_elements=["id"], set_=found))


def last(tx: Connection) -> ConnectionCheck | None:
    row = tx.execute(select(connection_checks.c.ended_at, connection_checks.c.findings)).first()
    return ConnectionCheck(row.ended_at, msgspec.json.decode(row.findings, type=list[Finding])) if row else None
