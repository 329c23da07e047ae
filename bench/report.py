"""Sections of RESULTS.md: each bench rewrites its own and leaves the others as they are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import median

RESULTS = Path(__file__).with_name("RESULTS.md")


def spread(values: Iterable[float], digits: int = 2, unit: str = "") -> str:
    """Write the median, and in brackets the least and the most."""
    ordered = sorted(values)
    low, middle, high = (f"{value:,.{digits}f}" for value in (ordered[0], median(ordered), ordered[-1]))
    return f"{middle}{unit} ({low}–{high})"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def write(title: str, text: str) -> None:
    """Put *text* under the heading *title* of RESULTS.md, in place of what stood there."""
    whole = RESULTS.read_text() if RESULTS.exists() else "# What was measured\n"
    section = f"## {title}\n\n{text.strip()}\n"
    there = re.compile(rf"^## {re.escape(title)}\n.*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)
    others = there.sub("", whole).rstrip()
    RESULTS.write_text(
        there.sub(lambda _: section + "\n", whole) if others != whole.rstrip() else others + "\n\n" + section
    )
