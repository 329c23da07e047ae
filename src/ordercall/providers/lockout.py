"""Whether a provider takes the credentials of this installation, and grants them what is asked for.

A refused one is nothing about an order: whatever is sent, it is refused as well. So nothing more leaves but one look a
minute, which is a request that waits anyway. The first that is accepted opens the way for all.
"""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import dataclass
from typing import Protocol

LOOK_PAUSE = 60.0
"""Seconds between two looks: soon enough for whoever has just put a setting right, and no provider minds it."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a provider does not accept.

    Attributes:
        setting: what a person has to put right.
        words: of the provider, masked.
    """

    setting: str
    words: str


class Watch(Protocol):
    """Keeps when a provider begins to refuse a credential, and when it accepts all of them again."""

    def now(self) -> float:
        """Return the present in seconds."""

    def report(self, provider: str, refusal: Refusal | None) -> bool:
        """Keep it, in a thread of its own; None: all are accepted. Return False where it must be reported again."""


class Unwatched:
    """For a process in which nobody listens."""

    now = staticmethod(time.monotonic)

    def report(self, provider: str, refusal: Refusal | None) -> bool:
        del provider, refusal
        return True


UNWATCHED: Watch = Unwatched()


@dataclass(slots=True)
class _Gate:
    """One credential or right; shut while ``refusal`` is set. ``changes``: how often it was shut or opened."""

    refusal: Refusal | None = None
    look_at: float = 0.0
    changes: int = 0


class Lockout:
    """The gates that requests to one provider go through, each by a name. Changed in the loop of ``outgoing`` alone.

    What was under way when a gate was shut or opened says nothing about how it is now: a request carries, by
    :meth:`take_look`, the changes that its gates had seen.
    """

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._gates: defaultdict[str, _Gate] = defaultdict(_Gate)

    @property
    def refusal(self) -> Refusal | None:
        return next((gate.refusal for gate in self._gates.values() if gate.refusal), None)

    def closed(self, *names: str) -> tuple[float, Refusal] | None:
        """Return how many seconds none may go through all of these gates, and why; None: one may."""
        now = self._watch.now()
        for gate in map(self._gates.get, names):
            if gate and gate.refusal and (wait := min(gate.look_at - now, LOOK_PAUSE)) > 0:  # clocks may be set back
                return wait, gate.refusal
        return None

    def is_shut(self, *names: str) -> bool:
        """Return whether one of these gates is shut, be it time for a look or not."""
        return any(gate.refusal for gate in map(self._gates.get, names) if gate)

    def take_look(self, *names: str) -> dict[str, int]:
        """Go through the gates; where one is shut this is its look, and the next one's time is in a minute."""
        for name in names:
            self._gates[name].look_at = self._watch.now() + LOOK_PAUSE
        return {name: self._gates[name].changes for name in names}

    def refused(self, name: str, seen: dict[str, int], refusal: Refusal) -> float:
        """Shut a gate, and return the seconds until the next look."""
        gate = self._gates[name]
        if gate.refusal is None and seen[name] == gate.changes:
            gate.refusal = refusal
            gate.look_at = self._watch.now() + LOOK_PAUSE
            gate.changes += 1
        return max(gate.look_at - self._watch.now(), 0.0)

    def accepted(self, seen: dict[str, int]) -> None:
        """Open the gates that the request was the look for."""
        for gate in self._still(seen):
            if gate.refusal:
                gate.refusal = None
                gate.changes += 1

    def nothing_learned(self, seen: dict[str, int]) -> None:
        """Let the next one look: this request's answer was not about its credential."""
        for gate in self._still(seen):
            gate.look_at = 0.0

    def _still(self, seen: dict[str, int]) -> list[_Gate]:
        return [self._gates[name] for name, changes in seen.items() if changes == self._gates[name].changes]
