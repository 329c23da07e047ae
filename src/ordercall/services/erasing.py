"""Erasing customers, a slice at a time, wherever they are named."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from ordercall.domain.activity import Event
from ordercall.domain.calls.calling import Reason
from ordercall.domain.orders.traces import Traces
from ordercall.services.order_rules import stop_calling
from ordercall.storage.engine.database import Database
from ordercall.storage.engine.dialects import dialect
from ordercall.storage.reads import search
from ordercall.storage.records import activity, erasure, orders, sweep, write_backs

SLICE = 200
"""So many orders are erased in one transaction, so that no webhook waits long."""

AT_THEIR_REQUEST = "The customer's name, phone, e-mail, address, notes and raw webhooks were erased at their request."


@dataclass(slots=True)
class Erased:
    """What an erasure came to so far.

    Attributes:
        traces: by what whoever was erased is found in texts.
        written: how their phones were written where they are erased; what must not be in the file any more.
    """

    traces: Traces = field(default_factory=Traces)
    written: set[str] = field(default_factory=set)

    @property
    def spellings(self) -> set[str]:
        """What must not stand in the database's file any more."""
        return {*self.traces.phones, *self.traces.lines, *self.written}


class Erasing:
    """Erases the customers of orders, and searches what is about no order for them."""

    def __init__(self, db: Database, clock: Callable[[], datetime]) -> None:
        self._db = db
        self._clock = clock

    def erase(
        self, tx: Connection, shopify_ids: list[int], *, message: str, actor: str, keeping: tuple[str, ...] = ()
    ) -> tuple[dict[str, Any], Traces]:
        """Erase the customers of these orders, and return how much was found, and by what they are found elsewhere.

        The caller has locked the orders (:func:`lock`).
        """
        now, traces = self._clock(), erasure.traces_each(tx, shopify_ids)
        for order in orders.find_all_to_change(tx, shopify_ids):
            stop_calling(tx, [order], Reason.ERASED, now=now)
            if order.address_waits:
                write_backs.status_changed(tx, [order.shopify_id], now=now)
        found = erasure.erase(tx, traces, now=now, keeping=keeping)
        activity.record_for_all(tx, shopify_ids, Event.CUSTOMER_ERASED, message, now=now, actor=actor)
        return found, Traces.of_all(traces.values())

    def search_the_rest(self, traces: Traces) -> int:
        """Empty the texts about no order in which somebody is named beyond doubt; return how many rows that were."""
        emptied = 0
        for place in sweep.LOOSE if traces else ():
            at: sweep.Place | None = place
            while at:
                with self._db.begin() as tx:
                    dialect(tx).zero_freed_space(tx)
                    number, at = sweep.next_rows(tx, at, traces)
                    emptied += number
        return emptied

    def forget_words(self) -> None:
        """Have the search forget what was erased, a part of its index at a time."""
        more, begin = True, True
        while more:
            with self._db.begin() as tx:
                dialect(tx).zero_freed_space(tx)
                more, begin = search.drop_old_words(tx, begin=begin), False


def lock(tx: Connection, shopify_ids: Iterable[int]) -> None:
    """Wait for whoever stores something about these orders: they commit it first."""
    dialect(tx).take_advisory_locks(tx, map(orders.lock_name, shopify_ids))
