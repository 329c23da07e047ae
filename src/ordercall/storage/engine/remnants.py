"""Whether bytes still stand in a file, in rows or in the free space between them."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path

PART = 4 * 1024**2
"""Bytes that are read at a time."""

MOST = 100
"""Texts that are looked for; with more of them it would take longer than to rewrite the file."""


def occurs_in(path: Path, texts: Collection[str]) -> bool:
    """Return whether one of these texts occurs in the file, in capital or small letters; True for too many."""
    wanted = [text.encode() for text in texts if text]
    if len(wanted) > MOST:
        return True
    if not wanted:
        return False
    pattern, overlap = re.compile(b"|".join(map(re.escape, wanted)), re.IGNORECASE), max(map(len, wanted))
    before = b""
    with path.open("rb") as file:
        while part := file.read(PART):
            if pattern.search(before + part):
                return True
            before = part[-overlap:]
    return False
