"""The one writer of a campaign.

A campaign has one agent and one call window, shared by all orders on it. Two orders that set them at the same
time would be called in the wrong language. So one worker at a time (the job engine's lock) sets agent and
window, and then adds everybody who waits for that agent in one request.

A worker that was out of touch for long may have lost that lock without knowing. It sends nothing more then
(``LeaseLost``), and what it writes late never undoes what its successor wrote.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from ordercall.config import Settings
from ordercall.domain.activity import Event, ProviderCall
from ordercall.domain.calling import INDIA, WINDOW_TOLERANCE, CallingState, Language, Reason, call_window
from ordercall.domain.calls import CallState
from ordercall.errors import (
    DatabaseBusy,
    OutcomeUnknown,
    ProviderBusy,
    ProviderError,
    ProviderRefused,
)
from ordercall.jobs.engine import JobEngine
from ordercall.jobs.retries import delay_before
from ordercall.providers.kalimera.additions import Addition
from ordercall.providers.kalimera.client import KalimeraClient, Listed
from ordercall.services.order_rules import do_not_call, leave_corrected, park, reasons_now, start_over, wait_for_opening
from ordercall.storage.engine.database import Database
from ordercall.storage.records import activity, calls, campaigns, contacts, orders
from ordercall.storage.records.calls import Terms
from ordercall.storage.records.campaigns import CampaignSettings, Listing, ListingState

logger = logging.getLogger(__name__)

LONGEST_STORING, STORING_PAUSE = 60.0, 0.2
"""Seconds for which the database is asked to keep what Kalimera has done, and between two tries."""

LONGEST_FLUSH = 60.0
"""Seconds; a job that goes on for as long as contacts are made would look as one that hangs."""

LONGEST_GATHERING, GATHERING_PAUSE, MANY = 2.0, 0.25, 100
"""While contacts are made, so long at most they gather for one request, or until so many wait, or none came in a pause:
then a tenth of the calls at most is about the list, and who is last waits a quarter of a second for nobody."""

LATE_ARRIVAL = 10.0
"""Seconds for which a contact whose addition got no answer may still come onto the list: it may be at work there."""

MOST_REFUSALS = 40
"""After this many refused requests in one flush nobody is looked for any more: the rest is set aside together."""


class CampaignService:
    """Flushes the orders that wait for a campaign. The caller holds the campaign's lock."""

    def __init__(
        self,
        db: Database,
        jobs: JobEngine,
        kalimera: KalimeraClient,
        settings: Settings,
        clock: Callable[[], datetime],
    ) -> None:
        self._db = db
        self._jobs = jobs
        self._kalimera = kalimera
        self._settings = settings
        self._clock = clock
        self._flushed_at: dict[str, float] = {}

    def flush(self, campaign_id: str) -> None:
        """Add everybody who waits for this campaign, agent by agent. A failure queues the next attempt itself.

        Without the settings that it takes they go on waiting.
        """
        if self._settings.missing_for_calls or self._leave_to_others(campaign_id):
            return
        try:
            self._settle_unclear(campaign_id)
            self._flush_in_turns(campaign_id)
            self._flushed_at[campaign_id] = time.monotonic()
        except (ProviderBusy, OutcomeUnknown) as error:
            self._try_again(campaign_id, error.retry_after)
        except Exception:
            self._try_again(campaign_id, None)
            raise
        else:
            with self._db.begin() as tx:
                campaigns.clear_failures(tx, campaign_id)

    def wake(self) -> None:
        """Queue a flush for every campaign on which somebody waits: a net below the jobs themselves."""
        with self._db.begin() as tx:
            for campaign_id in campaigns.with_work(tx):
                self._jobs.flush_campaign(tx, campaign_id)

    def _leave_to_others(self, campaign_id: str) -> bool:
        """Take the sandbox's orders off a real shop's queue; return whether, in a sandbox, real ones wait here."""
        sandboxed = self._settings.sandboxed
        with self._db.read() as tx:
            foreign = campaigns.waiting_of(tx, campaign_id, demo=not sandboxed)
        if foreign and not sandboxed:
            with self._db.begin() as tx:
                campaigns.remove(tx, foreign)
                for shopify_id in foreign:
                    do_not_call(tx, shopify_id, Reason.DEMO_ORDER, now=self._clock())
        return sandboxed and bool(foreign)

    def _flush_in_turns(self, campaign_id: str) -> None:
        """Add those who wait, one agent after the other; after a while leave the rest to the next job."""
        deadline, served = time.monotonic() + LONGEST_FLUSH, set[Language]()
        since = time.monotonic() - self._flushed_at.get(campaign_id, -math.inf)
        if since < LONGEST_GATHERING and self._contacts_come():
            self._let_more_gather(campaign_id)
        while language := self._flush_one_agent(campaign_id):
            if time.monotonic() > deadline:
                with self._db.begin() as tx:
                    self._jobs.flush_campaign(tx, campaign_id)
                return
            if language in served:
                self._let_more_gather(campaign_id)
            served.add(language)

    def _let_more_gather(self, campaign_id: str) -> None:
        """Wait while contacts are still being made: a request for every few would take the place of theirs."""
        deadline, waiting, before = time.monotonic() + LONGEST_GATHERING, self._number_waiting(campaign_id), 0
        while before < waiting < MANY and time.monotonic() < deadline:
            time.sleep(GATHERING_PAUSE)
            before, waiting = waiting, self._number_waiting(campaign_id)

    def _contacts_come(self) -> bool:
        with self._db.read() as tx:
            return self._jobs.is_bringing_orders(tx)

    def _number_waiting(self, campaign_id: str) -> int:
        with self._db.read() as tx:
            return campaigns.number_waiting(tx, campaign_id)

    def _flush_one_agent(self, campaign_id: str) -> Language | None:
        """Add those who wait for one agent, and return which; None: nobody waits, or it is not the time."""
        now = self._clock()
        with self._db.begin() as tx:
            language = campaigns.first_waiting_language(tx, campaign_id)
            if language is None or self._waits_for_opening(tx, campaign_id, now):
                return None
            group = campaigns.in_state(tx, campaign_id, ListingState.WAITING, language)
        try:
            told = self._tell(campaign_id, language, group, now)
        except ProviderRefused as refusal:
            with self._db.begin() as tx:
                self._park(tx, group, Reason.KALIMERA_REFUSED, refusal)
        else:
            self._add(Terms(campaign_id, language, told), group, Refusals())
        return language

    def _waits_for_opening(self, tx: Connection, campaign_id: str, now: datetime) -> bool:
        opening = self._settings.calling_hours.next_opening(now)
        if opening <= now:
            return False
        self._jobs.flush_at_opening(tx, campaign_id, opening)
        waiting = [listing.shopify_id for listing in campaigns.in_state(tx, campaign_id, ListingState.WAITING)]
        wait_for_opening(tx, waiting, opening, now=now)
        return True

    # -- the campaign's agent and window

    def _tell(self, campaign_id: str, language: Language, group: list[Listing], now: datetime) -> CampaignSettings:
        """Give the campaign its agent and window, unless it has them already; return those it has."""
        wanted = CampaignSettings(self._settings.agent_for(language), call_window(now, self._settings.calling_hours))
        with self._db.read() as tx:
            told = campaigns.last_settings(tx, campaign_id)
        if told and _near_enough(told, wanted) and self._still_has(campaign_id, told):
            with self._db.begin() as tx:
                self._log_campaign(tx, group, language, told, None)
            return told
        with self._db.begin() as tx:
            campaigns.announce_update(tx, campaign_id, now=now)
            calls.campaign_told(tx, campaign_id, wanted.agent_id, wanted.window.end)
        call = self._kalimera.update_campaign(campaign_id, wanted.agent_id, wanted.window)
        with self._db.begin() as tx:
            campaigns.confirm_update(tx, campaign_id, wanted, announced=now, now=self._clock())
            self._log_campaign(tx, group, language, wanted, call)
        return wanted

    def _still_has(self, campaign_id: str, told: CampaignSettings) -> bool:
        """Return whether the campaign is as it was set, as far as Kalimera shows that: a person may have changed it."""
        seen = self._kalimera.see_campaign(campaign_id)
        agent, end = seen.agent_id or told.agent_id, seen.end or told.window.end
        same = agent == told.agent_id and abs(end - told.window.end) <= WINDOW_TOLERANCE
        if not same:
            logger.warning("the campaign %s was changed at Kalimera; its agent and window are set again", campaign_id)
        return same

    def _log_campaign(
        self,
        tx: Connection,
        group: list[Listing],
        language: Language,
        told: CampaignSettings,
        call: ProviderCall | None,
    ) -> None:
        """Write down the agent and window in force, once for each order that they are new to."""
        news = orders.with_other_window(tx, [listing.shopify_id for listing in group], told.window)
        orders.set_window(tx, news, told.window)
        start, end = (moment.astimezone(INDIA) for moment in (told.window.start, told.window.end))
        message = f"Campaign calls with the {language.label} agent, {start:%H:%M} to {end:%H:%M} India time."
        activity.record_for_all(tx, news, Event.CAMPAIGN_UPDATED, message, now=self._clock(), call=call)

    # -- the campaign's list

    def _add(self, terms: Terms, group: list[Listing], refusals: Refusals) -> None:
        """Put a group on the campaign's list. That they may be there from now on is stored before it is sent."""
        group = self._claim(terms, group)
        if not group:
            return
        try:
            contacts = {listing.contact_id: listing.phone for listing in group}
            addition, call = self._kalimera.add_contacts(terms.campaign_id, contacts)
        except ProviderBusy:
            self._surely(lambda tx: self._wait_again(tx, group))
            raise
        except OutcomeUnknown as error:
            self._surely(lambda tx: self._leave_in_doubt(tx, group))
            self._settle_unclear(terms.campaign_id, error)
        except ProviderRefused as refusal:
            self._isolate(terms, group, refusal, refusals)
        else:
            self._surely(lambda tx: self._store_addition(tx, group, addition, call))
            if addition.unclear:
                what = "its answer does not name everybody"
                unknown = OutcomeUnknown("Kalimera", "add to the campaign", what, call=call)
                self._settle_unclear(terms.campaign_id, unknown)

    def _store_addition(self, tx: Connection, group: list[Listing], addition: Addition, call: ProviderCall) -> None:
        """Write down what became of a group: who is on the list, who was refused alone, and who may be on it."""
        apart = addition.refused.keys() | addition.unclear
        self._store_listed(tx, [listing for listing in group if listing.contact_id not in apart], call)
        for contact_id, words in addition.refused.items():
            refused = [listing for listing in group if listing.contact_id == contact_id]
            self._forget_contacts(tx, refused)
            reason = words or "its answer names this contact as not added"
            refusal = ProviderRefused("Kalimera", "add to the campaign", reason, call=call)
            self._park(tx, refused, Reason.KALIMERA_REFUSED, refusal)
        unclear = [listing for listing in group if listing.contact_id in addition.unclear]
        self._leave_in_doubt(tx, unclear)

    def _claim(self, terms: Terms, group: list[Listing]) -> list[Listing]:
        """Take those of the group who may still be rung; the others lose their place."""
        with self._db.begin() as tx:
            now = self._clock()
            reasons = reasons_now(tx, orders.find_all(tx, _ids(group)))
            for shopify_id, reason in reasons.items():
                if reason:
                    campaigns.give_up_place(tx, [shopify_id])
                    do_not_call(tx, shopify_id, reason, now=now)
            allowed = [listing for listing in group if not reasons[listing.shopify_id]]
            claimed = campaigns.claim(tx, allowed, now=now)
            begun = calls.begin(tx, _ids(claimed), terms, now=now)
            self._start_over(tx, [listing for listing in claimed if listing.shopify_id not in begun])
            return [listing for listing in claimed if listing.shopify_id in begun]

    def _isolate(self, terms: Terms, group: list[Listing], refusal: ProviderRefused, refusals: Refusals) -> None:
        """Halve a refused group until the contact that Kalimera will not take stands alone."""
        refusals.seen += 1
        if len({listing.contact_id for listing in group}) == 1 or refusals.seen >= MOST_REFUSALS:
            self._surely(lambda tx: self._refuse(tx, group, refusal))
            return
        self._surely(lambda tx: self._wait_again(tx, group))
        middle = len(group) // 2
        for half in (group[:middle], group[middle:]):
            self._add(terms, half, refusals)

    def _settle_unclear(self, campaign_id: str, error: OutcomeUnknown | None = None) -> None:
        """Find out who is on the list, of those whose request may or may not have arrived.

        A contact that an earlier order put on the list may stand there since then, and one that is missing on a part
        of the list may stand on the rest: a person must look.

        Where Kalimera does not show its list: a request that a dying worker left behind is sent once more, and
        orders whose answer was lost wait for a person. Sending those again by ourselves could ring hundreds of
        customers twice; a crash is rare and touches one batch.
        """
        with self._db.read() as tx:
            left_by_crash = campaigns.in_state(tx, campaign_id, ListingState.ADDING)
            answer_lost = campaigns.in_state(tx, campaign_id, ListingState.UNKNOWN)
        if not left_by_crash and not answer_lost:
            return
        lost = error or OutcomeUnknown("Kalimera", "add to the campaign", "its answer was lost")
        listed = self._kalimera.listed_contacts(campaign_id)
        with self._db.begin() as tx:
            if listed is None:
                self._wait_again(tx, left_by_crash)
                self._park(tx, answer_lost, Reason.OUTCOME_UNKNOWN, lost)
            else:
                self._settle_by_list(tx, campaign_id, left_by_crash + answer_lost, listed, lost)

    def _settle_by_list(
        self, tx: Connection, campaign_id: str, unclear: list[Listing], listed: Listed, lost: OutcomeUnknown
    ) -> None:
        earlier = campaigns.listed_before(tx, campaign_id, {listing.contact_id for listing in unclear})
        here = [listing for listing in unclear if listed.has(listing.contact_id)]
        missing = [listing for listing in unclear if not listed.has(listing.contact_id)]
        self._store_listed(tx, [listing for listing in here if listing.contact_id not in earlier], None)
        doubtful = [listing for listing in here if listing.contact_id in earlier]
        arriving = [one for one in missing if self._clock().timestamp() - one.changed_at < LATE_ARRIVAL]
        if listed.whole:
            self._wait_again(tx, [listing for listing in missing if listing not in arriving])
        else:
            doubtful += [listing for listing in missing if listing not in arriving]
        self._park(tx, doubtful, Reason.OUTCOME_UNKNOWN, lost)
        if arriving:
            self._jobs.flush_campaign(tx, campaign_id, at=self._clock() + timedelta(seconds=LATE_ARRIVAL))

    # -- what is stored

    def _surely(self, store: Callable[[Connection], None]) -> None:
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
        orders.move_calling(tx, ids, CallingState.ON_CAMPAIGN, now=now)
        message = "Contact added to the campaign's list."
        activity.record_for_all(tx, ids, Event.CONTACT_LISTED, message, now=now, call=call)
        activity.record_for_all(tx, ids, Event.SYNC_SUCCESS, "Kalimera will ring the customer.", now=now)
        leave_corrected(tx, set(ids).difference(calls.move(tx, ids, CallState.PLACED, now=now)), now=now)

    def _leave_in_doubt(self, tx: Connection, group: list[Listing]) -> None:
        now = self._clock()
        calls.move(tx, campaigns.place(tx, group, ListingState.UNKNOWN, now=now), CallState.IN_DOUBT, now=now)

    def _wait_again(self, tx: Connection, group: list[Listing]) -> None:
        """Have those wait again who were certainly not added."""
        now = self._clock()
        placed = campaigns.place(tx, group, ListingState.WAITING, now=now)
        left = set(placed) - set(calls.move(tx, placed, CallState.PLANNED, now=now))
        self._start_over(tx, [listing for listing in group if listing.shopify_id in left])

    def _start_over(self, tx: Connection, group: list[Listing]) -> None:
        """Have those looked at from the start whose call ended while they were added: their phone may be another."""
        if group:
            campaigns.remove(tx, _ids(group))
            start_over(tx, self._jobs, _ids(group), now=self._clock())

    def _refuse(self, tx: Connection, group: list[Listing], refusal: ProviderRefused) -> None:
        self._forget_contacts(tx, group)
        self._park(tx, group, Reason.KALIMERA_REFUSED, refusal)

    def _forget_contacts(self, tx: Connection, group: list[Listing]) -> None:
        """Forget contacts that Kalimera will not take: the next sync looks for them or makes them anew."""
        contacts.forget(tx, {listing.contact_id for listing in group})
        orders.forget_contact(tx, _ids(group))

    def _park(self, tx: Connection, group: list[Listing], reason: Reason, error: ProviderError) -> None:
        now = self._clock()
        park(tx, campaigns.place(tx, group, ListingState.PARKED, now=now), reason, error, now=now)

    def _try_again(self, campaign_id: str, retry_after: float | None) -> None:
        with self._db.begin() as tx:
            now = self._clock()
            failures = campaigns.count_failure(tx, campaign_id, now=now)
            self._jobs.flush_campaign(tx, campaign_id, at=now + delay_before(failures - 1, retry_after))


@dataclass(slots=True)
class Refusals:
    """How many requests of one flush Kalimera has refused so far."""

    seen: int = 0


def _near_enough(told: CampaignSettings, wanted: CampaignSettings) -> bool:
    moved = abs(wanted.window.end - told.window.end)
    return told.agent_id == wanted.agent_id and moved <= WINDOW_TOLERANCE


def _ids(group: list[Listing]) -> list[int]:
    return [listing.shopify_id for listing in group]
