"""The numbers that must not be called: which come onto the list, which leave it, and what becomes of their calls.

A call that is planned is withdrawn. One that Kalimera was told of stays as Kalimera has it, which takes nobody off its
list. Either way the order waits for a person, to be confirmed another way.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import datetime
from itertools import batched

from sqlalchemy import Connection

from ordercall.domain.activity import Event
from ordercall.domain.audit import Act
from ordercall.domain.calls.call import MAY_RING, CallState
from ordercall.domain.calls.calling import Reason
from ordercall.domain.do_not_call import NumberKeys, Source, Why
from ordercall.domain.wishes import Wish
from ordercall.services.order_rules import stop_calling
from ordercall.storage.engine.database import Database
from ordercall.storage.records import activity, audit, calls, do_not_call, orders
from ordercall.storage.records.do_not_call import Entry
from ordercall.storage.records.stored_order import StoredOrder

SLICE = 500
"""Numbers of a file that are listed in one transaction, so that no webhook waits for it."""

LISTED = "{} asked that this number is not called; the list keeps it from now on."
UNLISTED = "{} took this number off the do-not-call list."
MAY_STILL_RING = "The customer must not be called, and may still be: Kalimera takes nobody off its list."


class DoNotCallService:
    """Keeps the list."""

    def __init__(self, db: Database, keys: NumberKeys, clock: Callable[[], datetime]) -> None:
        self._db = db
        self._keys = keys
        self._clock = clock

    def add(
        self,
        phones: Collection[str],
        source: Source,
        *,
        by: str,
        ends_at: datetime | None = None,
        why: Why = Why.ASKED,
    ) -> list[str]:
        """List these numbers, E.164, and return for which that is news."""
        with self._db.begin() as tx:
            do_not_call.take(tx)
            return self.put(tx, phones, source, by=by, ends_at=ends_at, why=why)

    def add_all(self, wishes: Iterable[Wish], source: Source, *, by: str) -> Iterator[bool]:
        """List numbers, and tell of each wish whether it is news."""
        for some in batched(wishes, SLICE):
            news: set[str] = set()
            for ends_at, why in dict.fromkeys((wish.ends_at, wish.why) for wish in some):
                phones = dict.fromkeys(wish.phone for wish in some if (wish.ends_at, wish.why) == (ends_at, why))
                news.update(self.add(list(phones), source, by=by, ends_at=ends_at, why=why))
            for wish in some:
                yield wish.phone in news
                news.discard(wish.phone)  # the second line with a number is none

    def put(
        self,
        tx: Connection,
        phones: Collection[str],
        source: Source,
        *,
        by: str,
        ends_at: datetime | None = None,
        why: Why = Why.ASKED,
    ) -> list[str]:
        """As :meth:`add`, in a transaction that has taken the list before it locked any row."""
        now = self._clock()
        news = do_not_call.add(tx, self._keys, phones, source, by=by, ends_at=ends_at, why=why, now=now)
        waiting = orders.waiting_of_phones(tx, phones)
        listed = [order.shopify_id for order in waiting if order.customer_phone in news]
        activity.record_for_all(tx, listed, Event.NUMBER_LISTED, LISTED.format(_begins(by)), now=now, actor=by)
        if news:
            audit.write(tx, Act.NUMBER_LISTED, _the_one(listed), numbers=len(news), source=source, why=why)
        _leave_to_people(tx, waiting, now)
        return news

    def remove(self, phone: str, *, by: str) -> bool:
        """Take a number off the list, and return whether it was there. Nobody is called by that alone."""
        with self._db.begin() as tx:
            do_not_call.take(tx)
            now, gone = self._clock(), do_not_call.remove(tx, self._keys, phone)
            if gone:
                known = [order.shopify_id for order in orders.waiting_of_phones(tx, [phone])]
                orders.take_from_a_person(tx, known, Reason.DO_NOT_CALL)
                message = UNLISTED.format(_begins(by))
                activity.record_for_all(tx, known or [None], Event.NUMBER_UNLISTED, message, now=now, actor=by)
                audit.write(tx, Act.NUMBER_UNLISTED, _the_one(known), orders=len(known))
        return gone

    def find(self, tx: Connection, phone: str) -> Entry | None:
        """Return the entry by which a number must not be called now, or None."""
        return do_not_call.find(tx, self._keys, phone, now=self._clock())


def _the_one(shopify_ids: list[int]) -> str:
    """Return what the audit log says that a number is of: the log itself holds no number."""
    return f"order {shopify_ids[0]}" if len(shopify_ids) == 1 else ""


def _begins(by: str) -> str:
    return by[:1].upper() + by[1:]


def _leave_to_people(tx: Connection, waiting: Collection[StoredOrder], now: datetime) -> None:
    """Withdraw the planned calls of these orders, and have them confirmed another way."""
    ids = [order.shopify_id for order in waiting]
    last = calls.latest_of(tx, ids)
    for order in waiting:
        call = last.get(order.shopify_id)
        if order.on_its_way and (call is None or call.state not in MAY_RING):
            stop_calling(tx, [order], Reason.DO_NOT_CALL, now=now)
    calls.move(tx, ids, CallState.WITHDRAWN, now=now, reason=Reason.DO_NOT_CALL)
    left_to_a_person(tx, ids, now=now)


def left_to_a_person(tx: Connection, shopify_ids: Collection[int], *, now: datetime) -> None:
    """Leave to a person those of the orders that are on their campaign, and tell whose customers may still be rung."""
    orders.take_from_a_person(tx, shopify_ids, Reason.NOT_HEARD)  # what the customer wants counts for more
    left = orders.leave_to_a_person(tx, shopify_ids, Reason.DO_NOT_CALL)
    ringing = [call.shopify_id for call in calls.latest_of(tx, left).values() if call.state in MAY_RING]
    activity.record_for_all(tx, ringing, Event.CALL_STANDS, MAY_STILL_RING, now=now)
