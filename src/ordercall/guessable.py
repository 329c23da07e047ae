"""Whether somebody who tries common passwords, or knows whose installation this is, finds a secret.

``common-passwords.txt.gz`` is Django's list (``django/contrib/auth``, 5.2, BSD licence beside it): 19,640 in small
letters, made by Royce Williams from what leaked. It is looked after, 80 KB, and takes 3 ms when production starts;
zxcvbn would judge better and keep 12 MB of every process.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterable
from pathlib import Path

COMMON = Path(__file__).with_name("common-passwords.txt.gz")

PLACEHOLDERS = frozenset({"changeme", "change-me", "default", "dev", "development", "secret", "test"})
BEGINNINGS_OF_PLACEHOLDERS = ("your-", "your_", "example", "sandbox", "change")

FEWEST_CHARACTERS = 5
"""Different ones: a random text of 12 digits has fewer in one case of 70, and one of letters and digits never."""

LONGEST_DECORATION = 8
"""Digits and signs around a word that those who try passwords add to it: a year, a birthday, ``123!``."""

DECORATION = re.compile(r"^[\W\d_]*|[\W\d_]*$")


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
    word = DECORATION.sub("", plain)
    decorated = word in common and len(plain) - len(word) <= LONGEST_DECORATION
    few = len(set(plain)) < FEWEST_CHARACTERS
    return (
        decorated or few or plain in common or plain.startswith(BEGINNINGS_OF_PLACEHOLDERS) or _repeats(plain, common)
    )


def _repeats(plain: str, common: set[str]) -> bool:
    """Return whether it is one common password several times, or two of them."""
    return any(plain[:cut] in common and plain[cut:] in common for cut in range(4, len(plain) - 3))
