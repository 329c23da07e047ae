"""Whose a report is: the orders and the call that it is about, and the numbers that were rung for it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from ordercall.domain.contact_ids import shown, spellings
from ordercall.domain.reports.fates import Why
from ordercall.domain.reports.matching import Match, match, match_named
from ordercall.domain.reports.report import Report
from ordercall.storage.reads.related_orders import Around
from ordercall.storage.records import calls
from ordercall.storage.records.calls import Call
from ordercall.storage.records.stored_order import StoredOrder


@dataclass(frozen=True, slots=True)
class ReportMatch:
    """Whose a report is.

    Attributes:
        known: the orders that it is about, locked.
        rung_call: as which the call is known that it is about.
        is_nobodys: the customer's data was erased.
    """

    match: Match
    known: dict[int, StoredOrder]
    rung_call: str | None = None
    is_nobodys: bool = False

    @property
    def meant(self) -> tuple[int, ...]:
        """The orders that it is about, or may be."""
        return self.match.orders or self.match.beside

    @property
    def readdressed(self) -> list[StoredOrder]:
        """Those whose address it may tell: its own, or the only one that it can mean, though no call of that waits."""
        only = self.match.beside if self.match.doubt is Why.NOT_WAITING and len(self.match.beside) == 1 else ()
        return [self.known[one] for one in self.match.orders or only if one in self.known]

    @property
    def to_be_cancelled(self) -> list[int]:
        """Those of them that may have a cancel of which something is yet to be decided."""
        return [one for one in self.meant if one not in self.known or self.known[one].cancel_state]


def match_of(at_address: int | None, report: Report, near: Around) -> Match:
    """Return which of the orders around a report it is about; one that came at an order's address is about that."""
    if at_address is None:
        return match(report, near.orders)
    if all(order.shopify_id != at_address for order in near.orders):
        return Match((), Why.UNKNOWN_IDS)
    return match_named(report, at_address, near.orders)


def may_be_about(tx: Connection, report: Report, call: Call) -> bool:
    """Return whether a report may be about a call: it names its contact, or another call by that, or neither."""
    named = {report.contact_id} - {None}
    if report.call_id:
        mine = calls.of_order(tx, call.shopify_id)
        named |= {shown(one.contact_id) for one in mine if one.known_as == report.call_id and one.contact_id}
    return not named or call.contact_id is None or shown(call.contact_id) in named


def numbers_rung(tx: Connection, report: Report, found: ReportMatch) -> set[str]:
    """Return the numbers that a report is about, whosever it is found to be: the one that it names and those that were
    rung, or where neither is known those of its orders.
    """
    call_ids = [call_id for call_id in (report.call_id, found.rung_call) if call_id]
    rang = calls.phones_of(tx, call_ids, spellings(report.contact_id) if report.contact_id else ())
    named = {report.phone, *rang} - {None}
    return {phone for phone in named or {order.customer_phone for order in found.known.values()} if phone}
