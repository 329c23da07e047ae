"""Whether somebody who tries common passwords, or knows whose installation this is, finds a secret.

``common-passwords.txt.gz`` is Django's list (``django/contrib/auth``, 5.2, BSD licence beside it): 19,640 in small
letters, made by Royce Williams from what leaked. It is looked after, 80 KB, and takes 3 ms when production starts;
zxcvbn would judge better and keep 12 MB of every process.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

COMMON = Path(__file__).with_name("common-passwords.txt.gz")

PLACEHOLDERS = frozenset({"changeme", "change-me", "default", "dev", "development", "secret", "test"})
BEGINNINGS_OF_PLACEHOLDERS = ("your-", "your_", "example", "sandbox", "change", "replace")
UNFILLED = re.compile(r"<.*>|\$?\{.*\}")
"""A place in a template that nobody has filled, as ``<secret>`` and ``${SECRET}``."""

FEWEST_CHARACTERS = 5
"""Different ones: a random text of 12 digits has fewer in one case of 70, and one of letters and digits never."""

LONGEST_DECORATION = 8
"""Digits and signs around a word that those who try passwords add to it: a year, a birthday, ``123!``."""

DECORATION = re.compile(r"^[\W\d_]*|[\W\d_]*$")


ROWS = ("abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm")
NEIGHBOURS = frozenset(pair for row in ROWS for one, then in pairwise(row) for pair in (one + then, then + one))

SHORTEST_PATTERN = 6
"""Characters: in less anybody finds a pattern, and it says nothing of the rest."""


def any_guessable(values: Iterable[str], own_words: Iterable[str]) -> set[str]:
    """Return which of these values can be guessed; an empty one is none.

    Args:
        own_words: what whoever tries knows of this installation, such as the shop's name.
    """
    common = set(gzip.decompress(COMMON.read_bytes()).decode().split())
    common |= PLACEHOLDERS
    common |= {word.casefold() for word in own_words if word}
    return {value for value in values if value and _is_guessable(value.casefold(), common)}


def _is_guessable(plain: str, common: set[str]) -> bool:
    """Judge a value, and what is left of it without the digits and signs around."""
    word = DECORATION.sub("", plain)
    decorated = len(plain) - len(word) <= LONGEST_DECORATION
    few = len(set(plain)) < FEWEST_CHARACTERS
    unfilled = plain.startswith(BEGINNINGS_OF_PLACEHOLDERS) or UNFILLED.fullmatch(plain)
    return bool(few or unfilled or _is_easy(plain, common) or (decorated and _is_easy(word, common)))


def _is_easy(text: str, common: set[str]) -> bool:
    return text in common or _are_two(text, common) or (len(text) >= SHORTEST_PATTERN and _has_a_pattern(text))


def _are_two(text: str, common: set[str]) -> bool:
    return any(text[:cut] in common and text[cut:] in common for cut in range(4, len(text) - 3))


def _has_a_pattern(text: str) -> bool:
    """Return whether it is the same again and again, or mostly neighbours of an alphabet or a keyboard."""
    again = any(text.startswith(text[length:]) for length in range(1, len(text) // 2 + 1))
    in_a_row = sum(one + then in NEIGHBOURS for one, then in pairwise(text))
    return again or 4 * in_a_row >= 3 * (len(text) - 1)
