"""``docs/security.md``: every requirement of ASVS 5.0.0, levels 1 and 2, has a row, and what a row names exists."""

from __future__ import annotations

import re
from collections import Counter

from source import ROOT, SOURCE

DOCUMENT = ROOT / "docs" / "security.md"
LEVELS = """
1.1:22 1.2:111112222 1.3:11222222222 1.4:222 1.5:12 2.1:122 2.2:112 2.3:1222 2.4:2 3.2:11 3.3:1222 3.4:112222
3.5:11122 3.7:22 4.1:122 4.2:2 4.3:22 4.4:1222 5.1:2 5.2:112 5.3:11 5.4:222 6.1:122 6.2:111111112222 6.3:1122 6.4:1122
6.5:22222 6.6:222 6.8:2222 7.1:222 7.2:1111 7.3:22 7.4:11222 7.5:22 7.6:22 8.1:12 8.2:112 8.3:1 8.4:2 9.1:111 9.2:1222
10.1:22 10.2:22 10.3:2222 10.4:11111222222 10.5:22222 10.6:22 10.7:222 11.1:22 11.2:222 11.3:112 11.4:1222 11.5:2
11.6:2 12.1:122 12.2:11 12.3:2222 13.1:2 13.2:22222 13.3:22 13.4:12222 14.1:22 14.2:1222 14.3:122 15.1:122 15.2:122
15.3:1222222 16.1:2 16.2:22222 16.3:2222 16.4:222 16.5:222 17.1:2 17.2:2222 17.3:22
"""
"""The level of each requirement, section by section; those of level 3 stand behind them in the standard."""

ROW = re.compile(r"^\| (\d+\.\d+)\.(\d+)(?:-(\d+))? \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
NAMED = re.compile(r"`([\w./-]+\.(?:py|html|js|yaml|service|txt|md))`")


def levels() -> dict[str, str]:
    sections = (each.split(":") for each in LEVELS.split())
    return {f"{section}.{n}": level for section, of in sections for n, level in enumerate(of, start=1)}


def rows() -> list[tuple[str, str, str]]:
    """Return number, state and reason of each requirement; a row may stand for several that are nothing of ours."""
    found = ROW.findall(DOCUMENT.read_text())
    assert [row for row in found if row[2] and row[4] != "n/a"] == []
    return [
        (f"{section}.{number}", state, reason)
        for section, first, last, _, state, reason in found
        for number in range(int(first), int(last or first) + 1)
    ]


def test_every_requirement_of_levels_1_and_2_has_one_row() -> None:
    assert Counter(number for number, _, _ in rows()) == Counter(levels().keys())
    assert len(rows()) == 253


def test_a_row_says_met_not_met_or_that_there_is_nothing_of_the_kind_and_the_sums_are_right() -> None:
    of = levels()
    counted = Counter((of[number], state) for number, state, _ in rows())
    sums = re.findall(r"^\| ([12]) \| (\d+) \| (\d+) \| (\d+) \|$", DOCUMENT.read_text(), re.MULTILINE)

    assert {state for _, state in counted} == {"met", "not met", "n/a"}
    assert sums == [(level, *(str(counted[level, state]) for state in ("met", "not met", "n/a"))) for level in "12"]


def test_what_is_met_says_where_it_is_seen() -> None:
    assert [number for number, state, reason in rows() if state == "met" and not where(reason)] == []


def where(reason: str) -> list[str]:
    """Return the files, folders and sections that a reason names."""
    return [*NAMED.findall(reason), *re.findall(r"\]\(\S+\)|`[\w.]+/[\w./]+`", reason)]


def test_every_file_and_test_that_it_names_exists() -> None:
    tests = {path.name for path in (ROOT / "tests").rglob("*.py")}
    named = NAMED.findall(DOCUMENT.read_text())

    missing = [
        name
        for name in named
        if not (name in tests or (ROOT / name).exists() or (SOURCE / name).exists())  # a test by its name alone
    ]

    assert len(named) > 200
    assert missing == []


def test_every_place_in_a_document_that_it_leads_to_is_there() -> None:
    links = re.findall(r"\]\(((?:\.\./)?[\w/-]*(?:\.md)?)#([\w-]+)\)", DOCUMENT.read_text())
    pages = {page: (DOCUMENT.parent / page if page else DOCUMENT).read_text() for page, _ in links}
    places = {page: {anchor(title) for title in re.findall(r"^#+ (.+)$", text, re.M)} for page, text in pages.items()}

    assert len(links) > 20
    assert [f"{page}#{place}" for page, place in links if place not in places[page]] == []


def anchor(title: str) -> str:
    """Return the end of a section's address, as pages of code hosts make it."""
    return re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")
