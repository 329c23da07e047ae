"""What stands against the first real call, and which report is its own.

Nothing else may be at work on the campaign meanwhile: whoever stands on it would be rung by this call's agent, or
longer than somebody wanted.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime

from sqlalchemy import Connection

from ordercall.domain.calls.calling import INDIA
from ordercall.domain.calls.first_call import Trace
from ordercall.domain.policy.rules import Agent, Policy
from ordercall.domain.reports.report import Report
from ordercall.jobs.engine import JobEngine
from ordercall.services.decision_service import DecisionService
from ordercall.services.standstill_service import is_alive
from ordercall.storage.engine.database import Database
from ordercall.storage.reads.related_orders import around
from ordercall.storage.records import campaigns, first_calls, further_calls, paused_campaigns, reports
from ordercall.storage.records.reports import StoredReport

BEYOND_ORDERS = 9_000_000_000_000_000
"""The number that the card has in place of an order's: beyond Shopify's and the sandbox's, and exact in JavaScript."""
BY = "the first real call"
OWN_CAMPAIGN = "give the agent a campaign of its own"


class FirstCallCheck:
    """Says whether a number may be rung by an agent now."""

    def __init__(
        self, db: Database, jobs: JobEngine, decisions: DecisionService, clock: Callable[[], datetime]
    ) -> None:
        self._db = db
        self._jobs = jobs
        self._decisions = decisions
        self._clock = clock

    def refusals(self, agent: Agent, phone: str, own: int | None = None) -> list[str]:
        """Return why a call may not be made now, a sentence each with what to do.

        Args:
            own: its number, where it is stored already.
        """
        with self._db.read() as tx:
            found = [self._is_paused_there(tx, agent), self._others_ring(tx, agent), self._may_be_listed(tx, agent)]
            works = is_alive(self._jobs.silence(tx)) and not self._decisions.policy(tx).when.paused
            waits = self.is_waited_for(tx, Report(phone=phone))
            other = first_calls.under_way(tx)
        if works:
            found.append(
                "A worker is at work, and could set the campaign at the same moment. Pause all calls first, by the"
                " switch on every page or `ordercall calls pause`, and resume them afterwards."
            )
        if waits:
            found.append(
                "An order of this number waits for what came of its call, and would get this call's answer. Take"
                " another number, or set the order's status first."
            )
        if own and other is None:
            found.append("This call was stopped on its page.")
        if other and other.id != own:
            found.append(f"{other.made_by} tries a number just now. Wait until that is over, or stop it on its page.")
        return [sentence for sentence in found if sentence]

    def others_ring(self, agent: Agent) -> str:
        """Return what to say where customers may be rung on the agent's campaign; empty where none may."""
        with self._db.read() as tx:
            return self._others_ring(tx, agent)

    def _others_ring(self, tx: Connection, agent: Agent) -> str:
        until = further_calls.rings_until(tx, agent.campaign_id, self._clock())
        if until is None:
            return ""
        return (
            f"Customers may be rung on campaign {agent.campaign_id} until {until.astimezone(INDIA):%H:%M} India time,"
            f" and would hear this call's agent. Wait until then, or {OWN_CAMPAIGN}."
        )

    @staticmethod
    def _is_paused_there(tx: Connection, agent: Agent) -> str:
        if paused_campaigns.looked_at(tx, agent.campaign_id) is None:
            return ""
        return (
            f"A person has paused the campaign {agent.campaign_id} at Kalimera, and an update could start it. Resume it"
            f" there, or {OWN_CAMPAIGN}."
        )

    @staticmethod
    def _may_be_listed(tx: Connection, agent: Agent) -> str:
        in_doubt = campaigns.number_in_doubt(tx, agent.campaign_id)
        if not in_doubt:
            return ""
        return (
            f"Customers who may be on campaign {agent.campaign_id} without anybody knowing: {in_doubt:,}. Let the"
            f" worker look there first, or {OWN_CAMPAIGN}."
        )

    def doubts(self, phone: str) -> list[str]:
        """Return what a person has to confirm before this number is rung now."""
        with self._db.read() as tx:
            listed = self._decisions.not_to_be_called(tx, [phone])
            policy = self._decisions.policy(tx)
        found = ["This number is on the do-not-call list."] if listed else []
        return found + ([] if self._is_open(policy) else ["It is outside the calling hours."])

    def stands_against(self, agent: Agent, phone: str, confirmed: Collection[str], own: int | None = None) -> str:
        """Return what has come between since a person was asked, who may have taken hours to answer."""
        unconfirmed = (doubt for doubt in self.doubts(phone) if doubt not in confirmed)
        return " ".join([*self.refusals(agent, phone, own), *unconfirmed])

    def _is_open(self, policy: Policy) -> bool:
        now = self._clock()
        return policy.when.next_opening(now) == now

    def is_waited_for(self, tx: Connection, report: Report) -> bool:
        """Return whether an order waits for such a report."""
        near = around(tx, report, at_address=None, now=self._clock())
        return any(order.call or order.rings for order in near.orders)


def new_trace(db: Database, phone: str, now: datetime) -> Trace:
    """Return what a call that begins now will be known by."""
    with db.read() as tx:
        return Trace(phone, BEYOND_ORDERS + int(now.timestamp()), reports.last_number(tx))


def report_of(db: Database, trace: Trace, now: datetime) -> StoredReport | None:
    """Return the first report of a call, or None while there is none. It is no open matter any more."""
    with db.read() as tx:
        found = reports.first_of_no_order(tx, after=trace.last_report, phone=trace.phone, contact_id=trace.contact_id)
    if found and (found.phone or found.contact_id or found.said.get("shopify_id") == trace.order_number):
        with db.begin() as tx:
            reports.mark_handled(tx, found.id, by=BY, now=now)
    return found
