"""The addresses that customers give in calls: proposed by a report, decided by a person, seen in Shopify."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import Enum
from typing import Any

from sqlalchemy import Connection

from ordercall.domain.activity import AGENT, SHOPIFY, Event
from ordercall.domain.places.addresses import (
    FOR_A_PERSON,
    UNDER_WAY,
    Address,
    Said,
    State,
    against,
    fingerprint,
    is_news,
    missing,
    of_order,
    once_shown,
    read_said,
    said_together,
)
from ordercall.errors import AddressConflict, InvalidRequest, UnknownOrder
from ordercall.jobs.engine import JobEngine
from ordercall.services.order_rules import settle_hold
from ordercall.storage.engine.database import Database
from ordercall.storage.records import activity, addresses, orders, reports, write_backs
from ordercall.storage.records.addresses import Proposal
from ordercall.storage.records.stored_order import StoredOrder

LONGEST_NOTE = 500
"""Characters: a line or two beside the decision; a longer story goes among the order's notes."""


class Given(Enum):
    """What an address of a report is for its order."""

    NEWS = "a person decides about it"
    KNOWN = "it is the order's already"
    TAKEN_BACK = "it is the order's, in place of another that waits for a person"


def propose(tx: Connection, order: StoredOrder, address: Mapping[str, Any], *, report: int, now: datetime) -> Given:
    """Keep the address that a report tells, for a person, where it says anything new of the order.

    The caller holds the order's row.
    """
    said: Said = read_said(address)
    if order.erased_at is not None or not said:
        return Given.KNOWN
    open_ones = addresses.open_ones(tx, order.shopify_id)
    undecided = next((one for one in reversed(open_ones) if one.state in FOR_A_PERSON), None)
    said = said_together(undecided.said if undecided else {}, said)
    coming = next((one.after for one in open_ones if one.state in UNDER_WAY), None)
    if not is_news(said, order, coming):
        if undecided is None:
            return Given.KNOWN
        _take_back(tx, undecided, report=report, now=now)
        return Given.TAKEN_BACK
    if all(one.said != said for one in open_ones):
        addresses.propose(tx, order.shopify_id, said, report=report, now=now)
        message = f"The customer gave another address (report {report}): a person approves it, or not."
        activity.record(tx, order.shopify_id, Event.ADDRESS_PROPOSED, message, now=now)
        write_backs.status_changed(tx, [order.shopify_id], now=now)
    return Given.NEWS


def _take_back(tx: Connection, undecided: Proposal, *, report: int, now: datetime) -> None:
    """Leave nothing to decide: the customer has gone back to the address that the order has."""
    addresses.move(tx, undecided, State.REPLACED, now=now)
    message = f"The customer gave the order's own address (report {report}), in place of the one that waited."
    activity.record(tx, undecided.shopify_id, Event.ADDRESS_DECIDED, message, now=now)
    if undecided.report:
        reports.mark_address_handled(tx, undecided.report, by=AGENT, now=now)


def follow(tx: Connection, jobs: JobEngine, shopify_id: int, *, now: datetime) -> None:
    """Bring the addresses of an order to what is known of it by now, after it changed in Shopify."""
    order = orders.find_to_change(tx, shopify_id)
    if order is None:
        return
    for one in sorted(addresses.open_ones(tx, shopify_id), key=lambda one: one.state in FOR_A_PERSON):
        is_news_yet = is_news(one.said, order) or addresses.under_way(tx, shopify_id) is not None
        state = once_shown(one.state, of_order(order), before=one.before, after=one.after, is_news=is_news_yet)
        if state is not None and addresses.move(tx, one, state, now=now):
            event = Event.ADDRESS_SEEN if state is State.SEEN else Event.ADDRESS_ERROR
            activity.record(tx, shopify_id, event, state.sentence, now=now, actor=SHOPIFY)
            if one.state in FOR_A_PERSON and one.report:
                reports.mark_address_handled(tx, one.report, by=SHOPIFY, now=now)
    let_leave(tx, jobs, shopify_id, now=now)


def let_leave(tx: Connection, jobs: JobEngine, shopify_id: int, *, now: datetime) -> None:
    """Have an order that waited for its address released and written to, once it does not any more."""
    if not addresses.open_ones(tx, shopify_id):
        settle_hold(tx, jobs, [shopify_id], urgent=True)
        write_backs.status_changed(tx, [shopify_id], now=now)


class AddressDesk:
    """Where a person decides about an address.

    What they saw is compared with what is: the proposal, which somebody else may have decided, and the order's address,
    which may have changed in Shopify.
    """

    def __init__(self, db: Database, jobs: JobEngine, clock: Callable[[], datetime]) -> None:
        self._db = db
        self._jobs = jobs
        self._clock = clock

    def approve(self, shopify_id: int, wanted: Address, *, seen: str, shown: str, note: str, by: str) -> None:
        """Have an address written into Shopify.

        Args:
            wanted: the whole address as it is to be.
            seen: the version of the proposal that the person saw.
            shown: the fingerprint of the order's address that they saw.

        Raises:
            UnknownOrder: there is no such order.
            AddressConflict: the proposal or the order's address is another by now; nothing is stored.
            InvalidRequest: the address lacks what a parcel needs; or the order has shipped or is cancelled.
        """
        now = self._clock()
        with self._db.begin() as tx:
            order, proposal = self._to_decide(tx, shopify_id, seen)
            place = of_order(order)
            if fingerprint(place) != shown:
                raise AddressConflict(
                    f"The address of {order.name} was changed in Shopify meanwhile. Nothing was sent."
                )
            is_gone = order.shopify_cancelled_at is not None or order.shopify_deleted_at is not None
            if why := against(order.fulfillment_status, is_cancelled=is_gone):
                raise InvalidRequest(f"{order.name}: {why}", code="TooLate", status=409)
            if lacks := missing(wanted):
                raise InvalidRequest(f"The address lacks {', '.join(lacks)}.", code="InvalidAddress")
            for other in addresses.open_ones(tx, shopify_id):
                if other.id != proposal.id:
                    addresses.move(tx, other, State.REPLACED, now=now)
            self._decide(tx, proposal, State.APPROVED, note, by, before=place, after=wanted, sent_at=None, refused=None)
            self._jobs.correct_address(tx, shopify_id)

    def reject(self, shopify_id: int, *, seen: str, note: str, by: str) -> None:
        """Leave the order's address as it is.

        Raises:
            UnknownOrder: there is no such order.
            AddressConflict: the proposal is another by now; nothing is stored.
        """
        with self._db.begin() as tx:
            _, proposal = self._to_decide(tx, shopify_id, seen)
            self._decide(tx, proposal, State.REJECTED, note, by)
            let_leave(tx, self._jobs, shopify_id, now=self._clock())

    def _to_decide(self, tx: Connection, shopify_id: int, seen: str) -> tuple[StoredOrder, Proposal]:
        order = orders.find_to_change(tx, shopify_id)
        if order is None:
            raise UnknownOrder(shopify_id)
        open_ones = addresses.open_ones(tx, shopify_id)
        found = next((one for one in open_ones if one.version == seen), None)
        if found is None:
            last = addresses.latest(tx, shopify_id)
            by = f" by {last.decided_by}" if last and last.decided_by else ""
            words = f"it is {last.state}{by} now" if last else "it is gone"
            raise AddressConflict(f"The address of {order.name} was decided meanwhile: {words}. Nothing was changed.")
        return order, found

    def _decide(self, tx: Connection, proposal: Proposal, state: State, note: str, by: str, **changes: Any) -> None:
        now, note = self._clock(), " ".join(note.split())[:LONGEST_NOTE]
        addresses.move(tx, proposal, state, now=now, decided_by=by, note=note or None, **changes)
        message = f"{by} {state} the address of the call.{f' {note}' if note else ''}"
        activity.record(tx, proposal.shopify_id, Event.ADDRESS_DECIDED, message, now=now, actor=by)
        if proposal.report:
            reports.mark_address_handled(tx, proposal.report, by=by, now=now)
