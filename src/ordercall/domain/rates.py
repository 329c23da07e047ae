"""Rates of small numbers: how much a count of some out of all says, and whether it says anything."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

FEWEST = 30
"""With fewer the interval is a third of the scale or more: the count says nothing."""

_Z = 1.959963984540054
"""Standard errors within which 95 % of a normal distribution lie."""


class Against(StrEnum):
    """How a rate stands to the rate of all: above or below it only where the whole interval is."""

    ABOVE = "above"
    BELOW = "below"
    WITHIN = "as the shop"


@dataclass(frozen=True, slots=True)
class Rate:
    """*part* out of *whole*, of which there is at least one."""

    part: int
    whole: int

    @property
    def share(self) -> float:
        return self.part / self.whole

    @property
    def is_too_few(self) -> bool:
        return self.whole < FEWEST

    @property
    def interval(self) -> tuple[float, float]:
        """Return Wilson's score interval at 95 %: the shares of which this count would be no surprise.

        Unlike the share with its standard error it stays within 0 and 1, and is no point where none or all count.
        """
        squared = _Z * _Z / self.whole
        middle = (self.share + squared / 2) / (1 + squared)
        spread = _Z * math.sqrt(self.share * (1 - self.share) / self.whole + squared / (4 * self.whole)) / (1 + squared)
        low = middle - spread if self.part else 0.0
        high = middle + spread if self.part < self.whole else 1.0
        return max(low, 0.0), min(high, 1.0)

    def against(self, all_of_them: Rate) -> Against:
        """Say how this stands to the rate of all."""
        low, high = self.interval
        if low > all_of_them.share:
            return Against.ABOVE
        return Against.BELOW if high < all_of_them.share else Against.WITHIN
