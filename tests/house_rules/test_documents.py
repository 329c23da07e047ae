"""The documents: what they name exists, and no file names what it must not."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator

import click
import pytest

from ordercall.cli import cli
from source import ROOT

SUPPORT = ROOT / "tests" / "support"


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md", "docs/operations.md"])
def test_every_make_command_in_the_documents_exists(document: str) -> None:
    named = set(re.findall(r"\bmake ([a-z]+)\b(?=`|\s{2,}|\s*#|$)", (ROOT / document).read_text(), re.MULTILINE))

    assert named
    assert named - make_targets() == set()


@pytest.mark.parametrize("document", ["README.md", "docs/operations.md", "docs/deployment.md"])
def test_every_ordercall_command_in_the_documents_exists(document: str) -> None:
    named = set(re.findall(r"`ordercall ([a-z]+(?: [a-z]+)?)`", (ROOT / document).read_text()))

    assert named
    assert [name for name in sorted(named) if not is_a_command(name.split())] == []


def is_a_command(words: list[str], group: click.Command = cli) -> bool:
    """Return whether the words lead from the program to a command; what follows a command are its arguments."""
    if not words or not isinstance(group, click.Group):
        return True
    found = group.get_command(click.Context(group), words[0])
    return found is not None and is_a_command(words[1:], found)


def test_links_between_documents_lead_somewhere() -> None:
    documents = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
    broken = [
        f"{document.name}: {target}"
        for document in documents
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", document.read_text())
        if not (document.parent / target).exists()
    ]

    assert broken == []


def tracked_texts() -> Iterator[tuple[str, str]]:
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True)
    for name in listed.stdout.split():
        path = ROOT / name
        if path.is_file() and path.suffix not in {".webp", ".woff2", ".ico"}:
            yield name, path.read_text(errors="replace")


def test_no_file_names_a_package_registry() -> None:
    hosts = re.compile("|".join(("pypi" + r"\.org", "python" + "hosted", "npm" + r"js\.", "deb" + r"\.debian\.org")))

    assert [name for name, text in tracked_texts() if hosts.search(text)] == []


def test_every_helper_of_the_tests_is_listed_with_what_it_is_for() -> None:
    helpers = sorted(SUPPORT.glob("*.py"))
    purposes = [re.findall(r'\A"""(.+?)(?:"""|\n\n)', path.read_text(), re.DOTALL) for path in helpers]
    lines = [f"- `{path.name}`: {purpose}" for path, [purpose] in zip(helpers, purposes, strict=True)]

    assert re.findall(r"^- .+", (SUPPORT / "README.md").read_text(), re.MULTILINE) == lines
