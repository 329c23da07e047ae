"""The one writer of a campaign.

A campaign has one agent and one call window, shared by all orders on it. Two orders that set them at the same
time would be called in the wrong language. So one worker at a time (the job engine's lock) sets agent and
window, and then adds everybody who waits for that agent in one request.

A worker that was out of touch for long may have lost that lock without knowing. It sends nothing more then
(``LeaseLost``), and what it writes late never undoes what its successor wrote.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from ordercall.config import Settings
from ordercall.domain.activity import Event, ProviderCall
from ordercall.domain.calling import INDIA, WINDOW_TOLERANCE, CallingState, Language, Reason, call_window
from ordercall.errors import (
    CredentialsRefused,
    DatabaseBusy,
    OutcomeUnknown,
    ProviderBusy,
    ProviderError,
    ProviderRefused,
)
from ordercall.jobs.engine import JobEngine
from ordercall.jobs.retries import delay_before
from ordercall.providers.kalimera.client import KalimeraClient
from ordercall.services.order_service import do_not_call, reasons_now
from ordercall.services.sync_service import park, wait_for_opening
from ordercall.storage.engine.database import Database
from ordercall.storage.records import activity, campaigns, contacts, orders
from ordercall.storage.records.campaigns import Listing, Place, Told

LONGEST_STORING, STORING_PAUSE = 60.0, 0.2
"""Seconds for which the database is asked to keep what Kalimera has done, and between two tries."""

LONGEST_FLUSH = 60.0
"""Seconds; a job that goes on for as long as contacts are made would look as one that hangs."""

LONGEST_GATHERING, GATHERING_PAUSE, MANY = 2.0, 0.25, 100
"""While contacts are made, so long at most they gather for one request, or until so many wait, or none came in a pause:
then a tenth of the calls at most is about the list, and who is last waits a quarter of a second for nobody."""

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

    def flush(self, campaign_id: str) -> None:
        """Add everybody who waits for this campaign, agent by agent. A failure queues the next attempt itself.

        Without the settings that it takes they go on waiting.
        """
        if self._settings.missing_for_calls or self._leave_to_others(campaign_id):
            return
        try:
            self._settle_unclear(campaign_id)
            self._flush_in_turns(campaign_id)
        except (ProviderBusy, OutcomeUnknown, CredentialsRefused) as error:
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
            group = campaigns.in_state(tx, campaign_id, Place.WAITING, language)
        try:
            self._tell(campaign_id, language, group, now)
        except ProviderRefused as refusal:
            self._park(group, Reason.KALIMERA_REFUSED, refusal)
        else:
            self._add(campaign_id, group, Refusals())
        return language

    def _waits_for_opening(self, tx: Connection, campaign_id: str, now: datetime) -> bool:
        opening = self._settings.calling_hours.next_opening(now)
        if opening <= now:
            return False
        self._jobs.flush_at_opening(tx, campaign_id, opening)
        waiting = [listing.shopify_id for listing in campaigns.in_state(tx, campaign_id, Place.WAITING)]
        wait_for_opening(tx, waiting, opening, now=now)
        return True

    # -- the campaign's agent and window

    def _tell(self, campaign_id: str, language: Language, group: list[Listing], now: datetime) -> None:
        """Give the campaign its agent and window, unless it has them already."""
        wanted = Told(self._settings.agent_for(language), call_window(now, self._settings.calling_hours))
        with self._db.begin() as tx:
            told = campaigns.last_told(tx, campaign_id)
            if told and _near_enough(told, wanted):
                self._log_campaign(tx, group, language, told, None)
                return
            campaigns.about_to_tell(tx, campaign_id, now=now)
        call = self._kalimera.update_campaign(campaign_id, wanted.agent_id, wanted.window)
        with self._db.begin() as tx:
            campaigns.was_told(tx, campaign_id, wanted, announced=now, now=self._clock())
            self._log_campaign(tx, group, language, wanted, call)

    def _log_campaign(
        self, tx: Connection, group: list[Listing], language: Language, told: Told, call: ProviderCall | None
    ) -> None:
        """Write down the agent and window in force, once for each order that they are new to."""
        news = orders.with_other_window(tx, [listing.shopify_id for listing in group], told.window)
        orders.set_window(tx, news, told.window)
        start, end = (moment.astimezone(INDIA) for moment in (told.window.start, told.window.end))
        message = f"Campaign calls with the {language.label} agent, {start:%H:%M} to {end:%H:%M} India time."
        activity.record_for_all(tx, news, Event.CAMPAIGN_UPDATED, message, now=self._clock(), call=call)

    # -- the campaign's list

    def _add(self, campaign_id: str, group: list[Listing], refusals: Refusals) -> None:
        """Put a group on the campaign's list. That they may be there from now on is stored before it is sent."""
        group = self._claim(group)
        if not group:
            return
        try:
            call = self._kalimera.add_contacts(campaign_id, dict.fromkeys(listing.contact_id for listing in group))
        except ProviderBusy:
            self._move(group, Place.WAITING)
            raise
        except OutcomeUnknown as error:
            self._move(group, Place.UNKNOWN)
            self._settle_unclear(campaign_id, error)
        except CredentialsRefused as refusal:
            self._park(group, Reason.KALIMERA_REFUSED, refusal)
        except ProviderRefused as refusal:
            self._isolate(campaign_id, group, refusal, refusals)
        else:
            self._store_surely(group, call)

    def _claim(self, group: list[Listing]) -> list[Listing]:
        """Take those of the group who may still be rung; the others lose their place."""
        with self._db.begin() as tx:
            now = self._clock()
            reasons = reasons_now(tx, orders.find_all(tx, _ids(group)))
            for shopify_id, reason in reasons.items():
                if reason:
                    campaigns.give_up_place(tx, [shopify_id])
                    do_not_call(tx, shopify_id, reason, now=now)
            claimed = [listing for listing in group if not reasons[listing.shopify_id]]
            return campaigns.claim(tx, claimed, now=now)

    def _isolate(self, campaign_id: str, group: list[Listing], refusal: ProviderRefused, refusals: Refusals) -> None:
        """Halve a refused group until the contact that Kalimera will not take stands alone."""
        refusals.seen += 1
        if len({listing.contact_id for listing in group}) == 1 or refusals.seen >= MOST_REFUSALS:
            self._forget_contacts(group)
            self._park(group, Reason.KALIMERA_REFUSED, refusal)
            return
        self._move(group, Place.WAITING)
        middle = len(group) // 2
        for half in (group[:middle], group[middle:]):
            self._add(campaign_id, half, refusals)

    def _settle_unclear(self, campaign_id: str, error: OutcomeUnknown | None = None) -> None:
        """Find out who is on the list, of those whose request may or may not have arrived.

        Where Kalimera does not show its list: a request that a dying worker left behind is sent once more, and
        orders whose answer was lost wait for a person. Sending those again by ourselves could ring hundreds of
        customers twice; a crash is rare and touches one batch.
        """
        with self._db.read() as tx:
            left_by_crash = campaigns.in_state(tx, campaign_id, Place.ADDING)
            answer_lost = campaigns.in_state(tx, campaign_id, Place.UNKNOWN)
        if not left_by_crash and not answer_lost:
            return
        on_list = self._kalimera.listed_contacts(campaign_id)
        if on_list is None:
            self._move(left_by_crash, Place.WAITING)
            lost = error or OutcomeUnknown("Kalimera", "add to the campaign", "its answer was lost")
            self._park(answer_lost, Reason.OUTCOME_UNKNOWN, lost)
            return
        unclear = left_by_crash + answer_lost
        self._store_listed([listing for listing in unclear if listing.contact_id in on_list], None)
        self._move([listing for listing in unclear if listing.contact_id not in on_list], Place.WAITING)

    # -- what is stored

    def _store_surely(self, group: list[Listing], call: ProviderCall) -> None:
        """Write down whom Kalimera has added, also when the database is busy or away for a while.

        What is never written down counts as left by a crash: Kalimera would be asked to add them all once more.
        """
        deadline = time.monotonic() + LONGEST_STORING
        while True:
            try:
                self._store_listed(group, call)
                return
            except DatabaseBusy:
                if time.monotonic() > deadline:
                    raise
            time.sleep(STORING_PAUSE)

    def _store_listed(self, group: list[Listing], call: ProviderCall | None) -> None:
        with self._db.begin() as tx:
            now = self._clock()
            ids = campaigns.place(tx, group, Place.LISTED, now=now)
            orders.set_calling(tx, ids, CallingState.ON_CAMPAIGN, now=now)
            message = "Contact added to the campaign's list."
            activity.record_for_all(tx, ids, Event.CONTACT_LISTED, message, now=now, call=call)
            activity.record_for_all(tx, ids, Event.SYNC_SUCCESS, "Kalimera will ring the customer.", now=now)

    def _move(self, group: list[Listing], state: Place) -> None:
        with self._db.begin() as tx:
            campaigns.place(tx, group, state, now=self._clock())

    def _forget_contacts(self, group: list[Listing]) -> None:
        """Forget contacts that Kalimera will not take: the next sync looks for them or makes them anew."""
        with self._db.begin() as tx:
            contacts.forget(tx, {listing.contact_id for listing in group})
            orders.forget_contact(tx, _ids(group))

    def _park(self, group: list[Listing], reason: Reason, error: ProviderError) -> None:
        with self._db.begin() as tx:
            now = self._clock()
            campaigns.place(tx, group, Place.PARKED, now=now)
            park(tx, _ids(group), reason, error, now=now)

    def _try_again(self, campaign_id: str, retry_after: float | None) -> None:
        with self._db.begin() as tx:
            now = self._clock()
            failures = campaigns.count_failure(tx, campaign_id, now=now)
            self._jobs.flush_campaign(tx, campaign_id, at=now + delay_before(failures - 1, retry_after))


@dataclass(slots=True)
class Refusals:
    """How many requests of one flush Kalimera has refused so far."""

    seen: int = 0


def _near_enough(told: Told, wanted: Told) -> bool:
    moved = abs(wanted.window.end - told.window.end)
    return told.agent_id == wanted.agent_id and moved <= WINDOW_TOLERANCE


def _ids(group: list[Listing]) -> list[int]:
    return [listing.shopify_id for listing in group]
