"""Pausing all calls and going on with them. Every addition to a campaign asks for the pause in its own transaction, and
the open windows are ended by the worker: see :mod:`ordercall.services.window_endings`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from ordercall.domain.audit import Act
from ordercall.domain.characters import one_line
from ordercall.errors import InvalidRequest, PauseConflict
from ordercall.jobs.engine import JobEngine
from ordercall.services.waiting import look_until
from ordercall.storage.engine.database import Database
from ordercall.storage.records import audit, campaigns, paused_campaigns, pauses, policies, window_endings
from ordercall.storage.records.pauses import Effect, Pause

LONGEST_REASON = 200
"""Characters: it stands in one line on every page."""

FURTHEST_END = timedelta(days=366)
"""A shop that rests for longer has somebody resume; the last days of the calendar are in no zone but one."""


class PauseService:
    """Pauses all calls, and has them go on."""

    def __init__(self, db: Database, jobs: JobEngine, clock: Callable[[], datetime], *, wait_seconds: float) -> None:
        """Args: wait_seconds: for how long a pause waits for the worker to tell Kalimera."""
        self._db = db
        self._jobs = jobs
        self._clock = clock
        self._wait_seconds = wait_seconds

    def pause(self, *, by: str, why: str = "", until: datetime | None = None, over_another: bool = True) -> Pause:
        """Pause all calls, and wait a few seconds for what Kalimera says of that.

        Once this has returned nobody is put on a campaign, whatever has become of the open windows.
        A campaign for which somebody waits may be about to get its window, so it is looked at too. Where this one takes
        the place of another they count as paused since then.

        Args:
            until: aware; when the pause ends by itself. None: when somebody resumes.
            over_another: where calls are paused already this one takes its place.

        Raises:
            InvalidRequest: *until* is past, or too far away.
            PauseConflict: they are, and it may not.
        """
        now = self._clock()
        if until is not None and until <= now:
            raise InvalidRequest("The end of the pause is past; give a later time, or none.", code="InvalidUntil")
        if until is not None and until > now + FURTHEST_END:
            message = "The pause would end in more than a year; give an earlier time, or none and resume calls by hand."
            raise InvalidRequest(message, code="InvalidUntil")
        with self._db.begin() as tx:
            policies.take(tx)
            running = pauses.current(tx, now)
            if running and not over_another:
                raise PauseConflict(running.by, running.why)
            pauses.end(tx, by=by, now=now)
            since = running.since if running else now
            pause = pauses.begin(tx, since=since, by=by, why=one_line(why, LONGEST_REASON), until=until)
            audit.write(tx, Act.CALLS_PAUSED, until=until and until.isoformat())
            if running is None:
                window_endings.forget(tx)
            open_ones = window_endings.open_windows(tx, now).union(campaigns.with_work(tx))
            window_endings.ask(tx, open_ones, now=now)
            for campaign_id in sorted(open_ones):
                self._jobs.flush_for_pause(tx, campaign_id)
        self._await_telling()
        return pause

    def _await_telling(self) -> None:
        def look() -> Effect:
            with self._db.read() as tx:
                return pauses.effect(tx, self._clock())

        look_until(look, lambda effect: not effect.is_being_told, seconds=self._wait_seconds)

    def resume(self, *, by: str, seen: int | None = None) -> Pause | None:
        """Have calls go on at once; return the pause that was in force, or None.

        Args:
            seen: the number of the pause that the person means; None: whichever is in force.

        Raises:
            PauseConflict: another one is in force by now, which stays.
        """
        now = self._clock()
        with self._db.begin() as tx:
            policies.take(tx)
            running = pauses.current(tx, now)
            if running and seen not in (None, running.id):
                raise PauseConflict(running.by, running.why)
            pauses.end(tx, by=by, now=now)
            if running:
                audit.write(tx, Act.CALLS_RESUMED)
            for campaign_id in campaigns.with_work(tx) if running else ():
                self._jobs.flush_for_pause(tx, campaign_id)
        return running

    def campaign_goes_on(self, campaign_id: str) -> bool:
        """Believe a person that a campaign is paused at Kalimera no more, and return whether it was.

        Within its window it is looked at all the same before anything is sent.
        """
        with self._db.begin() as tx:
            was_paused = paused_campaigns.end(tx, campaign_id)
            if was_paused:  # else anything that somebody sends would become a job
                self._jobs.flush_for_pause(tx, campaign_id)
        return was_paused

    def current(self) -> Pause | None:
        """Return the pause in force."""
        with self._db.read() as tx:
            return pauses.current(tx, self._clock())
