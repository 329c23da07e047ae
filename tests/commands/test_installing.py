"""What an installation says: what it does and how far it is, and a sentence in the place of a trace."""

from __future__ import annotations

import hashlib
import os
import shlex
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from bare_machine import BareMachine, write_command

from ports import free_port


@pytest.fixture
def installer(machine: BareMachine, tmp_path: Path) -> BareMachine:
    """A machine with an environment whose pip is a real one, and that reaches no network."""
    python = f'#!/bin/sh\nexec {shlex.quote(sys.executable)} "$@"\n'
    write_command(machine.project / ".venv" / "bin" / "python", python)
    machine.environment |= {
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_NO_INDEX": "1",
        "PIP_RETRIES": "0",
        "PIP_FIND_LINKS": str(tmp_path),
        "PIP_TARGET": str(tmp_path / "installed"),
        "PIP_CACHE_DIR": str(tmp_path / "cache"),
    }
    return machine


def make_wheel(folder: Path, name: str) -> str:
    """Make a package of nothing, and return the line that locks it."""
    info = f"{name}-1.0.dist-info"
    path = folder / f"{name}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")
    return f"{name}==1.0 --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"


def lock(machine: BareMachine, *lines: str) -> str:
    (machine.project / "some.txt").write_text("\n".join([*lines, ""]))
    return "some.txt"


def many(folder: Path) -> list[str]:
    elsewhere = 'unheard-of==1.0 ; sys_platform == "elsewhere" --hash=sha256:' + "0" * 64
    return [*(make_wheel(folder, f"package{number}") for number in range(1, 13)), elsewhere]


def test_a_file_reads_what_is_done_and_every_tenth_step(installer: BareMachine, tmp_path: Path) -> None:
    done = installer.run("bin/pip-install", lock(installer, *many(tmp_path)))

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "Installing what some.txt names into .venv: about half a minute, or some minutes where the network is slow.",
        "  10 of 12: package10",
        "  unpacking them",
    ]
    assert len(list((tmp_path / "installed").glob("package*"))) == 12


def test_a_terminal_shows_every_step_in_one_line(installer: BareMachine, tmp_path: Path) -> None:
    said = installer.run_at_a_terminal("bin/pip-install", lock(installer, *many(tmp_path)))

    steps = said.split("\r\033[K")
    assert [step.strip() for step in steps[1:4]] == [f"{n} of 12: package{n}" for n in (1, 2, 3)]
    assert steps[-1] == ""


def test_an_index_that_cannot_be_reached_is_said_in_a_sentence(installer: BareMachine) -> None:
    installer.environment |= {"PIP_NO_INDEX": "0", "PIP_INDEX_URL": f"http://127.0.0.1:{free_port()}/simple"}

    done = installer.run("bin/pip-install", lock(installer, f"flask==1.0 --hash=sha256:{'0' * 64}"))

    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "The package index could not be reached. Look at the network; a proxy goes into HTTPS_PROXY, "
        "an index of your own into PIP_INDEX_URL.",
        "All that pip said is in .venv/install.log.",
    ]
    assert "flask" in (installer.project / ".venv" / "install.log").read_text()


def test_a_package_that_is_not_the_locked_one_is_named_as_pip_names_it(installer: BareMachine, tmp_path: Path) -> None:
    make_wheel(tmp_path, "package1")

    done = installer.run("bin/pip-install", lock(installer, f"package1==1.0 --hash=sha256:{'0' * 64}"))

    assert done.returncode == 1
    assert done.stderr.startswith("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.")
    assert "could not be reached" not in done.stderr


def test_a_script_finds_its_python_in_a_folder_with_an_odd_name(machine: BareMachine) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", machine.project / ".venv"], check=True)
    scripts = machine.project / ".venv" / "bin"
    of_pip = f"#!/bin/sh\n'''exec' \"{scripts / 'python'}\" \"$0\" \"$@\"\n' '''\nimport sys\nprint(*sys.argv[1:])\n"
    script = write_command(scripts / "script", of_pip)
    assert machine.run(str(script), "an argument").returncode == 127

    machine.run("bin/mend-scripts")

    assert machine.run(str(script), "an argument").stdout == "an argument\n"
    assert machine.run(str(scripts / "python"), "--version").returncode == 0


def test_a_terminal_enters_the_environment_in_a_folder_with_an_odd_name(machine: BareMachine) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", machine.project / ".venv"], check=True)

    machine.run("bin/mend-scripts")

    entered = machine.run("sh", "-c", '. .venv/bin/activate; echo "$VIRTUAL_ENV"')
    assert entered.stdout == f"{machine.project / '.venv'}\n"
