"""What the customers said in their calls, stored for many by the same few statements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, update

from ordercall.domain.calls.call import Answer, CallState
from ordercall.storage.records import calls
from ordercall.storage.records.call_moves import move_those
from ordercall.storage.records.calls import NEVER_RANG, Call
from ordercall.storage.tables import call_orders

_ANSWER = (
    update(call_orders)
    .where(call_orders.c.call_id == bindparam("call"), call_orders.c.shopify_id == bindparam("order"))
    .values(answer=bindparam("given"))
)


@dataclass(frozen=True, slots=True)
class Spoken:
    """That an order's call was answered.

    Attributes:
        given: what was said of the order; None: nothing that says what becomes of it.
        call_id: as which the call is known. None: the last that may have rung.
    """

    shopify_id: int
    given: Answer | None = None
    call_id: str | None = None


def answer(tx: Connection, spoken: Sequence[Spoken], *, now: datetime) -> set[int]:
    """Store that calls that may have rung were answered, and how; return of which orders that is news."""
    known = calls.of_orders(tx, {one.shopify_id for one in spoken})
    last = {call.call_id: one for one in reversed(spoken) if (call := _meant(one, known))}
    moved = move_those(tx, list(last), CallState.ANSWERED, now, tuple(CallState), {})
    given = [{"call": each, "order": last[each].shopify_id, "given": last[each].given} for each in sorted(moved)]
    if given:
        tx.execute(_ANSWER, given)
    return {last[each].shopify_id for each in moved}


def _meant(one: Spoken, known: Mapping[int, Sequence[Call]]) -> Call | None:
    rang = (call for call in known[one.shopify_id] if call.state not in (CallState.PLANNED, *NEVER_RANG))
    return next((call for call in rang if one.call_id in (None, call.known_as)), None)
