"""The list of a campaign: who is put on it, and what is stored of that before and after Kalimera answers.

Whoever puts somebody there holds the campaign's lock; see :mod:`ordercall.services.kalimera_service`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import batched

from sqlalchemy import Connection

from ordercall.domain.activity import Event, ProviderCall
from ordercall.domain.calls.call import CallState, Waits
from ordercall.domain.calls.calling import CallingState, Reason
from ordercall.domain.calls.decision import Decision
from ordercall.domain.calls.decision_words import Answer
from ordercall.domain.policy.rules import Agent
from ordercall.errors import DatabaseBusy, OutcomeUnknown, ProviderBusy, ProviderError, ProviderRefused
from ordercall.jobs.engine import JobEngine
from ordercall.providers.kalimera.additions import Addition
from ordercall.providers.kalimera.client import KalimeraClient, Listed
from ordercall.providers.kalimera.refusals import is_about_the_campaign
from ordercall.providers.kalimera.verdicts import says_it_exists
from ordercall.providers.masking import one_line
from ordercall.services.decision_service import DecisionService
from ordercall.services.do_not_call_service import left_to_a_person
from ordercall.services.joint_calls import leave_incomplete
from ordercall.services.order_rules import do_not_call, leave_corrected, park, start_over
from ordercall.storage.engine.database import Database
from ordercall.storage.records import activity, calls, campaigns, contacts, further_calls, orders
from ordercall.storage.records import do_not_call as do_not_call_list
from ordercall.storage.records.calls import Terms
from ordercall.storage.records.campaigns import Listing, ListingState

LONGEST_STORING, STORING_PAUSE = 60.0, 0.2
"""Seconds for which the database is asked to keep what Kalimera has done, and between two tries."""

LATE_ARRIVAL = 10.0
"""Seconds for which a contact whose addition got no answer may still come onto the list: it may be at work there."""

MOST_UNPROVEN = 100
"""Contacts in one request where no list could prove, after a lost answer, which of them are rung."""

PROOF = 20
"""Of so many contacts that were added last a page shows none or some, in whatever order it is: all are on the list."""

MOST_REFUSALS = 40
"""After this many refused requests in one flush nobody is looked for any more: the rest is set aside together."""


@dataclass(slots=True)
class Turn:
    """The turn of one agent in a flush: on which terms it rings, and how often Kalimera has refused in it.

    ``again``: it is of those who were on the campaign before.
    """

    terms: Terms
    refusals: int = 0
    again: bool = False

    def serves(self, agent: Agent | None) -> bool:
        """Return whether an agent that was decided on is the one whose turn it is."""
        mine = self.terms.language, self.terms.campaign_id, self.terms.settings.agent_id
        return agent is not None and (agent.language, agent.campaign_id, agent.agent_id) == mine


class CampaignList:
    """Puts groups of orders on the list of a campaign."""

    def __init__(
        self,
        db: Database,
        jobs: JobEngine,
        kalimera: KalimeraClient,
        decisions: DecisionService,
        clock: Callable[[], datetime],
    ) -> None:
        self._db = db
        self._jobs = jobs
        self._kalimera = kalimera
        self._decisions = decisions
        self._clock = clock

    def send_another_way(self, tx: Connection, group: list[Listing]) -> None:
        """Have these orders looked at anew whose agent, campaign or time has become another since they came here."""
        campaigns.give_up_place(tx, _ids(group))
        self._jobs.sync_orders(tx, [(listing.shopify_id, listing.phone) for listing in group if listing.phone])

    def add(self, terms: Terms, group: list[Listing]) -> None:
        """Put a group on the campaign's list; those who were on this campaign before in requests of their own.

        Of these the list proves nothing, and a refusal may mean that they are there.
        """
        with self._db.read() as tx:
            before = _were_on(tx, terms.campaign_id, group)
        new = [listing for listing in group if listing.contact_id not in before]
        proven = len(new) <= MOST_UNPROVEN or self._kalimera.shows_list(terms.campaign_id)
        for some in [new] if proven else batched(new, MOST_UNPROVEN):
            self._add(Turn(terms), list(some))
        again = [listing for listing in group if listing.contact_id in before]
        for some in batched(again, MOST_UNPROVEN):
            self._add(Turn(terms, again=True), list(some))

    def _add(self, turn: Turn, group: list[Listing]) -> None:
        """Add a group in one request. That they may be on the list from now on is stored before it is sent."""
        campaign_id, group = turn.terms.campaign_id, self._claim(turn, group)
        if not group:
            return
        try:
            contacts = {listing.contact_id: listing.phone for listing in group}
            addition, call = self._kalimera.add_contacts(campaign_id, contacts)
        except ProviderBusy:
            self._surely(lambda tx: self._wait_again(tx, group))
            raise
        except OutcomeUnknown as error:
            self._surely(lambda tx: self._leave_in_doubt(tx, group, ListingState.UNKNOWN))
            self.settle_unclear(campaign_id, error)
        except ProviderRefused as refusal:
            self._isolate(turn, group, refusal)
        else:
            self._surely(lambda tx: self._store_addition(tx, turn, group, addition, call))
            if addition.unclear:
                self.settle_unclear(campaign_id, _not_understood(one_line(call.response), call))

    def _store_addition(
        self, tx: Connection, turn: Turn, group: list[Listing], addition: Addition, call: ProviderCall
    ) -> None:
        """Write down what became of a group: who is on the list, who was refused alone, and who may be on it."""
        self._store_listed(tx, [listing for listing in group if listing.contact_id in addition.added], call)
        self._refuse_named(tx, turn, group, addition.refused, call)
        unclear = [listing for listing in group if listing.contact_id in addition.unclear]
        another = bool(addition.refused)  # is the request that would follow, without those
        left = self._leave_in_doubt(tx, unclear, ListingState.UNKNOWN if another else ListingState.UNCLEAR)
        message = "Kalimera's answer does not say whether the contact was added. Its list is looked at."
        activity.record_for_all(tx, left, Event.SYNC_DEFERRED, message, now=self._clock(), call=call)

    def _claim(self, turn: Turn, group: list[Listing]) -> list[Listing]:
        """Take those of the group whom the policy in force has rung now, by this agent; the others lose their place.

        Where a policy was published since the campaign was set nobody is taken: it is set anew for those who wait.
        """
        with self._db.begin() as tx:
            do_not_call_list.hold(tx)
            now = self._clock()
            decided = self._decisions.for_calls(tx, orders.find_all(tx, _ids(group)))
            if any(decision.policy != turn.terms.policy_version for decision in decided.values()):
                return []
            for shopify_id, decision in decided.items():
                if decision.reason:
                    campaigns.give_up_place(tx, [shopify_id])
                    do_not_call(tx, shopify_id, decision.reason, now=now)
            called = [one for one in group if decided[one.shopify_id].answer is Answer.CALL]
            elsewhere = [one for one in called if self._goes_elsewhere(turn, decided[one.shopify_id])]
            self.send_another_way(tx, elsewhere)
            ringing = [one for one in called if one not in elsewhere and decided[one.shopify_id].rings]
            incomplete = leave_incomplete(tx, ringing)
            self.send_another_way(tx, incomplete)
            ringing = [one for one in ringing if one not in incomplete]
            claimed = campaigns.claim(tx, ringing, now=now)
            begun = calls.begin(tx, _ids(claimed), turn.terms, now=now)
            self._start_over(tx, [listing for listing in claimed if listing.shopify_id not in begun])
            return [listing for listing in claimed if listing.shopify_id in begun]

    @staticmethod
    def _goes_elsewhere(turn: Turn, decided: Decision) -> bool:
        """Return whether an order is for another agent, or for a later time of its own: its sync sees to either."""
        later = not decided.rings and decided.waits in (Waits.AGAIN, Waits.DELAY)
        return later or not turn.serves(decided.agent)

    def _isolate(self, turn: Turn, group: list[Listing], refusal: ProviderRefused) -> None:
        """Set aside those whom a refusal names, or halve the group until whom Kalimera will not take stands alone.

        A refusal of the campaign itself is the same for each of them, and no reason to make their contacts anew.
        """
        turn.refusals += 1
        if is_about_the_campaign(refusal.body):
            self._surely(lambda tx: self.park(tx, group, Reason.KALIMERA_REFUSED, refusal))
            return
        if len({listing.contact_id for listing in group}) == 1 or turn.refusals >= MOST_REFUSALS:
            self._surely(lambda tx: self._refuse(tx, turn, group, refusal))
        elif refusal.because_of:
            self._set_aside(turn, group, refusal)
        else:
            self._add_in_halves(turn, group)

    def _set_aside(self, turn: Turn, group: list[Listing], refusal: ProviderRefused) -> None:
        """Set aside those because of whom all were refused; add the others, unless the list shows that some came.

        Who was on the campaign before stands on its list anyhow.
        """
        others = [listing for listing in group if listing.contact_id not in refusal.because_of]
        campaign_id = turn.terms.campaign_id

        def store(tx: Connection) -> None:
            self._refuse_named(tx, turn, group, refusal.because_of, refusal.call)
            self._leave_in_doubt(tx, others, ListingState.UNKNOWN)

        self._surely(store)
        ids = {listing.contact_id for listing in others}
        listed = None if turn.again or not ids else self._kalimera.listed_contacts(campaign_id, ids)
        if listed and any(map(listed.has, ids)):
            self.settle_unclear(campaign_id, _not_understood(refusal.reason, refusal.call))
        elif others:
            self._surely(lambda tx: self._wait_again(tx, others))
            self._add(turn, others)

    def _add_in_halves(self, turn: Turn, group: list[Listing]) -> None:
        self._surely(lambda tx: self._wait_again(tx, group))
        middle = len(group) // 2
        for half in (group[:middle], group[middle:]):
            self._add(turn, half)

    def settle_unclear(self, campaign_id: str, error: OutcomeUnknown | None = None) -> None:
        """Find out who is on the list, of those whose request may or may not have arrived.

        A contact that an earlier call put on the list may stand there since then, and one that is missing on a part
        of the list may stand on the rest: a person must look.

        Where Kalimera does not show its list, all wait for a person: to send again what may have arrived could ring
        hundreds of customers twice. By the policy what a dying worker left behind is sent once more; most of it never
        left. Whoever was in an answer that was not understood waits for a person too where the list does not show
        them: the same request would have the same answer.
        """
        with self._db.read() as tx:
            groups = {state: campaigns.in_state(tx, campaign_id, state) for state in campaigns.IN_DOUBT}
        unclear = [listing for group in groups.values() for listing in group]
        if not unclear:
            return
        listed = self._kalimera.listed_contacts(campaign_id, {listing.contact_id for listing in unclear})
        with self._db.begin() as tx:
            before = _were_on(tx, campaign_id, unclear)
            repeats = self._decisions.policy(tx).attempts.repeat_after_crash
            listed = replace(listed, whole=self._is_all(tx, campaign_id, listed)) if listed else None
            for state, group in groups.items():
                doubt = error or (_not_understood() if state is ListingState.UNCLEAR else _lost())
                again = [listing for listing in group if listing.contact_id in before]
                self.park(tx, again, Reason.OUTCOME_UNKNOWN, doubt)
                new = [listing for listing in group if listing not in again]
                if listed:
                    self._settle_by_list(tx, campaign_id, state, new, listed, doubt)
                elif state is ListingState.ADDING and repeats:
                    self._wait_again(tx, new)
                else:
                    self.park(tx, new, Reason.OUTCOME_UNKNOWN, doubt)

    def _settle_by_list(
        self,
        tx: Connection,
        campaign_id: str,
        state: ListingState,
        unclear: list[Listing],
        listed: Listed,
        doubt: OutcomeUnknown,
    ) -> None:
        self._store_listed(tx, [listing for listing in unclear if listed.has(listing.contact_id)], None)
        missing = [listing for listing in unclear if not listed.has(listing.contact_id)]
        arriving = [one for one in missing if 0 <= self._clock().timestamp() - one.changed_at < LATE_ARRIVAL]
        gone = [listing for listing in missing if listing not in arriving]
        came_in_part = listed.repeats and len(missing) < len(unclear)
        if state is ListingState.UNCLEAR or came_in_part or not listed.whole:
            self.park(tx, gone, Reason.OUTCOME_UNKNOWN, doubt)
        else:
            self._wait_again(tx, gone)
        if came_in_part:  # of one request: the others may stand on the rest, and the next look would not know of this
            self._leave_in_doubt(tx, arriving, ListingState.UNCLEAR)
        if arriving:
            self._jobs.flush_campaign(tx, campaign_id, at=self._clock() + timedelta(seconds=LATE_ARRIVAL))

    def _is_all(self, tx: Connection, campaign_id: str, listed: Listed) -> bool:
        """Return whether nobody else stands on the list: whoever is rung there does, so without them it is a page.

        One that does not say that it ends is believed where it shows whom we know to be there, or were put there last;
        one of strangers alone may be a page.
        """
        known = further_calls.ringing_on(tx, campaign_id, now=self._clock())
        if listed.repeats:
            known = known or further_calls.rung_last(tx, campaign_id, PROOF)
            if not known:
                return False
        return listed.whole and all(map(listed.has, known))

    # -- what is stored

    def _surely(self, store: Callable[[Connection], object]) -> None:
        """Write down what Kalimera has done, also when the database is busy or away for a while.

        What is never written down counts as left by a crash: Kalimera would be asked to add them all once more.
        """
        deadline = time.monotonic() + LONGEST_STORING
        while True:
            try:
                with self._db.begin() as tx:
                    store(tx)
                return
            except DatabaseBusy:
                if time.monotonic() > deadline:
                    raise
            time.sleep(STORING_PAUSE)

    def _store_listed(self, tx: Connection, group: list[Listing], call: ProviderCall | None) -> None:
        now = self._clock()
        ids = campaigns.place(tx, group, ListingState.LISTED, now=now)
        undone = orders.with_reason(tx, ids, Reason.CANCEL_UNDONE)  # meanwhile, and a person's
        orders.move_calling(tx, [one for one in ids if one not in undone], CallingState.ON_CAMPAIGN, now=now)
        overtaken = set(ids).difference(calls.move(tx, ids, CallState.PLACED, now=now))
        leave_corrected(tx, self._decisions, overtaken, now=now)
        listed = self._decisions.not_to_be_called(tx, [one.phone for one in group])
        left_to_a_person(tx, [one.shopify_id for one in group if one.phone in listed], now=now)
        message = "Contact added to the campaign's list."
        activity.record_for_all(tx, ids, Event.CONTACT_LISTED, message, now=now, call=call)
        activity.record_for_all(tx, ids, Event.SYNC_SUCCESS, "Kalimera will ring the customer.", now=now)

    def _leave_in_doubt(self, tx: Connection, group: list[Listing], state: ListingState) -> list[int]:
        now = self._clock()
        left = campaigns.place(tx, group, state, now=now)
        calls.move(tx, left, CallState.IN_DOUBT, now=now)
        return left

    def _wait_again(self, tx: Connection, group: list[Listing]) -> None:
        """Have those wait again who were certainly not added."""
        now = self._clock()
        placed = campaigns.place(tx, group, ListingState.WAITING, now=now)
        untold = {"contact_id": None}  # or a card that is made instead would count as another's
        left = set(placed) - set(calls.move(tx, placed, CallState.PLANNED, now=now, changes=untold))
        self._start_over(tx, [listing for listing in group if listing.shopify_id in left])

    def _start_over(self, tx: Connection, group: list[Listing]) -> None:
        """Have those looked at from the start whose call ended while they were added: their phone may be another."""
        if group:
            campaigns.remove(tx, _ids(group))
            start_over(tx, self._jobs, self._decisions, _ids(group), now=self._clock())

    def _refuse_named(
        self, tx: Connection, turn: Turn, group: list[Listing], named: Mapping[str, str], call: ProviderCall | None
    ) -> None:
        for contact_id, words in named.items():
            refused = [listing for listing in group if listing.contact_id == contact_id]
            reason = words or "its answer names this contact as not added"
            refusal = ProviderRefused("Kalimera", "add to the campaign", reason, call=call)
            refusal.body = words
            self._refuse(tx, turn, refused, refusal)

    def _refuse(self, tx: Connection, turn: Turn, group: list[Listing], refusal: ProviderRefused) -> None:
        if turn.again and says_it_exists(refusal.body):
            self.park(tx, group, Reason.ALREADY_LISTED, refusal)
            return
        self._forget_contacts(tx, group)
        self.park(tx, group, Reason.KALIMERA_REFUSED, refusal)

    def _forget_contacts(self, tx: Connection, group: list[Listing]) -> None:
        """Forget contacts that Kalimera will not take: the next sync looks for them or makes them anew."""
        contacts.forget(tx, {listing.contact_id for listing in group})
        orders.forget_contact(tx, _ids(group))

    def park(self, tx: Connection, group: list[Listing], reason: Reason, error: ProviderError) -> None:
        now = self._clock()
        park(tx, campaigns.place(tx, group, ListingState.PARKED, now=now), reason, error, now=now)


def _were_on(tx: Connection, campaign_id: str, group: list[Listing]) -> set[str]:
    """Return the contacts of these orders that were on the campaign before, or may have been."""
    contact_ids = {listing.contact_id for listing in group}
    by_calls = further_calls.were_on(tx, campaign_id, contact_ids, beside=_ids(group))
    return campaigns.listed_before(tx, campaign_id, contact_ids) | by_calls


def _lost() -> OutcomeUnknown:
    return OutcomeUnknown("Kalimera", "add to the campaign", "its answer was lost")


def _not_understood(words: str = "", call: ProviderCall | None = None) -> OutcomeUnknown:
    reason = f"its answer does not say who was added: {words}" if words else "nothing says whether it was added"
    return OutcomeUnknown("Kalimera", "add to the campaign", reason, call=call)


def _ids(group: list[Listing]) -> list[int]:
    return [listing.shopify_id for listing in group]
