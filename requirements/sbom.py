"""Print the bill of materials (CycloneDX 1.6, JSON) of the environment that runs this: Ordercall and its packages.

They are those of requirements/run.txt that are installed, each in the version that it names; what belongs to tests and
tools is left out. The same environment gives the same bytes. Standard library alone, as an image has nothing else.
"""

from __future__ import annotations

import json
import re
import sys
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from packages import licence_in, normal, parts, pins

SUBJECT = "ordercall"


def bill(locked: dict[str, str]) -> dict[str, Any]:
    """Return the bill of materials.

    Args:
        locked: the version of each package, by its name.

    Raises:
        ValueError: another version is installed than the lock names.
    """
    installed = {name: found for name in sorted(locked) if (found := _installed(name))}
    others = [f"{name} {found.version}" for name, found in installed.items() if found.version != locked[name]]
    if others:
        raise ValueError(f"requirements/run.txt names other versions than are installed: {', '.join(others)}")
    ours = distribution(SUBJECT)
    components = [_component(found, "library") for found in installed.values()]
    graph = [_needs(found, installed) for found in (ours, *installed.values())]
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid5(NAMESPACE_URL, json.dumps([ours.version, components]))}",
        "version": 1,
        "metadata": {"component": _component(ours, "application")},
        "components": components,
        "dependencies": graph,
    }


def _installed(name: str) -> Distribution | None:
    try:
        return distribution(name)
    except PackageNotFoundError:
        return None  # for another system or implementation of Python, or for building alone


def _component(found: Distribution, kind: str) -> dict[str, Any]:
    licence = licence_in(found)
    of_one = len(parts(licence)) == 1
    return {
        "type": kind,
        "bom-ref": _reference(found),
        "name": normal(found.name),
        "version": found.version,
        "licenses": [{"license": {"id": licence}} if of_one else {"expression": licence}],
        "purl": _reference(found),
    }


def _reference(found: Distribution) -> str:
    return f"pkg:pypi/{normal(found.name)}@{found.version}"


def _needs(found: Distribution, installed: dict[str, Distribution]) -> dict[str, Any]:
    """Return what a package asks for, of what is installed. Extras count: what they bring is in the lock, or is not."""
    names = {normal(re.split(r"[^A-Za-z0-9._-]", each, maxsplit=1)[0]) for each in found.requires or []}
    others = (names & set(installed)) - {normal(found.name)}
    return {"ref": _reference(found), "dependsOn": sorted(_reference(installed[name]) for name in others)}


if __name__ == "__main__":
    try:
        print(json.dumps(bill(pins("run.txt")), indent=1))
    except (PackageNotFoundError, ValueError) as fault:
        sys.exit(f"No bill of materials: {fault}")
