"""`.ci/run` tries another Python first where the machine has one, says so where it has none, and leaves no part out."""

from __future__ import annotations

import shutil

import pytest
from bare_machine import ROOT, BareMachine


@pytest.fixture
def ci(machine: BareMachine) -> BareMachine:
    """A machine with a Python 3.12, that notes what git and make are asked for."""
    shutil.copytree(ROOT / ".ci", machine.project / ".ci")
    shutil.copy(ROOT / "pyproject.toml", machine.project)
    machine.has_python("3.12")
    machine.has("ip")
    machine.has("promtool")
    for name in ("git", "make"):
        machine.has(name, f'echo "{name} $*" >>asked')
    return machine


def has_another(machine: BareMachine, version: str) -> None:
    """Give the machine a Python that can make environments."""
    machine.has_python(version, f"as-{version}")
    machine.has(f"python{version}", f'[ "$1" = -m ] || exec as-{version} "$@"')


def asked(machine: BareMachine) -> list[str]:
    return (machine.project / "asked").read_text().splitlines()


def test_what_the_tests_need_of_debian_is_installed_before_them(ci: BareMachine) -> None:
    (ci.path / "promtool").unlink()
    ci.has("apt-get", 'echo "apt-get $*" >>asked')

    assert ci.run(".ci/run").returncode == 0
    assert asked(ci) == [
        "apt-get update --quiet",
        "apt-get install --quiet --yes --no-install-recommends prometheus",
        "make test REQUIRE_ALL=1",
    ]


def test_where_there_is_no_other_python_it_says_so_and_tries_everything_on_the_one(ci: BareMachine) -> None:
    done = ci.run(".ci/run")

    assert done.returncode == 0, done.stderr
    assert "There is no other Python here that pyproject.toml names" in done.stdout
    assert asked(ci) == ["make test REQUIRE_ALL=1"]


@pytest.mark.parametrize("others", [["3.13"], ["3.13", "3.14"], ["3.11", "3.13", "3.99"]])
def test_the_newest_other_python_that_pyproject_names_is_tried_first(ci: BareMachine, others: list[str]) -> None:
    for version in others:
        has_another(ci, version)
    newest = {"3.13": "3.13", "3.14": "3.14", "3.99": "3.13"}[others[-1]]

    done = ci.run(".ci/run")

    assert f"First on another Python: python{newest}" in done.stdout
    assert asked(ci) == [
        "git clone --quiet . build/another-python",
        "make --directory build/another-python quick ORDERCALL_TEST_EXAMPLES=10",
        "make test REQUIRE_ALL=1",
    ]


def test_what_fails_on_another_python_ends_the_run(ci: BareMachine) -> None:
    has_another(ci, "3.13")
    ci.has("make", 'echo "make $*" >>asked; exit 2')

    done = ci.run(".ci/run")

    assert done.returncode == 2
    assert asked(ci)[1:] == ["make --directory build/another-python quick ORDERCALL_TEST_EXAMPLES=10"]
