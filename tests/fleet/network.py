"""Hosts for the fleet's tests: network namespaces on one switch, inside the network that ``tests/fleet/run`` made."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SWITCH = "10.77.0.1"
"""The address of the test itself; the hosts follow on it. Nothing outside of the run's own network has any of them."""


class Network:
    """A switch with hosts on it. The process that makes it is one of them, at :data:`SWITCH`.

    Raises:
        RuntimeError: this process is on the machine's own network, which is left alone.
    """

    def __init__(self) -> None:
        if os.environ.get("ORDERCALL_FLEET") != "1":
            raise RuntimeError("The fleet's tests need a network of their own: start them with `make fleet`.")
        self._hosts = 0
        ip("link", "set", "lo", "up")
        ip("link", "add", "switch", "type", "bridge")
        ip("address", "add", f"{SWITCH}/24", "dev", "switch")
        ip("link", "set", "switch", "up")

    def host(self, name: str) -> Host:
        """Connect a new host to the switch."""
        self._hosts += 1
        return Host(name, f"10.77.0.{10 + self._hosts}")


class Host:
    """A host of its own: what runs there has its own addresses and ports, and reaches others through one cable.

    Args:
        name: of the namespace, and of the cable's end at the switch.
        address: where the others reach it.
    """

    def __init__(self, name: str, address: str) -> None:
        self.name, self.address = name, address
        ip("netns", "add", name)
        ip("link", "add", name, "type", "veth", "peer", "name", "cable", "netns", name)
        ip("link", "set", name, "master", "switch")
        ip("link", "set", name, "up")
        self.run("ip", "link", "set", "lo", "up")
        self.run("ip", "address", "add", f"{address}/24", "dev", "cable")
        self.run("ip", "link", "set", "cable", "up")

    @contextmanager
    def entered(self) -> Iterator[None]:
        """What the block starts runs on this host, and what it asks is asked from there."""
        with Path("/proc/thread-self/ns/net").open() as here, Path("/run/netns", self.name).open() as there:
            os.setns(there.fileno(), os.CLONE_NEWNET)
            try:
                yield
            finally:
                os.setns(here.fileno(), os.CLONE_NEWNET)

    def reaches(self, address: str, port: int) -> bool:
        """Return whether something on this host can connect to what listens there."""
        with self.entered():
            try:
                socket.create_connection((address, port), timeout=0.5).close()
            except OSError:
                return False
        return True

    @contextmanager
    def cut(self) -> Iterator[None]:
        """Pull the cable for the block: what is sent is lost without a word, and open connections hang."""
        ip("link", "set", self.name, "down")
        try:
            yield
        finally:
            ip("link", "set", self.name, "up")

    @contextmanager
    def silent_towards(self, other: Host) -> Iterator[None]:
        """For the block, lose every packet to one other host, and to nobody else."""
        self.run("ip", "route", "add", "blackhole", other.address)
        try:
            yield
        finally:
            self.run("ip", "route", "delete", "blackhole", other.address)

    def run(self, *command: str) -> str:
        """Run a command on this host; return what it writes.

        ``ip netns exec`` and ``ip -n`` would mount a /sys for it, which not everybody may who may make hosts.
        """
        return run("nsenter", f"--net=/run/netns/{self.name}", *command)


def namespaces() -> list[str]:
    listed = subprocess.run(["ip", "netns", "list"], capture_output=True, text=True, check=True).stdout
    return [line.split()[0] for line in listed.splitlines()]


def ip(*arguments: str) -> None:
    run("ip", *arguments)


def run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout
