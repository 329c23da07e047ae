"""Ask an index of advisories about every package of the lock files: of the program, of its tests, of the pages.

The index is asked as https://osv.dev is (``POST /v1/querybatch``); ADVISORY_INDEX names another one that speaks so.
Needs a network and nothing that is installed. How it ends:

    0  every package was looked up, and none has an advisory
    1  some have one
    2  NOT CHECKED: the index does not answer, or not for every package, or does not know what every index knows

Silence is never taken for a good answer: among the packages is one that has had advisories for ten years, and an index
that has none for it has looked up nothing.
"""

from __future__ import annotations

import json
import os
import sys
from http.client import HTTPException
from typing import Any, NamedTuple
from urllib.request import Request, urlopen

from packages import FOLDER, pins

INDEX = "https://api.osv.dev"
DEADLINE = 30  # seconds for a batch: an index takes one or two
LARGEST = 16 * 1024 * 1024  # bytes of an answer: an advisory is named in 60
BATCH = 500  # packages in a request; the index takes a thousand

CLEAN, VULNERABLE, NOT_CHECKED = 0, 1, 2


class Package(NamedTuple):
    """A package of one ecosystem, in one version."""

    ecosystem: str
    name: str
    version: str

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


KNOWN = Package("PyPI", "jinja2", "2.4.1")
"""Has advisories since 2014, in every index: the proof that packages are looked up at all."""


class NotCheckedError(Exception):
    """Nothing is known of the packages. The words say why."""


def main() -> int:
    """Look all packages up, and say what came of it."""
    index = os.environ.get("ADVISORY_INDEX", INDEX).rstrip("/")
    packages = locked()
    try:
        found = advisories(index, [KNOWN, *packages])
        if not found.pop(KNOWN):
            raise NotCheckedError(f"it has no advisory for {KNOWN}, for which every index has some")
    except NotCheckedError as fault:
        print(f"NOT CHECKED, none of {len(packages)} packages. {index}: {fault}.", file=sys.stderr)
        return NOT_CHECKED
    return report(index, found)


def locked() -> list[Package]:
    """Return what the lock files of Python and of Node name."""
    of_python = {Package("PyPI", *pin) for lock in FOLDER.glob("*.txt") for pin in pins(lock.name).items()}
    node = json.loads((FOLDER.parent / "package-lock.json").read_text())["packages"]
    named = {(path.rpartition("node_modules/")[2], each["version"]) for path, each in node.items() if path}
    return sorted(of_python | {Package("npm", *pin) for pin in named})


def advisories(index: str, packages: list[Package]) -> dict[Package, list[str] | None]:
    """Return the ids of each package's advisories; None for one that the index says nothing about.

    Raises:
        NotCheckedError: there is no answer, or none that can be read.
    """
    found: dict[Package, list[str] | None] = {}
    for start in range(0, len(packages), BATCH):
        batch = packages[start : start + BATCH]
        results = asked(index, batch)
        found |= {package: ids_in(result) for package, result in zip(batch, results, strict=True)}
    return found


def asked(index: str, batch: list[Package]) -> list[Any]:
    """Return what the index says of each package of a batch."""
    queries = [{"package": {"ecosystem": each.ecosystem, "name": each.name}, "version": each.version} for each in batch]
    request = Request(  # noqa: S310 - the address is the caller's own
        f"{index}/v1/querybatch",
        data=json.dumps({"queries": queries}).encode(),
        headers={"Content-Type": "application/json"},
    )
    try:
        with urlopen(request, timeout=DEADLINE) as answer:  # noqa: S310
            results = json.loads(answer.read(LARGEST))["results"]
    except (OSError, HTTPException) as fault:
        raise NotCheckedError(f"it does not answer ({fault})") from None
    except (ValueError, KeyError, TypeError):
        raise NotCheckedError("its answer is not that of an index of advisories") from None
    if not isinstance(results, list) or len(results) != len(batch):
        raise NotCheckedError("it does not answer for each package that it was asked for")
    return results


def ids_in(result: Any) -> list[str] | None:
    """Return the ids of what was found for a package; none of nothing is an answer, and anything else is not."""
    if not isinstance(result, dict) or not isinstance(result.get("vulns", []), list) or set(result) - {"vulns", MORE}:
        return None
    return [str(each.get("id", "without an id")) for each in result.get("vulns", []) if isinstance(each, dict)]


MORE = "next_page_token"
"""Where one package has more advisories than an answer holds: that it has some is known then."""


def report(index: str, found: dict[Package, list[str] | None]) -> int:
    """Say which packages were looked up, which were not, and what was found."""
    skipped = [package for package, ids in found.items() if ids is None]
    looked_up = [package for package, ids in found.items() if ids is not None]
    print(f"Looked up at {index}, {len(looked_up)} packages: {', '.join(map(str, looked_up))}.")
    for package in looked_up:
        if ids := found[package]:
            print(f"VULNERABLE: {package}: {', '.join(ids)}", file=sys.stderr)
    if skipped:
        print(f"NOT CHECKED, {len(skipped)} packages: {', '.join(map(str, skipped))}.", file=sys.stderr)
    if any(found.values()):
        return VULNERABLE
    if skipped:
        return NOT_CHECKED
    print("None of them has an advisory.")
    return CLEAN


if __name__ == "__main__":
    sys.exit(main())
