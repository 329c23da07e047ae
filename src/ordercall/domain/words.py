"""Words that are stored, each with the texts that people read in its place."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Self, cast


class Word(StrEnum):
    """One of a set of words. Its class names the texts that each word must bring along, in this order.

    A word that lacks one of them is an error as soon as its module is loaded.
    """

    def __new__(cls, word: str, *texts: str) -> Self:
        member = str.__new__(cls, word)
        member._value_ = word
        for name, text in zip(cls.__annotations__, texts, strict=True):
            setattr(member, name, text)
        return member

    @classmethod
    def of(cls, word: object) -> Self | None:
        """Return the member that is this word, or None for any other."""
        members: Mapping[str, Self] = cast(Any, cls._value2member_map_)
        return members.get(str(word)) if isinstance(word, str) else None  # a member is not hashed as its text is
