"""Whether a report of a call could have reached us: only then is a silence the customer's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from ordercall.domain.words import Word

LONGEST_PAUSE = timedelta(minutes=5)
"""We note each minute that we run. A start anew takes less than this, and platforms send again for as long."""

MOST_UNTOLD = 20
"""So many calls in a row of which nobody reports anything: of twenty customers some answer their phone."""

LONG_AGO = datetime.min.replace(tzinfo=UTC)


class Closed(Word):
    """Why the road back was closed, in a sentence."""

    sentence: str

    NOT_RUNNING = "not_running", "Ordercall did not run while it rang."
    REFUSED = "refused", "Reports of calls were not let in while it rang (401, 403, 404, 413 or 503)."
    NO_REPORTS = "no_reports", f"{MOST_UNTOLD} calls have ended since anybody reported one."


@dataclass(frozen=True, slots=True)
class Span:
    """A time from a moment to another, both aware."""

    start: datetime
    end: datetime

    def overlaps(self, other: Span) -> bool:
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadBack:
    """What is known of it.

    Attributes:
        running: when we ran, the oldest first. What was before is not known, and taken to be so.
        refused: when reports were refused at the door.
        untold_since: since when calls end without a report; None: their number says nothing yet.
    """

    running: Sequence[Span] = ()
    refused: Sequence[Span] = ()
    untold_since: datetime | None = None

    def closed_in(self, window: Span) -> Closed | None:
        """Return why a report of a call that rang in this window may not have reached us, or None."""
        if any(Span(one.end, after.start).overlaps(window) for one, after in pairwise(self.running)):
            return Closed.NOT_RUNNING
        if any(refused.overlaps(window) for refused in self.refused):
            return Closed.REFUSED
        return Closed.NO_REPORTS if self.untold_since is not None and window.end > self.untold_since else None


def untold_since(ends: Sequence[datetime], last_report: datetime | None) -> datetime | None:
    """Return since when this number of these calls ended without a report that this says something, or None.

    Args:
        ends: of the calls of which nobody reported anything.
    """
    since = last_report or LONG_AGO
    return since if sum(end > since for end in ends) >= MOST_UNTOLD else None
