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
from datetime import datetime, timedelta

from sqlalchemy import Connection

from ordercall.config import Settings
from ordercall.domain.activity import Event, ProviderCall
from ordercall.domain.calls.call import Waits
from ordercall.domain.calls.calling import INDIA, WINDOW_TOLERANCE, Language, Reason
from ordercall.domain.calls.decision import PAUSE_LOOK
from ordercall.domain.policy.rules import Agent, Policy, When
from ordercall.errors import OutcomeUnknown, ProviderBusy, ProviderRefused
from ordercall.jobs.engine import JobEngine
from ordercall.jobs.retries import delay_before
from ordercall.providers.kalimera.campaigns import NOTHING_SEEN, CampaignSeen
from ordercall.providers.kalimera.client import KalimeraClient
from ordercall.services.campaign_list import CampaignList
from ordercall.services.decision_service import DecisionService
from ordercall.services.order_rules import do_not_call, wait_for_opening
from ordercall.services.paused_campaigns import PausedCampaigns
from ordercall.services.window_endings import WindowEndings
from ordercall.storage.engine.database import Database
from ordercall.storage.records import activity, calls, campaigns, further_calls, orders, pauses, window_endings
from ordercall.storage.records.calls import Terms
from ordercall.storage.records.campaigns import CampaignSettings, Listing, ListingState

logger = logging.getLogger(__name__)

LONGEST_FLUSH = 60.0
"""Seconds; a job that goes on for as long as contacts are made would look as one that hangs."""

LONGEST_GATHERING, GATHERING_PAUSE, MANY = 2.0, 0.05, 100
"""While contacts are made, so long at most they gather for one request, or until so many wait; a look each pause.
Then a tenth of the calls at most is about the list, and who is last waits for nobody."""

LOOK_AGAIN = timedelta(minutes=1)
"""After an update a campaign is looked at before the next one: in a rush its two agents take turns each second."""


class CampaignService:
    """Flushes the orders that wait for a campaign. The caller holds the campaign's lock."""

    def __init__(
        self,
        db: Database,
        jobs: JobEngine,
        kalimera: KalimeraClient,
        settings: Settings,
        decisions: DecisionService,
        clock: Callable[[], datetime],
    ) -> None:
        self._db = db
        self._jobs = jobs
        self._kalimera = kalimera
        self._settings = settings
        self._decisions = decisions
        self._clock = clock
        self._list = CampaignList(db, jobs, kalimera, decisions, clock)
        self._endings = WindowEndings(db, kalimera, settings, decisions, clock)
        self._paused = PausedCampaigns(db, jobs, kalimera, clock)
        self._flushed_at: dict[str, float] = {}
        self._set_at: dict[str, datetime] = {}

    def flush(self, campaign_id: str) -> None:
        """Add everybody who waits for this campaign, agent by agent. A failure queues the next attempt itself.

        Without the settings that it takes they go on waiting. While calls are paused its window is ended instead. One
        that a person has paused at Kalimera is told nothing.
        """
        if self._leave_to_others(campaign_id):
            return
        try:
            is_paused = self._paused.is_paused(campaign_id)
            if not is_paused:
                self._endings.end(campaign_id)
            if self._lacks_settings():
                return
            self._list.settle_unclear(campaign_id)
            if is_paused:
                self._send_those_of_another(campaign_id)
                self._paused.have_wait(campaign_id)
            else:
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
        """Queue a flush for every campaign with something to do: a net below the jobs themselves."""
        with self._db.begin() as tx:
            paused = pauses.current(tx, self._clock()) is not None
            to_be_ended = window_endings.to_be_ended(tx) if paused else []
            for campaign_id in {*campaigns.with_work(tx), *to_be_ended}:
                self._jobs.flush_campaign(tx, campaign_id)

    def _lacks_settings(self) -> bool:
        with self._db.read() as tx:
            return bool(self._decisions.missing(tx))

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

    def _send_those_of_another(self, campaign_id: str) -> None:
        """Have those go on who wait for a paused campaign, and whose agent rings on another one by now."""
        with self._db.begin() as tx:
            policy = self._decisions.policy(tx)
            for language in Language:
                agent = policy.agent_for(language)
                if agent is None or agent.campaign_id != campaign_id:
                    group = campaigns.in_state(tx, campaign_id, ListingState.WAITING, language)
                    self._list.send_another_way(tx, group)

    def _flush_in_turns(self, campaign_id: str) -> None:
        """Add those who wait, one agent after the other; after a while leave the rest to the next job."""
        deadline, served = time.monotonic() + LONGEST_FLUSH, set[Language]()
        since = time.monotonic() - self._flushed_at.get(campaign_id, -math.inf)
        if since < LONGEST_GATHERING:
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
        deadline = time.monotonic() + LONGEST_GATHERING
        while self._more_will_come(campaign_id) and time.monotonic() < deadline:
            time.sleep(GATHERING_PAUSE)

    def _more_will_come(self, campaign_id: str) -> bool:
        with self._db.read() as tx:
            return 0 < campaigns.number_waiting(tx, campaign_id) < MANY and self._jobs.is_bringing_orders(tx)

    def _flush_one_agent(self, campaign_id: str) -> Language | None:
        """Add those who wait for one agent, and return which; None: nobody waits, or it is not the time."""
        now = self._clock()
        with self._db.begin() as tx:
            language, policy = campaigns.first_waiting_language(tx, campaign_id), self._decisions.policy(tx)
            if language is None or self._waits_for_opening(tx, campaign_id, policy.when, now):
                return None
            group = campaigns.in_state(tx, campaign_id, ListingState.WAITING, language)
            agent = policy.agent_for(language)
            if agent is None or agent.campaign_id != campaign_id:
                self._list.send_another_way(tx, group)
                return language
        try:
            terms = self._tell(agent, group, policy, now)
        except ProviderRefused as refusal:
            with self._db.begin() as tx:
                self._list.park(tx, group, Reason.KALIMERA_REFUSED, refusal)
        else:
            if terms is None:
                return None
            self._list.add(terms, group)
        return language

    def _waits_for_opening(self, tx: Connection, campaign_id: str, when: When, now: datetime) -> bool:
        opening = None if when.paused else when.next_opening(now)
        if opening and opening <= now:
            return False
        self._jobs.flush_at_opening(tx, campaign_id, opening or now + PAUSE_LOOK)
        waiting = [listing.shopify_id for listing in campaigns.in_state(tx, campaign_id, ListingState.WAITING)]
        wait_for_opening(tx, waiting, opening, Waits.HOURS if opening else Waits.PAUSE, now=now)
        return True

    # -- the campaign's agent and window

    def _tell(self, agent: Agent, group: list[Listing], policy: Policy, now: datetime) -> Terms | None:
        """Give the campaign its agent and window, unless it has them already; return the terms of its calls.

        Returns:
            None: a person has paused it at Kalimera, and an update could start it.
        """
        campaign_id, language = agent.campaign_id, agent.language
        wanted = CampaignSettings(agent.agent_id, policy.when.window_from(now))
        with self._db.read() as tx:
            in_force, end = campaigns.last_settings(tx, campaign_id), campaigns.window_end(tx, campaign_id)
        is_open = end is not None and now < end
        seen = self._look(campaign_id, is_kept=_is_kept(in_force, wanted), now=now) if is_open else NOTHING_SEEN
        if seen.paused:
            self._paused.keep(campaign_id)
            return None
        if in_force and self._has_it_already(campaign_id, in_force, wanted, seen):
            with self._db.begin() as tx:
                self._log_campaign(tx, group, language, in_force, None)
            return Terms(campaign_id, language, in_force, policy.version)
        with self._db.begin() as tx:
            announce(tx, campaign_id, wanted, now)
        call = self._kalimera.update_campaign(campaign_id, wanted.agent_id, wanted.window)
        with self._db.begin() as tx:
            campaigns.confirm_update(tx, campaign_id, wanted, announced=now, now=self._clock())
            self._log_campaign(tx, group, language, wanted, call)
        self._set_at[campaign_id] = now
        return Terms(campaign_id, language, wanted, policy.version)

    def _look(self, campaign_id: str, *, is_kept: bool, now: datetime) -> CampaignSeen:
        """Return what Kalimera shows of a campaign whose window is open: a person may have changed or paused it."""
        set_at = self._set_at.get(campaign_id)
        if not is_kept and set_at and timedelta(0) <= now - set_at < LOOK_AGAIN:
            return NOTHING_SEEN
        return self._kalimera.see_campaign(campaign_id)

    @staticmethod
    def _has_it_already(
        campaign_id: str, in_force: CampaignSettings, wanted: CampaignSettings, seen: CampaignSeen
    ) -> bool:
        """Return whether the campaign has about what is wanted, as far as Kalimera shows that."""
        if not _is_kept(in_force, wanted):
            return False
        changed = seen.is_other_than(in_force.agent_id, in_force.window.end.astimezone(wanted.window.end.tzinfo))
        if changed:
            logger.warning("the campaign %s was changed at Kalimera; its agent and window are set again", campaign_id)
        return not changed

    def _log_campaign(
        self,
        tx: Connection,
        group: list[Listing],
        language: Language,
        in_force: CampaignSettings,
        call: ProviderCall | None,
    ) -> None:
        """Write down the agent and window in force, once for each order that they are new to."""
        news = orders.with_other_window(tx, [listing.shopify_id for listing in group], in_force.window)
        orders.set_window(tx, news, in_force.window)
        start, end = (moment.astimezone(INDIA) for moment in (in_force.window.start, in_force.window.end))
        message = f"Campaign calls with the {language.label} agent, {start:%H:%M} to {end:%H:%M} India time."
        activity.record_for_all(tx, news, Event.CAMPAIGN_UPDATED, message, now=self._clock(), call=call)

    def _try_again(self, campaign_id: str, retry_after: float | None) -> None:
        with self._db.begin() as tx:
            now = self._clock()
            failures = campaigns.count_failure(tx, campaign_id, now=now)
            self._jobs.flush_campaign(tx, campaign_id, at=now + delay_before(failures - 1, retry_after))


def announce(tx: Connection, campaign_id: str, wanted: CampaignSettings, now: datetime) -> None:
    """Store, before it is sent, what an update of a campaign means for those who may be rung on it."""
    campaigns.announce_update(tx, campaign_id, now=now)
    calls.campaign_told(tx, campaign_id, wanted.agent_id, wanted.window.end)
    further_calls.campaign_told(tx, campaign_id, wanted.window.end, now=now)


def _is_kept(in_force: CampaignSettings | None, wanted: CampaignSettings) -> bool:
    """Return whether what the campaign has is near enough to what is wanted."""
    if in_force is None:
        return False
    moved = abs(wanted.window.end - in_force.window.end)
    return in_force.agent_id == wanted.agent_id and moved <= WINDOW_TOLERANCE
