"""Which state may become which: the form of the tables that stand beside each state."""

from __future__ import annotations

from collections.abc import Mapping

type Transitions[State] = Mapping[State | None, frozenset[State | None]]
"""By each state, those that may follow it; nothing follows an end. None: no state, or a word of another version's."""


def sources[State](transitions: Transitions[State], target: State | None) -> frozenset[State | None]:
    """Return the states that may become this one."""
    return frozenset(state for state, following in transitions.items() if target in following)
