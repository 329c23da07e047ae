"""How badly webhooks travel: every so many are lost, come twice, or come late and so in the wrong order."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

FAMILIES = ("X-Shopify", "shopify")
SECRETS = ("shared", "previous", "notifications", "foreign")
EVERY = ("drop_every", "twice_every", "late_every")
MOST = 1_000
"""A fault rarer than one in a thousand is none that anybody waits for."""


class Fate(NamedTuple):
    """What becomes of one delivery. ``delay``: seconds before it leaves."""

    lost: bool = False
    twice: bool = False
    delay: float = 0.0


@dataclass(slots=True)
class DeliveryPlan:
    """What happens on the way. Safe to use from any thread.

    Attributes:
        drop_every: every so many webhooks one is never sent; 0: none. So for ``twice_every`` and ``late_every``.
        late_seconds: how long a late one waits.
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
            lost, twice, late = (bool(every) and self.sent % every == 0 for every in map(self._get, EVERY))
            self.lost += lost
            return Fate(lost, twice, self.late_seconds if late else 0.0)

    def change(self, wanted: Mapping[str, Any]) -> None:
        """Set what *wanted* names.

        Raises:
            ValueError: a value cannot be used; nothing is changed then.
        """
        new: dict[str, Any] = {name: _every(name, wanted[name]) for name in EVERY if name in wanted}
        if "late_seconds" in wanted:
            new["late_seconds"] = _seconds(wanted["late_seconds"])
        for name, choices in (("family", FAMILIES), ("signed_with", SECRETS)):
            if name in wanted:
                new[name] = _choice(name, wanted[name], choices)
        for name, value in new.items():
            setattr(self, name, value)

    def to_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__ if not name.startswith("_")}

    def _get(self, name: str) -> int:
        return int(getattr(self, name))


def _every(name: str, value: Any) -> int:
    text = str(value).strip() or "0"
    if not text.isdigit() or int(text) > MOST:
        raise ValueError(f"{name} must be a number between 0 and {MOST}.")
    return int(text)


def _seconds(value: Any) -> float:
    try:
        seconds = float(value)
    except (TypeError, ValueError):
        seconds = -1.0
    if not 0 <= seconds <= 120:
        raise ValueError("late_seconds must be a number between 0 and 120.")
    return seconds


def _choice(name: str, value: Any, choices: tuple[str, ...]) -> str:
    if value not in choices:
        raise ValueError(f"{name} must be one of {', '.join(choices)}.")
    return str(value)
