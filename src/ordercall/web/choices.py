"""Words of a URL or a form that are one of some: people and programs write them in capitals and with blanks."""

from __future__ import annotations

from collections.abc import Iterable


def read_choice[W: str](text: str | None, words: Iterable[W]) -> W | None:
    """Return the one of the words that a text is, or None for any other text."""
    sought = (text or "").strip().casefold()
    return next((word for word in words if word.casefold() == sought), None)
