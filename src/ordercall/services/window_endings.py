"""Ends the campaigns' open windows for a pause, by one PUT each, so that Kalimera rings nobody any more.

Whose call is cut off by that did not fail to answer. That it may be is stored before the request leaves, so a crash or
an unclear answer makes nobody's silence of it; their own end is moved back only after a clear yes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from ordercall.config import Settings
from ordercall.domain.calls.calling import CallWindow
from ordercall.domain.calls.pausing import Outcome
from ordercall.domain.policy.rules import Policy
from ordercall.errors import NotBelieved, OutcomeUnknown, ProviderBusy, ProviderError, ProviderRefused
from ordercall.providers.kalimera.client import KalimeraClient
from ordercall.services.decision_service import DecisionService
from ordercall.storage.engine.database import Database
from ordercall.storage.records import calls, campaigns, pauses, window_endings
from ordercall.storage.records.campaigns import CampaignSettings

LENGTH = timedelta(minutes=1)
"""Of a window that is over: Kalimera takes none that ends before it begins, and times are told in whole seconds."""

UNSET = "KALIMERA_AUTH_TOKEN is not set"
NO_AGENT = "neither a call that rings nor the policy names an agent of this campaign, and Kalimera asks for one"


@dataclass(frozen=True, slots=True)
class _Announced:
    """A window's end that is told to Kalimera, with when it was announced."""

    campaign_id: str
    ended: CampaignSettings
    at: datetime


class WindowEndings:
    """Ends windows. The caller holds the campaign's lock."""

    def __init__(
        self,
        db: Database,
        kalimera: KalimeraClient,
        settings: Settings,
        decisions: DecisionService,
        clock: Callable[[], datetime],
    ) -> None:
        self._db = db
        self._kalimera = kalimera
        self._settings = settings
        self._decisions = decisions
        self._clock = clock

    def end(self, campaign_id: str) -> None:
        """End the campaign's window if a pause in force asks for that and Kalimera has not taken it yet.

        Raises:
            ProviderBusy: nothing happened there. The campaign is to be tried again, as after the next one.
            OutcomeUnknown: it may have ended.
        """
        with self._db.read() as tx:
            wanted = campaign_id in window_endings.to_be_ended(tx)
        announced = self._announce(campaign_id) if wanted else None
        if announced is None:
            return
        try:
            self._kalimera.update_campaign(campaign_id, announced.ended.agent_id, announced.ended.window)
        except ProviderBusy as error:
            self._did_not(announced, Outcome.ASKED, error)
            raise
        except NotBelieved as error:  # it may have ended: nobody's silence comes of it
            self._store(campaign_id, Outcome.REFUSED, error)
        except ProviderRefused as error:
            self._did_not(announced, Outcome.REFUSED, error)
        except OutcomeUnknown as error:
            self._store(campaign_id, Outcome.UNCLEAR, error)
            raise
        else:
            self._did(announced)

    def _announce(self, campaign_id: str) -> _Announced | None:
        """Store that the window may end now, before Kalimera is told; None: there is nothing to tell."""
        now = self._clock()
        with self._db.begin() as tx:
            policy = self._decisions.policy(tx)
            if pauses.current(tx, now) is None or not self._is_ours(tx, campaign_id, now):
                return None
            if campaign_id not in window_endings.open_windows(tx, now):
                window_endings.forget(tx, campaign_id)
                return None
            agent_id = self._agent(tx, campaign_id, policy)
            if not self._settings.kalimera_auth_token or agent_id is None:
                words = NO_AGENT if self._settings.kalimera_auth_token else UNSET
                window_endings.store(tx, campaign_id, Outcome.REFUSED, words, now=now)
                return None
            end = now.astimezone(policy.when.zone).replace(microsecond=0)
            ended = CampaignSettings(agent_id, CallWindow(end - LENGTH, end))
            campaigns.announce_update(tx, campaign_id, now=now)
            calls.campaign_told(tx, campaign_id, agent_id, end)
            window_endings.may_cut_off(tx, campaign_id, end)
            return _Announced(campaign_id, ended, now)

    def _is_ours(self, tx: Connection, campaign_id: str, now: datetime) -> bool:
        """Return whether this process may tell: a sandbox nothing of real orders, a shop nothing of a sandbox's."""
        kinds = window_endings.rung_there(tx, campaign_id, now)
        if self._settings.sandboxed:
            return False not in kinds
        if kinds == {True}:
            window_endings.forget(tx, campaign_id)
        return kinds != {True}

    @staticmethod
    def _agent(tx: Connection, campaign_id: str, policy: Policy) -> str | None:
        """Return the agent that the campaign has, as far as that is known: the end of a window changes no agent."""
        in_force = campaigns.last_settings(tx, campaign_id)
        known = in_force.agent_id if in_force else window_endings.last_agent(tx, campaign_id)
        mine = (agent.agent_id for agent in policy.agents if agent.campaign_id == campaign_id)
        return known or next((agent_id for agent_id in mine if agent_id), None)

    def _did(self, announced: _Announced) -> None:
        now = self._clock()
        with self._db.begin() as tx:
            if campaigns.confirm_update(tx, announced.campaign_id, announced.ended, announced=announced.at, now=now):
                window_endings.cut_off(tx, announced.campaign_id, announced.ended.window.end)
                window_endings.store(tx, announced.campaign_id, Outcome.ENDED, now=now)

    def _store(self, campaign_id: str, outcome: Outcome, error: ProviderError) -> None:
        with self._db.begin() as tx:
            window_endings.store(tx, campaign_id, outcome, str(error), now=self._clock())

    def _did_not(self, announced: _Announced, outcome: Outcome, error: ProviderBusy | ProviderRefused) -> None:
        with self._db.begin() as tx:
            window_endings.did_not_cut_off(tx, announced.campaign_id, announced.ended.window.end)
            window_endings.store(tx, announced.campaign_id, outcome, str(error), now=self._clock())
