"""Texts from outside: which of their signs are kept, and what is like a name that a person wrote."""

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


def storable(text: str) -> str:
    """Return a text that any database takes: Postgres has no place for NUL, and UTF-8 none for half an emoji."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def one_line(text: str, longest: int) -> str:
    """Return a text in one line, cut, without control characters and without halves of signs that no database keeps."""
    kept = "".join(sign if is_kept(sign) else " " for sign in text[: 4 * longest])
    return " ".join(kept.encode("utf-8", "ignore").decode().split())[:longest].strip()


def is_like(text: str, pattern: str) -> bool:
    """Return whether a text is what a pattern says, in which ``*`` stands for anything and every other sign for itself.

    Each part is looked for once, from left to right, so that no text and pattern take long.
    """
    first, *middle = pattern.split("*")
    if not middle:
        return text == pattern
    last = middle.pop()
    if not text.startswith(first) or not text.endswith(last):
        return False
    at, end = len(first), len(text) - len(last)
    for part in middle:
        at = text.find(part, at, end) + len(part)
        if at < len(part):
            return False
    return at <= end
