"""What agents and other programs report: kept as it came, then judged, and put into effect where nobody could object.

Report and effect are one transaction, so nothing is applied that is not kept. A report that cannot even be judged is
kept all the same, and shown to a person.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from ordercall.domain.activity import Event
from ordercall.domain.calls.call import CallState
from ordercall.domain.calls.calling import Reason
from ordercall.domain.do_not_call import Source
from ordercall.domain.orders.belt import ProgramsWord
from ordercall.domain.orders.order import Status
from ordercall.domain.outside_json import read_json, with_repeated_keys
from ordercall.domain.policy.rules import After
from ordercall.domain.reports.fates import Fate, Why
from ordercall.domain.reports.judging import Verdict, contradicts_a_refusal, judge
from ordercall.domain.reports.report import KEYS, STATUS_KEYS, Report, read_report
from ordercall.domain.reports.words import Rules, read_keys, to_normal_form
from ordercall.providers.masking import mask
from ordercall.services import address_proposals
from ordercall.services.call_service import leave_unfinished
from ordercall.services.do_not_call_service import DoNotCallService
from ordercall.services.next_calls import NextCalls
from ordercall.services.order_rules import end_calling
from ordercall.services.order_service import ANSWERS, OrderService
from ordercall.services.report_match import ReportMatch, match_of, may_be_about, numbers_rung
from ordercall.storage.engine.database import Database
from ordercall.storage.engine.dialects import dialect
from ordercall.storage.reads.related_orders import around, of_phone
from ordercall.storage.records import activity, belt, calls, do_not_call, orders, reports, taught_words
from ordercall.storage.records.calls import Call
from ordercall.storage.records.reports import Door, Incoming, Judged, StoredReport
from ordercall.storage.records.stored_order import StoredOrder


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedReport:
    """What became of a report.

    Attributes:
        number: under which it is kept.
        report: what was read in it.
        meant: the orders that it is about, or may be.
        previous: the status that each order had before it; those that are missing were not found.
        changes: the status that each order got by it.
        repeated: it came before, and what is said here is what became of it then.
    """

    number: int
    fate: Fate
    why: Why
    report: Report
    meant: tuple[int, ...] = ()
    previous: dict[int, str] = field(default_factory=dict)
    changes: Mapping[int, Status] = field(default_factory=dict)
    repeated: bool = False


NOT_HEARD = frozenset({Why.UNKNOWN_WORD, Why.CONTRADICTION, Why.NO_RIGHT, Why.TOO_OLD})
"""Why a report leaves its call open: what it means may yet be said."""


class ReportService:
    """Takes in reports."""

    def __init__(
        self,
        db: Database,
        orders: OrderService,
        numbers: DoNotCallService,
        next_calls: NextCalls,
        clock: Callable[[], datetime],
    ) -> None:
        self._db = db
        self._orders = orders
        self._numbers = numbers
        self._next = next_calls
        self._clock = clock

    def receive(self, incoming: Incoming) -> ReceivedReport:
        """Keep one report, judge it and put it into effect, in a transaction of its own."""
        with self._db.begin() as tx:
            [received] = self.receive_all(tx, [incoming])
        return received

    def receive_all(self, tx: Connection, batch: Sequence[Incoming]) -> list[ReceivedReport]:
        """Keep reports, judge them in this order, and put into effect what may be."""
        self.one_at_a_time(tx)
        read = self._read_all(tx, batch)
        if any(report and report.do_not_call for report in read):
            do_not_call.take(tx)
        return [self._receive(tx, incoming, report) for incoming, report in zip(batch, read, strict=True)]

    def _read_all(self, tx: Connection, batch: Sequence[Incoming]) -> list[Report | None]:
        known_words, zone = Rules(taught_words.rules(tx)), self._next.zone(tx)
        return [
            None if incoming.keys is None else _read(incoming.keys, known_words, incoming.door, zone)
            for incoming in batch
        ]

    def one_at_a_time(self, tx: Connection) -> None:
        """Wait until nobody else judges reports: of two about one order, the second sees what the first did."""
        dialect(tx).take_advisory_locks(tx, ["reports"])

    def keep_unjudged(self, incoming: Incoming) -> ReceivedReport:
        """Keep a report that brought a fault of ours to light, for a person."""
        judged = _unread(Why.NOT_JUDGED)
        with self._db.begin() as tx:
            number = reports.add(tx, incoming, judged)
        return ReceivedReport(number=number, fate=judged.fate, why=judged.why, report=judged.report)

    def names_a_waiting_call(self, body: bytes, at_address: int | None) -> bool:
        """Return whether a body that is not taken in has an id of an order that waits for what came of its call.

        Args:
            at_address: the order at whose address it came.
        """
        with self._db.read() as tx:
            report = self.read(tx, read_keys(body) or {}, Rules(taught_words.rules(tx)), Door.API)
            near = around(tx, report, at_address=at_address, now=self._clock())
        return any(order.call for order in near.orders)

    def newest(self, *, fate: Fate | None, before: int | None, shopify_id: int | None) -> list[StoredReport]:
        """Return a page of reports; see :func:`ordercall.storage.records.reports.newest`."""
        with self._db.read() as tx:
            return reports.newest(tx, fate=fate, before=before, shopify_id=shopify_id)

    def names(self, shopify_ids: Collection[int]) -> dict[int, str]:
        """Return what orders are called by people; one that is gone is not among them."""
        with self._db.read() as tx:
            return {order.shopify_id: order.name for order in orders.find_all(tx, shopify_ids)}

    def count_by_fate(self) -> dict[str, int]:
        """Return how many reports have each fate; of those that need a person, those that nobody has dealt with."""
        with self._db.read() as tx:
            return reports.count_by_fate(tx)

    def mark_handled(self, number: int, *, by: str) -> bool:
        """Note that a person dealt with a report, and return whether that was news."""
        with self._db.begin() as tx:
            return reports.mark_handled(tx, number, by=by, now=self._clock())

    @staticmethod
    def shown_body(stored: StoredReport) -> str | None:
        """Return what came, with phones and the like hidden; None once it was emptied."""
        if stored.body is None:
            return None
        try:
            body = read_json(stored.body, pairs=with_repeated_keys)
        except ValueError:
            body = stored.body.decode(errors="replace")
        return json.dumps(mask(body), ensure_ascii=False, indent=2)

    def look_up(self, phone: str) -> list[StoredOrder]:
        """Return the orders of a phone whose calls wait for an answer, and note that an agent knows them now."""
        with self._db.begin() as tx:
            waiting = [order.shopify_id for order in of_phone(tx, phone, now=self._clock())]
            reports.look_up(tx, waiting, now=self._clock())
            return [order for each in waiting if (order := orders.find(tx, each))]

    def read(self, tx: Connection, keys: dict[str, Any], known_words: Rules, door: Door) -> Report:
        """Return what the keys of a body say in the normal form; a time without a zone is in the policy's."""
        return _read(keys, known_words, door, self._next.zone(tx))

    def _receive(self, tx: Connection, incoming: Incoming, report: Report | None) -> ReceivedReport:
        if report is None:
            self._hold_cancels(tx, [incoming.shopify_id] if incoming.shopify_id else [])
            return self._keep(tx, incoming, _unread(Why.UNREADABLE), {}, nobodys=False)
        found = self._find(tx, incoming, report)
        if contradicts_a_refusal(report):
            self._hold_cancels(tx, found.to_be_cancelled)
        same = reports.find_same(tx, incoming, report, found.rung_call, found.meant)
        if same and incoming.door is not Door.STATUS:
            reports.count_repeat(tx, same.id, now=self._clock())
            return ReceivedReport(
                number=same.id, fate=same.fate, why=same.why, report=report, meant=same.meant, repeated=True
            )
        verdict = judge(report, found.match, _statuses(found.known), may_force=incoming.may_force)
        verdict = self._as_asked(tx, at_its_end(tx, verdict, found), report, found)
        judged = _judged(report, verdict, found)
        received = self._keep(tx, incoming, judged, found.known, nobodys=found.is_nobodys)
        self.put_into_effect(tx, received.number, report, verdict, found, by=incoming.sender)
        return replace(received, changes=verdict.changes)

    def _hold_cancels(self, tx: Connection, shopify_ids: Collection[int]) -> None:
        """Leave to a person what is to be cancelled of the orders whose customers may want them after all.

        A repeat counts as well: nobody knows whether it was said before the refusal or once more after it.
        """
        belt.contradict(tx, shopify_ids, now=self._clock())

    def _as_asked(self, tx: Connection, verdict: Verdict, report: Report, found: ReportMatch) -> Verdict:
        """Return the verdict on a report that asks for another call, which follows by itself where it may."""
        asks = verdict.why in (Why.CALL_BACK, Why.LANGUAGE) and not verdict.changes and report.final
        if not asks or len(found.match.orders) != 1:
            return verdict
        why = self._next.against(tx, found.known[found.match.orders[0]], report, found.rung_call)
        return Verdict(Fate.NEEDS_A_PERSON, why) if why else Verdict(Fate.APPLIED, Why.CALLED_AS_ASKED)

    def _keep(
        self, tx: Connection, incoming: Incoming, judged: Judged, known: dict[int, StoredOrder], *, nobodys: bool
    ) -> ReceivedReport:
        return ReceivedReport(
            number=reports.add(tx, incoming, judged, nobodys=nobodys),
            fate=judged.fate,
            why=judged.why,
            report=judged.report,
            meant=judged.meant,
            previous={order.shopify_id: order.status_word for order in known.values()},
        )

    def _find(self, tx: Connection, incoming: Incoming, report: Report) -> ReportMatch:
        near = around(tx, report, at_address=incoming.shopify_id, now=self._clock())
        found = match_of(incoming.shopify_id, report, near)
        meant = found.orders or found.beside[:1]
        known = {number: order for number in sorted(meant) if (order := orders.find_to_change(tx, number))}
        rung = {order.call.call_id for order in near.orders if order.shopify_id in found.orders and order.call}
        erased = near.erased | {order.shopify_id for order in known.values() if order.erased_at}
        named = {report.shopify_id, incoming.shopify_id, *known}
        return ReportMatch(found, known, rung.pop() if len(rung) == 1 else None, bool(named & erased))

    def put_into_effect(
        self, tx: Connection, number: int, report: Report, verdict: Verdict, found: ReportMatch, *, by: str
    ) -> None:
        """Change the orders as the verdict has it, and write into their timelines what was heard."""
        now = self._clock()
        self._settle_calls(tx, report, verdict, found, now)
        if report.address and verdict.why not in NOT_HEARD:  # before its order is Success, which would let it leave
            self._propose_address(tx, number, report.address, found, by=by)
        again = dict.fromkeys(found.match.orders, report.status) if verdict.why is Why.SAME and report.status else {}
        phone, quoted = report.phone, report.quote is not None
        word = ProgramsWord(forced=report.force, quoted=quoted, phone=phone, call_id=found.rung_call)
        for shopify_id, wanted in (verdict.changes or again).items():
            self._orders.store_change(tx, found.known[shopify_id], wanted, None, by=by, word=word)
        if report.do_not_call:
            self._numbers.put(tx, numbers_rung(tx, report, found), Source.REPORT, by=by)
        if tells_more_than_a_status(report):
            about = found.known if len(found.known) == 1 else verdict.changes
            message = f"Report {number}: {_in_words(report)}. {verdict.why.sentence}"
            activity.record_for_all(tx, about, Event.REPORTED, message, now=now, actor=by)

    def _propose_address(
        self, tx: Connection, number: int, address: Mapping[str, Any], found: ReportMatch, *, by: str
    ) -> None:
        now, mine = self._clock(), found.readdressed
        news = [address_proposals.propose(tx, order, address, report=number, now=now) for order in mine]
        if mine and not any(news):
            reports.mark_address_handled(tx, number, by=by, now=now)
        self._orders.keep_from_leaving(
            tx, [order.shopify_id for order, is_news in zip(mine, news, strict=True) if is_news]
        )

    def _settle_calls(
        self, tx: Connection, report: Report, verdict: Verdict, found: ReportMatch, now: datetime
    ) -> None:
        """Store what the report says of the calls it may be about, and plan the one that follows."""
        answered = report.ends_the_call or verdict.why is Why.CALLED_AS_ASKED
        if answered and verdict.why not in NOT_HEARD:
            wanted = None if verdict.why is Why.JOINT_REFUSAL else report.wanted
            answer = ANSWERS.get(wanted) if wanted else None
            for shopify_id in found.match.orders:
                calls.answer(tx, shopify_id, answer, now=now, call_id=found.rung_call)
            end_calling(tx, list(found.match.orders), now=now)
            if verdict.why is Why.CALLED_AS_ASKED:
                self._next.as_asked(tx, found.known[found.match.orders[0]], report, found.rung_call)
        elif report.reached_nobody and report.final:
            self._end_in_vain(tx, report, verdict, found, now)
        elif verdict.why is Why.NEVER_FINAL:
            for shopify_id in found.match.orders:
                calls.answer(tx, shopify_id, None, now=now, call_id=found.rung_call)

    def _end_in_vain(self, tx: Connection, report: Report, verdict: Verdict, found: ReportMatch, now: datetime) -> None:
        """End the call in which nobody was reached, also one that ended while nobody could hear of it.

        Where each call has a contact of its own, what comes late of an earlier one says nothing of the one that rings.
        """
        last = [call for call in calls.latest_of(tx, found.match.orders).values() if call.known_as == found.rung_call]
        rung = [call for call in last if _may_end_in_vain(call) and may_be_about(tx, report, call)]
        over = calls.end(tx, rung, CallState.UNANSWERED, now=now, reason=report.connection)
        orders.take_from_a_person(tx, found.match.orders, Reason.NOT_HEARD)
        heard = leave_unfinished(tx, over, now)
        silent = [call.shopify_id for call in over if call.call_id not in heard]
        if verdict.why is Why.NOBODY_REACHED:
            self._next.after(tx, silent, _cause(report))


def _read(keys: dict[str, Any], known_words: Rules, door: Door, zone: ZoneInfo) -> Report:
    words, unread = to_normal_form(keys, known_words, STATUS_KEYS if door is Door.STATUS else KEYS)
    return read_report(words, zone, unread=unread)


def _may_end_in_vain(call: Call) -> bool:
    return call.state is CallState.PLACED or (call.state is CallState.ENDED_UNKNOWN and call.reason == Reason.NOT_HEARD)


def at_its_end(tx: Connection, verdict: Verdict, found: ReportMatch) -> Verdict:
    """Return the verdict on a report, which waits for no last word where its call is over."""
    last = calls.latest_of(tx, found.match.orders).values() if verdict.why is Why.NOT_FINAL else ()
    if verdict.why is not Why.NOT_FINAL or any(one.state.live and one.known_as == found.rung_call for one in last):
        return verdict
    return Verdict(Fate.NEEDS_A_PERSON, Why.NEVER_FINAL)


def _judged(report: Report, verdict: Verdict, found: ReportMatch) -> Judged:
    certain, meant = found.match.orders, found.meant
    return Judged(
        report=report,
        fate=verdict.fate,
        why=verdict.why,
        shopify_id=certain[0] if len(certain) == 1 else meant[0] if len(meant) == 1 else None,
        rung_call=found.rung_call,
        meant=meant,
    )


def _unread(why: Why) -> Judged:
    return Judged(report=Report(), fate=Fate.NEEDS_A_PERSON, why=why)


def _statuses(known: dict[int, StoredOrder]) -> dict[int, Status | None]:
    return {shopify_id: order.confirmation_status for shopify_id, order in known.items()}


def tells_more_than_a_status(report: Report) -> bool:
    """Return whether a report says anything about a call."""
    return bool(report.words.keys() - {"status", "force", "final", "shopify_id", "call_id", "contact_id", "report_id"})


def _cause(report: Report) -> After | None:
    """Return what a report of a call that reached nobody says, as far as another call could follow it."""
    return next((cause for cause in After if report.connection and report.connection.value == cause.value), None)


def _in_words(report: Report) -> str:
    """Return what was heard, in words that are nobody's."""
    heard = (report.connection, report.completion, report.answer, report.do_not_call and "do not call")
    words = [str(word).replace("_", " ") for word in heard if word]
    return ", ".join(words) or "further words"
