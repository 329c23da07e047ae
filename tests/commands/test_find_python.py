"""A new enough Python is found wherever it is, and where there is none, what is said can be done on that system."""

from __future__ import annotations

from pathlib import Path

import pytest
from bare_machine import SHELLS, BareMachine

DEBIAN_12 = {"apt": "2.6.1", "python3": "3.11.2-1", "python3-venv": "3.11.2-1", "pipx": "1.1.0-1"}
DEBIAN_13 = {"apt": "3.0.3", "python3": "3.13.5-1", "python3-venv": "3.13.5-1"}
TWO_PYTHONS = {"apt": "2.4.11", "python3": "3.10.6-1", "python3-venv": "3.10.6-1", "python3.13-venv": "3.13.1-1"}


def found(machine: BareMachine) -> str:
    done = machine.run("bin/find-python")
    assert done.returncode == 0, done.stderr
    return done.stdout.removesuffix("\n")


def test_a_python_that_is_new_enough_is_taken_before_those_after_it(machine: BareMachine) -> None:
    first = machine.has_python("3.12")
    machine.has_python("3.13", "python3.13")

    assert found(machine) == str(first)


def test_an_older_python_and_one_without_venv_are_passed_over(machine: BareMachine) -> None:
    machine.has_python("3.11")
    machine.has_python("3.12", "python3.12", venv=False)
    whole = machine.has_python("3.14", "python3.14")

    assert found(machine) == str(whole)


def test_a_name_that_leads_to_no_python_is_passed_over(machine: BareMachine) -> None:
    machine.has("python3", "echo 'pyenv: python3: command not found' >&2; exit 127")
    whole = machine.has_python("3.13", "python3.13")

    assert found(machine) == str(whole)


@pytest.mark.parametrize("place", [".pyenv/versions/3.12.4", ".local/share/uv/python/cpython-3.12.4-linux-x86_64-gnu"])
def test_pythons_of_pyenv_and_uv_are_found_off_the_path(machine: BareMachine, tmp_path: Path, place: str) -> None:
    machine.has_python("3.11")
    machine.environment["HOME"] = str(tmp_path / "a home")
    kept = machine.has_python("3.12", tmp_path / "a home" / place / "bin" / "python3")

    assert found(machine) == str(kept)


@pytest.mark.parametrize("shell", SHELLS, ids=lambda shell: Path(shell[0]).name)
def test_it_needs_no_home_and_no_particular_shell(machine: BareMachine, shell: list[str]) -> None:
    machine.has_python("3.11")

    assert machine.says(*shell, "bin/find-python") == (
        f"Ordercall needs Python 3.12 or newer, and found 3.11 ({machine.path}/python3). "
        "To get one beside it: install python3 from your system or from python.org."
    )


def test_the_default_python_of_debian_without_venv_names_its_package(machine: BareMachine) -> None:
    machine.has_python("3.13", venv=False)
    machine.is_debian(offers=DEBIAN_13, installed="python3")

    assert machine.says("bin/find-python") == (
        f"Python 3.13 is here ({machine.path}/python3), but its module venv is missing: "
        "su -c 'apt-get install python3-venv'"
    )


def test_a_python_of_debian_is_known_also_where_its_folder_is_a_link_into_usr(machine: BareMachine) -> None:
    machine.has_python("3.13", venv=False)
    machine.is_debian(offers=DEBIAN_13)
    machine.has("dpkg", f'[ "$2" = "/usr{machine.path}/python3" ]')

    assert machine.says("bin/find-python").endswith("venv is missing: su -c 'apt-get install python3-venv'")


def test_a_second_python_of_debian_without_venv_names_the_package_of_its_version(machine: BareMachine) -> None:
    machine.has_python("3.10")
    machine.has_python("3.13", "python3.13", venv=False)
    machine.is_debian(offers=TWO_PYTHONS, installed="python3.13")

    assert machine.says("bin/find-python").endswith("venv is missing: su -c 'apt-get install python3.13-venv'")


def test_no_package_mends_a_python_that_came_from_none(machine: BareMachine) -> None:
    machine.has_python("3.13", venv=False)
    machine.is_debian(offers=DEBIAN_13)

    assert machine.says("bin/find-python").endswith("install this Python anew with venv and ensurepip, or another one.")


def test_a_distribution_with_a_newer_python_is_asked_for_it(machine: BareMachine) -> None:
    machine.has("sudo")
    machine.has("uv")
    machine.is_debian(offers=DEBIAN_13)

    assert machine.says("bin/find-python") == (
        "Ordercall needs Python 3.12 or newer, and found none. To get one: sudo apt-get install python3 python3-venv"
    )


def test_a_distribution_with_an_older_python_only_is_not_asked_for_it(machine: BareMachine) -> None:
    machine.has_python("3.11")
    machine.is_debian(offers=DEBIAN_12, installed="python3")

    assert machine.says("bin/find-python").endswith(
        f"found 3.11 ({machine.path}/python3). To get one beside it: "
        "su -c 'apt-get install pipx' && pipx run uv python install 3.12"
    )


@pytest.mark.parametrize(
    ("command", "way"),
    [
        ("uv", "uv python install 3.12"),
        ("pyenv", "pyenv install 3.12"),
        ("brew", "brew install python"),
        ("dnf", "sudo dnf install python3.12"),
    ],
)
def test_a_tool_that_is_here_brings_a_newer_python(machine: BareMachine, command: str, way: str) -> None:
    machine.has_python("3.9")
    machine.is_debian(offers=DEBIAN_12)
    machine.has(command)

    assert machine.says("bin/find-python").endswith(f"To get one beside it: {way}")


def test_a_new_container_reads_the_lists_of_packages_first(tmp_path: Path) -> None:
    machine = BareMachine(tmp_path, user=0)
    machine.is_debian(offers={})

    assert machine.says("bin/find-python").endswith(
        "To get one: apt-get update && apt-get install python3 python3-venv"
    )
