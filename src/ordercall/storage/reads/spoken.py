"""What customers said in their own words: the bodies of reports in which that stands, while they are kept.

Reason and quote are personal, so they stand nowhere but in the body, which retention and erasure empty.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from ordercall.domain.calls.call import Answer
from ordercall.storage.reads import refusals
from ordercall.storage.reads.facets import last_answer
from ordercall.storage.reads.order_filter import OrderFilter
from ordercall.storage.records.reports import Door
from ordercall.storage.tables import orders, reports

MOST_READ = 500
"""Refusals whose words are read, each from the body of its report: some weeks of a large shop."""

LONGEST_READ = 16_384
"""Bytes of a body: a report with a whole transcript has no place among hundreds."""


@dataclass(frozen=True, slots=True, repr=False)
class Body:
    """A report as it came; it has no repr, as it is personal. ``rung_call``: the call that it was about."""

    shopify_id: int
    rung_call: str | None
    door: Door
    text: bytes


def refused(tx: Connection, period: OrderFilter) -> list[int]:
    """Return the latest refused orders of a period, test orders left out."""
    some = refusals.latest(period, orders.c.shopify_id, last_answer.label("answer")).subquery()
    return list(tx.execute(select(some.c.shopify_id).where(some.c.answer == Answer.REFUSED).limit(MOST_READ)).scalars())


def bodies(tx: Connection, shopify_ids: Collection[int]) -> list[Body]:
    """Return what was reported about these orders and is still kept, the newest first."""
    columns = reports.c.shopify_id, reports.c.rung_call, reports.c.door, reports.c.body
    kept = select(*columns).where(reports.c.shopify_id.in_(list(shopify_ids)), reports.c.body.is_not(None))
    short = kept.where(func.length(reports.c.body) <= LONGEST_READ).order_by(reports.c.id.desc())
    return [Body(order, call, Door(door), bytes(body)) for order, call, door, body in tx.execute(short)]
