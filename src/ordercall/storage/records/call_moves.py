"""The one statement by which a call moves, made once for each move: only where its table in ``domain`` allows it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, ScalarSelect, bindparam, update

from ordercall.domain.calls.call import CALL_TRANSITIONS, CallState
from ordercall.domain.transitions import sources
from ordercall.storage.tables import call_orders, calls

_END = update(call_orders).where(call_orders.c.call_id.in_(bindparam("calls", expanding=True))).values(is_live=0)


def move_those(
    tx: Connection,
    call_ids: Collection[str],
    state: CallState,
    now: datetime,
    among: Collection[CallState],
    changes: Mapping[str, Any],
) -> set[str]:
    """Move those of the calls that may come to *state* from one of these states, and return which they were.

    Args:
        changes: further columns, with a value or a select of what each becomes; such a select is made once.
    """
    if not call_ids:
        return set()
    before = sources(CALL_TRANSITIONS, state).intersection(among)
    selects = frozenset((name, value) for name, value in changes.items() if isinstance(value, ScalarSelect))
    given = {f"new_{name}": value for name, value in changes.items() if not isinstance(value, ScalarSelect)}
    moving = _moving(state, before, frozenset(given), selects)
    moved = set(tx.execute(moving, {"calls": sorted(call_ids), "at": now.timestamp()} | given).scalars())
    if moved and not state.live:
        tx.execute(_END, {"calls": sorted(moved)})
    return moved


@cache
def _moving(
    state: CallState, before: Collection[CallState], given: Collection[str], selects: Collection[tuple[str, Any]]
) -> Any:
    coming = update(calls).where(calls.c.call_id.in_(bindparam("calls", expanding=True)), calls.c.state.in_(before))
    values = {name.removeprefix("new_"): bindparam(name) for name in given} | dict(selects)
    moved = coming.values({"state": state, "changed_at": bindparam("at")} | values)
    return moved.returning(calls.c.call_id)
