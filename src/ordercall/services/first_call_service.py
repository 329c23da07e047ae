"""The first real call as a page asks for it: a worker takes the steps and stores each, so that a page shows the same
after a reload, and a restart takes no step twice that may have rung a phone.

It goes the way of ``ordercall kalimera try``: two looks, a person's yes, three steps, and then the agent's report.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime, timedelta
from operator import methodcaller
from typing import TYPE_CHECKING

from ordercall.domain.calls.first_call import LOOKS, PLACES, WINDOW, CallStage, Rang, Step, Trace
from ordercall.domain.policy.rules import Agent
from ordercall.errors import UnknownFirstCall
from ordercall.jobs.engine import JobEngine
from ordercall.services.decision_service import DecisionService
from ordercall.services.first_call_check import FirstCallCheck, new_trace, report_of
from ordercall.services.standstill_service import is_alive
from ordercall.storage.engine.database import Database
from ordercall.storage.records import first_calls, reports
from ordercall.storage.records.first_calls import StoredFirstCall
from ordercall.storage.records.reports import StoredReport

if TYPE_CHECKING:  # it loads what speaks HTTP, which no web process does
    from ordercall.services.first_call import FirstCall

type OpenCall = Callable[[StoredFirstCall], AbstractContextManager[FirstCall]]

STEPS = {CallStage.LOOKING: LOOKS, CallStage.PLACING: (*LOOKS, *PLACES)}
"""The steps that are taken by the end of each stage."""

OPENS_THE_WINDOW = PLACES[0]

AGREED_FOR = timedelta(minutes=10)
"""A worker that comes to it later rings nobody: who asked for it has put the phone away."""

ASKED_FOR = timedelta(hours=1)
"""So long a person may think about it; what the looks have shown is old by then."""

REPORT_COMES_WITHIN = timedelta(minutes=15)
"""After its window: a call that began in its last minute is over by then, and reported."""

MOST_AN_HOUR = 10
"""Each rings a phone and changes a campaign: enough to try all agents of a shop, too few to pester anybody with."""

A_COMMAND = "a command line"
TOO_MANY = f"{MOST_AN_HOUR} numbers were tried within an hour. Wait until the first of them was an hour ago."
CRASHED = (
    "The worker stopped in the midst of it. What it asked for may have happened all the same: look at Kalimera before"
    " you try again."
)


class FirstCallService:
    """Takes calls in hand that a page asks for, carries them out and tells how they stand.

    Args:
        open_call: opens what the steps take; None: this process takes none.
    """

    def __init__(
        self,
        db: Database,
        jobs: JobEngine,
        decisions: DecisionService,
        clock: Callable[[], datetime],
        open_call: OpenCall | None = None,
    ) -> None:
        self._db = db
        self._jobs = jobs
        self._clock = clock
        self._decisions = decisions
        self._open_call = open_call
        self._check = FirstCallCheck(db, jobs, decisions, clock)

    # -- what a person asks for

    def refusals(self, agent: Agent, phone: str) -> list[str]:
        """Return why this number may not be rung by this agent now, a sentence each with what to do."""
        with self._db.read() as tx:
            missing = self._decisions.missing(tx)
            many = first_calls.number_since(tx, self._clock() - timedelta(hours=1)) >= MOST_AN_HOUR
        found = [f"Nobody can be called: {', '.join(missing)} not set."] if missing else []
        return found + [TOO_MANY] * many + self._check.refusals(agent, phone)

    def doubts(self, phone: str) -> list[str]:
        """Return what a person has to confirm before this number is rung now."""
        return self._check.doubts(phone)

    def begin(self, agent: Agent, phone: str, *, by: str, confirmed: Collection[str] = ()) -> int | None:
        """Have a worker look at Kalimera for a call, and return its number; None: another one is under way."""
        trace = new_trace(self._db, phone, self._clock())
        with self._db.begin() as tx:
            call_id = first_calls.begin(
                tx, agent, trace, by=by, stage=CallStage.LOOKING, confirmed=confirmed, now=self._clock()
            )
            if call_id:
                self._jobs.first_call(tx, call_id, agent.campaign_id)
        return call_id

    def agree(self, call_id: int) -> bool:
        """Have the number rung; return whether the call waited for that."""
        call = self.find(call_id)
        with self._db.begin() as tx:
            moved = first_calls.move(tx, call_id, CallStage.ASKING, CallStage.PLACING, now=self._clock())
            if moved:
                self._jobs.first_call(tx, call_id, call.agent.campaign_id)
        return moved

    def stop(self, call_id: int, *, by: str) -> bool:
        """Have nothing more done; where the window may be open a worker ends it. Return whether there was anything."""
        call, now = self.find(call_id), self._clock()
        with self._db.begin() as tx:
            if call.stage not in (CallStage.PLACING, CallStage.WAITING):
                return first_calls.end(tx, call_id, CallStage.STOPPED, now=now, by=by, before=call.stage)
            moved = first_calls.move(tx, call_id, call.stage, CallStage.STOPPING, by=by, now=now)
            if moved:
                self._jobs.first_call(tx, call_id, call.agent.campaign_id)
        return moved

    def note_rang(self, call_id: int, rang: Rang) -> None:
        """Note what a person says of their phone."""
        with self._db.begin() as tx:
            first_calls.note_rang(tx, call_id, rang)

    # -- what a command does

    def begin_by_hand(self, agent: Agent, trace: Trace) -> int | None:
        """Store a call whose steps a command takes, and return its number; None: another one is under way."""
        with self._db.begin() as tx:
            return first_calls.begin(tx, agent, trace, by=A_COMMAND, stage=CallStage.BY_HAND, now=self._clock())

    def end_by_hand(self, call_id: int, made: FirstCall) -> None:
        """Store what came of it; one of which nothing was done is as if it had not been."""
        with self._db.begin() as tx:
            call = first_calls.find(tx, call_id)
            if call is None or not made.steps:
                first_calls.drop(tx, call_id)
                return
            # Who stopped it had the number forgotten, and the steps are to be stored without it all the same.
            call = replace(call, trace=made.trace)
            for step in made.steps:
                first_calls.end_step(tx, call, step, made.found_out)
            report = made.reported.id if made.reported else None
            stage = CallStage.REPORTED if report else CallStage.SILENT if call.was_listed else CallStage.LAPSED
            stage = CallStage.FAILED if made.steps[-1].failed else stage
            first_calls.end(tx, call_id, stage, now=self._clock(), report=report)

    # -- how it stands

    def find(self, call_id: int) -> StoredFirstCall:
        """Return a call as far as it is.

        Raises:
            UnknownFirstCall: there is none of this number.
        """
        with self._db.read() as tx:
            found = first_calls.find(tx, call_id)
        if found is None:
            raise UnknownFirstCall(call_id)
        return found

    def newest(self) -> list[StoredFirstCall]:
        with self._db.read() as tx:
            return first_calls.newest(tx)

    def report(self, call: StoredFirstCall) -> StoredReport | None:
        """Return the report that was found to be of this call."""
        with self._db.read() as tx:
            return reports.find(tx, call.report) if call.report else None

    def has_worker(self) -> bool:
        """Return whether a worker runs that takes the steps."""
        with self._db.read() as tx:
            return is_alive(self._jobs.silence(tx))

    def look(self) -> None:
        """See to the call that is under way: whether it was reported, and whether its time is over."""
        with self._db.read() as tx:
            call = first_calls.under_way(tx)
        if call is None or call.trace is None:
            return
        now = self._clock()
        if call.stage is CallStage.ASKING and now.timestamp() - call.since > ASKED_FOR.total_seconds():
            self._end(call, CallStage.LAPSED)
        if call.stage is not CallStage.WAITING or call.rings_until is None:
            return
        if report := report_of(self._db, call.trace, now):
            with self._db.begin() as tx:
                first_calls.end(tx, call.id, CallStage.REPORTED, now=now, report=report.id, before=call.stage)
        elif now.timestamp() - call.rings_until > REPORT_COMES_WITHIN.total_seconds():
            self._end(call, CallStage.SILENT)

    # -- what a worker does

    def work(self, call_id: int) -> None:
        """Take the steps of the stage that a call is at."""
        with self._db.read() as tx:
            call = first_calls.find(tx, call_id)
        if call is None or call.trace is None or not call.stage.is_workers:
            return
        if call.stage is CallStage.STOPPING:
            self._stop(call)
        elif call.doing in PLACES:
            self.give_up(call.id)
        elif not call.doing and self._clock().timestamp() - call.since > AGREED_FOR.total_seconds():
            self._end(call, CallStage.LAPSED)
        else:
            with self._open(call) as opened:
                self._take_steps(call, opened)

    def give_up(self, call_id: int) -> None:
        """End a call in whose midst the worker stopped; its page says so."""
        with self._db.begin() as tx:
            if call := first_calls.find(tx, call_id):
                first_calls.end_step(tx, call, Step("The worker", failed=CRASHED), call.found_out)
                first_calls.end(tx, call_id, CallStage.FAILED, now=self._clock())

    def _take_steps(self, call: StoredFirstCall, opened: FirstCall) -> None:
        after = {CallStage.LOOKING: CallStage.ASKING, CallStage.PLACING: CallStage.WAITING}[call.stage]
        for name in STEPS[call.stage][len(call.steps) :]:
            if not self._take(call, opened, name):
                return
        with self._db.begin() as tx:
            first_calls.move(tx, call.id, call.stage, after, now=self._clock())

    def _take(self, call: StoredFirstCall, opened: FirstCall, name: str) -> bool:
        """Take a step unless the call was stopped, store it, and return whether another one may follow."""
        rings_until = self._clock() + WINDOW if name == OPENS_THE_WINDOW else None
        with self._db.begin() as tx:
            if not first_calls.begin_step(tx, call.id, call.stage, name, rings_until=rings_until):
                return False
        step: Step = methodcaller(name)(opened)
        with self._db.begin() as tx:
            first_calls.end_step(tx, call, step, opened.found_out)
            if step.failed:
                first_calls.end(tx, call.id, CallStage.FAILED, now=self._clock(), before=call.stage)
        return not step.failed

    def _open(self, call: StoredFirstCall) -> AbstractContextManager[FirstCall]:
        assert self._open_call is not None  # noqa: S101 - only a worker has jobs, and its bootstrap gives it one
        return self._open_call(call)

    def _stop(self, call: StoredFirstCall) -> None:
        """End the window that may be open, and the call."""
        if call.rings_until:
            with self._open(call) as opened:
                step = opened.close()
            with self._db.begin() as tx:
                first_calls.end_step(tx, call, step, call.found_out)
        self._end(call, CallStage.STOPPED)

    def _end(self, call: StoredFirstCall, stage: CallStage) -> None:
        with self._db.begin() as tx:
            first_calls.end(tx, call.id, stage, now=self._clock(), by=call.ended_by, before=call.stage)
