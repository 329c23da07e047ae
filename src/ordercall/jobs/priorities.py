"""Which jobs go first, and how many places of a worker are kept for those.

What there is little of, and what is waited for, never stands behind what there may be tens of thousands of.
"""

from __future__ import annotations

from collections.abc import Collection

PAUSES = 3
"""Ends a campaign's window for a pause, or has it go on, and rings the phone of a person who watches. It passes a flush
of its lock that waits for its next try."""

FILLS_THE_LIST = 2
"""Adds those who wait to their campaign. One job a campaign at a time, so first of all and never a crowd."""

SOMEBODY_WAITS = 1
"""Cancelling an order, erasing a customer."""

ORDINARY = 0
"""All that nobody waits for, of which there may be some hundreds: holds that are made, orders that are read again."""

NEW_CONTACT = -1
"""Brings an order to Kalimera: after an outage there is one for every order that came meanwhile. These jobs and those
below have places of their own (``claims``)."""

HOLDS_NOBODY_UP = -2
"""What waits for an opening. Jobs of one lock go in the order in which they came, due or not, unless one has more: an
order that waits for the morning would keep all later ones of its phone in the queue."""

HIGHEST = 2**31 - 1
"""What the column can hold."""

KEPT_FREE = 2
"""Places that each of the two urgent kinds finds free when the kinds below it have taken all of theirs."""

MORE_PLACES = 2 * KEPT_FREE
"""What a worker has beside those that its setting gives to ordinary jobs."""


def least_to_fetch(in_hand: Collection[int], places: float) -> int:
    """Return the least priority of which one more job may be begun.

    Args:
        in_hand: the priorities of the jobs that the worker has.
        places: how many of them may be ordinary, or less.
    """
    if sum(priority <= SOMEBODY_WAITS for priority in in_hand) >= places + KEPT_FREE:
        return FILLS_THE_LIST
    ordinary = sum(priority <= ORDINARY for priority in in_hand)
    return ORDINARY if ordinary < places else SOMEBODY_WAITS
