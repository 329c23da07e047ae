"""Bulk runs and their orders. The orders are written down before anything is done, so a run never grows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Select, delete, func, or_, select, update

from ordercall.domain.activity import OF_A_RUN
from ordercall.domain.orders.bulk import BulkAction, ItemState
from ordercall.domain.orders.order import CancelChoices, CancelReason
from ordercall.storage.engine.dialects import dialect
from ordercall.storage.engine.index_hints import by_index
from ordercall.storage.reads.order_filter import Demand, OrderFilter, conditions
from ordercall.storage.reads.order_lists import index_by_id
from ordercall.storage.records.stored_order import moment, status_version, text
from ordercall.storage.tables import bulk_items, bulk_runs, orders

SLICE = 500
"""Orders that are written down in one transaction, so that no webhook waits."""
SHOWN = 25
"""As many as a list shows on a page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One action for many orders. Times are unix seconds.

    Attributes:
        key: the idempotency key of the request that made it.
        described: which orders it is for, in words.
        collected_at: since when its orders are fixed.
        choices: how its orders are to be cancelled; None: each as was chosen for it before.
        undoes: the number of the run that it takes back.
    """

    id: int
    key: str | None
    action: BulkAction
    described: str
    made_by: str
    made_at: float
    collected_at: float | None
    started_at: float | None
    stopped_at: float | None
    stopped_by: str | None
    finished_at: float | None
    choices: CancelChoices | None
    undoes: int | None

    @property
    def by(self) -> str:
        """Who changes its orders: the person, and that it was this run, which is taken back as one."""
        return f"{self.made_by}{OF_A_RUN}{self.id}"


@dataclass(frozen=True, slots=True)
class Item:
    """An order of a run.

    Attributes:
        seen: the version of its status when it was chosen.
        wanted: the status that it gets back; None where the run gives all the same.
        message: what a person should know of how it went.
    """

    shopify_id: int
    seen: str
    wanted: str | None
    message: str | None


_ITEMS = select(bulk_items.c.shopify_id, bulk_items.c.seen, bulk_items.c.wanted, bulk_items.c.message)


@dataclass(frozen=True, slots=True)
class Selection:
    """Which orders a run is for, and the same in words. ``index``: where they are best found by their ids."""

    demanded: list[Demand]
    described: str
    index: str | None = None

    def narrowed(self, further: list[Demand]) -> Selection:
        """Return those of its orders that fulfil this too."""
        return replace(self, demanded=[*self.demanded, *further])


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
    return _first_run(tx, select(bulk_runs).where(bulk_runs.c.id == run_id))


def find_to_change(tx: Connection, run_id: int) -> Run | None:
    """Return a run that nobody else changes until the transaction ends."""
    return _first_run(tx, select(bulk_runs).where(bulk_runs.c.id == run_id).with_for_update())


def find_all(tx: Connection, run_ids: Iterable[int]) -> dict[int, Run]:
    return {run.id: run for run in _runs(tx, select(bulk_runs).where(bulk_runs.c.id.in_(list(run_ids))))}


def undoing(tx: Connection, run_ids: Iterable[int]) -> dict[int, int]:
    """Return which of these runs were taken back, each with the number of the last run that did."""
    taken = select(bulk_runs.c.undoes, func.max(bulk_runs.c.id)).where(bulk_runs.c.undoes.in_(list(run_ids)))
    return {row[0]: row[1] for row in tx.execute(taken.group_by(bulk_runs.c.undoes))}


def find_by_key(tx: Connection, key: str | None) -> Run | None:
    return _first_run(tx, select(bulk_runs).where(bulk_runs.c.key == key)) if key else None


def _first_run(tx: Connection, wanted: Select[Any]) -> Run | None:
    return next(_runs(tx, wanted), None)


def _runs(tx: Connection, wanted: Select[Any]) -> Iterator[Run]:
    for row in tx.execute(wanted).mappings().all():
        columns = dict(row)
        reason, restock, email = (columns.pop(name) for name in ("cancel_reason", "cancel_restock", "cancel_email"))
        chosen = (
            CancelChoices(reason=CancelReason(reason), restock=bool(restock), email=bool(email)) if reason else None
        )
        yield Run(**columns | {"action": BulkAction(row["action"]), "choices": chosen})


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
    restock, email = int(choices.restock), int(choices.email)
    mark(tx, run_id, cancel_reason=choices.reason, cancel_restock=restock, cancel_email=email)


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
    """Delete those of the runs that have no order any more, unless they are under way."""
    full = select(bulk_items.c.run_id).where(bulk_items.c.run_id == bulk_runs.c.id).exists()
    at_rest = or_(bulk_runs.c.finished_at.is_not(None), bulk_runs.c.started_at.is_(None))
    tx.execute(delete(bulk_runs).where(bulk_runs.c.id.in_(set(run_ids)), at_rest, ~full))


# -- which orders a run has


def collect(tx: Connection, run: Run, selection: Selection) -> bool:
    """Write down the next slice of the run's orders; return whether there was any.

    Orders that arrived after the run was made are not among them, however long this takes. It goes on behind the last
    order that was written down, so a collection that was cut off can be taken up again.
    """
    arrived = func.coalesce(orders.c.webhook_timestamp, 0) <= run.made_at
    found = select(orders.c.shopify_id, orders.c.confirmation_status, orders.c.status_changed_at)
    found = found if selection.index is None else by_index(found, orders, selection.index)
    found = found.where(*selection.demanded, arrived, orders.c.shopify_id > _last_collected(tx, run.id))
    return _write_down(
        tx,
        run.id,
        [
            {"shopify_id": shopify_id, "seen": status_version(text(word) or "", moment(changed_at))}
            for shopify_id, word, changed_at in tx.execute(found.order_by(orders.c.shopify_id).limit(SLICE))
        ],
    )


def collect_to_undo(tx: Connection, run: Run) -> bool:
    """Write down the next slice of what this run takes back; return whether there was any."""
    columns = (bulk_items.c.shopify_id, bulk_items.c.left_as.label("seen"), bulk_items.c.previous.label("wanted"))
    done = select(*columns).where(bulk_items.c.run_id == run.undoes, bulk_items.c.state == ItemState.DONE)
    done = done.where(bulk_items.c.shopify_id > _last_collected(tx, run.id))
    rows = tx.execute(done.order_by(bulk_items.c.shopify_id).limit(SLICE))
    return _write_down(tx, run.id, [dict(row) for row in rows.mappings()])


def _last_collected(tx: Connection, run_id: int) -> int:
    last = select(func.coalesce(func.max(bulk_items.c.shopify_id), 0)).where(bulk_items.c.run_id == run_id)
    number: int = tx.execute(last).scalar_one()
    return number


def _write_down(tx: Connection, run_id: int, found: list[dict[str, Any]]) -> bool:
    """Two requests of one form may collect at once; each order is stored once."""
    if found:
        rows = [{"run_id": run_id, "state": ItemState.WAITING} | one for one in found]
        tx.execute(dialect(tx).insert(bulk_items).on_conflict_do_nothing(), rows)
    return bool(found)


# -- how far its orders are


def next_waiting(tx: Connection, run_id: int) -> Item | None:
    waiting = _ITEMS.where(bulk_items.c.run_id == run_id, bulk_items.c.state == ItemState.WAITING)
    row = tx.execute(waiting.order_by(bulk_items.c.shopify_id).limit(1)).first()
    return Item(*row) if row else None


def under_way(tx: Connection, run_id: int) -> list[int]:
    """Return the orders whose provider has not answered yet: at most ``BulkAction.most_under_way``."""
    return list(tx.execute(_ids_in(run_id, ItemState.UNDER_WAY).order_by(bulk_items.c.shopify_id)).scalars())


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
    return numbers_of(tx, [run_id])[run_id]


def numbers_of(tx: Connection, run_ids: Collection[int]) -> dict[int, dict[ItemState, int]]:
    """Return the same of several runs."""
    counted = {run_id: dict.fromkeys(ItemState, 0) for run_id in run_ids}
    by = bulk_items.c.run_id, bulk_items.c.state
    for run_id, state, number in tx.execute(select(*by, func.count()).where(by[0].in_(list(run_ids))).group_by(*by)):
        counted[run_id][ItemState(state)] = number
    return counted


def count(tx: Connection, run_id: int, selection: Selection) -> int:
    """Return how many orders of this run are among those selected."""
    mine = select(func.count()).select_from(bulk_items).join(orders, orders.c.shopify_id == bulk_items.c.shopify_id)
    number: int = tx.execute(mine.where(bulk_items.c.run_id == run_id, *selection.demanded)).scalar_one()
    return number


def items(tx: Connection, run_id: int, state: ItemState, *, before: int | None = None) -> list[Item]:
    """Return the latest orders of the run in a state: up to 26, of which 25 are shown."""
    mine = _ITEMS.where(bulk_items.c.run_id == run_id, bulk_items.c.state == state)
    if before is not None:
        mine = mine.where(bulk_items.c.shopify_id < before)
    return [Item(*row) for row in tx.execute(mine.order_by(bulk_items.c.shopify_id.desc()).limit(SHOWN + 1))]


def sums(tx: Connection, run_id: int) -> list[tuple[str | None, int, Decimal]]:
    """Return, for each currency of the run's orders, their number and total; currencies are never added up."""
    amount = func.coalesce(func.sum(orders.c.total_price), 0)
    grouped = select(orders.c.currency, func.count(), amount).join(
        bulk_items, bulk_items.c.shopify_id == orders.c.shopify_id
    )
    rows = tx.execute(grouped.where(bulk_items.c.run_id == run_id).group_by(orders.c.currency))
    found = [(currency, number, Decimal(str(round(total, 3)))) for currency, number, total in rows]
    return sorted(found, key=lambda one: -one[1])
