"""The campaigns that a person has paused at Kalimera, as far as that was seen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, delete, func, or_, select, update

from ordercall.domain.calls.call import Waits
from ordercall.domain.calls.calling import CallingState
from ordercall.storage.call_tables import LIVE
from ordercall.storage.engine.dialects import dialect
from ordercall.storage.records.campaigns import BATCH, ListingState
from ordercall.storage.tables import call_orders, calls, listings, orders, paused_campaigns


@dataclass(frozen=True, slots=True)
class PausedCampaign:
    """One of them: since when that is known (unix seconds), and how many orders wait for it."""

    campaign_id: str
    since: float
    waiting: int


def all_of(tx: Connection) -> list[PausedCampaign]:
    waits = (listings.c.campaign_id == paused_campaigns.c.campaign_id, listings.c.state == ListingState.WAITING)
    waiting = select(func.count()).where(*waits).scalar_subquery()
    columns = paused_campaigns.c.campaign_id, paused_campaigns.c.since, waiting
    return [PausedCampaign(*row) for row in tx.execute(select(*columns).order_by("campaign_id"))]


def looked_at(tx: Connection, campaign_id: str) -> datetime | None:
    """Return when a paused campaign was last looked at; None: it is none."""
    at = tx.execute(select(paused_campaigns.c.looked_at).where(paused_campaigns.c.campaign_id == campaign_id)).scalar()
    return None if at is None else datetime.fromtimestamp(at, UTC)


def begin(tx: Connection, campaign_id: str, *, now: datetime) -> None:
    """Keep that it is paused, as a look has just shown; since when stays as it was."""
    seen = {"looked_at": now.timestamp()}
    row = dialect(tx).insert(paused_campaigns).values(campaign_id=campaign_id, since=now.timestamp(), **seen)
    tx.execute(row.on_conflict_do_update(index_elements=["campaign_id"], set_=seen))


def look(tx: Connection, campaign_id: str, *, now: datetime) -> None:
    """Keep that it is looked at now."""
    mine = update(paused_campaigns).where(paused_campaigns.c.campaign_id == campaign_id)
    tx.execute(mine.values(looked_at=now.timestamp()))


def end(tx: Connection, campaign_id: str) -> bool:
    """Keep that it is paused no more; return whether it was."""
    return bool(tx.execute(delete(paused_campaigns).where(paused_campaigns.c.campaign_id == campaign_id)).rowcount)


def newly_waiting(tx: Connection, campaign_id: str) -> list[int]:
    """Return orders that wait for this campaign and of which it is not stored yet, or not any more, why.

    At most a batch. An order that was corrected meanwhile is on its way once more, and its call is the one of before.
    """
    its_call = (call_orders.c.shopify_id == listings.c.shopify_id, LIVE, call_orders.c.call_id == calls.c.call_id)
    wanted = (
        select(listings.c.shopify_id)
        .join(call_orders, its_call[0])
        .join(calls, its_call[2])
        .where(LIVE, listings.c.campaign_id == campaign_id, listings.c.state == ListingState.WAITING)
        .join(orders, orders.c.shopify_id == listings.c.shopify_id)
        .where(
            or_(
                calls.c.reason.is_(None),
                calls.c.reason != Waits.CAMPAIGN,
                orders.c.calling_state != CallingState.WAITING_FOR_HOURS,
            )
        )
    )
    return list(tx.execute(wanted.order_by(listings.c.id).limit(BATCH)).scalars())
