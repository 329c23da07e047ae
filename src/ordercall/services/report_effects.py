"""What reports that were judged do: to their orders and calls, and to what follows.

Many take few statements more than one. None of them is about an order or a call of another, so it does not matter that
all calls are settled before any order is changed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from ordercall.domain.activity import Event
from ordercall.domain.calls.call import CallState
from ordercall.domain.calls.calling import Reason
from ordercall.domain.do_not_call import Source
from ordercall.domain.orders.belt import ProgramsWord
from ordercall.domain.policy.rules import After
from ordercall.domain.reports.fates import Why
from ordercall.domain.reports.judging import Verdict
from ordercall.domain.reports.report import Report
from ordercall.services.address_proposals import Given, propose
from ordercall.services.call_service import leave_unfinished
from ordercall.services.do_not_call_service import DoNotCallService
from ordercall.services.next_calls import NextCalls
from ordercall.services.order_rules import end_calling
from ordercall.services.order_service import ANSWERS, OrderService
from ordercall.services.report_match import ReportMatch, may_be_about, numbers_rung
from ordercall.services.status_store import Change
from ordercall.storage.records import activity, call_answers, calls, orders, reports
from ordercall.storage.records.activity import Entry
from ordercall.storage.records.call_answers import Spoken
from ordercall.storage.records.calls import Call

NOT_HEARD = frozenset({Why.UNKNOWN_WORD, Why.CONTRADICTION, Why.NO_RIGHT, Why.TOO_OLD})
"""Why a report leaves its call open: what it means may yet be said."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A report that is kept under a number, whose it is, and what becomes of it. ``by``: as the timeline names them."""

    number: int
    report: Report
    verdict: Verdict
    found: ReportMatch
    by: str

    @property
    def answers_the_call(self) -> bool:
        ends = self.report.ends_the_call or self.verdict.why is Why.CALLED_AS_ASKED
        return ends and self.verdict.why not in NOT_HEARD

    @property
    def is_in_vain(self) -> bool:
        return not self.answers_the_call and self.report.reached_nobody and self.report.final

    @property
    def leaves_the_call(self) -> bool:
        """Whether its call ended without a last word."""
        return not self.answers_the_call and not self.is_in_vain and self.verdict.why is Why.NEVER_FINAL

    @property
    def spoken(self) -> list[Spoken]:
        """That its calls were answered, and how."""
        wanted = self.report.wanted if self.answers_the_call and self.verdict.why is not Why.JOINT_REFUSAL else None
        given = ANSWERS.get(wanted) if wanted else None
        return [Spoken(shopify_id, given, self.found.rung_call) for shopify_id in self.found.match.orders]

    @property
    def changes(self) -> list[Change]:
        """The statuses that its orders get; of one that has it already all that follows is asked for once more."""
        report, match = self.report, self.found.match
        again = dict.fromkeys(match.orders, report.status) if self.verdict.why is Why.SAME and report.status else {}
        quoted = report.quote is not None
        word = ProgramsWord(forced=report.force, quoted=quoted, phone=report.phone, call_id=self.found.rung_call)
        wanted = self.verdict.changes or again
        return [Change(self.found.known[shopify_id], status, self.by, word) for shopify_id, status in wanted.items()]


class ReportEffects:
    """Puts reports into effect, in a transaction of the caller's, who holds the rows of the orders."""

    def __init__(
        self,
        order_service: OrderService,
        numbers: DoNotCallService,
        next_calls: NextCalls,
        clock: Callable[[], datetime],
    ) -> None:
        self._orders = order_service
        self._numbers = numbers
        self._next = next_calls
        self._clock = clock

    def put(self, tx: Connection, heard: Sequence[Heard]) -> None:
        """Change the orders as the verdicts have it, and write into their timelines what was heard."""
        now = self._clock()
        self._settle_calls(tx, heard, now)
        for one in heard:
            if one.report.address and one.verdict.why not in NOT_HEARD:  # before its order may leave, as Success
                self._propose_address(tx, one, one.report.address)
        self._orders.store_changes(tx, [change for one in heard for change in one.changes])
        for one in heard:
            if one.report.do_not_call:
                self._numbers.put(tx, numbers_rung(tx, one.report, one.found), Source.REPORT, by=one.by)
        activity.record_all(tx, [entry for one in heard for entry in _entries(one, now)])

    def _propose_address(self, tx: Connection, heard: Heard, address: Mapping[str, Any]) -> None:
        now, mine = self._clock(), [order.shopify_id for order in heard.found.readdressed]
        given = [propose(tx, order, address, report=heard.number, now=now) for order in heard.found.readdressed]
        if mine and Given.NEWS not in given:
            reports.mark_address_handled(tx, heard.number, by=heard.by, now=now)
        said = list(zip(mine, given, strict=True))
        self._orders.keep_from_leaving(tx, [one for one, what in said if what is Given.NEWS])
        self._orders.let_leave(tx, [one for one, what in said if what is Given.TAKEN_BACK])

    def _settle_calls(self, tx: Connection, heard: Sequence[Heard], now: datetime) -> None:
        """Store what the reports say of the calls they may be about, and plan the ones that follow."""
        answered = [one for one in heard if one.answers_the_call]
        over = [*answered, *(one for one in heard if one.leaves_the_call)]
        call_answers.answer(tx, [spoken for one in over for spoken in one.spoken], now=now)
        if mine := [shopify_id for one in answered for shopify_id in one.found.match.orders]:
            end_calling(tx, mine, now=now)
        for one in answered:
            if one.verdict.why is Why.CALLED_AS_ASKED:
                self._next.as_asked(tx, one.found.known[one.found.match.orders[0]], one.report, one.found.rung_call)
        if in_vain := [one for one in heard if one.is_in_vain]:
            self._end_in_vain(tx, in_vain, now)

    def _end_in_vain(self, tx: Connection, heard: Sequence[Heard], now: datetime) -> None:
        """End the calls in which nobody was reached, also those that ended while nobody could hear of it.

        Where each call has a contact of its own, what comes late of an earlier one says nothing of the one that rings.
        """
        by_order = {shopify_id: one for one in heard for shopify_id in one.found.match.orders}
        mine = calls.of_orders(tx, by_order)
        rung = [call for shopify_id, one in by_order.items() for call in _rung_in_vain(one, mine[shopify_id])]
        over: list[Call] = []
        for word in dict.fromkeys(by_order[call.shopify_id].report.connection for call in rung):
            same = [call for call in rung if by_order[call.shopify_id].report.connection is word]
            over += calls.end(tx, same, CallState.UNANSWERED, now=now, reason=word)
        orders.take_from_a_person(tx, by_order, Reason.NOT_HEARD)
        unfinished = leave_unfinished(tx, over, now)
        silent = [call.shopify_id for call in over if call.call_id not in unfinished]
        for cause in dict.fromkeys(_cause(by_order[shopify_id]) for shopify_id in silent):
            same_cause = [shopify_id for shopify_id in silent if _cause(by_order[shopify_id]) is cause]
            self._next.after(tx, [one for one in same_cause if _is_followed(by_order[one])], cause)


def _rung_in_vain(heard: Heard, mine: Sequence[Call]) -> list[Call]:
    last = calls.last_of(mine)
    if last is None or last.known_as != heard.found.rung_call or not _may_end_in_vain(last):
        return []
    return [last] if may_be_about(heard.report, last, mine) else []


def _may_end_in_vain(call: Call) -> bool:
    return call.state is CallState.PLACED or (call.state is CallState.ENDED_UNKNOWN and call.reason == Reason.NOT_HEARD)


def _is_followed(heard: Heard) -> bool:
    return heard.verdict.why is Why.NOBODY_REACHED


def _cause(heard: Heard) -> After | None:
    """Return what a report of a call that reached nobody says, as far as another call could follow it."""
    word = heard.report.connection
    return next((cause for cause in After if word and word.value == cause.value), None)


def _entries(heard: Heard, now: datetime) -> list[Entry]:
    if not tells_more_than_a_status(heard.report):
        return []
    about = heard.found.known if len(heard.found.known) == 1 else heard.verdict.changes
    message = f"Report {heard.number}: {_in_words(heard.report)}. {heard.verdict.why.sentence}"
    return [Entry(shopify_id, Event.REPORTED, message, now, heard.by) for shopify_id in about]


def tells_more_than_a_status(report: Report) -> bool:
    """Return whether a report says anything about a call."""
    return bool(report.words.keys() - {"status", "force", "final", "shopify_id", "call_id", "contact_id", "report_id"})


def _in_words(report: Report) -> str:
    """Return what was heard, in words that are nobody's."""
    heard = (report.connection, report.completion, report.answer, report.do_not_call and "do not call")
    words = [str(word).replace("_", " ") for word in heard if word]
    return ", ".join(words) or "further words"
