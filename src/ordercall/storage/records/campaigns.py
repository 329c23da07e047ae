"""The campaigns, the settings that each was last given, and the orders that wait for a place on one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import Connection, bindparam, delete, func, or_, select, update

from ordercall.domain.calls.calling import CallWindow, Language
from ordercall.storage.engine.dialects import dialect, upsert
from ordercall.storage.tables import DEMO, campaigns, listings, orders

BATCH = 500
"""The most contacts that one request adds to a campaign."""


class ListingState(StrEnum):
    """How far an order is on the way to its campaign."""

    WAITING = "waiting"
    ADDING = "adding"  # stored before the request leaves: after a crash it means "look there first"
    UNKNOWN = "unknown"  # the request left and its answer was lost
    UNCLEAR = "unclear"  # its answer came, and does not say whether it was added
    LISTED = "listed"
    PARKED = "parked"


IN_DOUBT = (ListingState.ADDING, ListingState.UNKNOWN, ListingState.UNCLEAR)
UNFINISHED = (ListingState.WAITING, *IN_DOUBT)

# Made once, as what every order runs in ``orders``.
_STATES = select(listings.c.shopify_id, listings.c.state).where(
    listings.c.shopify_id.in_(bindparam("orders", expanding=True))
)
_GIVE_UP = delete(listings).where(
    listings.c.shopify_id.in_(bindparam("ids", expanding=True)),
    listings.c.state.in_([ListingState.WAITING, ListingState.PARKED]),
)
_WAITING = {
    "campaign_id": bindparam("campaign"),
    "language": bindparam("language"),
    "contact_id": bindparam("contact"),
    "state": ListingState.WAITING,
    "changed_at": bindparam("now"),
}
_WAIT = upsert(
    lambda insert: (
        insert(listings)
        .values(shopify_id=bindparam("order"), **_WAITING)
        .on_conflict_do_update(
            index_elements=["shopify_id"],
            set_=_WAITING,
            where=or_(listings.c.state == ListingState.WAITING, listings.c.state == ListingState.PARKED),
        )
    )
)


@dataclass(frozen=True, slots=True)
class CampaignSettings:
    """The agent and call window of a campaign."""

    agent_id: str
    window: CallWindow


@dataclass(frozen=True, slots=True)
class Listing:
    """One order's place on a campaign."""

    id: int
    shopify_id: int
    contact_id: str
    phone: str | None
    changed_at: float


def last_settings(tx: Connection, campaign_id: str) -> CampaignSettings | None:
    """Return what the campaign was last given, or None if that is not certain."""
    row = tx.execute(select(campaigns).where(campaigns.c.campaign_id == campaign_id)).first()
    if row is None or row.agent_id is None:
        return None
    start, end = (datetime.fromtimestamp(moment, UTC) for moment in (row.window_start, row.window_end))
    return CampaignSettings(row.agent_id, CallWindow(start, end))


def window_end(tx: Connection, campaign_id: str) -> datetime | None:
    """Return when the last window ends that the campaign is known to have had; None: it has had none."""
    end = tx.execute(select(campaigns.c.window_end).where(campaigns.c.campaign_id == campaign_id)).scalar()
    return None if end is None else datetime.fromtimestamp(end, UTC)


def any_failing(tx: Connection) -> bool:
    """Return whether the last request to some campaign failed."""
    return tx.execute(select(campaigns.c.campaign_id).where(campaigns.c.failures > 0).limit(1)).first() is not None


def announce_update(tx: Connection, campaign_id: str, *, now: datetime) -> None:
    """Store, before an update is sent, that the campaign's settings are uncertain from now on."""
    _put(tx, campaign_id, now, agent_id=None)


def confirm_update(
    tx: Connection, campaign_id: str, settings: CampaignSettings, *, announced: datetime, now: datetime
) -> bool:
    """Store what the campaign was given, unless another update was announced since: then it stays uncertain.

    Returns:
        Whether it is stored.

    Args:
        announced: the time that :func:`announce_update` was given for this update.
    """
    mine = update(campaigns).where(campaigns.c.campaign_id == campaign_id, campaigns.c.agent_id.is_(None))
    given = {
        "agent_id": settings.agent_id,
        "window_start": settings.window.start.timestamp(),
        "window_end": settings.window.end.timestamp(),
        "changed_at": now.timestamp(),
    }
    return bool(tx.execute(mine.where(campaigns.c.changed_at == announced.timestamp()).values(given)).rowcount)


def count_failure(tx: Connection, campaign_id: str, *, now: datetime) -> int:
    """Count one more failed flush in a row and return how many there were."""
    _put(tx, campaign_id, now)
    one_more = (
        update(campaigns)
        .where(campaigns.c.campaign_id == campaign_id)
        .values(failures=campaigns.c.failures + 1)
        .returning(campaigns.c.failures)
    )
    failures: int = tx.execute(one_more).scalar_one()
    return failures


def failures_in_a_row(tx: Connection, campaign_id: str) -> int:
    """Return how often in a row the waiting orders of this campaign could not be added."""
    found = tx.execute(select(campaigns.c.failures).where(campaigns.c.campaign_id == campaign_id)).scalar()
    return int(found or 0)


def clear_failures(tx: Connection, campaign_id: str) -> None:
    failed = update(campaigns).where(campaigns.c.campaign_id == campaign_id, campaigns.c.failures > 0)
    tx.execute(failed.values(failures=0))  # SQLite would write an equal row too, and wait for the disk


def wait_for_place(
    tx: Connection, contact_ids: Mapping[int, str], *, campaign_id: str, language: Language, now: datetime
) -> None:
    """Queue orders for a campaign, each with its contact. One that is listed already keeps its place."""
    place = {"campaign": campaign_id, "language": language, "now": now.timestamp()}
    tx.execute(_WAIT.of(tx), [place | {"order": order, "contact": contact} for order, contact in contact_ids.items()])


def first_waiting_language(tx: Connection, campaign_id: str) -> Language | None:
    """Return the language of the order that has waited longest for this campaign."""
    oldest = select(listings.c.language).where(
        listings.c.campaign_id == campaign_id, listings.c.state == ListingState.WAITING
    )
    found = tx.execute(oldest.order_by(listings.c.id).limit(1)).scalar()
    return Language(found) if found else None


def number_waiting(tx: Connection, campaign_id: str) -> int:
    """Return how many orders wait for this campaign."""
    waiting = select(func.count()).where(
        listings.c.campaign_id == campaign_id, listings.c.state == ListingState.WAITING
    )
    return tx.execute(waiting).scalar_one()


def in_state(tx: Connection, campaign_id: str, state: ListingState, language: Language | None = None) -> list[Listing]:
    """Return the orders in one state on this campaign, oldest first, at most a batch of them."""
    columns = (
        listings.c.id,
        listings.c.shopify_id,
        listings.c.contact_id,
        orders.c.customer_phone,
        listings.c.changed_at,
    )
    wanted = (
        select(*columns)
        .join(orders, orders.c.shopify_id == listings.c.shopify_id)
        .where(listings.c.campaign_id == campaign_id, listings.c.state == state)
    )
    if language:
        wanted = wanted.where(listings.c.language == language)
    return [Listing(*row) for row in tx.execute(wanted.order_by(listings.c.id).limit(BATCH))]


def number_in_doubt(tx: Connection, campaign_id: str) -> int:
    """Return how many orders may be on this campaign's list without anybody knowing."""
    in_doubt = select(func.count()).where(listings.c.campaign_id == campaign_id, listings.c.state.in_(IN_DOUBT))
    return tx.execute(in_doubt).scalar_one()


def listed_before(tx: Connection, campaign_id: str, contact_ids: Iterable[str]) -> set[str]:
    """Return those of these contacts that an order has put on this campaign's list already."""
    theirs = select(listings.c.contact_id).where(listings.c.contact_id.in_(list(contact_ids)))
    here = theirs.where(listings.c.campaign_id == campaign_id, listings.c.state == ListingState.LISTED)
    return set(tx.execute(here.distinct()).scalars())


def waiting_of(tx: Connection, campaign_id: str, *, demo: bool) -> list[int]:
    """Return the sandbox's orders, or the real ones, that are on their way to this campaign."""
    theirs = select(orders.c.shopify_id).where(DEMO if demo else orders.c.is_demo == 0)
    mine = select(listings.c.shopify_id).where(listings.c.campaign_id == campaign_id, listings.c.state.in_(UNFINISHED))
    return list(tx.execute(mine.where(listings.c.shopify_id.in_(theirs))).scalars())


def remove(tx: Connection, shopify_ids: Iterable[int]) -> None:
    """Delete the listings of these orders, whatever may have been sent for them."""
    tx.execute(delete(listings).where(listings.c.shopify_id.in_(list(shopify_ids))))


def with_work(tx: Connection) -> list[str]:
    """Return the campaigns for which orders wait, or on which it is not certain which orders are listed."""
    open_places = select(listings.c.campaign_id).where(listings.c.state.in_(UNFINISHED))
    return list(tx.execute(open_places.distinct()).scalars())


def place_of(tx: Connection, shopify_id: int) -> ListingState | None:
    """Return how far this order is on the way to its campaign, or None if it was never queued for one."""
    return places_of(tx, [shopify_id]).get(shopify_id)


def places_of(tx: Connection, shopify_ids: list[int]) -> dict[int, ListingState]:
    """Return how far each of these orders is on the way to its campaign; one never queued is missing."""
    return {order: ListingState(state) for order, state in tx.execute(_STATES, {"orders": shopify_ids})}


def claim(tx: Connection, group: list[Listing], *, now: datetime) -> list[Listing]:
    """Mark those of the group that still wait as being added, and return them."""
    claimed = (
        update(listings)
        .where(listings.c.id.in_([listing.id for listing in group]), listings.c.state == ListingState.WAITING)
        .values(state=ListingState.ADDING, changed_at=now.timestamp())
        .returning(listings.c.id)
    )
    ids = set(tx.execute(claimed).scalars())
    return [listing for listing in group if listing.id in ids]


def place(tx: Connection, group: Iterable[Listing], state: ListingState, *, now: datetime) -> list[int]:
    """Move these orders to another state and return which were moved.

    A listed order stays so, whatever another process still believes.
    """
    mine = update(listings).where(listings.c.id.in_([listing.id for listing in group]))
    moved = mine.where(listings.c.state != ListingState.LISTED).values(state=state, changed_at=now.timestamp())
    return list(tx.execute(moved.returning(listings.c.shopify_id)).scalars())


def park_unclear(tx: Connection, shopify_ids: Iterable[int], *, now: datetime) -> None:
    """Set aside those of the orders of which it is not known whether they were added."""
    mine = update(listings).where(listings.c.shopify_id.in_(list(shopify_ids)))
    unclear = mine.where(listings.c.state.in_(IN_DOUBT))
    tx.execute(unclear.values(state=ListingState.PARKED, changed_at=now.timestamp()))


def give_up_place(tx: Connection, shopify_ids: Iterable[int]) -> None:
    """Remove waiting orders from the queue: they will not be called."""
    tx.execute(_GIVE_UP, {"ids": list(shopify_ids)})


def _put(tx: Connection, campaign_id: str, now: datetime, **values: object) -> None:
    values = {"changed_at": now.timestamp()} | values
    put = dialect(tx).insert(campaigns).values(campaign_id=campaign_id, **values)
    tx.execute(put.on_conflict_do_update(index_elements=["campaign_id"], set_=values))
