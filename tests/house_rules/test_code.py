"""The code: files and functions that can be read in one sitting, limits with their reasons, migrations in a row."""

from __future__ import annotations

import ast
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path

import pytest

from source import MIGRATIONS, ROOT, SOURCE, modules, name_of

TESTS = sorted((ROOT / "tests").rglob("*.py"))
LONGEST_FILE = 400
LONGEST_FUNCTION = 40
LONGEST_TEST = 60
"""Lines. A test tells one story, so it may be longer than what it tells of."""

LISTS = {"providers.shopify.payload.read_order"}
"""One field after the other: a cut would make two lists of one."""

UNITS = {"MINUTE", "HOUR", "DAY", "WEEK", "YEAR"}
"""Names that are their own reason."""


def test_python_files_can_be_read_in_one_sitting() -> None:
    long = {
        path.relative_to(ROOT).as_posix(): lines
        for path in (*SOURCE.rglob("*.py"), *TESTS)
        if (lines := len(path.read_text().splitlines())) > LONGEST_FILE
    }

    assert long == {}


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Yield name and length of every function in a file."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or 0) - node.lineno + 1


def test_no_two_test_files_have_one_name() -> None:
    """Or a run over all of them cannot import the second: they are no packages."""
    names = Counter(path.name for path in (ROOT / "tests").rglob("test_*.py"))
    assert [name for name, times in names.items() if times > 1] == []


def test_functions_can_be_read_at_a_glance() -> None:
    found = {f"{name_of(path)}.{name}": lines for path in modules() for name, lines in functions(path)}
    of_tests = {f"{path.stem}.{name}": lines for path in TESTS for name, lines in functions(path)}

    assert {name for name, lines in found.items() if lines > LONGEST_FUNCTION} == LISTS
    assert {name for name, lines in of_tests.items() if lines > LONGEST_TEST} == set()


def is_number(value: ast.expr | None) -> bool:
    """Return whether an expression is a number, a product of numbers or a span of time."""
    match value:
        case ast.Constant(value=constant):
            return isinstance(constant, int | float) and not isinstance(constant, bool)
        case ast.UnaryOp(operand=operand):
            return is_number(operand)
        case ast.BinOp(left=left, right=right):
            return is_number(left) and is_number(right)
        case ast.Call(func=ast.Name(id="timedelta")):
            return True
        case ast.Tuple(elts=parts):
            return all(map(is_number, parts))
    return False


def unexplained_limits(text: str) -> Iterator[str]:
    """Yield the constants of a module that are numbers, and have neither a comment nor a sentence below them."""
    lines, statements = ["", *text.splitlines()], ast.parse(text).body
    for statement, below in zip_longest(statements, statements[1:]):
        if isinstance(statement, ast.Assign) and is_number(statement.value):
            names = {node.id for node in ast.walk(statement.targets[0]) if isinstance(node, ast.Name)}
            above, beside = lines[statement.lineno - 1], lines[statement.end_lineno or 0]
            explained = above.startswith("# ") or re.search("  # (?!noqa|type:)", beside) or is_sentence(below)
            yield from () if explained else sorted(name for name in names - UNITS if name.isupper())


def is_sentence(statement: ast.stmt | None) -> bool:
    match statement:
        case ast.Expr(value=ast.Constant(value=str())):
            return True
    return False


def test_every_limit_has_its_reason_beside_it() -> None:
    found = {name_of(path): list(unexplained_limits(path.read_text())) for path in modules()}

    assert found
    assert {name: limits for name, limits in found.items() if limits} == {}


@pytest.mark.parametrize(
    ("written", "unexplained"),
    [
        ("PAGE = 25", ["PAGE"]),
        ("PAUSE = timedelta(hours=1)\nOTHER = 1  # a reason", ["PAUSE"]),
        ("LEAST, MOST = 2 * 1024, -1", ["LEAST", "MOST"]),
        ("PAUSES = (0.3, 0.6)  # noqa: X", ["PAUSES"]),
        ("HOUR = 3_600\nNAME = 'x'\nlogger = 1\nUSED = True", []),
        ('PAGE = 25\n"""A screenful."""', []),
        ("# a screenful\nPAGE = 25", []),
    ],
)
def test_a_limit_is_a_number_in_capitals(written: str, unexplained: list[str]) -> None:
    assert list(unexplained_limits(written)) == unexplained


def test_each_migration_follows_on_the_one_before_it() -> None:
    files = sorted(MIGRATIONS.glob("[0-9]*.py"))
    numbers = [file.name[:4] for file in files]
    told = [re.findall(r'^(?:down_)?revision = (?:"(\d{4})"|None)$', file.read_text(), re.MULTILINE) for file in files]

    assert told == [[number, before] for number, before in zip(numbers, ["", *numbers], strict=False)]


def test_a_migration_takes_nothing_away_from_the_version_that_still_serves() -> None:
    """What it says ``IF EXISTS`` of it makes anew itself."""
    taking = re.compile(
        r"\b(drop_table|drop_column|rename_table|alter_column|DROP (TABLE|COLUMN)(?! IF EXISTS)|RENAME)\b"
    )
    files = sorted(MIGRATIONS.glob("[0-9]*.py"))

    assert files
    assert [file.name for file in files if taking.search(file.read_text())] == []


def test_the_types_are_held_against_mistakes_that_they_must_find() -> None:
    mistakes = "tests/house_rules/mistakes.py"

    checked = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["mypy"]

    assert mistakes in checked["files"]
    assert checked["strict"]
    assert (ROOT / mistakes).read_text().count("# type: ignore[") > 5
