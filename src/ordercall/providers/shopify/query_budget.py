"""How much to ask GraphQL for, and when: an app has a bucket of points, and each object that is asked for costs some.

Source: Shopify's page on rate limits. A request is priced before it is carried out, as if every page were full; what
it did not need is given back afterwards. Cancellations share the bucket.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ordercall.providers.json_values import part

LONGEST_THROTTLE = 60.0
"""Seconds; the largest bucket of points fills in less."""

LARGEST_QUERY = 1_000
"""Points that one request may cost, whatever there is in the bucket."""

KEPT_FREE = 100
"""Points for whoever cancels orders meanwhile: a mutation costs ten."""

FIRST, SMALLEST = 6, 5
"""Orders on the first page, whose price nobody knows yet (about 40 points each), and at least on a later one: a quarter
of the smallest bucket that Shopify has given its apps, 1,000 points of which 50 a second come back."""


@dataclass(frozen=True, slots=True)
class Budget:
    """What the next page may hold: ``size`` things, and how many seconds to wait before it is asked for.

    ``largest``: what a page may hold at most.
    """

    size: int
    largest: int
    wait: float = 0.0

    @classmethod
    def first(cls, largest: int) -> Budget:
        """Return what the first page may hold."""
        return cls(min(FIRST, largest), largest)

    def after(self, cost: Mapping[str, Any]) -> Budget:
        """Return what the page after this one may hold.

        Args:
            cost: what the answer reports of it; without that all stays as it was.
        """
        status = cost.get("throttleStatus")
        asked = cost.get("requestedQueryCost")
        if not isinstance(status, Mapping) or not asked:
            return Budget(self.size, self.largest)
        each = asked / self.size
        free = status["currentlyAvailable"] - KEPT_FREE
        size = min(int(min(free, LARGEST_QUERY) / each), self.largest)
        smallest = min(SMALLEST, self.largest)
        if size >= smallest:
            return Budget(size, self.largest)
        return Budget(smallest, self.largest, (smallest * each - free) / status["restoreRate"])


def seconds_until_affordable(cost: Mapping[str, Any]) -> float:
    """Return how long the points that a throttled request needs take to come back, as its answer reports them."""
    status = part(cost, "throttleStatus")
    missing = _number(cost.get("requestedQueryCost")) - _number(status.get("currentlyAvailable"))
    rate = _number(status.get("restoreRate"))
    return min(max(missing / rate, 0.0), LONGEST_THROTTLE) if rate > 0 else 1.0


def seconds_until_half_full(cost: Mapping[str, Any]) -> float:
    """Return how long the bucket takes to be half full, as an answer reports it: for what is urgent to nobody."""
    status = part(cost, "throttleStatus")
    missing = _number(status.get("maximumAvailable")) / 2 - _number(status.get("currentlyAvailable"))
    rate = _number(status.get("restoreRate"))
    return min(max(missing / rate, 0.0), LONGEST_THROTTLE) if rate > 0 else 0.0


def _number(value: Any) -> float:
    return float(value) if isinstance(value, (int, float)) else 0.0
