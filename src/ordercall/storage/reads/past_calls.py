"""When calls began, and how they ended."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, case, func, select

from ordercall.domain.calls.call import CallState
from ordercall.domain.policy.rules import After
from ordercall.storage.engine.batches import look_up
from ordercall.storage.records.call_ids import first_id_at
from ordercall.storage.records.calls import NEVER_RANG
from ordercall.storage.records.stored_order import moment
from ordercall.storage.tables import call_orders, calls

NOT_LEFT = (CallState.PLANNED, *NEVER_RANG)


def first_began(tx: Connection, shopify_ids: Collection[int]) -> dict[int, datetime]:
    """Return when the first call of each of these orders began that may have rung, as far as it is known.

    In two look-ups by keys: a join of them Postgres makes by reading all calls.
    """
    of_orders = look_up(tx, (call_orders.c.call_id, call_orders.c.shopify_id), call_orders.c.shopify_id, shopify_ids)
    order_of = dict(of_orders)
    columns = (calls.c.call_id, calls.c.state, calls.c.is_before, calls.c.window_start)
    began: dict[int, datetime] = {}
    for call_id, state, is_before, start in look_up(tx, columns, calls.c.call_id, order_of):
        at = moment(start)
        if at and not is_before and state not in NOT_LEFT:
            order = order_of[call_id]
            began[order] = min(at, began.get(order, at))
    return began


def ends_of_calls(tx: Connection, since: datetime, most: int) -> tuple[int, dict[After, int]]:
    """Return how many calls left since a time, and how those of them ended that reached nobody.

    A joint call is one, however many orders it is about: it reached somebody if any of them was not left unanswered.

    Args:
        most: the number of the latest that are looked at, of a joint call one for each order.
    """
    left = calls.c.state.not_in(NOT_LEFT), calls.c.is_before == 0
    known_as = func.coalesce(calls.c.rings_with, calls.c.call_id).label("known_as")
    latest = select(known_as, calls.c.state, calls.c.reason).where(calls.c.call_id >= first_id_at(since), *left)
    few = latest.order_by(calls.c.call_id.desc()).limit(most).subquery()
    in_vain = few.c.state == CallState.UNANSWERED
    heard = func.max(case((in_vain, 0), else_=1)).label("heard")
    each = select(heard, func.max(few.c.reason).label("reason")).group_by(few.c.known_as).subquery()
    number, ends = 0, dict.fromkeys(After, 0)
    for was_heard, reason, many in tx.execute(select(each, func.count()).group_by(each.c.heard, each.c.reason)):
        number += many
        if not was_heard and (reason or After.SILENCE) in ends:
            ends[After(reason or After.SILENCE)] += many
    return number, ends
