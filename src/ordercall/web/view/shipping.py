"""The list *Ready to ship* and the numbers on the tabs, of which that one's is of no period."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from ordercall.storage.reads import reports, search
from ordercall.storage.reads.order_filter import OrderFilter
from ordercall.storage.reads.reports import Counts
from ordercall.web.context import context
from ordercall.web.view.filters import TO_SHIP, ListQuery


@dataclass(frozen=True, slots=True, kw_only=True)
class Pickup:
    """The pickups around the present. ``missed``: the orders of the list that were answered before the last one."""

    last: datetime
    next: datetime
    missed: int
    more: bool


def pickup(tx: Connection, query: ListQuery, wanted: OrderFilter) -> Pickup | None:
    """Return the pickups for the list *Ready to ship*, where the policy names one; None for another list."""
    view = context()
    policy = view.decisions.policy(tx)
    around = (
        policy.shipping.pickups_around(view.clock(), policy.when.zone, policy.when.holidays) if query.to_ship else None
    )
    if around is None:
        return None
    missed, more = reports.count_to_ship(tx, replace(wanted, end=around[0].timestamp()))
    return Pickup(last=around[0], next=around[1], missed=missed, more=more)


def on_tabs(tx: Connection, query: ListQuery, wanted: OrderFilter, now: datetime) -> Counts:
    """Count the orders of each tab.

    Args:
        wanted: what the list shows, looked up.
    """
    if query.report:
        return reports.counts(tx, wanted)
    counted = reports.counts(tx, _of_tab(tx, query, wanted, "", now))
    if query.to_ship:
        counted.held_by_others = reports.count_held_by_others(tx)
    counted.to_ship, counted.more_to_ship = reports.count_to_ship(tx, _of_tab(tx, query, wanted, TO_SHIP, now))
    return counted


def _of_tab(tx: Connection, query: ListQuery, wanted: OrderFilter, status: str, now: datetime) -> OrderFilter:
    """Return the filter of another tab. It is looked up anew only where the period is another."""
    other = replace(query, status=status).filter(now)
    if other.to_ship is not wanted.to_ship:
        return search.look_up(tx, other)
    return replace(wanted, status=other.status, off_campaign=other.off_campaign)
