"""How the calls of a time ended."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, select

from ordercall.domain.calls import CallState
from ordercall.domain.policy import After
from ordercall.storage.records.calls import NEVER_RANG, first_id_at
from ordercall.storage.tables import calls


def ends_of_calls(tx: Connection, since: datetime, most: int) -> tuple[int, dict[After, int]]:
    """Return how many calls left since a time, and how those of them ended that reached nobody.

    Args:
        most: only so many of the latest are looked at.
    """
    left = calls.c.state.not_in((CallState.PLANNED, *NEVER_RANG)), calls.c.is_before == 0
    latest = select(calls.c.state, calls.c.reason).where(calls.c.call_id >= first_id_at(since), *left)
    few = latest.order_by(calls.c.call_id.desc()).limit(most).subquery()
    number, ends = 0, dict.fromkeys(After, 0)
    for state, reason, many in tx.execute(select(few, func.count()).group_by(few.c.state, few.c.reason)):
        number += many
        if state == CallState.UNANSWERED and (reason or After.SILENCE) in ends:
            ends[After(reason or After.SILENCE)] += many
    return number, ends
