"""A machine that has only what a test gives it, and on it the project's scripts in a folder with an odd name."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
EVERYWHERE = ["cat", "date", "dirname", "env", "grep", "head", "make", "rm", "sed", "sh", "sort", "tail", "uname"]
"""What stands in the place of a whole system."""

SHELLS = [[found, *rest] for name, *rest in (["dash"], ["bash"], ["busybox", "sh"]) if (found := shutil.which(name))]
"""Those that this machine can lend; /bin/sh is mostly one of them."""

PYTHON = """#!/bin/sh
exec {python} -c 'import sys; sys.version_info = ({version}, 0, "final", 0); {without}exec(sys.argv[1])' "$2"
"""
WITHOUT_VENV = 'sys.modules["ensurepip"] = None; '


class BareMachine:
    """Scripts of the project on a machine with hardly any command.

    Args:
        folder: empty; the machine is in it.
        user: the number of who gives the commands; 0 is root.
    """

    def __init__(self, folder: Path, user: int = 1000) -> None:
        self.project = folder / """it's a "shop" with $HOME, दुकान & (1)"""
        self.path = folder / "on the path"
        self.path.mkdir()
        for name in EVERYWHERE:
            (self.path / name).symlink_to(shutil.which(name) or "")
        for name in ("bin", "tests/fleet"):
            shutil.copytree(ROOT / name, self.project / name)
        shutil.copy(ROOT / "Makefile", self.project)
        self.has("id", f"echo {user}")
        self.environment = {"PATH": str(self.path)}

    def has(self, name: str, script: str = "") -> Path:
        """Give the machine a command, or another one in its place."""
        return write_command(self.path / name, f"#!/bin/sh\n{script}\n")

    def has_python(self, version: str, at: str | Path = "python3", *, venv: bool = True) -> Path:
        """Give it a Python that says to be of a version such as 3.11; ``at`` is its name on the path, or its place."""
        without = "" if venv else WITHOUT_VENV
        script = PYTHON.format(python=shlex.quote(sys.executable), version=version.replace(".", ", "), without=without)
        return write_command(self.path / at, script)

    def is_debian(self, *, offers: dict[str, str], installed: str = "") -> None:
        """Give it apt-get, which knows packages by name and version, and dpkg, to which one file is known."""
        lines = "".join(f"{name}) echo ' {name} | {version} | a mirror' ;;\n" for name, version in offers.items())
        self.has("apt-get")
        self.has("apt-cache", f'case "$2" in\n{lines}*) ;;\nesac')
        self.has("dpkg", f'[ "$2" = "{self.path / installed}" ]')

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(command, cwd=self.project, env=self.environment, capture_output=True, text=True)

    def run_at_a_terminal(self, *command: str) -> str:
        """Run a command before a terminal, and return what that shows."""
        terminal, its_side = os.openpty()
        with subprocess.Popen(command, cwd=self.project, env=self.environment, stdout=its_side, stderr=its_side):
            os.close(its_side)
            return "".join(iter(lambda: read_terminal(terminal), ""))

    def says(self, *command: str) -> str:
        """Run a command that must fail, and return the sentence it fails with."""
        done = self.run(*command)
        assert (done.returncode, done.stdout) == (1, "")
        return done.stderr.strip()


def read_terminal(terminal: int) -> str:
    """Return what comes next; nothing once the last that wrote there has ended, which Linux tells as an error."""
    try:
        return os.read(terminal, 4096).decode()
    except OSError:
        os.close(terminal)
        return ""


def write_command(path: Path, script: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.write_text(script)
    path.chmod(0o755)
    return path
