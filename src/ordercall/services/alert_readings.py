"""What a look sees of each state that somebody on call is told of: what the pages and the doctor show, and no more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from ordercall.domain.alerts import UNTOLD, WELL, Alert, Reading
from ordercall.jobs.engine import JobEngine
from ordercall.services.decision_service import DecisionService
from ordercall.services.standstill_service import WORDS, Cause, is_alive, look_for_standstill
from ordercall.storage.engine.database import Database
from ordercall.storage.reads import reports
from ordercall.storage.records import belt, holds, refused_credentials, silent_providers

HOLD_GRACE = timedelta(hours=1)
"""Beyond what the policy allows: a release is tried again for as long when Shopify is busy."""

OF_A_WORKER = {Alert.CALLS, Alert.SHOPIFY, Alert.CREDENTIALS, Alert.QUEUE, Alert.HOLDS}
"""What a worker alone finds out or brings on: while none runs, nothing is told of it but that."""


@dataclass(frozen=True, slots=True)
class AlertReadings:
    """Looks at everything. Each state has one place that says whether it is so, which others ask as well.

    Args:
        zone: in which times are written.
    """

    db: Database
    jobs: JobEngine
    decisions: DecisionService
    zone: ZoneInfo

    def read(self, tx: Connection, now: datetime) -> dict[Alert, Reading]:
        """Return what is seen of each state but that of the database, which whoever reads it cannot tell."""
        seen = {
            Alert.DISK: self._disk(),
            Alert.WEBHOOKS: self._webhooks(tx, now),
            Alert.CANCELS: _cancels(tx),
        }
        if not is_alive(self.jobs.silence(tx)):
            gone = Reading(True, " ".join(WORDS[Cause.WORKER]))
            return seen | {Alert.WORKER: gone} | dict.fromkeys(OF_A_WORKER, UNTOLD)
        outages = {
            Alert.CALLS: self._calls(tx, now),
            Alert.SHOPIFY: self._shopify(tx),
            Alert.CREDENTIALS: _credentials(tx),
        }
        # Whoever is asked for nothing lets jobs and holds grow old, which is told by that.
        rest = dict.fromkeys((Alert.QUEUE, Alert.HOLDS), UNTOLD)
        if not any(reading.is_so for reading in outages.values()):
            rest = {Alert.QUEUE: self._queue(tx, now), Alert.HOLDS: self._holds(tx, now)}
        return seen | {Alert.WORKER: WELL} | outages | rest

    def _disk(self) -> Reading:
        space = self.db.space()
        return Reading(True, f"{space.sentence} {space.mend}") if space and space.mend else WELL

    def _webhooks(self, tx: Connection, now: datetime) -> Reading:
        quiet = reports.quiet_webhooks(tx, now)
        words = "The last came {}, though many orders came in the same hours of the last weeks."
        return Reading(True, words.format(self._moment(quiet.since))) if quiet else WELL

    def _calls(self, tx: Connection, now: datetime) -> Reading:
        found = look_for_standstill(tx, self.jobs, now)
        if found is None or found.cause is Cause.REFUSED:  # which is told as what it is
            return WELL if found is None else UNTOLD
        return Reading(True, " ".join(found.told(f"{found.orders:,}", self._moment(found.since))))

    def _shopify(self, tx: Connection) -> Reading:
        since = silent_providers.all_of(tx).get("Shopify")
        words = "So it is since {}. Cancellations, tags and holds wait, and go on by themselves with its first answer."
        return WELL if since is None else Reading(True, words.format(self._moment(since)))

    def _queue(self, tx: Connection, now: datetime) -> Reading:
        since = self.jobs.too_long_waiting(tx, now)
        words = "The oldest that could start has waited since {}, though a worker runs."
        return Reading(True, words.format(self._moment(since.timestamp()))) if since else WELL

    def _holds(self, tx: Connection, now: datetime) -> Reading:
        longest = self.decisions.policy(tx).hold.longest
        number = holds.count_too_old(tx, wanted_before=now - longest - HOLD_GRACE)
        hours = longest.total_seconds() / 3_600
        words = "Orders held in Shopify for longer than the {:g} hours that the policy allows: {:,}."
        return Reading(True, words.format(hours, number)) if number else WELL

    def _moment(self, at: float) -> str:
        return f"{datetime.fromtimestamp(at, UTC).astimezone(self.zone):%d %b %H:%M}"


def _cancels(tx: Connection) -> Reading:
    number = belt.frozen(tx)
    words = (
        "Orders that are Failed and not cancelled in Shopify: {:,}. More were refused within an hour than the policy"
    )
    return (
        Reading(True, f"{words.format(number)} lets be cancelled, and a person must say that they may.")
        if number
        else WELL
    )


def _credentials(tx: Connection) -> Reading:
    refused = refused_credentials.all_of(tx)
    told = [f"{each.provider} does not accept {each.setting}." for each in refused]
    return Reading(True, f"{' '.join(told)} All that waits goes on once it is put right.") if refused else WELL


Readings = Callable[[Connection, datetime], dict[Alert, Reading]]
