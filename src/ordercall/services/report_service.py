"""What agents and other programs report: kept as it came, then judged, and put into effect where nobody could object.

Report and effect are one transaction, so nothing is applied that is not kept. A report that cannot even be judged is
kept all the same, and shown to a person.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from ordercall.domain.orders.order import Status
from ordercall.domain.outside_json import read_json, with_repeated_keys
from ordercall.domain.reports.fates import Fate, Why
from ordercall.domain.reports.judging import Verdict, contradicts_a_refusal, judge
from ordercall.domain.reports.report import KEYS, STATUS_KEYS, Report, read_report
from ordercall.domain.reports.words import Rules, read_keys, to_normal_form
from ordercall.providers.masking import mask
from ordercall.services.do_not_call_service import DoNotCallService
from ordercall.services.next_calls import NextCalls
from ordercall.services.order_service import OrderService
from ordercall.services.report_effects import Heard, ReportEffects
from ordercall.services.report_match import (
    Letter,
    ReportMatch,
    find_all,
    in_runs,
    look_around,
    told_before_an_edit,
)
from ordercall.storage.engine.database import Database
from ordercall.storage.engine.dialects import dialect
from ordercall.storage.reads.related_orders import around, of_phone
from ordercall.storage.records import belt, calls, do_not_call, look_ups, orders, reports, taught_words
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


class ReportService:
    """Takes in reports."""

    def __init__(
        self,
        db: Database,
        orders: OrderService,
        numbers: DoNotCallService,
        next_calls: NextCalls,
        clock: Callable[[], datetime],
        *,
        redials: bool = False,
    ) -> None:
        """Make it. *redials*: Kalimera rings again by itself, so that an attempt without an answer is not the last."""
        self._db = db
        self._effects = ReportEffects(orders, numbers, next_calls, clock)
        self._next = next_calls
        self._clock = clock
        self._redials = redials

    def receive(self, incoming: Incoming) -> ReceivedReport:
        """Keep one report, judge it and put it into effect, in a transaction of its own."""
        with self._db.begin() as tx:
            [received] = self.receive_all(tx, [incoming])
        return received

    def receive_all(self, tx: Connection, batch: Sequence[Incoming]) -> list[ReceivedReport]:
        """Keep reports, judge them in this order, and put into effect what may be: as if each came after the other."""
        self.one_at_a_time(tx)
        letters = self._read_all(tx, batch)
        if any(letter.is_for_all for letter in letters):
            do_not_call.take(tx)
        received: list[ReceivedReport] = []
        for run in in_runs(look_around(tx, letters, now=self._clock())):
            as_it_is = look_around(tx, run, now=self._clock()) if received else run
            received += self._receive(tx, as_it_is)
        return received

    def _read_all(self, tx: Connection, batch: Sequence[Incoming]) -> list[Letter]:
        known_words, zone = Rules(taught_words.rules(tx)), self._next.zone(tx)
        return [
            Letter(one, None if one.keys is None else self._read(one.keys, known_words, one.door, zone))
            for one in batch
        ]

    def one_at_a_time(self, tx: Connection) -> None:
        """Wait until nobody else judges reports: of two about one order, the second sees what the first did."""
        dialect(tx).take_advisory_locks(tx, ["reports"])

    def keep_unjudged(self, incoming: Incoming) -> ReceivedReport:
        """Keep a report that brought a fault of ours to light, for a person."""
        judged = _unread(Why.NOT_JUDGED)
        with self._db.begin() as tx:
            [number] = reports.add(tx, [reports.New(incoming, judged)])
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
            look_ups.note(tx, waiting, now=self._clock())
            return [order for each in waiting if (order := orders.find(tx, each))]

    def read(self, tx: Connection, keys: dict[str, Any], known_words: Rules, door: Door) -> Report:
        """Return what the keys of a body say in the normal form; a time without a zone is in the policy's."""
        return self._read(keys, known_words, door, self._next.zone(tx))

    def _read(self, keys: dict[str, Any], known_words: Rules, door: Door, zone: ZoneInfo) -> Report:
        words, unread = to_normal_form(keys, known_words, STATUS_KEYS if door is Door.STATUS else KEYS)
        return read_report(words, zone, unread=unread, redials=self._redials)

    def _receive(self, tx: Connection, run: Sequence[Letter]) -> list[ReceivedReport]:
        """Receive reports that have nothing in common."""
        found = find_all(tx, run)
        self._hold_cancels(tx, run, found)
        came_before = reports.came_before(tx, [letter.incoming for letter in run])
        repeats = {
            place: same
            for place, (letter, whose) in enumerate(zip(run, found, strict=True))
            if letter.incoming.digest in came_before and (same := self._repeated(tx, letter, whose))
        }
        new = [place for place in range(len(run)) if place not in repeats]
        kept = self._keep(tx, [(run[place], found[place]) for place in new])
        received = repeats | dict(zip(new, kept, strict=True))
        return [received[place] for place in range(len(run))]

    def _hold_cancels(self, tx: Connection, run: Sequence[Letter], found: Sequence[ReportMatch]) -> None:
        """Leave to a person what is to be cancelled of the orders whose customers may want them after all.

        A repeat counts as well: nobody knows whether it was said before the refusal or once more after it.
        """
        mine: list[int] = []
        for letter, whose in zip(run, found, strict=True):
            if letter.report is None:
                mine += [letter.incoming.shopify_id] if letter.incoming.shopify_id else []
            elif contradicts_a_refusal(letter.report):
                mine += whose.to_be_cancelled
        belt.contradict(tx, mine, now=self._clock())

    def _repeated(self, tx: Connection, letter: Letter, found: ReportMatch) -> ReceivedReport | None:
        """Return what became of the report that this one repeats, and count it; None: it is new."""
        incoming, report = letter.incoming, letter.report
        if report is None or incoming.door is Door.STATUS:
            return None
        same = reports.find_same(tx, incoming, report, found.rung_call, found.meant)
        if same is None:
            return None
        reports.count_repeat(tx, same.id, now=self._clock())
        return ReceivedReport(
            number=same.id, fate=same.fate, why=same.why, report=report, meant=same.meant, repeated=True
        )

    def _keep(self, tx: Connection, new: Sequence[tuple[Letter, ReportMatch]]) -> list[ReceivedReport]:
        """Keep reports that are new, and put them into effect."""
        old_cards = belt.old_cards(tx, {order for _, found in new for order in found.match.orders})
        verdicts = [self._judge(tx, letter, found, old_cards) for letter, found in new]
        judged = [
            _unread(Why.UNREADABLE) if letter.report is None else _judged(letter.report, verdict, found)
            for (letter, found), verdict in zip(new, verdicts, strict=True)
        ]
        rows = [
            reports.New(letter.incoming, each, nobodys=found.is_nobodys)
            for (letter, found), each in zip(new, judged, strict=True)
        ]
        numbers = reports.add(tx, rows)
        self._effects.put(
            tx,
            [
                Heard(number, letter.report, verdict, found, letter.incoming.sender)
                for number, (letter, found), verdict in zip(numbers, new, verdicts, strict=True)
                if letter.report is not None
            ],
        )
        return [
            ReceivedReport(
                number=number,
                fate=each.fate,
                why=each.why,
                report=each.report,
                meant=each.meant,
                previous={order.shopify_id: order.status_word for order in found.known.values()},
                changes=verdict.changes,
            )
            for number, each, (_, found), verdict in zip(numbers, judged, new, verdicts, strict=True)
        ]

    def _judge(self, tx: Connection, letter: Letter, found: ReportMatch, old_cards: Mapping[int, str]) -> Verdict:
        if letter.report is None:
            return Verdict(Fate.NEEDS_A_PERSON, Why.UNREADABLE)
        edited, may_force = told_before_an_edit(letter.report, found, old_cards), letter.incoming.may_force
        verdict = judge(letter.report, found.match, _statuses(found.known), edited=edited, may_force=may_force)
        return self._as_asked(tx, at_its_end(tx, verdict, found), letter.report, found)

    def _as_asked(self, tx: Connection, verdict: Verdict, report: Report, found: ReportMatch) -> Verdict:
        """Return the verdict on a report that asks for another call, which follows by itself where it may."""
        asks = verdict.why in (Why.CALL_BACK, Why.LANGUAGE) and not verdict.changes and report.final
        if not asks or len(found.match.orders) != 1:
            return verdict
        why = self._next.against(tx, found.known[found.match.orders[0]], report, found.rung_call)
        return Verdict(Fate.NEEDS_A_PERSON, why) if why else Verdict(Fate.APPLIED, Why.CALLED_AS_ASKED)

    def put_into_effect(self, tx: Connection, heard: Sequence[Heard]) -> None:
        """Put reports into effect, as :meth:`ReportEffects.put` does."""
        self._effects.put(tx, heard)


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
