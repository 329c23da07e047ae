"""The end of the campaigns' windows for a pause: which are open, what became of each, and whose calls that cuts off."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, Connection, TextClause, and_, delete, func, or_, select, union, update

from ordercall.domain.calls.pausing import NOT_YET, Ending, Outcome
from ordercall.storage.call_tables import RINGING, RINGS_ON
from ordercall.storage.engine.dialects import dialect
from ordercall.storage.tables import call_orders, calls, campaigns, orders, window_endings

LONGEST_WINDOW = timedelta(days=1)
"""No policy has a longer one: what an update that may have left could have opened is over by then."""

# -- what is open


def open_windows(tx: Connection, now: datetime) -> set[str]:
    """Return the campaigns that may ring somebody from now on."""
    moment = now.timestamp()
    since = (now - LONGEST_WINDOW).timestamp()
    uncertain = and_(campaigns.c.agent_id.is_(None), campaigns.c.changed_at > since)
    told = select(campaigns.c.campaign_id).where(or_(uncertain, campaigns.c.window_end > moment))
    ringing = select(calls.c.campaign_id).where(RINGING, calls.c.may_ring_until > moment)
    here = calls.c.campaign_id == campaigns.c.campaign_id
    on = select(calls.c.call_id).where(RINGS_ON, here, calls.c.may_ring_until > moment)
    ringing_on = select(campaigns.c.campaign_id).where(on.exists())
    return set(tx.execute(union(told, ringing, ringing_on)).scalars()) - {None}


def may_ring(tx: Connection, now: datetime) -> tuple[int, datetime | None]:
    """Return how many calls may ring from now on, and until when the last of them may."""
    moment, columns = now.timestamp(), (calls.c.call_id, calls.c.may_ring_until)
    ringing = select(*columns).where(RINGING, calls.c.may_ring_until > moment)
    here = select(campaigns.c.campaign_id)
    over = select(*columns).where(RINGS_ON, calls.c.campaign_id.in_(here), calls.c.may_ring_until > moment)
    both = union(ringing, over).subquery()
    number, until = tx.execute(select(func.count(), func.max(both.c.may_ring_until))).one()
    return number, None if until is None else datetime.fromtimestamp(until, UTC)


def number_cut_off(tx: Connection) -> int:
    """Return how many open calls have been cut off, whose customers may still be talking."""
    cut = select(func.count()).select_from(calls).where(RINGING, calls.c.may_ring_until <= calls.c.cut_off_at)
    return tx.execute(cut).scalar_one()


def rung_there(tx: Connection, campaign_id: str, now: datetime) -> set[bool]:
    """Return whose calls may ring on a campaign: True stands for orders of the sandbox, False for real ones."""
    ringing = select(calls.c.call_id).where(
        RINGING, calls.c.campaign_id == campaign_id, calls.c.may_ring_until > now.timestamp()
    )
    theirs = select(call_orders.c.shopify_id).where(call_orders.c.call_id.in_(ringing))
    kinds = select(orders.c.is_demo).where(orders.c.shopify_id.in_(theirs)).distinct()
    return {bool(is_demo) for is_demo in tx.execute(kinds).scalars()}


def last_agent(tx: Connection, campaign_id: str) -> str | None:
    """Return the agent of the last call that a campaign was given, of those that may ring."""
    newest = select(calls.c.agent_id).where(RINGING, calls.c.campaign_id == campaign_id)
    agent: str | None = tx.execute(newest.order_by(calls.c.call_id.desc()).limit(1)).scalar()
    return agent


# -- what becomes of it


def ask(tx: Connection, campaign_ids: Iterable[str], *, now: datetime) -> None:
    """Store that the windows of these campaigns are to be ended."""
    for campaign_id in campaign_ids:
        store(tx, campaign_id, Outcome.ASKED, now=now)


def store(tx: Connection, campaign_id: str, outcome: Outcome, words: str | None = None, *, now: datetime) -> None:
    """Store what became of a campaign's window."""
    values = {"outcome": outcome, "words": words, "changed_at": now.timestamp()}
    put = dialect(tx).insert(window_endings).values(campaign_id=campaign_id, **values)
    tx.execute(put.on_conflict_do_update(index_elements=["campaign_id"], set_=values))


def forget(tx: Connection, campaign_id: str | None = None) -> None:
    """Forget what became of a campaign's window, or of all of them: another pause begins, or nothing was open."""
    gone = delete(window_endings)
    tx.execute(gone if campaign_id is None else gone.where(window_endings.c.campaign_id == campaign_id))


def all_of_them(tx: Connection) -> list[Ending]:
    """Return what became of the windows since the newest pause began, by campaign."""
    columns = window_endings.c.campaign_id, window_endings.c.outcome, window_endings.c.words
    rows = tx.execute(select(*columns).order_by(window_endings.c.campaign_id))
    return [Ending(row.campaign_id, Outcome(row.outcome), row.words) for row in rows]


def to_be_ended(tx: Connection) -> list[str]:
    """Return the campaigns whose windows are still to be ended."""
    return [ending.campaign_id for ending in all_of_them(tx) if ending.outcome in NOT_YET]


# -- whose calls it cuts off


def may_cut_off(tx: Connection, campaign_id: str, end: datetime) -> None:
    """Store, before Kalimera is told, which open calls may ring no longer from *end* on."""
    theirs = update(calls).where(*_open_at(campaign_id, end), calls.c.cut_off_at.is_(None))
    tx.execute(theirs.values(cut_off_at=end.timestamp()))


def did_not_cut_off(tx: Connection, campaign_id: str, end: datetime) -> None:
    """Store that Kalimera was not told of this end; an earlier one, of which that is not certain, stays."""
    theirs = update(calls).where(*_open_at(campaign_id, end), calls.c.cut_off_at == end.timestamp())
    tx.execute(theirs.values(cut_off_at=None))


def cut_off(tx: Connection, campaign_id: str, end: datetime) -> None:
    """Store that Kalimera takes a campaign's window to have ended: nobody on it is rung any more.

    Only here a call's end is moved back, and only after a clear yes.
    """
    moment = end.timestamp()
    ended = dict.fromkeys(("cut_off_at", "window_end", "may_ring_until"), moment)
    tx.execute(update(calls).where(*_open_at(campaign_id, end)).values(ended))
    for ringing in (RINGING, RINGS_ON):
        here = ringing, calls.c.campaign_id == campaign_id, calls.c.may_ring_until > moment
        tx.execute(update(calls).where(*here).values(may_ring_until=moment))


def _open_at(campaign_id: str, end: datetime) -> tuple[TextClause | ColumnElement[bool], ...]:
    """Return the condition of the calls whose own window goes on after this end."""
    return (RINGING, calls.c.campaign_id == campaign_id, calls.c.window_end > end.timestamp())
