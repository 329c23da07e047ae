"""Whose card a contact that Kalimera shows has: the id of a call, which nobody guesses, proves it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from ordercall.domain.outside_json import folded
from ordercall.providers.kalimera.contacts import ids_of_phone


@dataclass(frozen=True, slots=True)
class SeenCard:
    """A contact that a look-up shows.

    ``is_ours``: whether its card bears the id of the call that was asked about; None: it shows that of no call.
    """

    contact_id: str
    is_ours: bool | None


def card_of_phone(
    body: Any, phone: str, call_id: str, *, named: str = "call_id", beside: Collection[str] = ()
) -> SeenCard | None:
    """Return the contact of this phone, none of those *beside*, that was made for a call; else the first.

    Args:
        named: what Kalimera calls the id of a call.
    """
    cards = [SeenCard(found, _is_of(entry, call_id, folded(named))) for found, entry in ids_of_phone(body, phone)]
    others = [card for card in cards if card.contact_id not in beside]
    return next((card for card in others if card.is_ours), next(iter(others), None))


def _is_of(entry: Any, call_id: str, named: str) -> bool | None:
    """Return whether a contact shows this call's id, be its metadata an object, a list of pairs or a text."""
    shown = list(_leaves(entry))
    if any(call_id in text for _, text in shown):
        return True
    return False if any(key == named and text for key, text in shown) else None


def _leaves(part: Any, key: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(part, dict):
        for name, value in part.items():
            yield from _leaves(value, folded(name))
    elif isinstance(part, list):
        for item in part:
            yield from _leaves(item, key)
    elif part is not None:
        yield key, str(part)
