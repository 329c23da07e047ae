"""The calls of an order beyond its first: what was asked of them, and what is known of those before.

The calls themselves are in :mod:`ordercall.storage.records.calls`.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, exists, func, or_, select, update

from ordercall.domain.calls.call import MAY_RING, CallState, Follows, Plan, Waits
from ordercall.domain.calls.calling import WINDOW_TOLERANCE, Language, Reason
from ordercall.domain.orders.order import Status
from ordercall.storage.call_tables import LIVE, RINGING, RINGS_ON
from ordercall.storage.records import calls as all_calls
from ordercall.storage.records.calls import NEVER_RANG
from ordercall.storage.tables import call_orders, calls, orders

_NOT_RUNG = (CallState.PLANNED, *NEVER_RANG)

_WAS_THERE = or_(calls.c.state.not_in(_NOT_RUNG), calls.c.reason == Reason.ALREADY_LISTED)
"""Its contact was on its campaign, or may have been."""

_SILENT = and_(calls.c.state == CallState.UNANSWERED, calls.c.reason.is_(None))
"""Nobody has reported of it, so its campaign may ring on. The reason of others is what was reported."""

_ASKED = (calls.c.follows, calls.c.due_at, calls.c.wanted_language, calls.c.asked_despite)
# Made once, as what every order runs in ``orders``.
_PLANS = (
    select(call_orders.c.shopify_id, *_ASKED)
    .join(calls, calls.c.call_id == call_orders.c.call_id)
    .where(LIVE, call_orders.c.shopify_id.in_(bindparam("orders", expanding=True)), calls.c.follows.is_not(None))
)

_ENDED = (
    select(calls.c.call_id)
    .join(call_orders, call_orders.c.call_id == calls.c.call_id)
    .where(call_orders.c.shopify_id == bindparam("order"))
    .where(calls.c.state.in_((CallState.UNANSWERED, CallState.ANSWERED)))
    .limit(1)
)


def plan(
    tx: Connection,
    shopify_id: int,
    follows: Follows,
    *,
    now: datetime,
    due: datetime | None = None,
    asked_by: str | None = None,
    language: Language | None = None,
    despite: Status | None = None,
) -> str:
    """Plan a further call of an order that has none which is planned or open, and return its id.

    Args:
        due: before which it is not to begin.
        language: in which it is to be. None: as the call before it.
        despite: see :class:`Plan`.
    """
    before = all_calls.of_order(tx, shopify_id)
    all_calls.plan_missing(tx, [shopify_id], now=now, asked_by=asked_by)
    call_id = all_calls.live_of(tx, [shopify_id])[shopify_id]
    asked = {
        "follows": follows,
        "due_at": due and due.timestamp(),
        "not_before": due and due.timestamp(),
        "reason": due and Waits.AGAIN,
        "wanted_language": language or _language_of(tx, before[0].call_id if before else None),
        "asked_despite": despite,
    }
    tx.execute(update(calls).where(calls.c.call_id == call_id).values(asked))
    return call_id


def plans_of(tx: Connection, shopify_ids: Collection[int]) -> dict[int, Plan]:
    """Return what is asked of the further call that each of these orders has planned or open."""
    found = {}
    for shopify_id, follows, due_at, language, despite in tx.execute(_PLANS, {"orders": list(shopify_ids)}):
        by_itself = follows == Follows.SILENCE
        quiet = _rings_until(tx, shopify_id) if by_itself else None
        latest = max((moment for moment in (due_at, quiet) if moment), default=None)
        found[shopify_id] = Plan(
            follows=Follows.of(follows),
            attempt=number_of(tx, shopify_id, (Follows.SILENCE,)) + 1 if by_itself else 1,
            not_before=_moment(latest),
            language=Language.of(language),
            despite=Status.of(despite),
        )
    return found


def number_of(tx: Connection, shopify_id: int, kinds: Collection[Follows]) -> int:
    """Return how many calls of an order follow another for one of these reasons; a call that was withdrawn is none."""
    of_order = calls.c.state != CallState.WITHDRAWN, calls.c.follows.in_(kinds)
    number: int = tx.execute(_mine(func.count(), shopify_id).where(*of_order)).scalar_one()
    return number


def asked_languages(tx: Connection, shopify_id: int) -> set[str]:
    """Return the languages in which the customer of an order has asked to be called."""
    return set(tx.execute(_mine(calls.c.wanted_language, shopify_id).distinct()).scalars()) - {None}


def languages_of(tx: Connection, phones: Collection[str | None]) -> dict[str, Language]:
    """Return in which language each of these phones last answered, or its customer asked to be called since.

    A call whose campaign was given another agent meanwhile tells none.
    """
    rung = calls.c.phone == orders.c.customer_phone
    answered = and_(rung, calls.c.state == CallState.ANSWERED, calls.c.agent_unsure == 0)
    asked = and_(or_(rung, calls.c.phone.is_(None)), calls.c.wanted_language.is_not(None))
    mine = select(orders.c.customer_phone, func.coalesce(calls.c.wanted_language, calls.c.language))
    mine = mine.join(call_orders, call_orders.c.shopify_id == orders.c.shopify_id)
    mine = mine.join(calls, calls.c.call_id == call_orders.c.call_id)
    spoken = mine.where(orders.c.customer_phone.in_(set(phones) - {None}), or_(answered, asked))
    spoken = spoken.order_by(calls.c.call_id)
    return {phone: language for phone, word in tx.execute(spoken) if (language := Language.of(word))}


def may_ring_until(tx: Connection, shopify_id: int) -> datetime | None:
    """Return until when a call of the order that left and was not answered may ring; None: there is none."""
    over = calls.c.state.in_((CallState.ENDED_UNKNOWN, CallState.OVERTAKEN))
    left = or_(calls.c.state.in_(MAY_RING), over, _SILENT)
    return _moment(tx.execute(_mine(func.max(calls.c.may_ring_until), shopify_id).where(left)).scalar())


def _rings_until(tx: Connection, shopify_id: int) -> float | None:
    """Return until when a call that ended in silence may still ring: its campaign was told another end since."""
    last: float | None = tx.execute(_mine(func.max(calls.c.may_ring_until), shopify_id).where(_SILENT)).scalar()
    return last


def was_called(tx: Connection, shopify_id: int) -> bool:
    """Return whether an order was called before, and whatever keeps it from a further call leaves that so."""
    if tx.execute(_ENDED, {"order": shopify_id}).first():
        return True
    return bool(plans_of(tx, [shopify_id]) and that_rang(tx, [shopify_id]))


def that_rang(tx: Connection, shopify_ids: Collection[int]) -> set[int]:
    """Return those of the orders that have a call which may have rung."""
    if not shopify_ids:
        return set()
    mine = select(call_orders.c.shopify_id).join(calls, calls.c.call_id == call_orders.c.call_id)
    rang = mine.where(call_orders.c.shopify_id.in_(shopify_ids), calls.c.state.not_in(_NOT_RUNG))
    return set(tx.execute(rang.distinct()).scalars())


def rung_by_their_contacts(tx: Connection, shopify_ids: Collection[int]) -> set[int]:
    """Return those of the orders that have a call which may have rung by the contact that they have now."""
    mine = select(call_orders.c.shopify_id).join(calls, calls.c.call_id == call_orders.c.call_id)
    by_it = mine.join(
        orders, and_(orders.c.shopify_id == call_orders.c.shopify_id, orders.c.contact_id == calls.c.contact_id)
    )
    return set(tx.execute(by_it.where(call_orders.c.shopify_id.in_(shopify_ids), _WAS_THERE).distinct()).scalars())


def were_on(
    tx: Connection, campaign_id: str, contact_ids: Collection[str], *, beside: Collection[int] = ()
) -> set[str]:
    """Return those of the contacts that a call has put on this campaign before, or may have.

    Args:
        beside: orders whose planned or open calls are not meant.
    """
    now = select(call_orders.c.call_id).where(LIVE, call_orders.c.shopify_id.in_(beside))
    theirs = select(calls.c.contact_id).where(calls.c.contact_id.in_(contact_ids), calls.c.contact_id.is_not(None))
    here = theirs.where(calls.c.campaign_id == campaign_id, _WAS_THERE, calls.c.call_id.not_in(now))
    return set(tx.execute(here.distinct()).scalars())


def ringing_on(tx: Connection, campaign_id: str, *, now: datetime) -> set[str]:
    """Return the contacts that certainly stand on this campaign: they were added, and their calls are not over."""
    placed = select(calls.c.contact_id).where(RINGING, calls.c.state == CallState.PLACED)
    here = placed.where(calls.c.campaign_id == campaign_id, calls.c.may_ring_until >= now.timestamp())
    return set(tx.execute(here.distinct()).scalars())


def rung_last(tx: Connection, campaign_id: str, most: int) -> set[str]:
    """Return the contacts of the last calls that were certainly put on this campaign's list, *most* at most.

    An order that is called anew keeps no place there but its newest; its calls do.
    """
    certain = calls.c.state.in_((CallState.PLACED, CallState.UNANSWERED, CallState.ANSWERED))
    here = certain, calls.c.campaign_id == campaign_id, calls.c.contact_id.is_not(None)
    last = select(calls.c.contact_id).where(*here).order_by(calls.c.call_id.desc())
    return set(tx.execute(last.limit(most)).scalars())


def rung_elsewhere(tx: Connection, shopify_id: int) -> bool:
    """Return whether the order's contact was rung at another phone than the order has now."""
    mine = _mine(calls.c.call_id, shopify_id).join(orders, orders.c.shopify_id == call_orders.c.shopify_id)
    other = calls.c.contact_id == orders.c.contact_id, calls.c.phone != orders.c.customer_phone
    return tx.execute(mine.where(*other).limit(1)).first() is not None


def keep_cards(tx: Connection, shopify_ids: Collection[int]) -> None:
    """Store of the live calls of these orders, which keep their contacts, that its card was made with their data.

    So it was where an earlier call says that of this contact, or has never left: see ``orders.forget_contact``.
    """
    if not shopify_ids:
        return
    before, its_orders = calls.alias(), call_orders.alias()
    made = (
        select(its_orders.c.call_id)
        .join(before, before.c.call_id == its_orders.c.call_id)
        .join(orders, orders.c.shopify_id == its_orders.c.shopify_id)
        .where(its_orders.c.shopify_id == call_orders.c.shopify_id, its_orders.c.on_card == 1)
        .where(or_(before.c.contact_id == orders.c.contact_id, before.c.contact_id.is_(None)))
    )
    mine = update(call_orders).where(LIVE, call_orders.c.shopify_id.in_(shopify_ids), call_orders.c.on_card == 0)
    tx.execute(mine.where(exists(made.correlate(call_orders))).values(on_card=1))


def campaign_told(tx: Connection, campaign_id: str, end: datetime, *, now: datetime) -> None:
    """Store that a campaign rings on: those on it whose calls are over without an answer may be rung until then."""
    here = calls.c.campaign_id == campaign_id, calls.c.may_ring_until >= now.timestamp()
    ringing_on = update(calls).where(RINGS_ON, *here, calls.c.may_ring_until < (end - WINDOW_TOLERANCE).timestamp())
    tx.execute(ringing_on.values(may_ring_until=end.timestamp()))


def rings_until(tx: Connection, campaign_id: str, now: datetime) -> datetime | None:
    """Return until when somebody may be rung on a campaign, by an open call or one that is over; None: nobody may."""
    here = calls.c.campaign_id == campaign_id, calls.c.may_ring_until >= now.timestamp()
    last = (
        tx.execute(select(func.max(calls.c.may_ring_until)).where(which, *here)).scalar()
        for which in (RINGING, RINGS_ON)
    )
    return _moment(max((moment for moment in last if moment is not None), default=None))


def _language_of(tx: Connection, call_id: str | None) -> str | None:
    found: str | None = tx.execute(select(calls.c.wanted_language).where(calls.c.call_id == call_id)).scalar()
    return found


def _mine(column: Any, shopify_id: int) -> Select[Any]:
    of_order = select(column).select_from(calls).join(call_orders, call_orders.c.call_id == calls.c.call_id)
    return of_order.where(call_orders.c.shopify_id == shopify_id)


def _moment(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
