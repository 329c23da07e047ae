"""Whose answer a report is.

An id says which *card* the agent had before it, not which ring it was: a contact of a returning customer may still tell
of an earlier order. So a report changes an order by itself only where nothing else can have been meant; all other
reports are shown to a person, with the orders that may be meant.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ordercall.domain.calls.call import GRACE
from ordercall.domain.reports.fates import Why
from ordercall.domain.reports.report import Report

LATEST = timedelta(hours=72)
"""So long after a call without an answer its report is still believed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingCall:
    """A call of an order whose answer is still open: placing, placed, in doubt, or over without one since not too long.

    Attributes:
        call_id: as which its agent knows it. A joint call has one for all of its orders.
        on_card: its contact's card was made with this order's data; else the card tells of another order, or may.
        shares_card: that card tells of orders of other calls as well, so an answer by it alone may be theirs.
        looked_up: the agent has asked which orders of this phone wait since the call was added.
        rings_from, rings_until: when it may ring; None where that is not known.
    """

    call_id: str
    contact_id: str | None = None
    on_card: bool = True
    shares_card: bool = False
    looked_up: bool = False
    rings_from: datetime | None = None
    rings_until: datetime | None = None

    @property
    def names_one_order(self) -> bool:
        """Whether what is said by the card alone can be of this call's orders only."""
        return self.on_card and not self.shares_card

    def may_ring_at(self, moment: datetime) -> bool:
        early = self.rings_from is not None and moment < self.rings_from - GRACE
        late = self.rings_until is not None and moment > self.rings_until + GRACE
        return not early and not late


@dataclass(frozen=True, slots=True, kw_only=True)
class Related:
    """An order that has to do with an id of a report, or shares a phone or a contact with one that has.

    Attributes:
        contact_ids: the contacts that were ever used for its calls, as they are shown.
        call_ids: the calls on whose card it stands.
        call: its call that waits for an answer; None: it is decided, or nobody rings for it.
        joint: its joint calls, each with the contact by which it rang it.
        elsewhere: calls, contacts and phones by which another number than its own was rung last.
        rings: its calls that may still ring by a card that is not its own, whatever became of the order.
    """

    shopify_id: int
    phone: str | None = None
    contact_ids: frozenset[str] = frozenset()
    call_ids: frozenset[str] = frozenset()
    call: WaitingCall | None = None
    joint: frozenset[tuple[str, str]] = frozenset()
    elsewhere: frozenset[str] = frozenset()
    rings: tuple[WaitingCall, ...] = ()


@dataclass(frozen=True, slots=True)
class Match:
    """Whose answer it is: ``orders`` are certain, several only of a joint call. ``beside``: those that may be meant."""

    orders: tuple[int, ...] = ()
    doubt: Why | None = None
    beside: tuple[int, ...] = ()


def match(report: Report, related: Sequence[Related]) -> Match:
    """Return whose answer a report is.

    Args:
        related: every order that has one of its ids, and every one that shares a phone or a contact with such an order.
    """
    if doubt := _doubt_about_ids(report, related):
        return Match((), doubt, _ids(related))
    meant = [order for order in related if _fits(order, report)]
    waiting = [order for order in meant if order.call]
    then = [order for order in waiting if _may_have_rung(order, report.happened_at)]
    named = [order for order in meant if _is_named(order, report)]
    rivals = _rivals(then, related, report.happened_at)
    found = _unless_elsewhere(_among(named or then, then, rivals), report, related)
    found = _unless_another_shares(found, report, related)
    if found.doubt and not then:
        found = Match((), Why.NOT_THEN if waiting else Why.NOT_WAITING)
    return Match((), found.doubt, _ids((*named, *waiting, *meant))) if found.doubt else found


def match_named(report: Report, shopify_id: int, related: Sequence[Related]) -> Match:
    """Return whether a report that came to an order's own address is its own. The order need not wait for a call.

    It is not certain where another order waits whose card tells of another: the agent may have read this order there.
    """
    [own] = (order for order in related if order.shopify_id == shopify_id)
    doubt = _doubt_about_ids(report, related) if report.names_somebody else None
    if not doubt and not _agrees(own, report):
        doubt = Why.IDS_DISAGREE
    waiting = [order for order in related if order.call]
    found = Match((), doubt) if doubt else _unless_rivalled([own], _rivals(waiting, related, None))
    found = _unless_elsewhere(found, report, related)
    return Match((), found.doubt, _ids((own, *related))) if found.doubt else found


type _Orders = Sequence[Related]


def _doubt_about_ids(report: Report, related: _Orders) -> Why | None:
    """Return what speaks against the ids of a report by themselves."""
    if not report.names_somebody:
        return Why.NO_IDS
    known = (
        report.shopify_id is None or any(report.shopify_id == order.shopify_id for order in related),
        report.call_id is None or any(report.call_id in order.call_ids for order in related),
        report.contact_id is None or any(report.contact_id in order.contact_ids for order in related),
        report.phone is None or any(report.phone == order.phone for order in related),
    )
    if not all(known):
        return Why.UNKNOWN_IDS
    return None if any(_agrees(order, report) for order in related) else Why.IDS_DISAGREE


def _agrees(order: Related, report: Report) -> bool:
    """Return whether no id of a report speaks against an order."""
    by_id = report.shopify_id in (None, order.shopify_id)
    return by_id and (report.call_id is None or report.call_id in order.call_ids) and _fits(order, report)


def _is_named(order: Related, report: Report) -> bool:
    return bool(report.shopify_id or report.call_id) and _agrees(order, report)


def _fits(order: Related, report: Report) -> bool:
    """Return whether an order has the contact and the phone of a report, as far as it says any."""
    by_contact = report.contact_id is None or report.contact_id in order.contact_ids
    return by_contact and report.phone in (None, order.phone)


def _may_have_rung(order: Related, moment: datetime | None) -> bool:
    return order.call is not None and (moment is None or order.call.may_ring_at(moment))


type _Rivals = Sequence[tuple[Related, WaitingCall]]


def _among(meant: _Orders, waiting: _Orders, rivals: _Rivals) -> Match:
    """Return which of the orders has the answer, or all of a joint call: *meant* is *waiting*, or those named."""
    open_ones = [order for order in meant if order in waiting]
    calls = [order.call for order in open_ones if order.call]
    if not calls or len(open_ones) < len(meant):
        return Match((), Why.NOT_WAITING)
    if len({call.call_id for call in calls}) > 1:
        return Match((), Why.SEVERAL_ORDERS)
    if meant is waiting and not all(call.names_one_order or call.looked_up for call in calls):
        return Match((), Why.STALE_CARD)
    return _unless_rivalled(open_ones, rivals)


def _rivals(waiting: _Orders, related: _Orders, moment: datetime | None) -> _Rivals:
    """Return the calls by cards that are not their orders' own: of these that wait, and all that may still ring.

    Kalimera takes nobody off its list, so that a call rings on for an order that is decided or cancelled.
    """
    of_waiting = [(order, order.call) for order in waiting if order.call and not order.call.on_card]
    still = [(order, call) for order in related for call in order.rings if not moment or call.may_ring_at(moment)]
    return of_waiting + still


def _unless_rivalled(meant: _Orders, rivals: _Rivals) -> Match:
    """Return the orders meant, unless the agent may have read them on the card by which another order is rung."""
    cards = {contact for order in meant for contact in order.contact_ids}
    rivalled = any(order not in meant and call.contact_id in cards for order, call in rivals)
    return Match((), Why.STALE_CARD) if rivalled else Match(_ids(meant))


def _unless_elsewhere(found: Match, report: Report, related: _Orders) -> Match:
    """Return what was found, unless the report's ids tell of a number that its order does not have, or not yet."""
    reported = {report.call_id, report.contact_id, report.phone}
    elsewhere = any(order.elsewhere & reported for order in related if order.shopify_id in found.orders)
    return Match((), Why.OTHER_NUMBER) if elsewhere else found


def _unless_another_shares(found: Match, report: Report, related: _Orders) -> Match:
    """Return what was found, unless an answer that names no order may be about another on the card of the same call.

    Of a joint call one may be decided, cancelled or erased by now: the agent has read it out all the same. So has one
    that only names the contact of an earlier joint call, which may be the one that was talked on.
    """
    mine = [order for order in related if order.shopify_id in found.orders]
    meant = {order.call.call_id for order in mine if order.call}
    meant |= {call_id for order in mine for call_id, contact_id in order.joint if contact_id == report.contact_id}
    shared = any(meant & order.call_ids for order in related if order.shopify_id not in found.orders)
    unnamed = report.wanted and report.shopify_id is None
    return Match((), Why.SEVERAL_ORDERS) if unnamed and shared else found


def _ids(orders: _Orders) -> tuple[int, ...]:
    return tuple(dict.fromkeys(order.shopify_id for order in orders))
