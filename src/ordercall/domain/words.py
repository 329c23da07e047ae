"""Words that are stored, each with the texts that people read in its place."""

from __future__ import annotations

from enum import StrEnum
from typing import Self


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
        return next((member for member in cls if member.value == word), None)
