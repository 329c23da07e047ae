"""Trials of a draft of the policy, how far each is, and the orders about which it would have done otherwise."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, delete, select, update

from ordercall.domain.policy.document import stored_policy, write_document
from ordercall.domain.policy.rules import Policy
from ordercall.domain.policy.trial import Difference, Tally
from ordercall.storage.engine.batches import insert_all
from ordercall.storage.records.stored_order import StoredOrder
from ordercall.storage.tables import orders, trial_differences, trials

SHOWN = 25
"""As many differences as a page shows."""

SLICE = 500
"""Differences that are dropped in one transaction, so that no webhook waits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One trial.

    Attributes:
        policy: the draft as it would be in force.
        made_from: the version in force when it was made.
        address: the page of the draft; empty: it has none.
        since, made_at: it is about the orders that were placed in [since, made_at).
        number: how many those were.
        last: when the last order that is done was placed, in unix seconds, and its id; None: none is.
        fault: why it was given up, or who stopped it.
    """

    id: int
    policy: Policy
    made_from: int
    address: str
    made_by: str
    since: float
    made_at: float
    days: int
    number: int
    done: int
    last: tuple[float, int] | None
    tally: Tally
    finished_at: float | None
    fault: str | None


@dataclass(frozen=True, slots=True)
class Differing:
    """An order about which a trial would have done otherwise."""

    shopify_id: int
    order_name: str | None
    differences: list[Difference]


def add(
    tx: Connection, policy: Policy, *, made_from: int, address: str, by: str, days: int, number: int, now: datetime
) -> int:
    """Store a trial of which nothing is done, and return its number."""
    row = {
        "document": json.dumps(write_document(policy), ensure_ascii=False),
        "made_from": made_from,
        "address": address,
        "made_by": by,
        "made_at": now.timestamp(),
        "days": days,
        "number": number,
        "counted": _encode(Tally()),
    }
    added: int = tx.execute(trials.insert().values(row).returning(trials.c.id)).scalar_one()
    return added


def find(tx: Connection, trial_id: int) -> Trial | None:
    row = tx.execute(select(trials).where(trials.c.id == trial_id)).first()
    if row is None:
        return None
    return Trial(
        id=row.id,
        policy=stored_policy(row.document, 0),
        made_from=row.made_from,
        address=row.address,
        made_by=row.made_by,
        since=row.made_at - row.days * 86_400,
        made_at=row.made_at,
        days=row.days,
        number=row.number,
        done=row.done,
        last=None if row.last_id is None else (row.last_placed_at, row.last_id),
        tally=_tally(row.counted),
        finished_at=row.finished_at,
        fault=row.fault,
    )


def go_on(tx: Connection, trial: Trial, last: StoredOrder, number: int, found: Mapping[int, list[Difference]]) -> bool:
    """Store what the next orders came to, unless another worker did; return whether it was stored.

    Args:
        trial: as it was before, with the tally of after.
        found: by the order's id, in what it differs.
    """
    assert last.placed_at is not None  # noqa: S101 - the trial walks by it
    so_far = trials.c.id == trial.id, trials.c.done == trial.done, trials.c.finished_at.is_(None)
    columns = {"done": trial.done + number, "last_placed_at": last.placed_at.timestamp(), "last_id": last.shopify_id}
    stored = tx.execute(update(trials).where(*so_far).values(columns | {"counted": _encode(trial.tally)})).rowcount
    if stored:
        rows = [(shopify_id, _encode(each)) for shopify_id, each in found.items()]
        insert_all(tx, trial_differences, ({"trial_id": trial.id, "shopify_id": i, "differs": d} for i, d in rows))
    return bool(stored)


def finish(tx: Connection, trial_id: int, *, now: datetime, fault: str | None = None) -> bool:
    """Store that a trial is over, and return whether it was not before. ``fault``: why it was given up, or by whom."""
    mine = update(trials).where(trials.c.id == trial_id, trials.c.finished_at.is_(None))
    return bool(tx.execute(mine.values(finished_at=now.timestamp(), fault=fault)).rowcount)


def differing(tx: Connection, trial_id: int, *, before: int | None = None, most: int = SHOWN) -> list[Differing]:
    """Return orders about which it would have done otherwise, the latest first: one more than *most*, if there is.

    Args:
        before: only orders with lower ids.
    """
    columns = (trial_differences.c.shopify_id, orders.c.order_name, trial_differences.c.differs)
    mine = select(*columns).outerjoin(orders, orders.c.shopify_id == trial_differences.c.shopify_id)
    mine = mine.where(trial_differences.c.trial_id == trial_id)
    if before is not None:
        mine = mine.where(trial_differences.c.shopify_id < before)
    rows = tx.execute(mine.order_by(trial_differences.c.shopify_id.desc()).limit(most + 1))
    return [Differing(i, name, msgspec.json.decode(differs, type=list[Difference])) for i, name, differs in rows]


def forget(tx: Connection, *, before: datetime) -> int:
    """Drop a slice of the oldest trial that was made before this time; return 0 when there is none left."""
    old = select(trials.c.id).where(trials.c.made_at < before.timestamp()).order_by(trials.c.id).limit(1)
    trial_id = tx.execute(old).scalar()
    if trial_id is None:
        return 0
    mine = trial_differences.c.trial_id == trial_id
    some = select(trial_differences.c.shopify_id).where(mine).limit(SLICE)
    gone = tx.execute(delete(trial_differences).where(mine, trial_differences.c.shopify_id.in_(some))).rowcount
    if gone < SLICE:
        tx.execute(delete(trials).where(trials.c.id == trial_id))
    return max(gone, 1)


_tally = msgspec.json.Decoder(Tally, dec_hook=lambda kind, value: kind(value)).decode


def _encode(value: Any) -> str:
    return msgspec.json.encode(value).decode()
