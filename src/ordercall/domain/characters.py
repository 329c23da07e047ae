"""Which signs of a text from outside are kept."""

from __future__ import annotations

import unicodedata

JOINERS = "\u200c\u200d"
"""They join and part letters in the scripts of India, and pictures; they show nothing by themselves."""


def is_kept(sign: str) -> bool:
    """Return whether a sign is part of what people write, and no control character such as one that turns a line."""
    return sign.isprintable() or sign in JOINERS


def in_ascii_digits(text: str) -> str:
    """Return the text with the digits of every script as 0 to 9."""
    if text.isascii():
        return text
    return "".join(str(unicodedata.decimal(sign)) if sign.isdecimal() else sign for sign in text)
