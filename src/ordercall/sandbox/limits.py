"""The leaky bucket of Shopify's rate limits: it empties by itself, and a full one refuses."""

from __future__ import annotations

import threading
from typing import Any

from ordercall.sandbox.provider import Clock


class Bucket:
    """Room for *size* points, of which *rate* become free again each second. Safe to use from any thread.

    ``size`` and ``rate`` may be changed at any time.
    """

    def __init__(self, size: float, rate: float, clock: Clock) -> None:
        """Args: size: points that may be used at once. rate: points that become free a second. clock: the present."""
        self.size = size
        self.rate = rate
        self._clock = clock
        self._used = 0.0
        self._counted_at = clock()
        self._lock = threading.RLock()

    @property
    def used(self) -> float:
        """The points that are in use."""
        with self._lock:
            now = self._clock()
            passed = max((now - self._counted_at).total_seconds(), 0.0)
            self._used, self._counted_at = max(self._used - passed * self.rate, 0.0), now
            return self._used

    @property
    def free(self) -> float:
        return max(self.size - self.used, 0.0)

    def take(self, points: float) -> bool:
        """Use *points*, or return False and use none when fewer are free."""
        with self._lock:
            fits = self.used + points <= self.size
            self._used += points if fits else 0.0
            return fits

    def give_back(self, points: float) -> None:
        """Free points that were taken and turned out not to be needed."""
        with self._lock:
            self._used = max(self.used - points, 0.0)


def cost_report(requested: int, actual: int | None, bucket: Bucket, *, free: int | None = None) -> dict[str, Any]:
    """Return GraphQL's report of the cost of a request.

    Args:
        requested: points that it may cost.
        actual: points that it did cost, None where nothing was done.
        free: points that are left; default: those of the bucket.
    """
    return {
        "requestedQueryCost": requested,
        "actualQueryCost": actual,
        "throttleStatus": {
            "maximumAvailable": float(bucket.size),
            "currentlyAvailable": int(bucket.free) if free is None else free,
            "restoreRate": float(bucket.rate),
        },
    }


def throttled(cost: dict[str, Any]) -> dict[str, Any]:
    """Return GraphQL's answer to a request for which too few points are left; it comes with status 200."""
    extensions = {"code": "THROTTLED", "documentation": "https://shopify.dev/api/usage/rate-limits"}
    return {"errors": [{"message": "Throttled", "extensions": extensions}], "extensions": {"cost": cost}}
