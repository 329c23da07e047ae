"""What was written back to the orders in Shopify, which of them wait for more, and which Shopify refused."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, case, func, or_, select, tuple_, update

from ordercall.domain.calls.call import CallState, Follows
from ordercall.domain.orders.order import Status
from ordercall.domain.parcels.write_back import Said, Written
from ordercall.storage.engine.dialects import upsert
from ordercall.storage.engine.index_hints import by_index
from ordercall.storage.records.stored_order import StoredOrder, stored_order
from ordercall.storage.tables import call_orders, calls, orders, write_backs
from ordercall.storage.write_back_tables import DUE, REFUSED

SLICE = 200
"""Orders that are looked at in one transaction, so that no webhook waits for it."""

FIRST, LATER = 0, 1
"""The places in line: an answer, for which a warehouse waits, goes before all that only says that there is none yet."""

_NOTHING = {"said": None, "word": "", "tag": "", "adding": "", "fields": "{}", "refused": None}
_MARK = upsert(
    lambda make: (put := make(write_backs)).on_conflict_do_update(
        index_elements=["shopify_id"],
        set_={
            "due_at": func.coalesce(write_backs.c.due_at, put.excluded.due_at),
            "place": case(
                (write_backs.c.due_at.is_(None) | (put.excluded.place < write_backs.c.place), put.excluded.place),
                else_=write_backs.c.place,
            ),
        },
    )
)
_STATUS_CHANGED = (
    update(write_backs)
    .where(write_backs.c.shopify_id.in_(bindparam("ids", expanding=True)))
    .values(due_at=func.coalesce(write_backs.c.due_at, bindparam("at")), place=FIRST)
)


@dataclass(frozen=True, slots=True)
class StoredWriteBack:
    """What was written of an order.

    Attributes:
        refused: what Shopify had against the last of it; empty where nobody can mend that, None: nothing.
    """

    written: Written
    refused: str | None = None


NEVER = StoredWriteBack(Written())

type Rung = list[tuple[CallState, Follows | None]]
"""The calls of an order, the newest first: how far each got, and what it follows."""


def find(tx: Connection, shopify_id: int) -> StoredWriteBack:
    row = tx.execute(select(write_backs).where(write_backs.c.shopify_id == shopify_id)).first()
    return _stored(row) if row else NEVER


def calls_of(tx: Connection, shopify_ids: Collection[int]) -> dict[int, Rung]:
    """Return the calls of each of these orders. The live one is the newest, whatever the clock that made it."""
    query = select(call_orders.c.shopify_id, calls.c.state, calls.c.follows).join(
        calls, calls.c.call_id == call_orders.c.call_id
    )
    mine = query.where(call_orders.c.shopify_id.in_(shopify_ids))
    found: dict[int, Rung] = {shopify_id: [] for shopify_id in shopify_ids}
    for row in tx.execute(mine.order_by(call_orders.c.is_live.desc(), calls.c.call_id.desc())):
        found[row.shopify_id].append((CallState(row.state), Follows.of(row.follows)))
    return found


def mark(tx: Connection, shopify_ids: Collection[int], *, place: int, now: datetime) -> None:
    """Store that something of these orders is to be written. One that waits keeps its place, or gets a better one.

    Their rows are locked first, as by whoever changes their status, or two transactions would wait for each other.
    """
    mine = select(orders.c.shopify_id).where(orders.c.shopify_id.in_(shopify_ids))
    tx.execute(mine.order_by(orders.c.shopify_id).with_for_update())
    rows = [{"shopify_id": each, "due_at": now.timestamp(), "place": place} | _NOTHING for each in shopify_ids]
    if rows:
        tx.execute(_MARK.of(tx), rows)


def status_changed(tx: Connection, shopify_ids: Collection[int], *, now: datetime) -> None:
    """Put those of the orders in line of which something was written before, or was to be."""
    if shopify_ids:
        tx.execute(_STATUS_CHANGED, {"ids": sorted(shopify_ids), "at": now.timestamp()})


def next_due(tx: Connection, *, demo: bool) -> int | None:
    """Return the order that is written next; of the sandbox's orders, or of all others."""
    waiting = by_index(select(write_backs.c.shopify_id), write_backs, "write_backs_due").where(DUE)
    mine = waiting.join(orders, orders.c.shopify_id == write_backs.c.shopify_id).where(orders.c.is_demo == int(demo))
    in_line = mine.order_by(write_backs.c.place, write_backs.c.due_at, write_backs.c.shopify_id)
    return tx.execute(in_line.limit(1)).scalar()


def keep(tx: Connection, shopify_id: int, written: Written, *, refused: str | None, is_done: bool) -> None:
    """Store what was written, and whether that is all for now."""
    done = {"due_at": None} if is_done else {}
    _change(
        tx,
        shopify_id,
        said=written.said,
        word=written.word,
        tag=written.tag,
        adding=written.adding,
        fields=json.dumps(dict(written.fields)),
        refused=refused,
        **done,
    )


def go_last(tx: Connection, shopify_id: int, *, now: datetime) -> None:
    """Put an order at the end of the line."""
    _change(tx, shopify_id, due_at=now.timestamp(), place=LATER)


def settle(tx: Connection, shopify_id: int) -> None:
    """Store that nothing of an order is to be written any more, for now."""
    _change(tx, shopify_id, due_at=None)


def refused() -> Select[Any]:
    """Return the orders of which Shopify refused what was written, which a person can mend."""
    return by_index(select(write_backs.c.shopify_id), write_backs, "write_backs_refused").where(REFUSED)


def refusals(tx: Connection, *, most: int, among: int) -> list[tuple[str, int, int]]:
    """Return the words of refusals: for how many of the latest orders each stands, and the latest of them."""
    mine = by_index(select(write_backs.c.refused, write_backs.c.shopify_id), write_backs, "write_backs_refused")
    latest = mine.where(REFUSED).order_by(write_backs.c.shopify_id.desc()).limit(among).subquery()
    number = func.count()
    grouped = select(latest.c.refused, number, func.max(latest.c.shopify_id)).group_by(latest.c.refused)
    return [tuple(row) for row in tx.execute(grouped.order_by(number.desc(), latest.c.refused).limit(most))]


def undecided(
    tx: Connection, *, since: datetime, oldest: datetime, behind: tuple[float, int]
) -> list[tuple[float, StoredOrder, StoredWriteBack]]:
    """Return some of the orders that are Placed and may be behind: when each came, and what was written of it.

    Args:
        since: those that came before this are left alone, unless something was written of them.
        oldest: so are all that came before this.
        behind: when the last of those before came, and its id.
    """
    came = orders.c.webhook_timestamp
    columns = [column.label(f"written_{column.name}") for column in write_backs.c]
    query = select(orders, *columns).outerjoin(write_backs, write_backs.c.shopify_id == orders.c.shopify_id)
    waits = query.where(
        orders.c.confirmation_status == Status.PLACED,
        orders.c.shopify_deleted_at.is_(None),
        came >= oldest.timestamp(),
        or_(came >= since.timestamp(), write_backs.c.shopify_id.is_not(None)),
        tuple_(came, orders.c.shopify_id) > tuple_(*behind),
    )
    rows = tx.execute(waits.order_by(came, orders.c.shopify_id).limit(SLICE))
    return [(row.webhook_timestamp, stored_order(row), _beside(row)) for row in rows]


def came_since(tx: Connection, since: datetime, *, behind: tuple[float, int]) -> list[tuple[float, int]]:
    """Return some of the orders that came since a time: when each did, and its id."""
    came = orders.c.webhook_timestamp
    query = select(came, orders.c.shopify_id).where(
        came >= since.timestamp(),
        orders.c.shopify_deleted_at.is_(None),
        tuple_(came, orders.c.shopify_id) > tuple_(*behind),
    )
    return [(row[0], row[1]) for row in tx.execute(query.order_by(came, orders.c.shopify_id).limit(SLICE))]


def _change(tx: Connection, shopify_id: int, **changes: Any) -> None:
    tx.execute(update(write_backs).where(write_backs.c.shopify_id == shopify_id).values(changes))


def _beside(row: Row[Any]) -> StoredWriteBack:
    found = row._mapping
    if found["written_shopify_id"] is None:
        return NEVER
    return _of({name.name: found[f"written_{name.name}"] for name in write_backs.c})


def _stored(row: Row[Any]) -> StoredWriteBack:
    return _of(row._asdict())


def _of(found: dict[str, Any]) -> StoredWriteBack:
    return StoredWriteBack(
        Written(
            said=Said.of(found["said"]),
            word=found["word"],
            tag=found["tag"],
            adding=found["adding"],
            fields=json.loads(found["fields"]),
        ),
        found["refused"],
    )
