"""Campaigns that a person has paused at Kalimera.

Nothing is sent to one: an update could start what a person stopped. Its orders wait, and go on by themselves once it is
seen running. Out of its window a campaign may say by itself that it is paused, so what was seen within it is kept, also
for the workers that come later.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from ordercall.domain.calls.call import Waits
from ordercall.domain.calls.decision import PAUSE_LOOK
from ordercall.jobs.engine import JobEngine
from ordercall.providers.kalimera.client import KalimeraClient
from ordercall.services.order_rules import wait_for_opening
from ordercall.storage.engine.database import Database
from ordercall.storage.records import paused_campaigns

logger = logging.getLogger(__name__)

ALARM = "the campaign %s is paused at Kalimera. Resume it there: its orders wait, and then go on by themselves"


class PausedCampaigns:
    """Knows which campaigns are paused. The caller holds the campaign's lock."""

    def __init__(self, db: Database, jobs: JobEngine, kalimera: KalimeraClient, clock: Callable[[], datetime]) -> None:
        self._db = db
        self._jobs = jobs
        self._kalimera = kalimera
        self._clock = clock

    def is_paused(self, campaign_id: str) -> bool:
        """Return whether a campaign is paused, as far as is known; a look a minute at most finds out that it runs.

        A look that shows nothing is no sign that it does.
        """
        now = self._clock()
        with self._db.read() as tx:
            looked_at = paused_campaigns.looked_at(tx, campaign_id)
        if looked_at is None or timedelta(0) <= now - looked_at < PAUSE_LOOK:
            return looked_at is not None
        with self._db.begin() as tx:
            paused_campaigns.look(tx, campaign_id, now=now)
        if self._kalimera.see_campaign(campaign_id).paused is not False:
            return True
        with self._db.begin() as tx:
            paused_campaigns.end(tx, campaign_id)
        logger.warning("the campaign %s runs again at Kalimera; its orders go on", campaign_id)
        return False

    def keep(self, campaign_id: str) -> None:
        """Keep that a campaign was seen to be paused, and have its orders wait: the one alarm for all of them."""
        with self._db.begin() as tx:
            paused_campaigns.begin(tx, campaign_id, now=self._clock())
        logger.error(ALARM, campaign_id)
        self.have_wait(campaign_id)

    def have_wait(self, campaign_id: str) -> None:
        """Have the orders of a paused campaign wait, and its next look come."""
        now = self._clock()
        with self._db.begin() as tx:
            wait_for_opening(tx, paused_campaigns.newly_waiting(tx, campaign_id), None, Waits.CAMPAIGN, now=now)
            self._jobs.flush_at_opening(tx, campaign_id, now + PAUSE_LOOK)
