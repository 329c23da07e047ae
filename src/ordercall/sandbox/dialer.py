"""Kalimera's dialer: whom it rings when, and by which agent.

Nothing is published about it, so each thing that is assumed of it is a switch of :class:`FakeKalimera`.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ordercall.sandbox.kalimera import Campaign, FakeKalimera, Listing
from ordercall.sandbox.schedule import Schedule

REDIALS = 2
"""How often Kalimera rings once more by itself: few enough to be watched to the end."""

KEPT_RINGS = 2_000
"""Rings that are remembered: a sandbox runs for days."""


@dataclass(frozen=True, slots=True)
class Ring:
    """One time that a phone rings: by which contact, under which agent, and until when its window lasts."""

    contact_id: str
    phone: str
    campaign_id: str
    agent_id: str | None
    until: datetime
    attempt: int = 1


@dataclass(slots=True, eq=False)
class PlannedRing:
    """A listing that is still to be rung.

    Attributes:
        agent_id, start, end: what its campaign is told, as far as that holds for it.
        ready: when it may be rung at the earliest, whatever the window.
        turn: counts its plans; of several only the last one rings.
    """

    listing: Listing
    agent_id: str | None
    start: datetime | None
    end: datetime | None
    ready: datetime
    attempt: int = 1
    turn: int = 0


class Dialer:
    """Rings everybody who is put on a list, within the window. Safe to use from any thread."""

    def __init__(
        self,
        kalimera: FakeKalimera,
        schedule: Schedule,
        *,
        pick_up: Callable[[Ring], bool],
        delay: Callable[[], timedelta],
    ) -> None:
        """Listen to a Kalimera.

        Args:
            schedule: runs what is due.
            pick_up: has the customer answer, and returns whether somebody was reached.
            delay: how long it takes to ring somebody.
        """
        self._rings: deque[Ring] = deque(maxlen=KEPT_RINGS)
        self._kalimera = kalimera
        self._schedule = schedule
        self._pick_up = pick_up
        self._delay = delay
        self._waiting: set[PlannedRing] = set()
        self._lock = threading.RLock()
        kalimera.on_listed.append(self._listed)
        kalimera.on_updated.append(self._updated)

    @property
    def rings(self) -> list[Ring]:
        """A copy of its latest rings, oldest first."""
        with self._lock:
            return list(self._rings)

    def forget(self) -> None:
        """Ring nobody who waits now."""
        with self._lock:
            for waiting in self._waiting:
                waiting.turn += 1
            self._waiting.clear()

    def _listed(self, listing: Listing) -> None:
        self._wait(listing, listing.agent_id, listing.start, listing.end, attempt=1)

    def _updated(self, campaign: Campaign) -> None:
        """Have an update hold for those who wait on the campaign, as far as Kalimera has it so."""
        now = datetime.now(UTC)
        with self._lock:
            for each in [one for one in self._waiting if one.listing.campaign_id == campaign.campaign_id]:
                missed = each.end is not None and each.end < now
                holds = self._kalimera.rings_at_next_opening if missed else self._kalimera.update_reaches_listed
                if holds:
                    each.agent_id, each.start, each.end = campaign.agent_id, campaign.start, campaign.end
                    self._plan(each)
                elif missed:
                    self._waiting.discard(each)

    def _wait(
        self, listing: Listing, agent_id: str | None, start: datetime | None, end: datetime | None, *, attempt: int
    ) -> None:
        waiting = PlannedRing(listing, agent_id, start, end, datetime.now(UTC) + self._delay(), attempt)
        with self._lock:
            self._waiting.add(waiting)
            self._plan(waiting)

    def _plan(self, waiting: PlannedRing) -> None:
        """Ring when the window opens and the customer can be ready; outside of one nobody is rung."""
        now = datetime.now(UTC)
        waiting.turn += 1
        if waiting.start is None or waiting.end is None or now > waiting.end:
            return
        due = waiting.ready if waiting.start <= now else waiting.start + self._delay()
        turn = waiting.turn
        self._schedule.after(max((due - now).total_seconds(), 0.0), lambda: self._ring(waiting, turn))

    def _ring(self, waiting: PlannedRing, turn: int) -> None:
        with self._lock:
            if turn != waiting.turn or waiting.end is None or datetime.now(UTC) > waiting.end:
                return
            self._waiting.discard(waiting)
            listing = waiting.listing
            ring = Ring(
                listing.contact_id,
                listing.phone,
                listing.campaign_id,
                waiting.agent_id,
                waiting.end,
                waiting.attempt,
            )
            self._rings.append(ring)
        reached = self._pick_up(ring)
        if not reached and self._kalimera.redials and waiting.attempt <= REDIALS:
            self._wait(listing, waiting.agent_id, waiting.start, waiting.end, attempt=waiting.attempt + 1)
