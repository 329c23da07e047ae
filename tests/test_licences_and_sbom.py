"""``make licences`` and ``make sbom``: what is installed, under which licences, in a form that others read."""

from __future__ import annotations

import json
import re
from importlib.metadata import version
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from source import ROOT


@pytest.fixture
def tools(monkeypatch: pytest.MonkeyPatch) -> tuple[ModuleType, ModuleType, ModuleType]:
    monkeypatch.syspath_prepend(str(ROOT / "requirements"))
    import licences
    import packages
    import sbom

    return packages, licences, sbom


type Tools = tuple[ModuleType, ModuleType, ModuleType]


def test_the_page_of_licences_is_what_the_installed_packages_say(tools: Tools) -> None:
    packages, licences, _ = tools
    written = (ROOT / "docs" / "licences.md").read_text()

    assert written == licences.page()
    assert set(re.findall(r"^\| ([a-z0-9-]+) \| [A-Z]", written, re.MULTILINE)) == set(packages.pins("run.txt"))


class Stranger:
    """A package of a licence that must not come along."""

    def __init__(self) -> None:
        self.metadata = SimpleNamespace(json={"name": "stranger", "license": "GPL-3.0-only", "classifier": []})


def test_a_licence_that_is_not_known_to_be_compatible_stops_both(tools: Tools) -> None:
    packages, _, _ = tools

    with pytest.raises(ValueError, match=r"^stranger says as its licence .*GPL-3\.0-only"):
        packages.licence_in(Stranger())


def test_the_bill_names_every_package_of_the_lock_with_version_and_licence(tools: Tools) -> None:
    packages, _, sbom = tools
    locked = packages.pins("run.txt")

    listed = {each["name"]: each for each in sbom.bill(locked)["components"]}

    assert {name: each["version"] for name, each in listed.items()} == locked
    assert [name for name, each in listed.items() if each["purl"] != f"pkg:pypi/{name}@{locked[name]}"] == []
    assert listed["flask"]["licenses"] == [{"license": {"id": "BSD-3-Clause"}}]
    assert listed["packaging"]["licenses"] == [{"expression": "Apache-2.0 OR BSD-2-Clause"}]


def test_every_package_of_the_bill_is_there_because_ours_asks_for_it(tools: Tools) -> None:
    packages, _, sbom = tools
    bill = sbom.bill(packages.pins("run.txt"))
    needs = {each["ref"]: each["dependsOn"] for each in bill["dependencies"]}

    reached, rest = set(), [f"pkg:pypi/ordercall@{version('ordercall')}"]
    while rest:
        one = rest.pop()
        rest += [each for each in needs[one] if each not in reached]
        reached.add(one)

    for_building = f"pkg:pypi/setuptools@{version('setuptools')}"
    assert {each["bom-ref"] for each in bill["components"]} - reached <= {for_building}
    assert bill["metadata"]["component"]["bom-ref"] in reached


def test_the_same_environment_gives_the_same_bill(tools: Tools) -> None:
    packages, _, sbom = tools
    locked = packages.pins("run.txt")

    assert json.dumps(sbom.bill(locked)) == json.dumps(sbom.bill(dict(reversed(locked.items()))))


def test_an_environment_that_is_not_that_of_the_lock_has_no_bill(tools: Tools) -> None:
    packages, _, sbom = tools
    other: dict[str, Any] = packages.pins("run.txt") | {"flask": "0.1"}

    with pytest.raises(ValueError, match=rf"other versions than are installed: flask {version('flask')}"):
        sbom.bill(other)


def test_the_image_holds_the_bill_of_its_own_environment() -> None:
    image = (ROOT / "Dockerfile").read_text()

    assert "/opt/ordercall/bin/python requirements/sbom.py >/opt/ordercall/sbom.cdx.json" in image
