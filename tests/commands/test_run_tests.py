"""`make test` looks for everything first, runs its parts in order, and says at the end what was run and how long."""

from __future__ import annotations

import re

import pytest
from bare_machine import BareMachine, write_command

PARTS = ["tools", "check", "quick", "random", "postgres", "journeys", "fleet", "browser"]


@pytest.fixture
def complete(machine: BareMachine) -> BareMachine:
    """A machine that has all that the tests need, and notes what make is asked for."""
    machine.has_python("3.12")
    machine.has("chromium")
    machine.has("git")
    machine.has("promtool")
    machine.has("make", 'echo "$2" >>asked; [ "$2" != "${FAILING:-}" ]')
    write_command(machine.project / "tests" / "fleet" / "run", '#!/bin/sh\nexec "$@"\n')
    machine.has("true")
    return machine


def asked(machine: BareMachine) -> list[str]:
    noted = machine.project / "asked"
    return noted.read_text().split() if noted.exists() else []


def without_hosts(machine: BareMachine) -> str:
    sentence = "The fleet needs network namespaces, and this user may not make any."
    write_command(machine.project / "tests" / "fleet" / "run", f"#!/bin/sh\necho '{sentence}' >&2\nexit 1\n")
    return sentence


def test_every_part_is_run_in_order_and_its_time_told(complete: BareMachine) -> None:
    done = complete.run("bin/run-tests")

    assert done.returncode == 0, done.stderr
    assert asked(complete) == PARTS
    told = re.findall(r"^  (\w+) +\d+ s$", done.stdout, re.MULTILINE)
    assert told == [*PARTS[1:], "all"]


def test_all_that_is_missing_is_named_together_and_nothing_is_run(machine: BareMachine) -> None:
    machine.is_debian(offers=dict.fromkeys(("apt", "chromium", "git", "iproute2", "util-linux"), "1"))
    machine.has_python("3.11")

    said = machine.says("bin/run-tests").splitlines()

    assert [line for line in said if line.startswith("Ordercall needs Python 3.12 or newer, and found 3.11")]
    for package in ("chromium", "git", "iproute2 util-linux"):
        assert [line for line in said if line.endswith(f"su -c 'apt-get install {package}'")], said
    assert said[-1] == "No test was run: install what is named above, and give the command again."


def test_a_machine_without_hosts_leaves_out_the_fleet_and_ends_with_it(complete: BareMachine) -> None:
    sentence = without_hosts(complete)

    done = complete.run("bin/run-tests")

    assert done.returncode == 0
    assert asked(complete) == [part for part in PARTS if part != "fleet"]
    assert done.stdout.splitlines()[-1] == f"LEFT OUT: make fleet. {sentence}"


def test_a_machine_without_promtool_says_what_it_left_out_and_ends_with_it(complete: BareMachine) -> None:
    (complete.path / "promtool").unlink()
    complete.is_debian(offers={"apt": "1", "prometheus": "1"})

    done = complete.run("bin/run-tests")

    assert (done.returncode, asked(complete)) == (0, PARTS)
    assert done.stdout.splitlines()[-1] == (
        "LEFT OUT: what promtool says of metrics and alert rules. To get it: su -c 'apt-get install prometheus'"
    )


def test_where_everything_is_required_nothing_is_left_out(complete: BareMachine) -> None:
    sentence = without_hosts(complete)
    (complete.path / "promtool").unlink()
    complete.environment["REQUIRE_ALL"] = "1"

    said = complete.says("bin/run-tests")

    assert sentence in said
    assert "what promtool says" in said
    assert asked(complete) == []


def test_a_part_that_fails_is_named_after_the_times(complete: BareMachine) -> None:
    complete.environment["FAILING"] = "quick"

    done = complete.run("bin/run-tests")

    assert done.returncode == 1
    assert asked(complete) == ["tools", "check", "quick"]
    assert re.search(r"^  quick +\d+ s$", done.stdout, re.MULTILINE)
    assert done.stdout.splitlines()[-1] == "FAILED: make quick. What comes after it was not run."


def test_make_browser_without_a_browser_ends_in_one_sentence(machine: BareMachine) -> None:
    done = machine.run("make", "browser")

    assert done.returncode != 0
    assert done.stdout == ""
    sentence, of_make = done.stderr.splitlines()
    assert sentence.startswith("The browser tests need Chromium or Chrome, and found none. To get one: ")
    assert of_make.startswith("make: *** ")


def test_make_fleet_says_what_it_needs(machine: BareMachine) -> None:
    machine.is_debian(offers=dict.fromkeys(("apt", "iproute2", "util-linux"), "1"))

    assert machine.says("tests/fleet/run", "true") == (
        "The fleet needs the commands 'ip' and 'unshare'. To get them: su -c 'apt-get install iproute2 util-linux'"
    )


def test_make_fleet_says_when_this_user_may_make_no_hosts(machine: BareMachine) -> None:
    machine.has("ip")
    machine.has("unshare", "echo 'unshare failed: Operation not permitted' >&2; exit 1")

    assert machine.says("tests/fleet/run", "true") == (
        "The fleet needs network namespaces, and this user may not make any "
        "(unshare failed: Operation not permitted): run it as root."
    )
