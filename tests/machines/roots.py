"""Fresh machines: minimal Debian systems, each entered in namespaces of its own, on the network of this one."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import IO

ROOT = Path(__file__).parents[2]
KEPT = ROOT / "build" / "machines"
ON_EVERY_MACHINE = "ca-certificates,git,make,python3"
"""Enough to clone, and what Debian's own installer leaves: a python3 without venv."""

CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
PATH = "/usr/local/bin:/usr/bin:/bin"
USER = "someone"
HOME = f"/home/{USER}"
ENTER = """
set -eu
kept=$1
shift
mount -t overlay machine -o "lowerdir=$kept/base,upperdir=$kept/changes,workdir=$kept/work" "$kept/machine"
cd "$kept/machine"
mount -t proc proc proc
mount --rbind /dev dev
mount --bind "$kept/packages" var/cache/apt/archives
pivot_root . mnt
exec chroot . sh -c 'umount -l /mnt; cd; "$@"' machine "$@"
"""
"""The last shell stays, because a machine has a first process that buries the dead."""


class Machine:
    """A Debian of one suite, on which nothing was done yet. The system is made once and kept; changes are not.

    Args:
        suite: such as ``trixie`` or ``testing``.
    """

    def __init__(self, suite: str) -> None:
        self.suite = suite
        self.kept = KEPT / suite
        self.changes = self.kept / "changes"
        if not (self.kept / "base").exists():
            self._make_base()
        for name in ("changes", "work"):
            shutil.rmtree(self.kept / name, ignore_errors=True)
        for name in ("changes", "work", "machine", "packages"):
            (self.kept / name).mkdir(exist_ok=True)
        self._reach_the_network()
        self.root("useradd", "--create-home", USER)
        self.root("apt-get", "update")

    def root(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command as root, to its end."""
        environment = ["HOME=/root", "DEBIAN_FRONTEND=noninteractive", f"PATH=/usr/local/sbin:/usr/sbin:/sbin:{PATH}"]
        return subprocess.run(self._enter(environment, command), capture_output=True, text=True)

    def start(self, folder: str, command: Sequence[str], log: IO[bytes], **settings: str) -> subprocess.Popen[bytes]:
        """Start a command as an ordinary user, in a folder of their home.

        Killing the process that is returned ends all that came of it.
        """
        environment = [
            f"HOME={HOME}",
            f"USER={USER}",
            f"PATH={PATH}",
            *(f"{name}={value}" for name, value in settings.items()),
        ]
        as_user = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--init-groups"]
        command = ["env", f"--chdir={HOME}/{folder}", *command]
        return subprocess.Popen(
            self._enter(environment, [*as_user, *command]), stdout=log, stderr=log, stdin=subprocess.DEVNULL
        )

    def name(self) -> str:
        """Return what the system calls itself, and its Python."""
        said = self.root("sh", "-c", '. /etc/os-release && echo "$PRETTY_NAME" && python3 --version')
        return ", ".join(said.stdout.splitlines())

    def lend(self, pyenv: Path, version: str) -> None:
        """Give the user a Python of this machine's pyenv, at the place that it was built for."""
        python = pyenv / "versions" / version
        shutil.copytree(python, self.changes / python.relative_to("/"), symlinks=True)
        self.root("ln", "--symbolic", str(pyenv), f"{HOME}/.pyenv")

    def clone(self, folder: str) -> None:
        """Clone what is committed here into a folder of the user's home."""
        bundle = self.changes / "srv" / "ordercall.bundle"
        bundle.parent.mkdir(exist_ok=True)
        subprocess.run(["git", "-C", ROOT, "bundle", "create", "--quiet", bundle, "HEAD"], check=True)
        clone = ["git", "clone", "--quiet", "/srv/ordercall.bundle", f"{HOME}/{folder}"]
        done = self.root("setpriv", f"--reuid={USER}", f"--regid={USER}", "--init-groups", *clone)
        assert done.returncode == 0, done.stderr

    def _enter(self, environment: Sequence[str], command: Sequence[str]) -> list[str]:
        apart = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", ENTER, "enter", str(self.kept)]
        trusted = [f"{name}={CERTIFICATES}" for name in ("PIP_CERT", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS")]
        return [*apart, "env", "-i", *trusted, *environment, *command]

    def _make_base(self) -> None:
        unfinished = self.kept / "unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.parent.mkdir(parents=True, exist_ok=True)
        known = Path("/usr/share/debootstrap/scripts", self.suite).exists()
        command = ["debootstrap", "--variant=minbase", f"--include={ON_EVERY_MACHINE}", self.suite, str(unfinished)]
        with (self.kept / "debootstrap.log").open("wb") as log:
            subprocess.run([*command, mirror(), *([] if known else ["sid"])], stdout=log, stderr=log, check=True)
        unfinished.rename(self.kept / "base")

    def _reach_the_network(self) -> None:
        """Let it reach what this machine reaches, the same way."""
        for name in ("/etc/resolv.conf", "/etc/hosts", CERTIFICATES):
            copy = self.changes / name[1:]
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(name, copy)
        dumped = subprocess.run(["apt-config", "dump"], capture_output=True, text=True, check=True).stdout
        ways = re.findall(r"^Acquire::(?:https?|Check|Retries).*;$", dumped, re.MULTILINE)
        settings = self.changes / "etc/apt/apt.conf.d/99machine"
        settings.parent.mkdir(parents=True)
        settings.write_text("\n".join([*ways, 'APT::Get::Assume-Yes "true";', ""]))


def mirror() -> str:
    """Return where this machine's own packages come from."""
    ask = ["apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages", "Origin: Debian"]
    return subprocess.run(ask, capture_output=True, text=True, check=True).stdout.split()[0]


def refusal() -> str | None:
    """Return why no machine can be made here, or None."""
    if os.getuid() != 0:
        return "Fresh machines are made by root: they are mounted."
    if not shutil.which("debootstrap") or not shutil.which("apt-get"):
        return "Fresh machines need a Debian with debootstrap: apt-get install debootstrap"
    return None
