"""How values are written into a CSV: for spreadsheets, which calculate, and for programs."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable

BYTE_ORDER_MARK = "\ufeff"
"""Without it Excel takes UTF-8 for the code page of its machine."""

FORMULA_BEGINNINGS = frozenset("=+-@\u2212")
"""Also as the signs that mean the same, such as those of double width."""
LINE_BREAKERS = frozenset("\t\r\n")

OTHER_SEPARATORS = re.compile(r"([;\t\r\n])")
"""What else parts cells: a spreadsheet goes by the habits of its country, and by what a person has ticked."""


def plain(text: str | None) -> str:
    """Return the text, with an apostrophe in front where a spreadsheet would take it for a formula, or a part of it.

    Source: OWASP, "CSV Injection": behind a separator of other countries begins a cell, too. Spaces in front, and signs
    that show nothing, do not keep every program from calculating.
    """
    if not text or not text.strip():
        return text or ""
    first, *others = OTHER_SEPARATORS.split(text)
    safe = "".join((first, *(f"'{part}" if _begins_formula(part) else part for part in others)))
    return f"'{safe}" if text[0] in LINE_BREAKERS or _begins_formula(text) else safe


def _begins_formula(text: str) -> bool:
    """Return whether it does for some reader: a quote inside a cell is one around it where others part the cells."""
    first = next((sign for sign in text if sign.isprintable() and not sign.isspace() and sign != '"'), "")
    return unicodedata.normalize("NFKC", first) in FORMULA_BEGINNINGS


def csv_lines(rows: Iterable[list[str]]) -> str:
    """Return rows as the lines of a CSV. In quotes no other separator parts a cell, whatever the reader goes by."""
    written = io.StringIO(newline="")
    by_need, all_quoted = csv.writer(written), csv.writer(written, quoting=csv.QUOTE_ALL)
    for row in rows:
        (all_quoted if any(map(OTHER_SEPARATORS.search, row)) else by_need).writerow(row)
    return written.getvalue()
