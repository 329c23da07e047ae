"""The faults of webhook delivery: every n-th is lost, comes twice, or comes late and so in the wrong order."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ordercall.sandbox.control import Reader, read_count, read_seconds

FAMILIES = ("X-Shopify", "shopify")


class Fate(NamedTuple):
    """What becomes of one delivery. ``delay``: seconds before it is sent."""

    lost: bool = False
    twice: bool = False
    delay: float = 0.0


@dataclass(slots=True)
class DeliveryPlan:
    """Which faults the deliveries have. Safe to use from any thread.

    Attributes:
        drop_every: every n-th webhook is never sent; 0: none. ``twice_every`` and ``late_every`` count the same way.
        late_seconds: the delay of a late webhook.
        family: how the names of its headers begin.
        signed_with: the name of the secret that signs; ``foreign`` is one that the product does not know.
    """

    drop_every: int = 0
    twice_every: int = 0
    late_every: int = 0
    late_seconds: float = 3.0
    family: str = "X-Shopify"
    signed_with: str = "shared"
    sent: int = 0
    lost: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def next(self) -> Fate:
        """Return what becomes of the next delivery."""
        with self._lock:
            self.sent += 1
            periods = (self.drop_every, self.twice_every, self.late_every)
            lost, twice, late = (bool(every) and self.sent % every == 0 for every in periods)
            self.lost += lost
            return Fate(lost, twice, self.late_seconds if late else 0.0)

    def change(self, wanted: Mapping[str, Any]) -> None:
        """Set what *wanted* names.

        Raises:
            ValueError: a value cannot be used; nothing is changed then.
        """
        new = {name: read(name, wanted[name]) for name, read in READERS.items() if name in wanted}
        for name, value in new.items():
            setattr(self, name, value)

    def to_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__ if not name.startswith("_")}


def _one_of(*choices: str) -> Reader:
    def read(name: str, value: Any) -> str:
        if value not in choices:
            raise ValueError(f"{name} must be one of {', '.join(choices)}.")
        return str(value)

    return read


READERS: dict[str, Reader] = {
    **dict.fromkeys(("drop_every", "twice_every", "late_every"), read_count),
    "late_seconds": read_seconds,
    "family": _one_of(*FAMILIES),
    "signed_with": _one_of("shared", "previous", "notifications", "foreign"),
}
