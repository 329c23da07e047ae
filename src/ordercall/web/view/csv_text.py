"""How values are written into a CSV: for spreadsheets, which calculate, and for programs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

BYTE_ORDER_MARK = "\ufeff"
"""Without it Excel takes UTF-8 for the code page of its machine."""

FORMULA_BEGINNINGS = frozenset("=+-@＝＋－＠")
LINE_BREAKERS = frozenset("\t\r\n")


def plain(text: str | None) -> str:
    """Return the text, with an apostrophe in front where a spreadsheet would take it for a formula.

    Source: OWASP, "CSV Injection". Spaces in front, and signs that show nothing, do not keep every program from
    calculating.
    """
    if not text:
        return ""
    first = next((sign for sign in text if sign.isprintable() and not sign.isspace()), "")
    dangerous = text[0] in LINE_BREAKERS or first in FORMULA_BEGINNINGS
    return f"'{text}" if dangerous and text.strip() else text


def csv_lines(rows: Iterable[list[str]]) -> str:
    """Return rows as the lines of a CSV."""
    written = io.StringIO(newline="")
    csv.writer(written).writerows(rows)
    return written.getvalue()
