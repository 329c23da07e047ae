"""Try `make run` and `make test` on machines that have nothing yet, as an ordinary user who does what the commands say.

    make machines                                         Debian 12, 13 and what comes after
    .venv/bin/python tests/machines/run.py trixie         one of them; --without-tests: only `make run`

Where a command says what is missing, that is done and the command given again. The systems stay in build/machines, and
beside them what each command wrote last.
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import httpx
from roots import Machine, refusal

SUITES = ("bookworm", "trixie", "testing")
FOLDER = """the "shop" of $HOME, it's दुकान"""
PORTS = {"PORT": "5230", "SANDBOX_PORT": "5231"}
"""The machines share this one's network, where a program may be serving at the usual ones."""

TRIES = 6
"""More than there are tools that can be missing one after the other."""

SERVES_WITHIN_SECONDS = 900
TESTED_WITHIN_SECONDS = 5_400
"""What CI has for the same."""

PYENV = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
TOLD = re.compile(r"su -c '(?P<as_root>apt-get [^']+)'(?: && (?P<as_user>.+))?$", re.MULTILINE)


def main() -> int:
    signal.signal(signal.SIGTERM, lambda _signal, _frame: sys.exit(1))  # so that nothing outlives it
    parser = argparse.ArgumentParser(description="Try both commands on fresh machines.")
    parser.add_argument("suites", nargs="*", default=SUITES, metavar="SUITE", help="such as trixie")
    parser.add_argument("--without-tests", action="store_true", help="only `make run`")
    chosen = parser.parse_args()
    if why := refusal():
        click.echo(why, err=True)
        return 1
    passed = [Trial(suite).carry_out(tests=not chosen.without_tests) for suite in chosen.suites]
    return 0 if all(passed) else 1


class Trial:
    """Both commands in a fresh clone on one fresh machine."""

    def __init__(self, suite: str) -> None:
        self.machine = Machine(suite)
        self.machine.clone(FOLDER)
        self.log = self.machine.kept / "log"

    def carry_out(self, *, tests: bool) -> bool:
        self.say(f"a new {self.machine.name()}")
        passed = self.obediently("run", self.serves) and (not tests or self.obediently("test", self.is_tested))
        self.say("passed" if passed else "FAILED")
        return passed

    def obediently(self, target: str, succeeds: Callable[[], bool]) -> bool:
        """Give a command, do what it says is missing, and give it again. Return whether it came through."""
        self.log = self.machine.kept / f"make-{target}.log"
        for _ in range(TRIES):
            self.say(f"$ make {target}")
            if succeeds():
                return True
            told = list(TOLD.finditer(self.log.read_text()))
            for words in told:
                self.do(words)
            if not told:
                break
        self.say(f"{self.log} ends with:", *self.log.read_text().splitlines()[-15:])
        return False

    def serves(self) -> bool:
        """Start the program; say how long it took to the login page and to the first confirmed order."""
        began = time.monotonic()
        with (
            self.given("run", **PORTS) as make,
            httpx.Client(base_url=f"http://127.0.0.1:{PORTS['PORT']}", follow_redirects=True) as person,
        ):
            for step, is_there in (("the login page answers", answers), ("order #1001 is confirmed", is_confirmed)):
                while not is_there(person):
                    if make.poll() is not None or time.monotonic() > began + SERVES_WITHIN_SECONDS:
                        return False
                    time.sleep(0.1)
                self.say(f"{time.monotonic() - began:.1f} s after the start {step}")
        return True

    def is_tested(self) -> bool:
        """Run the tests; say how long each part took and what was left out."""
        with self.given("test") as make:
            code = make.wait(TESTED_WITHIN_SECONDS)
        if code == 0:
            self.say(*self.log.read_text().partition("Time by part:")[2].splitlines()[1:])
        return code == 0

    @contextmanager
    def given(self, target: str, **settings: str) -> Iterator[subprocess.Popen[bytes]]:
        """Let the user give a make command in the clone; whatever still runs at the end of the block is ended."""
        with self.log.open("wb") as log:
            make = self.machine.start(FOLDER, ["make", target], log, **settings)
        try:
            yield make
        finally:
            make.kill()
            make.wait()

    def do(self, told: re.Match[str]) -> None:
        """Do what a command told its user; where Python comes from an address that is not reached, lend them one."""
        self.say(told.string[: told.end()].splitlines()[-1])
        done = self.machine.root("sh", "-c", told["as_root"])
        if done.returncode:
            self.say(*done.stderr.splitlines())
        if told["as_user"] and not self.user_does(told["as_user"]):
            for lent in sorted(PYENV.glob("versions/3.12.*"))[-1:]:
                self.say(f"not reached from here; lent instead: {lent}")
                self.machine.lend(PYENV, lent.name)

    def user_does(self, command: str) -> bool:
        with (self.machine.kept / "told.log").open("wb") as log:
            return self.machine.start(FOLDER, ["sh", "-c", command], log).wait(SERVES_WITHIN_SECONDS) == 0

    def say(self, *lines: str) -> None:
        for line in lines:
            click.echo(f"{self.machine.suite:10} {line}")


def answers(person: httpx.Client) -> bool:
    try:
        return person.get("/login").status_code == 200
    except httpx.HTTPError:
        return False


def is_confirmed(person: httpx.Client) -> bool:
    page = person.get("/?status=Success")
    if page.url.path == "/login":
        [token] = re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
        person.post("/login", data={"csrf_token": token, "username": "admin", "password": "admin"})
        return False
    return "Select #1001" in page.text


if __name__ == "__main__":
    sys.exit(main())
