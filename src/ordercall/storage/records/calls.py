"""The calls of the orders. A call moves only where its table in ``domain`` allows it, by one statement each time.

Who holds an order's row, or the campaign's lock, moves its call; and the index ``call_orders_live`` lets no order have
two that are planned or open. A batch of orders costs the same few statements as a single one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, bindparam, case, delete, or_, select, update

from ordercall.domain.calls.call import Answer, CallState, Follows, Waits
from ordercall.domain.calls.calling import WINDOW_TOLERANCE, Language
from ordercall.domain.orders.order import Status
from ordercall.storage.call_tables import LIVE, RINGING
from ordercall.storage.engine.batches import insert_all
from ordercall.storage.records.call_ids import new_call_id
from ordercall.storage.records.call_moves import move_those
from ordercall.storage.records.campaigns import CampaignSettings
from ordercall.storage.tables import call_orders, calls, listings, orders

KALIMERA = "kalimera"
SLICE = 500
"""Calls that are looked at in one transaction, so that no webhook waits for it."""

NEVER_RANG = (CallState.WITHDRAWN, CallState.REJECTED)

# Made once, as what every order runs in ``orders``.
_LIVE = select(call_orders.c.shopify_id, call_orders.c.call_id).where(
    LIVE, call_orders.c.shopify_id.in_(bindparam("orders", expanding=True))
)


def _of_its_order(column: Any) -> Any:
    """Return a column of the order that the call is about, or of its place on the campaign."""
    mine = select(column).where(LIVE, call_orders.c.call_id == calls.c.call_id)
    key = column.table.c.shopify_id
    return mine.where(key == call_orders.c.shopify_id).limit(1).scalar_subquery()


_ITS_PHONE = _of_its_order(orders.c.customer_phone)
_ITS_CONTACT = _of_its_order(listings.c.contact_id)


@dataclass(frozen=True, slots=True)
class Call:
    """One call of an order, its times aware.

    Attributes:
        asked_by: who asked for it; None: the program's own, of the number *attempt*.
        waits: why a planned call is not due before *not_before*.
        reason: why it ended without a ring, a word of :class:`ordercall.domain.calls.calling.Reason`.
        detail: Kalimera's words about that.
        window_end: until when it was to ring.
        may_ring_until: the latest end that its campaign was told while it was open.
        agent_unsure: the campaign was given another agent while it was open.
        is_before: made of what was known when calls were not yet written down.
        cut_off_at: when a pause of ours ended its window, or may have; None: no pause did.
        follows: why it follows another call of its order; None: it is the first, or was set up anew.
        wanted_language: in which the customer asked to be called.
        despite: the status of its order that whoever asked for it knew of.
        answer: what the customer said of this order.
        rings_with: the id that the card of a joint call bears; None: it is about this order alone.
    """

    call_id: str
    shopify_id: int
    state: CallState
    attempt: int
    asked_by: str | None
    planned_at: datetime
    changed_at: datetime
    not_before: datetime | None
    waits: Waits | None
    reason: str | None
    detail: str | None
    contact_id: str | None
    campaign_id: str | None
    language: Language | None
    agent_id: str | None
    agent_unsure: bool
    window_start: datetime | None
    window_end: datetime | None
    may_ring_until: datetime | None
    is_before: bool
    cut_off_at: datetime | None
    follows: Follows | None
    wanted_language: Language | None
    despite: Status | None
    answer: Answer | None
    rings_with: str | None

    @property
    def known_as(self) -> str:
        """The id under which its agent knows it, and reports."""
        return self.rings_with or self.call_id

    @property
    def was_cut_off(self) -> bool:
        """Whether a pause of ours ended it before anybody could say that its customer did not answer."""
        return self.state is CallState.ENDED_UNKNOWN and self.reason is None and self.cut_off_at is not None


@dataclass(frozen=True, slots=True)
class Terms:
    """Where and how the customers of some orders are to be rung, and by which version of the policy."""

    campaign_id: str
    language: Language
    settings: CampaignSettings
    policy_version: int | None = None


_CALL = select(calls, call_orders.c.shopify_id, call_orders.c.answer).join(
    call_orders, call_orders.c.call_id == calls.c.call_id
)
_NEWEST_LAST = (call_orders.c.is_live, calls.c.call_id)
"""The live one is the newest, whatever the clock of the machine that made it."""
_OF_ORDERS = _CALL.where(call_orders.c.shopify_id.in_(bindparam("orders", expanding=True))).order_by(*_NEWEST_LAST)


# -- planned


def plan(tx: Connection, shopify_ids: Iterable[int], *, now: datetime, asked_by: str | None = None) -> None:
    """Plan the first call of orders that never had one."""
    _insert(tx, [(shopify_id, 1) for shopify_id in shopify_ids], now, asked_by)


def plan_missing(tx: Connection, shopify_ids: Iterable[int], *, now: datetime, asked_by: str | None = None) -> None:
    """Plan a further call for each of these orders that has none which is planned or open; it counts as an attempt.

    The caller holds the orders' rows. One that a pause cut off is no attempt.
    """
    wanted = list(shopify_ids)
    had = _find(tx, call_orders.c.shopify_id.in_(wanted))
    live = {call.shopify_id for call in had if call.state.live}
    tried = Counter(call.shopify_id for call in had if call.state not in NEVER_RANG and not call.was_cut_off)
    _insert(tx, [(one, tried[one] + 1) for one in wanted if one not in live], now, asked_by)


def _insert(tx: Connection, attempts: Sequence[tuple[int, int]], now: datetime, asked_by: str | None) -> None:
    moment, planned = now.timestamp(), [(new_call_id(), *one) for one in attempts]
    rows = (
        {
            "call_id": call_id,
            "state": CallState.PLANNED,
            "attempt": attempt,
            "asked_by": asked_by,
            "planned_at": moment,
            "changed_at": moment,
        }
        for call_id, _, attempt in planned
    )
    insert_all(tx, calls, rows)
    insert_all(tx, call_orders, ({"shopify_id": order, "call_id": call_id} for call_id, order, _ in planned))


def defer(tx: Connection, shopify_ids: Iterable[int], until: datetime | None, waits: Waits) -> None:
    """Store that the planned calls of these orders are not due before a time, or before nobody knows when, and why."""
    planned = update(calls).where(calls.c.call_id.in_(_live(shopify_ids)), calls.c.state == CallState.PLANNED)
    tx.execute(planned.values(not_before=until and until.timestamp(), reason=waits))


# -- moved


def begin(
    tx: Connection,
    shopify_ids: Collection[int],
    terms: Terms,
    *,
    now: datetime,
) -> set[int]:
    """Store, before the request leaves, that the calls of these orders may ring from now on.

    Their contacts are those of their places on the campaign.

    Returns:
        The orders whose planned calls were begun. Nobody may be added for any other.
    """
    window = terms.settings.window
    sent = {
        "phone": _ITS_PHONE,
        "contact_id": _ITS_CONTACT,
        "provider": KALIMERA,
        "policy_version": terms.policy_version,
        "campaign_id": terms.campaign_id,
        "language": terms.language,
        "agent_id": terms.settings.agent_id,
        "agent_unsure": 0,
        "window_start": window.start.timestamp(),
        "window_end": window.end.timestamp(),
        "may_ring_until": window.end.timestamp(),
        "cut_off_at": None,
    }
    return set(move(tx, shopify_ids, CallState.PLACING, now=now, changes=sent))


def move(
    tx: Connection,
    shopify_ids: Collection[int],
    state: CallState,
    *,
    now: datetime,
    reason: str | None = None,
    detail: str | None = None,
    among: Collection[CallState] = tuple(CallState),
    changes: dict[str, Any] | None = None,
) -> list[int]:
    """Move the live calls of these orders where they may come to *state*; return of which orders they were.

    Args:
        among: only from one of these states; default: from each that may become *state*.
        changes: further columns.
    """
    live = live_of(tx, shopify_ids)
    moved = move_those(
        tx, list(live.values()), state, now, among, {"reason": reason, "detail": detail} | (changes or {})
    )
    return [shopify_id for shopify_id, call_id in live.items() if call_id in moved]


def settle(tx: Connection, shopify_ids: Collection[int], reason: str | None, *, now: datetime) -> None:
    """End the live calls of these orders, which nobody is to be rung for: what is planned, and what may ring."""
    live = list(live_of(tx, shopify_ids).values())
    for state in (CallState.WITHDRAWN, CallState.OVERTAKEN):
        move_those(tx, live, state, now, tuple(CallState), {"reason": reason})


def silent(tx: Connection, state: CallState, before: datetime) -> list[Call]:
    """Return a slice of the calls in this state whose own window ended before a time, one for each order."""
    over = select(calls.c.call_id).where(RINGING, calls.c.state == state, calls.c.window_end < before.timestamp())
    return _find(tx, calls.c.call_id.in_(over.order_by(calls.c.window_end).limit(SLICE)))


def end(
    tx: Connection, found: Iterable[Call], state: CallState, *, now: datetime, reason: str | None = None
) -> list[Call]:
    """Move those of the calls that still are as they were found, and return which."""
    known = {call.call_id: call for call in found}
    moved = move_those(tx, list(known), state, now, {call.state for call in known.values()}, {"reason": reason})
    return [call for call_id, call in known.items() if call_id in moved]


def campaign_told(tx: Connection, campaign_id: str, agent_id: str, end: datetime) -> None:
    """Store what an update of a campaign means for its open calls: they may ring longer, and by another agent.

    An end that moves by less than the campaign's own tolerance is left: else every update would write all of them.
    """
    longer = calls.c.may_ring_until < (end - WINDOW_TOLERANCE).timestamp()
    other = and_(calls.c.agent_id != agent_id, calls.c.agent_unsure == 0)
    rings = or_(calls.c.cut_off_at.is_(None), calls.c.may_ring_until > calls.c.cut_off_at)
    open_here = update(calls).where(RINGING, calls.c.campaign_id == campaign_id, rings, or_(longer, other))
    tx.execute(
        open_here.values(
            may_ring_until=case((longer, end.timestamp()), else_=calls.c.may_ring_until),
            agent_unsure=case((calls.c.agent_id != agent_id, 1), else_=calls.c.agent_unsure),
        )
    )


def mark_on_card(tx: Connection, call_ids: Mapping[int, str]) -> None:
    """Store that the contact's card was made with the data of these orders, and bears these calls' ids."""
    if call_ids:
        meant = or_(LIVE, call_orders.c.call_id.in_(call_ids.values()))
        tx.execute(update(call_orders).where(meant, call_orders.c.shopify_id.in_(call_ids)).values(on_card=1))


# -- forgotten


def erase(tx: Connection, shopify_ids: Iterable[int]) -> int:
    """Erase whom the calls of these orders rang, and return how many calls those were."""
    mine = select(call_orders.c.call_id).where(call_orders.c.shopify_id.in_(list(shopify_ids)))
    blank = dict.fromkeys(("phone", "contact_id", "detail"))
    return tx.execute(update(calls).where(calls.c.call_id.in_(mine)).values(**blank)).rowcount


def remove(tx: Connection, shopify_ids: Iterable[int]) -> None:
    """Remove the calls of these orders, where they were about no other."""
    mine = delete(call_orders).where(call_orders.c.shopify_id.in_(list(shopify_ids)))
    ids = list(tx.execute(mine.returning(call_orders.c.call_id)).scalars())
    others = select(call_orders.c.call_id).where(call_orders.c.call_id == calls.c.call_id)
    tx.execute(delete(calls).where(calls.c.call_id.in_(ids), ~others.exists()))


# -- read


def live_of(tx: Connection, shopify_ids: Iterable[int]) -> dict[int, str]:
    """Return the id of each order's call that is planned or open; an order without one is missing."""
    return dict(tx.execute(_LIVE, {"orders": list(shopify_ids)}).all())


def asked_for(tx: Connection, shopify_ids: Collection[int]) -> set[int]:
    """Return those of the orders whose live call somebody asked for, as far as it is known who did."""
    if not shopify_ids:
        return set()
    live = select(call_orders.c.shopify_id).join(calls, calls.c.call_id == call_orders.c.call_id)
    wanted = or_(calls.c.asked_by.is_not(None), calls.c.is_before == 1)
    return set(tx.execute(live.where(LIVE, call_orders.c.shopify_id.in_(shopify_ids), wanted)).scalars())


def of_order(tx: Connection, shopify_id: int) -> list[Call]:
    """Return all calls of an order, the newest first."""
    return of_orders(tx, [shopify_id])[shopify_id]


def of_orders(tx: Connection, shopify_ids: Collection[int]) -> dict[int, list[Call]]:
    """Return all calls of each of these orders, the newest first."""
    found: dict[int, list[Call]] = {shopify_id: [] for shopify_id in shopify_ids}
    for row in tx.execute(_OF_ORDERS, {"orders": list(found)}) if found else ():
        found[row.shopify_id].insert(0, _call(row))
    return found


def latest_of(tx: Connection, shopify_ids: Iterable[int]) -> dict[int, Call]:
    """Return the last call of each order: the one that is planned or open, else the newest that was not withdrawn."""
    found = of_orders(tx, list(shopify_ids))
    return {shopify_id: last for shopify_id, mine in found.items() if (last := last_of(mine))}


def last_of(mine: Sequence[Call]) -> Call | None:
    """Return the last of an order's calls, which are the newest first: the newest that was not withdrawn, if any is."""
    return next((call for call in mine if call.state is not CallState.WITHDRAWN), next(iter(mine), None))


def phones_of(tx: Connection, call_ids: Collection[str], contact_ids: Collection[str]) -> set[str]:
    """Return the phones that these calls, or calls to these contacts, rang."""
    about = or_(calls.c.call_id.in_(call_ids), calls.c.contact_id.in_(contact_ids))
    return set(tx.execute(select(calls.c.phone).where(about, calls.c.phone.is_not(None))).scalars())


def _find(tx: Connection, wanted: ColumnElement[bool]) -> list[Call]:
    return [_call(row) for row in tx.execute(_CALL.where(wanted).order_by(*_NEWEST_LAST))]


def _live(shopify_ids: Iterable[int]) -> Any:
    return select(call_orders.c.call_id).where(LIVE, call_orders.c.shopify_id.in_(list(shopify_ids)))


def _call(row: Row[Any]) -> Call:
    planned = row.state == CallState.PLANNED
    return Call(
        call_id=row.call_id,
        shopify_id=row.shopify_id,
        state=CallState(row.state),
        attempt=row.attempt,
        asked_by=row.asked_by,
        planned_at=datetime.fromtimestamp(row.planned_at, UTC),
        changed_at=datetime.fromtimestamp(row.changed_at, UTC),
        not_before=_moment(row.not_before),
        waits=Waits.of(row.reason) if planned else None,
        reason=None if planned else row.reason,
        detail=row.detail,
        contact_id=row.contact_id,
        campaign_id=row.campaign_id,
        language=Language.of(row.language),
        agent_id=row.agent_id,
        agent_unsure=bool(row.agent_unsure),
        window_start=_moment(row.window_start),
        window_end=_moment(row.window_end),
        may_ring_until=_moment(row.may_ring_until),
        is_before=bool(row.is_before),
        cut_off_at=_moment(row.cut_off_at),
        follows=Follows.of(row.follows),
        wanted_language=Language.of(row.wanted_language),
        despite=Status.of(row.asked_despite),
        answer=Answer.of(row.answer),
        rings_with=row.rings_with,
    )


def _moment(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
