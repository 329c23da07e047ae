"""A disk for an installation that a test fills and makes room on again."""

from __future__ import annotations

import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import psutil

SIZE = 16 * 1024**2


class Disk(Protocol):
    """Where an installation keeps its database: ``folder``."""

    folder: Path

    def fill(self, pid: int) -> None:
        """From now on the processes below *pid* can write nothing more."""

    def make_room(self, pid: int) -> None: ...


class SmallDisk:
    """A file system of its own, in memory."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def fill(self, pid: int) -> None:
        with (self.folder / "filler").open("wb", buffering=0) as filler:
            try:
                while filler.write(bytes(4096)):
                    pass
            except OSError:
                return

    def make_room(self, pid: int) -> None:
        (self.folder / "filler").unlink()


class LimitedFiles:
    """A disk on which no file may grow, for those who may not mount one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def fill(self, pid: int) -> None:
        self._limit(pid, 1)

    def make_room(self, pid: int) -> None:
        self._limit(pid, resource.RLIM_INFINITY)

    def _limit(self, pid: int, most: int) -> None:
        parent = psutil.Process(pid)
        for process in (parent, *parent.children(recursive=True)):
            _, hard = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (most, hard))


@contextmanager
def small_disk(folder: Path) -> Iterator[Disk]:
    """Give the smallest disk that this user may have."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder)]
    try:
        mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        mounted = False
    if not mounted:
        yield LimitedFiles(folder)
        return
    try:
        yield SmallDisk(folder)
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
