"""Processes that a bench starts, what they take of the processor and of memory, and what machine this is."""

from __future__ import annotations

import os
import platform
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from orders import SECRET

ROOT = Path(__file__).parents[1]
TICKS = os.sysconf("SC_CLK_TCK")
START_SECONDS = 30.0


@dataclass(frozen=True)
class Running:
    """A process and its address."""

    process: subprocess.Popen[bytes]
    url: str

    def cpu(self) -> float:
        """Seconds of the processor that it and its children have taken."""
        return cpu_seconds(self.process.pid)

    def child(self, name: str) -> int:
        """Return the process that it started and that calls itself ``ordercall`` and this name."""
        children = family(self.process.pid)[1:]
        return next(pid for pid in children if _words(Path(f"/proc/{pid}/cmdline"))[:2] == ["ordercall", name])

    def memory(self) -> float:
        """Megabytes, with what several processes share counted once."""
        return sum(_memory(pid) for pid in family(self.process.pid))


@contextmanager
def running(*command: str, **environment: str) -> Iterator[Running]:
    """Run a Python program of ours until the end of the block; it listens when that begins."""
    with starting(*command, **environment) as started:
        wait_until_it_listens(started)
        yield started


@contextmanager
def starting(*command: str, **environment: str) -> Iterator[Running]:
    """Start a Python program of ours in a folder of its own, and end it with the block."""
    port = free_port()
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_FOLDER")) as folder:
        process = subprocess.Popen(  # noqa: S603 - our own programs
            [sys.executable, *command],
            cwd=folder,
            env=_environment(Path(folder), port) | environment,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            yield Running(process, f"http://127.0.0.1:{port}")
        finally:
            _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait_until_it_listens(started: Running) -> None:
    address = ("127.0.0.1", int(started.url.rpartition(":")[2]))
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            socket.create_connection(address).close()
            return
        except OSError:
            if time.monotonic() > deadline or started.process.poll() is not None:
                raise
            time.sleep(0.005)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _environment(folder: Path, port: int) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    paths = (ROOT / "src", ROOT / "bench", ROOT / "tests" / "support")
    return kept | {
        "PYTHONPATH": ":".join(map(str, paths)),
        "PORT": str(port),
        "DATABASE_PATH": str(folder / "shopify_orders.db"),
        "FLASK_SECRET_KEY": "a long secret for the sessions of the bench",
        "SHOPIFY_SHARED_SECRET": SECRET,
        "RECONCILE_MINUTES": "0",
    }


def calls_to(kalimera: str) -> Mapping[str, str]:
    """Return the settings with which the program calls this Kalimera, at any hour."""
    return {
        "CALLING_HOURS": "00:00-24:00",
        "KALIMERA_CONTACT_URL": f"{kalimera}/kalimera/contact",
        "KALIMERA_CAMPAIGN_ID": "main",
        "KALIMERA_CAMPAIGN_URL": f"{kalimera}/kalimera/campaign/<campaign id>",
        "KALIMERA_CAMPAIGN_CONTACTS_URL": f"{kalimera}/kalimera/campaign/contacts",
        "KALIMERA_AUTH_TOKEN": "Bearer bench",
        "KALIMERA_AGENT_ID_EN": "english",
        "KALIMERA_AGENT_ID_HI": "hindi",
        "KALIMERA_SIP_LIST_ID": "lines",
    }


def kalimera_calls(kalimera: Running) -> int:
    return int(httpx.get(f"{kalimera.url}/calls").json()["calls"])


def family(pid: int) -> list[int]:
    """Return a process and all that descend from it."""
    children = [int(child) for thread in Path(f"/proc/{pid}/task").glob("*/children") for child in _words(thread)]
    return [pid, *(member for child in children for member in family(child))]


def cpu_seconds(pid: int) -> float:
    """Return what a process and all that descend from it have taken of the processor, those that ended included."""
    return sum(_cpu(member) for member in family(pid))


def cpu_nanoseconds(pid: int) -> int:
    """Return the same of processes of one thread that are still there, as exactly as the kernel knows it."""
    return sum(int((_words(Path(f"/proc/{member}/schedstat")) or ["0"])[0]) for member in family(pid))


def _words(file: Path) -> list[str]:
    """Return the words of a file about a process or a thread, which may have ended just now."""
    try:
        return file.read_text().replace("\0", " ").split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def _cpu(pid: int) -> float:
    """Its own seconds, and those of its children that have ended."""
    after_the_name = " ".join(_words(Path(f"/proc/{pid}/stat"))).rpartition(")")[2]
    return sum(map(int, after_the_name.split()[11:15])) / TICKS


def _memory(pid: int) -> float:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def machine() -> str:
    """Return what was measured where, in one line."""
    model = next(line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name"))
    git = ["git", "-C", str(ROOT), "describe", "--always", "--dirty"]
    commit = subprocess.run(git, capture_output=True, text=True, check=True).stdout.strip()  # noqa: S603 - as above
    load = os.getloadavg()[0]
    return (
        f"Commit {commit}, {time.strftime('%d %B %Y %H:%M')}, {os.cpu_count()} cores of {model.partition(': ')[2]}, "
        f"Python {platform.python_version()}, load before it {load:.1f}."
    )
