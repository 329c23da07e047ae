"""When calls began, and how they ended."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, case, func, select

from ordercall.domain.calls.call import CallState
from ordercall.domain.calls.calling import CallingState
from ordercall.domain.orders.order import Status
from ordercall.domain.policy.rules import After
from ordercall.storage.engine.batches import look_up
from ordercall.storage.records.call_ids import first_id_at
from ordercall.storage.records.calls import NEVER_RANG, live_of
from ordercall.storage.records.stored_order import moment
from ordercall.storage.tables import call_orders, calls, orders

LATEST_SILENCE = timedelta(days=7)
"""Who did not pick up before that is called by nobody any more."""

LATEST_CALLS = 1_000
"""Of how many calls those are told of whose customers did not pick up: a page must not grow with its shop."""

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


def silent(tx: Connection, now: datetime) -> dict[int, datetime]:
    """Return the orders whose customers did not pick up and that nobody rings again by itself, the latest call first.

    Each with when its last call was over. They wait for their answer, and for no person: calls were all that the policy
    had in mind for them. In look-ups by keys, as :func:`first_began`.
    """
    latest = select(calls.c.call_id, calls.c.state, calls.c.changed_at).order_by(calls.c.call_id.desc())
    few = latest.where(calls.c.call_id >= first_id_at(now - LATEST_SILENCE)).limit(LATEST_CALLS)
    over = {call_id: changed_at for call_id, state, changed_at in tx.execute(few) if state == CallState.UNANSWERED}
    of_calls = look_up(tx, (call_orders.c.shopify_id, call_orders.c.call_id), call_orders.c.call_id, over)
    ended = {shopify_id: over[call_id] for shopify_id, call_id in sorted(of_calls, key=lambda one: one[1])}
    columns = orders.c.shopify_id, orders.c.confirmation_status, orders.c.calling_state, orders.c.is_test
    waiting = (Status.PLACED, CallingState.ON_CAMPAIGN, 0)
    live = live_of(tx, ended)
    found = [row[0] for row in look_up(tx, columns, orders.c.shopify_id, ended) if tuple(row[1:]) == waiting]
    silent = {one: datetime.fromtimestamp(ended[one], UTC) for one in found if one not in live}
    return dict(sorted(silent.items(), key=lambda one: one[1], reverse=True))


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
