"""The addresses that customers gave in calls: proposed, decided by a person, sent to Shopify, seen there.

Whoever writes here holds the order's row. Whether one is open stands in the row too, where lists and exports read it.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, exists, insert, or_, select, update

from ordercall.domain.orders.order import Status
from ordercall.domain.places.addresses import FOR_A_PERSON, OPEN, TRANSITIONS, UNDER_WAY, Address, Said, State, version
from ordercall.domain.transitions import sources
from ordercall.storage.address_tables import OPEN_ONES, address_proposals
from ordercall.storage.engine.index_hints import by_index
from ordercall.storage.records.stored_order import moment
from ordercall.storage.tables import orders

LATE = timedelta(hours=1)
"""So long an address may be on its way to Shopify; an outage that is longer is told of by itself."""

_ITS_ORDER = orders.c.shopify_id == address_proposals.c.shopify_id


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Proposal:
    """An address that was given in a call. It has no repr: what was said is personal.

    Attributes:
        report: the number of the report that said it.
        before, after: the order's address when a person approved, and what they approved; None: nobody did.
        decided_by: who approved or rejected it last.
        refused: why it was not corrected.
    """

    id: int
    shopify_id: int
    report: int | None
    said: Said
    said_at: datetime
    state: State
    changed_at: datetime
    before: Address | None
    after: Address | None
    decided_by: str | None
    note: str | None
    sent_at: datetime | None
    refused: str | None

    @property
    def version(self) -> str:
        """What tells it from what it was before, for optimistic locking."""
        return version(self.id, self.state, self.changed_at)

    def is_seen_in(self, seen: str) -> bool:
        """Return whether a version is one of this proposal, also of an earlier state."""
        return seen.partition(" ")[0] == str(self.id)


def propose(tx: Connection, shopify_id: int, said: Said, *, report: int | None, now: datetime) -> None:
    """Store what was said; what an earlier call said and nobody has decided gives way to it."""
    for one in open_ones(tx, shopify_id):
        if one.state in FOR_A_PERSON:
            move(tx, one, State.REPLACED, now=now)
    row = {"shopify_id": shopify_id, "report": report, "said": json.dumps(dict(said)), "said_at": now.timestamp()}
    tx.execute(insert(address_proposals).values(row | {"state": State.PROPOSED, "changed_at": now.timestamp()}))
    _mark(tx, shopify_id)


def move(tx: Connection, proposal: Proposal, state: State, *, now: datetime, **changes: Any) -> bool:
    """Bring a proposal into another state; return False where it is not where it was, or may not go there.

    Args:
        changes: other columns that take new values; addresses among them as they are.
    """
    if proposal.state not in sources(TRANSITIONS, state):
        return False
    stored = {
        name: json.dumps(asdict(value)) if isinstance(value, Address) else value for name, value in changes.items()
    }
    mine = update(address_proposals).where(
        address_proposals.c.id == proposal.id, address_proposals.c.state == proposal.state
    )
    news = tx.execute(mine.values(stored | {"state": state, "changed_at": now.timestamp()})).rowcount == 1
    _mark(tx, proposal.shopify_id)
    return news


def note_refusal(tx: Connection, proposal: Proposal, words: str) -> None:
    """Store what keeps an address from being sent, while it goes on being tried."""
    tx.execute(update(address_proposals).where(address_proposals.c.id == proposal.id).values(refused=words))


def latest(tx: Connection, shopify_id: int) -> Proposal | None:
    """Return the address that was given last for an order, whatever became of it."""
    row = tx.execute(_of(shopify_id).order_by(address_proposals.c.id.desc()).limit(1)).first()
    return _stored(row) if row else None


def next_to_show(tx: Connection, shopify_id: int) -> Proposal | None:
    """Return the address that a person decides next, else the one that is under way, else the one given last."""
    found = open_ones(tx, shopify_id)
    mine = [one for one in found if one.state in FOR_A_PERSON] or found
    return mine[-1] if mine else latest(tx, shopify_id)


def open_ones(tx: Connection, shopify_id: int) -> list[Proposal]:
    """Return the addresses of an order that are not dealt with: at most one for a person, and one under way."""
    mine = _of(shopify_id).where(address_proposals.c.state.in_(OPEN)).order_by(address_proposals.c.id)
    return [_stored(row) for row in tx.execute(mine)]


def under_way(tx: Connection, shopify_id: int) -> Proposal | None:
    """Return the address of an order that a person has approved and that was not seen in Shopify yet."""
    return next((one for one in reversed(open_ones(tx, shopify_id)) if one.state in UNDER_WAY), None)


def of_orders(tx: Connection, shopify_ids: Collection[int]) -> dict[int, Proposal]:
    """Return the latest open address of each of these orders that has one, by the order's id."""
    query = select(address_proposals).where(OPEN_ONES, address_proposals.c.shopify_id.in_(shopify_ids))
    return {row.shopify_id: _stored(row) for row in tx.execute(query.order_by(address_proposals.c.id))}


def to_decide(now: datetime) -> Select[Any]:
    """Return the orders of which a person must look at an address: decide about it, or ask why it never arrives.

    Nobody needs to where the order is not wanted any more.
    """
    wanted = exists().where(
        _ITS_ORDER,
        orders.c.confirmation_status.in_([Status.PLACED, Status.SUCCESS]),
        orders.c.shopify_cancelled_at.is_(None),
        orders.c.shopify_deleted_at.is_(None),
    )
    late = address_proposals.c.changed_at < (now - LATE).timestamp()
    waits = or_(address_proposals.c.state.in_(FOR_A_PERSON), address_proposals.c.refused.is_not(None), late)
    mine = select(address_proposals.c.shopify_id).where(OPEN_ONES, waits, wanted)
    return by_index(mine, address_proposals, "address_proposals_open")


def forget(tx: Connection, shopify_ids: Collection[int]) -> int:
    """Remove what was said of these orders' addresses; return how much it was."""
    mine = address_proposals.c.shopify_id.in_(shopify_ids)
    gone = tx.execute(delete(address_proposals).where(mine)).rowcount
    waited = update(orders).where(orders.c.shopify_id.in_(shopify_ids), orders.c.address_waits == 1)
    tx.execute(waited.values(address_waits=0))
    return gone


def _mark(tx: Connection, shopify_id: int) -> None:
    """Have the order's row say whether it waits for its address."""
    waits = int(bool(open_ones(tx, shopify_id)))
    mine = update(orders).where(orders.c.shopify_id == shopify_id, orders.c.address_waits != waits)
    tx.execute(mine.values(address_waits=waits))


def _of(shopify_id: int) -> Select[Any]:
    return select(address_proposals).where(address_proposals.c.shopify_id == shopify_id)


def _stored(row: Row[Any]) -> Proposal:
    return Proposal(
        id=row.id,
        shopify_id=row.shopify_id,
        report=row.report,
        said=json.loads(row.said),
        said_at=datetime.fromtimestamp(row.said_at, UTC),
        state=State.of(row.state) or State.PROPOSED,
        changed_at=datetime.fromtimestamp(row.changed_at, UTC),
        before=_address(row.before),
        after=_address(row.after),
        decided_by=row.decided_by,
        note=row.note,
        sent_at=moment(row.sent_at),
        refused=row.refused,
    )


def _address(stored: str | None) -> Address | None:
    return Address(**json.loads(stored)) if stored else None
