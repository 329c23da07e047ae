"""The calls that follow by themselves: after silence, after a pause, and where the customer has asked for another."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from ordercall.domain.activity import Event
from ordercall.domain.calls.call import CUSTOMER, Follows, Plan
from ordercall.domain.calls.calling import CallingState, Language, Reason
from ordercall.domain.calls.decision_words import Answer
from ordercall.domain.orders.order import Status
from ordercall.domain.policy.rules import After, Agent, Policy
from ordercall.domain.reports.fates import Why
from ordercall.domain.reports.report import Report
from ordercall.jobs.engine import JobEngine
from ordercall.services.decision_service import DecisionService
from ordercall.services.order_rules import queue_further_call
from ordercall.storage.records import activity, calls, further_calls, orders
from ordercall.storage.records.calls import Call
from ordercall.storage.records.stored_order import StoredOrder

MOST_ASKED_FOR = 2
"""Calls of one order that its customer may ask for: then somebody should talk to them."""

FURTHEST = timedelta(days=7)
"""Later than this the parcel should long be there."""


class NextCalls:
    """Plans them, in a transaction of the caller's, who holds the rows of the orders.

    What is planned here is a forecast: whether it rings is decided when it is due.
    """

    def __init__(self, jobs: JobEngine, decisions: DecisionService, clock: Callable[[], datetime]) -> None:
        self._jobs = jobs
        self._decisions = decisions
        self._clock = clock

    # -- after silence

    def after(self, tx: Connection, shopify_ids: Collection[int], cause: After | None) -> None:
        """Plan the next attempt for orders whose call has ended without an answer, where the policy has attempts.

        Who was called as often as that is left to a person, and so is whose call ended in a way that none follows.
        Where the policy calls once, that matters only to a parcel that is held until somebody answers.

        Args:
            cause: what is known of how it ended. None: nothing that another call could follow.
        """
        policy = self._decisions.policy(tx)
        if policy.attempts.number == 1 and not policy.hold.until_answered:
            return
        live = calls.live_of(tx, shopify_ids)
        for order in orders.find_all(tx, shopify_ids):
            waits = order.confirmation_status is Status.PLACED and order.calling_state is CallingState.ON_CAMPAIGN
            if not waits or order.shopify_id in live:
                continue
            if cause in policy.attempts.after:
                self._follow_up(tx, order, policy)
            else:
                self._leave_to_a_person(tx, order)

    def _follow_up(self, tx: Connection, order: StoredOrder, policy: Policy) -> None:
        attempt = 2 + further_calls.number_of(tx, order.shopify_id, (Follows.SILENCE,))
        decided = self._decisions.at_present(tx, order, Plan(follows=Follows.SILENCE, attempt=attempt))
        if decided.reason is Reason.NOT_REACHED:
            self._leave_to_a_person(tx, order)
        elif decided.answer is Answer.CALL:
            now = self._clock()
            rings_until = further_calls.may_ring_until(tx, order.shopify_id) or now
            due = self._opening(policy, max(now + policy.attempts.gap_before(attempt), rings_until))
            queue_further_call(tx, self._jobs, order, Follows.SILENCE, now=now, due=due)

    def in_place_of(self, tx: Connection, cut_off: Collection[Call]) -> None:
        """Plan once more the calls that a pause cut off, as they were asked for: no attempt is used up by it."""
        before, live = (
            {call.shopify_id: call for call in cut_off},
            calls.live_of(tx, [call.shopify_id for call in cut_off]),
        )
        for order in orders.find_all(tx, before):
            waits = order.confirmation_status is Status.PLACED or before[order.shopify_id].despite
            if waits and order.calling_state is CallingState.ON_CAMPAIGN and order.shopify_id not in live:
                self._call_once_more(tx, order, before[order.shopify_id])

    def _call_once_more(self, tx: Connection, order: StoredOrder, cut_off: Call) -> None:
        now, rings_until = self._clock(), further_calls.may_ring_until(tx, order.shopify_id)
        asked = {"asked_by": cut_off.asked_by, "language": cut_off.wanted_language, "despite": cut_off.despite}
        queue_further_call(tx, self._jobs, order, Follows.PAUSE, now=now, due=rings_until, **asked)

    def _leave_to_a_person(self, tx: Connection, order: StoredOrder) -> None:
        now, reason = self._clock(), Reason.NOT_REACHED
        orders.move_calling(tx, [order.shopify_id], CallingState.FAILED, now=now, reason=reason)
        message = f"{reason.sentence} {reason.remedy}"
        activity.record(tx, order.shopify_id, Event.CALL_UNANSWERED, message, now=now)

    # -- as the customer asked

    def zone(self, tx: Connection) -> ZoneInfo:
        """Return the zone in which customers are asked when they want to be called."""
        return self._decisions.policy(tx).when.zone

    def against(self, tx: Connection, order: StoredOrder, report: Report, rung_call: str | None) -> Why | None:
        """Return why a call that a customer asks for is left to a person; None: it may follow by itself."""
        asked = further_calls.number_of(tx, order.shopify_id, (Follows.CALL_BACK, Follows.LANGUAGE))
        if asked >= MOST_ASKED_FOR:
            return Why.ASKED_OFTEN
        if report.callback_at and report.callback_at - self._clock() > FURTHEST:
            return Why.TOO_FAR
        if report.language and self._agent(tx, report.language) is None:
            return Why.NO_AGENT
        wish = self._wish(tx, order, report, rung_call)
        if wish is None and report.callback_at is None:
            return Why.LANGUAGE
        if wish and wish in further_calls.asked_languages(tx, order.shopify_id):
            return Why.ASKED_OFTEN
        plan = Plan(follows=Follows.CALL_BACK, language=wish)
        called = self._decisions.at_present(tx, order, plan).answer is Answer.CALL
        return None if called else Why.CALL_BACK if report.callback_at else Why.LANGUAGE

    def as_asked(self, tx: Connection, order: StoredOrder, report: Report, rung_call: str | None) -> None:
        """Plan the call that a customer asked for, against which there is nothing; one that was planned makes way."""
        now = self._clock()
        follows = Follows.CALL_BACK if report.callback_at else Follows.LANGUAGE
        due = self._opening(self._decisions.policy(tx), max(now, report.callback_at or now))
        language = self._wish(tx, order, report, rung_call)
        queue_further_call(tx, self._jobs, order, follows, now=now, due=due, asked_by=CUSTOMER, language=language)

    def _wish(self, tx: Connection, order: StoredOrder, report: Report, rung_call: str | None) -> Language | None:
        """Return the language in which a customer wants to be called, if it is another than that of the call."""
        agent = self._agent(tx, report.language) if report.language else None
        spoken = {call.language for call in calls.of_order(tx, order.shopify_id) if call.known_as == rung_call}
        return agent.language if agent and agent.language not in spoken else None

    def _agent(self, tx: Connection, word: str) -> Agent | None:
        """Return the agent who speaks a language that is named by its code, with a region or without, or its name."""
        named = word.strip().casefold()
        code = named.replace("_", "-").split("-")[0]
        language = next((one for one in Language if named == one.label.casefold() or code == one), None)
        agent = self._decisions.policy(tx).agent_for(language) if language else None
        return agent if agent and agent.agent_id else None

    @staticmethod
    def _opening(policy: Policy, due: datetime) -> datetime:
        """Return the first moment from *due* on at which customers may be rung; while that is unknown, *due*."""
        return policy.when.next_opening(due) or due
