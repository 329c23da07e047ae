"""What becomes of the campaigns' windows when calls are paused, and how that reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ordercall.domain.words import Word


class Outcome(Word):
    """What became of a campaign's window, and how a sentence about one that has not ended begins."""

    short: str

    # Kalimera is still to be told, or did not take it for now.
    ASKED = "asked", "goes on until Kalimera takes its end"
    ENDED = "ended", "has ended"
    REFUSED = "refused", "goes on, for Kalimera refused its end"
    # Kalimera was told, and gave no clear answer; it is told again.
    UNCLEAR = "unclear", "may have ended, and Kalimera is told again"


NOT_YET = (Outcome.ASKED, Outcome.UNCLEAR)


@dataclass(frozen=True, slots=True)
class Ending:
    """What became of the window of one campaign; ``words``: why it has not ended, as far as somebody said."""

    campaign_id: str
    outcome: Outcome
    words: str | None


def in_words(endings: Sequence[Ending]) -> list[str]:
    """Return in a few sentences how many campaigns Kalimera has ended, and of each other one why not."""
    ended = sum(ending.outcome is Outcome.ENDED for ending in endings)
    begun = sum(ending.outcome is Outcome.ASKED and ending.words is None for ending in endings)
    sentences = [f"Kalimera has ended the windows of {_campaigns(ended)}."] if ended else []
    sentences += [f"Kalimera is being told to end the windows of {_campaigns(begun)}."] if begun else []
    failed = [ending for ending in endings if ending.words is not None]
    return sentences + [f"Campaign {one.campaign_id} {one.outcome.short}: {one.words}." for one in failed]


def _campaigns(number: int) -> str:
    return f"{number} campaign{'' if number == 1 else 's'}"
