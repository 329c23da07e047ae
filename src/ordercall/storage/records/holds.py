"""The holds of orders in Shopify: which are wanted, made and released, and which could not be."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, bindparam, exists, func, or_, select, update

from ordercall.domain.calls.calling import CallingState, Reason
from ordercall.domain.orders.order import Fulfilment, Status
from ordercall.domain.parcels.holds import HeldWithin, Why, seconds_open
from ordercall.storage.address_tables import OPEN_ONES
from ordercall.storage.engine.dialects import upsert
from ordercall.storage.engine.index_hints import by_index
from ordercall.storage.hold_tables import BY_OTHERS, LIVE, TROUBLE, fulfilment_orders
from ordercall.storage.records import policies
from ordercall.storage.records.stored_order import moment
from ordercall.storage.tables import address_proposals, order_holds, orders

SLICE = 200
"""Orders that one look takes at a time, so that no webhook waits for it."""

LOOKED_AT = 1_000
"""Of so many of the latest orders a time is worked out."""

_ANEW: dict[str, Any] = {
    **dict.fromkeys(("held_at", "let_go", "refused", "refused_at", "released_at", "others_note")),
    **{"held": "[]", "by_others": 0, "again": 0},
}
_WANT = upsert(
    lambda make: (put := make(order_holds)).on_conflict_do_update(
        index_elements=["shopify_id"],
        set_={name: put.excluded[name] for name in ("wanted_at", *_ANEW)},
        where=order_holds.c.released_at.is_not(None),
    )
)
_KNOW = upsert(lambda make: make(fulfilment_orders).on_conflict_do_nothing())
_ITS_ORDER = orders.c.shopify_id == order_holds.c.shopify_id
_ONE = select(order_holds).where(order_holds.c.shopify_id == bindparam("id"))
_LIVE_AMONG = select(order_holds.c.shopify_id).where(
    order_holds.c.shopify_id.in_(bindparam("orders", expanding=True)), LIVE
)


@dataclass(frozen=True, slots=True)
class StoredHold:
    """What is known of the hold of an order.

    Attributes:
        held_at: since when all of it is held; None: never yet.
        held: the ids of its fulfilment orders under our hold, as they were last read.
        others_note: what others noted who hold it; empty, as None is, where they noted nothing.
        released_at: None while something of it is held by us, or is to be.
    """

    shopify_id: int
    wanted_at: datetime
    held_at: datetime | None
    held: frozenset[str]
    by_others: bool
    others_note: str | None
    again: int
    let_go: Why | None
    refused: str | None
    refused_at: datetime | None
    released_at: datetime | None

    @property
    def is_live(self) -> bool:
        return self.released_at is None

    @property
    def is_made(self) -> bool:
        """Whether the order is on hold by us."""
        return self.is_live and bool(self.held)


def find(tx: Connection, shopify_id: int) -> StoredHold | None:
    row = tx.execute(_ONE, {"id": shopify_id}).first()
    return _stored(row) if row else None


def live_among(tx: Connection, shopify_ids: Collection[int]) -> set[int]:
    """Return those of the orders of which something is held by us, or is to be."""
    return set(tx.execute(_LIVE_AMONG, {"orders": list(shopify_ids)}).scalars())


def want(tx: Connection, shopify_ids: Collection[int], *, now: datetime) -> None:
    """Store that these orders are to be held; of one that is held, or is to be, nothing changes."""
    rows = [{"shopify_id": shopify_id, "wanted_at": now.timestamp()} | _ANEW for shopify_id in shopify_ids]
    if rows:
        tx.execute(_WANT.of(tx), rows)


def seen(tx: Connection, shopify_id: int, held: Collection[str], *, by_others: str | None) -> None:
    """Store which fulfilment orders are under our hold now, and what others noted who hold the order too."""
    _change(tx, shopify_id, held=json.dumps(sorted(held)))
    see_others(tx, shopify_id, by_others=by_others)


def see_others(tx: Connection, shopify_id: int, *, by_others: str | None) -> None:
    """Store what others noted who hold an order, whatever is so of our hold; None: nobody does."""
    _change(tx, shopify_id, by_others=int(by_others is not None), others_note=by_others)


def held_by_others() -> Select[Any]:
    """Return the orders that others hold, as far as we know."""
    return by_index(select(order_holds.c.shopify_id), order_holds, "order_holds_by_others").where(BY_OTHERS)


def forget_others(tx: Connection) -> None:
    """Store that no order is known to be held by others."""
    tx.execute(update(order_holds).where(BY_OTHERS).values(by_others=0, others_note=None))


def know(tx: Connection, shopify_id: int, ids: Iterable[str]) -> None:
    """Keep of which order these fulfilment orders are, by their global ids."""
    rows = [{"id": int(each.rpartition("/")[2]), "shopify_id": shopify_id} for each in ids]
    if rows:
        tx.execute(_KNOW.of(tx), rows)


def of_fulfilment_orders(tx: Connection, numbers: Collection[int]) -> list[int]:
    """Return the orders of fulfilment orders that were seen."""
    mine = select(fulfilment_orders.c.shopify_id).where(fulfilment_orders.c.id.in_(numbers))
    return sorted(set(tx.execute(mine).scalars()))


def made(tx: Connection, shopify_id: int, *, now: datetime) -> None:
    """Store that all of an order is held; since when, where that is news."""
    mine = func.coalesce(order_holds.c.held_at, now.timestamp())
    _change(tx, shopify_id, held_at=mine, refused=None, refused_at=None)


def hold_again(tx: Connection, shopify_id: int) -> None:
    """Count that an order is held anew which others have released, and forget what was held of it."""
    _change(tx, shopify_id, again=order_holds.c.again + 1, held="[]")


def let_go(tx: Connection, shopify_id: int, why: Why | None) -> None:
    """Store why nothing brings the hold back; None: something may."""
    _change(tx, shopify_id, let_go=why)


def refuse(tx: Connection, shopify_id: int, words: str, *, now: datetime) -> bool:
    """Store why the hold could not be made or released; return whether these words are news."""
    other = or_(order_holds.c.refused.is_(None), order_holds.c.refused != words)
    mine = update(order_holds).where(order_holds.c.shopify_id == shopify_id, other)
    news = tx.execute(mine.values(refused=words)).rowcount > 0
    _change(tx, shopify_id, refused_at=now.timestamp())
    return news


def reopen(tx: Connection, shopify_id: int) -> None:
    """Store that something of an order which was let go is held by us still."""
    _change(tx, shopify_id, released_at=None)


def release(tx: Connection, shopify_id: int, *, now: datetime) -> None:
    """Store that nothing of an order is held by us any more."""
    _change(tx, shopify_id, released_at=now.timestamp(), held="[]", refused=None, refused_at=None)


def in_trouble() -> Select[Any]:
    """Return the orders of which a person must look at the hold: one that could not be made or released.

    Or one that was let go without an answer, as long as none came and the parcel may be stopped.
    """
    unanswered = exists().where(_ITS_ORDER, _may_leave())
    query = by_index(select(order_holds.c.shopify_id), order_holds, "order_holds_trouble")
    return query.where(TROUBLE, or_(order_holds.c.released_at.is_(None), unanswered))


def of_orders(tx: Connection, shopify_ids: Collection[int]) -> dict[int, StoredHold]:
    """Return what is known of the holds of these orders, by their ids."""
    mine = select(order_holds).where(order_holds.c.shopify_id.in_(shopify_ids))
    return {row.shopify_id: _stored(row) for row in tx.execute(mine)}


def held_within(tx: Connection, since: datetime, *, among: int = LOOKED_AT) -> HeldWithin | None:
    """Return how long orders could have been packed before they were held; None where none was.

    Args:
        since: those that were held before this time do not count; nor does what is older than the latest ``among``.
    """
    times = select(orders.c.placed_at, order_holds.c.held_at).join(orders, _ITS_ORDER)
    latest = times.where(order_holds.c.held_at.is_not(None)).order_by(order_holds.c.shopify_id.desc()).limit(among)
    rows = [(moment(row.placed_at), _at(row.held_at)) for row in tx.execute(latest)]
    return HeldWithin.of(seconds_open(placed_at, held_at) for placed_at, held_at in rows if held_at >= since)


# -- what a look finds


def any_ever(tx: Connection) -> bool:
    """Return whether an order was ever to be held."""
    return tx.execute(select(order_holds.c.shopify_id).limit(1)).first() is not None


def held_before(tx: Connection, before: datetime, *, behind: int) -> list[int]:
    """Return some of the orders that are wholly held since before this time, by their ids from behind one on."""
    return _some(tx, _live().where(order_holds.c.held_at < before.timestamp()), behind)


def in_use(tx: Connection) -> bool:
    """Return whether parcels are held by the policy in force, or are held still."""
    newest = policies.newest(tx)
    return bool(newest and newest.policy.hold.until_answered) or any_live(tx)


def any_live(tx: Connection) -> bool:
    """Return whether an order is held, or is to be."""
    return tx.execute(_live().limit(1)).first() is not None


def count_too_old(tx: Connection, *, wanted_before: datetime) -> int:
    """Return how many holds that were wanted before this time are not released yet, counted up to 1,000.

    That of a failed order does not count: it ends with the order's cancellation, however long that takes.
    """
    old = _live().join(orders, _ITS_ORDER).where(order_holds.c.wanted_at <= wanted_before.timestamp())
    some = old.where(orders.c.confirmation_status != Status.FAILED).limit(LOOKED_AT)
    return tx.execute(select(func.count()).select_from(some.subquery())).scalar_one()


def live(tx: Connection, *, refused_before: datetime, behind: int) -> list[int]:
    """Return some of the orders that are held, or are to be, but for those whose refusal is too new to ask again."""
    return _some(tx, _live().where(_is_calm(refused_before)), behind)


def had_nothing(tx: Connection, shopify_ids: Collection[int]) -> list[int]:
    """Return those of the orders whose hold ended because nothing of them was to leave as a parcel."""
    mine = order_holds.c.shopify_id.in_(shopify_ids), order_holds.c.let_go == Why.NOTHING
    return sorted(tx.execute(select(order_holds.c.shopify_id).where(*mine)).scalars())


def newest_live(tx: Connection, *, before: int | None, limit: int) -> list[StoredHold]:
    """Return orders that are held, or are to be, by their ids from the latest on.

    Args:
        before: the id of an order; what is returned has a lower one.
    """
    query = by_index(select(order_holds), order_holds, "order_holds_live").where(LIVE)
    if before is not None:
        query = query.where(order_holds.c.shopify_id < before)
    return [_stored(row) for row in tx.execute(query.order_by(order_holds.c.shopify_id.desc()).limit(limit))]


def perhaps_free(tx: Connection, *, wanted_before: datetime, refused_before: datetime, behind: int) -> list[int]:
    """Return some of those that may be held no longer, and of those whose refusal is old enough to ask again.

    Args:
        wanted_before: a hold that was wanted before this time is too old.
    """
    ended = or_(
        orders.c.confirmation_status != Status.PLACED,
        orders.c.calling_state.is_(None),
        orders.c.calling_state == CallingState.NOT_CALLED,
        orders.c.calling_reason == Reason.NOT_REACHED,
        orders.c.shopify_cancelled_at.is_not(None),
        orders.c.shopify_deleted_at.is_not(None),
        orders.c.erased_at.is_not(None),
    )
    old = or_(order_holds.c.wanted_at <= wanted_before.timestamp(), order_holds.c.let_go.is_not(None))
    asked_again = order_holds.c.refused_at.is_not(None)
    query = _live().where(_is_calm(refused_before), or_(old, asked_again, exists().where(_ITS_ORDER, ended)))
    return _some(tx, query, behind)


def not_held_yet(tx: Connection, limit: int = SLICE) -> list[int]:
    """Return some of the orders on their way to a call whose hold nobody has wanted, or which was released before."""
    free = or_(
        order_holds.c.shopify_id.is_(None), order_holds.c.released_at.is_not(None) & order_holds.c.let_go.is_(None)
    )
    query = select(orders.c.shopify_id).outerjoin(order_holds, order_holds.c.shopify_id == orders.c.shopify_id)
    way = orders.c.calling_state.in_([CallingState.QUEUED, CallingState.WAITING_FOR_HOURS])
    waits = query.where(way, orders.c.confirmation_status == Status.PLACED, free)
    return list(tx.execute(waits.limit(limit)).scalars())


def let_off(tx: Connection, *, placed_after: datetime, limit: int = SLICE) -> list[int]:
    """Return some of the orders on their campaign whose customers have not answered and that were held before.

    As when the policy was off for a while. An order that came before a hold may be old stays free.
    """
    waits = select(orders.c.shopify_id).join(order_holds, _ITS_ORDER)
    waits = waits.where(_may_leave(), orders.c.placed_at > placed_after.timestamp())
    waits = waits.where(orders.c.calling_state == CallingState.ON_CAMPAIGN)
    free = waits.where(order_holds.c.released_at.is_not(None), order_holds.c.let_go.is_(None))
    return list(tx.execute(free.limit(limit)).scalars())


def not_readdressed(tx: Connection, limit: int = SLICE) -> list[int]:
    """Return some of the orders that were held before and whose customers gave an address that is not dealt with."""
    open_ones = by_index(select(address_proposals.c.shopify_id), address_proposals, "address_proposals_open")
    waits = select(order_holds.c.shopify_id).where(order_holds.c.shopify_id.in_(open_ones.where(OPEN_ONES)))
    free = waits.where(order_holds.c.released_at.is_not(None), order_holds.c.let_go.is_(None))
    may_leave = exists().where(_ITS_ORDER, _may_leave(Status.PLACED, Status.SUCCESS))
    return list(tx.execute(free.where(may_leave).limit(limit)).scalars())


def _may_leave(*statuses: Status) -> ColumnElement[bool]:
    """Whether an order waits for its answer, or has another of these statuses, and its parcel may still be stopped."""
    return and_(
        orders.c.confirmation_status.in_(statuses or (Status.PLACED,)),
        orders.c.fulfillment_status.is_distinct_from(Fulfilment.ALL),
        orders.c.shopify_cancelled_at.is_(None),
        orders.c.shopify_deleted_at.is_(None),
    )


def _is_calm(refused_before: datetime) -> ColumnElement[bool]:
    return or_(order_holds.c.refused_at.is_(None), order_holds.c.refused_at <= refused_before.timestamp())


def _live() -> Select[Any]:
    return by_index(select(order_holds.c.shopify_id), order_holds, "order_holds_live").where(LIVE)


def _some(tx: Connection, query: Any, behind: int) -> list[int]:
    some = query.where(order_holds.c.shopify_id > behind).order_by(order_holds.c.shopify_id)
    return list(tx.execute(some.limit(SLICE)).scalars())


def _change(tx: Connection, shopify_id: int, **changes: Any) -> None:
    tx.execute(update(order_holds).where(order_holds.c.shopify_id == shopify_id).values(changes))


def _stored(row: Row[Any]) -> StoredHold:
    return StoredHold(
        shopify_id=row.shopify_id,
        wanted_at=_at(row.wanted_at),
        held_at=moment(row.held_at),
        held=frozenset(json.loads(row.held)),
        by_others=bool(row.by_others),
        others_note=row.others_note,
        again=row.again,
        let_go=Why.of(row.let_go),
        refused=row.refused,
        refused_at=moment(row.refused_at),
        released_at=moment(row.released_at),
    )


def _at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
