"""Bulk runs and their orders. The orders are written down before anything is done, so a run never grows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, or_, select, update

from ordercall.domain.bulk import BulkAction, ItemState
from ordercall.domain.orders import CancelChoices, CancelReason
from ordercall.storage.engine.dialects import dialect
from ordercall.storage.engine.index_hints import by_index
from ordercall.storage.reads.order_filter import Demand, OrderFilter, conditions
from ordercall.storage.reads.order_lists import index_by_id
from ordercall.storage.records.stored_order import moment, status_version, text
from ordercall.storage.tables import bulk_items, bulk_runs, orders

SLICE = 500
"""So many orders are written down in one transaction, so that no webhook waits."""
SHOWN = 25
"""As many as a list shows on a page."""

Run = Row[Any]
Item = Row[Any]


@dataclass(frozen=True, slots=True)
class Selection:
    """Which orders a run is for, and how that is told to people. ``index``: where they are best found by their ids."""

    demanded: list[Demand]
    described: str
    index: str | None = None


def chosen(shopify_ids: Iterable[int], described: str) -> Selection:
    return Selection([orders.c.shopify_id.in_(list(shopify_ids))], described)


def listed(tx: Connection, wanted: OrderFilter, described: str) -> Selection:
    return Selection(conditions(wanted), described, index_by_id(tx, wanted, SLICE))


def left_in(run_id: int, state: ItemState, described: str) -> Selection:
    """Return the orders that this run left in a state."""
    return Selection([orders.c.shopify_id.in_(_ids_in(run_id, state))], described)


def ids_in(tx: Connection, run_id: int, state: ItemState) -> list[int]:
    """Return the ids of the orders that this run left in a state, the newest order's first."""
    return list(tx.execute(_ids_in(run_id, state).order_by(bulk_items.c.shopify_id.desc())).scalars())


def _ids_in(run_id: int, state: ItemState) -> Select[Any]:
    return select(bulk_items.c.shopify_id).where(bulk_items.c.run_id == run_id, bulk_items.c.state == state)


# -- runs


def find(tx: Connection, run_id: int) -> Run | None:
    return tx.execute(select(bulk_runs).where(bulk_runs.c.id == run_id)).first()


def find_to_change(tx: Connection, run_id: int) -> Run | None:
    """Return a run that nobody else changes until the transaction ends."""
    return tx.execute(select(bulk_runs).where(bulk_runs.c.id == run_id).with_for_update()).first()


def find_by_key(tx: Connection, key: str | None) -> Run | None:
    return tx.execute(select(bulk_runs).where(bulk_runs.c.key == key)).first() if key else None


def add(
    tx: Connection,
    action: BulkAction,
    described: str,
    *,
    by: str,
    now: datetime,
    key: str | None = None,
    undoes: int | None = None,
) -> int | None:
    """Store a run that has no orders yet and is not started; return its number, or None if the key has its run."""
    row = {"key": key, "action": action, "described": described, "made_by": by, "undoes": undoes}
    put = dialect(tx).insert(bulk_runs).values(row | {"made_at": now.timestamp()})
    number: int | None = tx.execute(put.on_conflict_do_nothing().returning(bulk_runs.c.id)).scalar()
    return number


def mark(tx: Connection, run_id: int, **columns: Any) -> None:
    """Write how far the run is."""
    tx.execute(update(bulk_runs).where(bulk_runs.c.id == run_id).values(columns))


def set_choices(tx: Connection, run_id: int, choices: CancelChoices) -> None:
    mark(
        tx,
        run_id,
        cancel_reason=choices.reason,
        cancel_restock=int(choices.restock),
        cancel_email=int(choices.email),
    )


def choices_of(run: Run) -> CancelChoices | None:
    """Return how the run's orders are to be cancelled; None: each as was chosen for it before."""
    if run.cancel_reason is None:
        return None
    return CancelChoices(
        reason=CancelReason(run.cancel_reason), restock=bool(run.cancel_restock), email=bool(run.cancel_email)
    )


def forget(tx: Connection, *, before: datetime) -> int:
    """Drop a slice of the oldest run that was made before this time; return 0 when there is none left."""
    old = select(bulk_runs.c.id).where(bulk_runs.c.made_at < before.timestamp()).order_by(bulk_runs.c.id).limit(1)
    run_id = tx.execute(old).scalar()
    if run_id is None:
        return 0
    some = select(bulk_items.c.shopify_id).where(bulk_items.c.run_id == run_id).limit(SLICE)
    gone = tx.execute(
        delete(bulk_items).where(bulk_items.c.run_id == run_id, bulk_items.c.shopify_id.in_(some))
    ).rowcount
    if gone < SLICE:
        tx.execute(delete(bulk_runs).where(bulk_runs.c.id == run_id))
    return max(gone, 1)


def forget_empty(tx: Connection, run_ids: Iterable[int]) -> None:
    """Drop those of the runs that have no order any more. One that is under way comes to its end by itself first."""
    full = select(bulk_items.c.run_id).where(bulk_items.c.run_id == bulk_runs.c.id).exists()
    at_rest = or_(bulk_runs.c.finished_at.is_not(None), bulk_runs.c.started_at.is_(None))
    tx.execute(delete(bulk_runs).where(bulk_runs.c.id.in_(set(run_ids)), at_rest, ~full))


# -- which orders a run has


def collect(tx: Connection, run: Run, selection: Selection) -> bool:
    """Write down the next slice of the run's orders; return whether there was any.

    Who arrived after the run was made is not among them, however long this takes. It goes on behind the last order
    that was written down, so a collection that was cut off can be taken up again.
    """
    arrived = func.coalesce(orders.c.webhook_timestamp, 0) <= run.made_at
    found = select(orders.c.shopify_id, orders.c.confirmation_status, orders.c.status_changed_at)
    found = found if selection.index is None else by_index(found, orders, selection.index)
    found = found.where(*selection.demanded, arrived, orders.c.shopify_id > _last_collected(tx, run.id))
    rows: list[Row[Any]] = list(tx.execute(found.order_by(orders.c.shopify_id).limit(SLICE)))
    _write_down(tx, run.id, [{"shopify_id": row.shopify_id, "seen": _version(row)} for row in rows])
    return bool(rows)


def _version(row: Row[Any]) -> str:
    return status_version(text(row.confirmation_status) or "", moment(row.status_changed_at))


def collect_to_undo(tx: Connection, run: Run) -> bool:
    """Write down the next slice of what this run takes back; return whether there was any."""
    theirs = select(bulk_items).where(bulk_items.c.run_id == run.undoes, bulk_items.c.state == ItemState.DONE)
    theirs = theirs.where(bulk_items.c.shopify_id > _last_collected(tx, run.id))
    rows = tx.execute(theirs.order_by(bulk_items.c.shopify_id).limit(SLICE)).all()
    found = [{"shopify_id": row.shopify_id, "seen": row.left_as, "wanted": row.previous} for row in rows]
    _write_down(tx, run.id, found)
    return bool(rows)


def _last_collected(tx: Connection, run_id: int) -> int:
    last = select(func.coalesce(func.max(bulk_items.c.shopify_id), 0)).where(bulk_items.c.run_id == run_id)
    number: int = tx.execute(last).scalar_one()
    return number


def _write_down(tx: Connection, run_id: int, found: list[dict[str, Any]]) -> None:
    """A form that was sent twice at once collects twice at once; each order stands there once."""
    if found:
        rows = [{"run_id": run_id, "state": ItemState.WAITING} | one for one in found]
        tx.execute(dialect(tx).insert(bulk_items).on_conflict_do_nothing(), rows)


# -- how far its orders are


def next_waiting(tx: Connection, run_id: int) -> Item | None:
    mine = select(bulk_items).where(bulk_items.c.run_id == run_id, bulk_items.c.state == ItemState.WAITING)
    return tx.execute(mine.order_by(bulk_items.c.shopify_id).limit(1)).first()


def under_way(tx: Connection, run_id: int) -> list[int]:
    """Return the orders whose provider has not answered yet; a run has only so many of them."""
    mine = _ids_in(run_id, ItemState.UNDER_WAY)
    return list(tx.execute(mine.order_by(bulk_items.c.shopify_id)).scalars())


def set_item(tx: Connection, run_id: int, shopify_id: int, state: ItemState, **columns: str | None) -> None:
    """Write how far one order of a run is."""
    mine = update(bulk_items).where(bulk_items.c.run_id == run_id, bulk_items.c.shopify_id == shopify_id)
    tx.execute(mine.values({"state": state} | columns))


def move_some(tx: Connection, run_id: int, old: ItemState, new: ItemState, message: str) -> bool:
    """Move a slice of the orders of a run from one state to another, all for the same reason.

    Returns:
        Whether there was any.
    """
    some = _ids_in(run_id, old).limit(SLICE)
    mine = update(bulk_items).where(bulk_items.c.run_id == run_id, bulk_items.c.shopify_id.in_(some))
    return bool(tx.execute(mine.values(state=new, message=message)).rowcount)


def numbers(tx: Connection, run_id: int) -> dict[ItemState, int]:
    """Return how many orders of the run are in each state."""
    grouped = select(bulk_items.c.state, func.count()).where(bulk_items.c.run_id == run_id)
    counted = {ItemState(state): number for state, number in tx.execute(grouped.group_by(bulk_items.c.state))}
    return dict.fromkeys(ItemState, 0) | counted


def items(tx: Connection, run_id: int, state: ItemState, *, before: int | None = None) -> list[Item]:
    """Return the latest orders of the run in a state, with their names: up to 26, of which 25 are shown."""
    mine = select(bulk_items, orders.c.order_name).join(orders, orders.c.shopify_id == bulk_items.c.shopify_id)
    mine = mine.where(bulk_items.c.run_id == run_id, bulk_items.c.state == state)
    if before is not None:
        mine = mine.where(bulk_items.c.shopify_id < before)
    return list(tx.execute(mine.order_by(bulk_items.c.shopify_id.desc()).limit(SHOWN + 1)))


def sums(tx: Connection, run_id: int) -> list[tuple[str | None, int, Decimal]]:
    """Return, for each currency of the run's orders, how many there are and what they come to; never across."""
    amount = func.coalesce(func.sum(orders.c.total_price), 0)
    grouped = select(orders.c.currency, func.count(), amount).join(
        bulk_items, bulk_items.c.shopify_id == orders.c.shopify_id
    )
    rows = tx.execute(grouped.where(bulk_items.c.run_id == run_id).group_by(orders.c.currency))
    found = [(currency, number, Decimal(str(round(total, 3)))) for currency, number, total in rows]
    return sorted(found, key=lambda one: -one[1])
