"""Whose a report is: the orders and the call that it is about, and the numbers that were rung for it.

Reports that come together are looked at together, but only as far as none of them has anything in common with another:
what one does is seen by all that come after it and could be about the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection

from ordercall.domain.contact_ids import shown, spellings
from ordercall.domain.reports.fates import Why
from ordercall.domain.reports.matching import Match, match, match_named
from ordercall.domain.reports.report import Report
from ordercall.storage.reads.related_orders import Around, Asked, around_all
from ordercall.storage.records import calls, orders
from ordercall.storage.records.calls import Call
from ordercall.storage.records.reports import Incoming
from ordercall.storage.records.stored_order import StoredOrder


@dataclass(frozen=True, slots=True)
class Letter:
    """A report that came, as it was read, and what is known around it. ``report``: None where it is none."""

    incoming: Incoming
    report: Report | None
    near: Around = field(default_factory=Around)

    @property
    def is_for_all(self) -> bool:
        """Whether it may change what is known of numbers that it does not name."""
        return bool(self.report and self.report.do_not_call)


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


def look_around(tx: Connection, letters: Sequence[Letter], *, now: datetime) -> list[Letter]:
    """Return the letters with what is known around each by now; what they are about is locked, all at once."""
    asked = [Asked(letter.report or Report(), letter.incoming.shopify_id) for letter in letters]
    found = around_all(tx, asked, now=now, to_change=True)
    return [replace(letter, near=near) for letter, near in zip(letters, found, strict=True)]


def in_runs(letters: Sequence[Letter]) -> Iterator[list[Letter]]:
    """Yield the letters in their order, in runs in which none could be about an order, a call or a phone of another.

    One that asks for no more calls is alone: the list of numbers is everybody's.
    """
    run: list[Letter] = []
    taken: set[int | str] = set()
    for letter in letters:
        its_own = _touches(letter)
        if run and (taken & its_own or letter.is_for_all or run[-1].is_for_all):
            yield run
            run, taken = [], set()
        run.append(letter)
        taken |= its_own
    if run:
        yield run


def _touches(letter: Letter) -> set[int | str]:
    """Return the orders, calls, contacts and phones that a letter has to do with, and what its repeats share."""
    report, near = letter.report or Report(), letter.near.orders
    own = {letter.incoming.digest, letter.incoming.shopify_id, report.shopify_id, report.phone, report.call_id}
    contacts = {contact for order in near for contact in order.contact_ids}
    contacts |= spellings(report.contact_id) if report.contact_id else set()
    of_orders = {key for order in near for key in (order.shopify_id, order.phone, *order.call_ids)}
    return {key for key in own | contacts | of_orders if key is not None}


def find_all(tx: Connection, letters: Sequence[Letter]) -> list[ReportMatch]:
    """Return whose each report is; the letters are of one run."""
    matches = [
        Match((), Why.UNREADABLE) if one.report is None else match_of(one.incoming.shopify_id, one.report, one.near)
        for one in letters
    ]
    looked_at = {number for match in matches for number in match.orders or match.beside[:1]}
    stored = {order.shopify_id: order for order in orders.find_all_to_change(tx, looked_at)} if looked_at else {}
    return [_found(one, match, stored) for one, match in zip(letters, matches, strict=True)]


def _found(letter: Letter, match: Match, stored: Mapping[int, StoredOrder]) -> ReportMatch:
    report, near = letter.report, letter.near
    if report is None:
        return ReportMatch(match, {})
    known = {number: stored[number] for number in sorted(match.orders or match.beside[:1]) if number in stored}
    rung = {order.call.call_id for order in near.orders if order.shopify_id in match.orders and order.call}
    erased = near.erased | {order.shopify_id for order in known.values() if order.erased_at}
    named = {report.shopify_id, letter.incoming.shopify_id, *known}
    return ReportMatch(match, known, rung.pop() if len(rung) == 1 else None, bool(named & erased))


def match_of(at_address: int | None, report: Report, near: Around) -> Match:
    """Return which of the orders around a report it is about; one that came at an order's address is about that."""
    if at_address is None:
        return match(report, near.orders)
    if all(order.shopify_id != at_address for order in near.orders):
        return Match((), Why.UNKNOWN_IDS)
    return match_named(report, at_address, near.orders)


def may_be_about(report: Report, call: Call, mine: Sequence[Call]) -> bool:
    """Return whether a report may be about a call: it names its contact, or another call by that, or neither.

    Args:
        mine: all calls of its order.
    """
    named = {report.contact_id} - {None}
    if report.call_id:
        named |= {shown(one.contact_id) for one in mine if one.known_as == report.call_id and one.contact_id}
    return not named or call.contact_id is None or shown(call.contact_id) in named


def told_before_an_edit(report: Report, found: ReportMatch, old_cards: Mapping[int, str]) -> set[int]:
    """Return the orders of a report that were changed after the card was made by which their customer answered.

    Args:
        old_cards: the contacts whose cards are old, by their orders.
    """
    told_by = {shopify_id: old_cards.get(shopify_id) for shopify_id in found.match.orders}
    return {one for one, contact in told_by.items() if contact and report.contact_id in (None, shown(contact))}


def numbers_rung(tx: Connection, report: Report, found: ReportMatch) -> set[str]:
    """Return the numbers that a report is about, whosever it is found to be: the one that it names and those that were
    rung, or where neither is known those of its orders.
    """
    call_ids = [call_id for call_id in (report.call_id, found.rung_call) if call_id]
    rang = calls.phones_of(tx, call_ids, spellings(report.contact_id) if report.contact_id else ())
    named = {report.phone, *rang} - {None}
    return {phone for phone in named or {order.customer_phone for order in found.known.values()} if phone}
