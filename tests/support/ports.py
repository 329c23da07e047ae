"""Ports for what the tests start."""

from __future__ import annotations

import itertools
import os
import socket

FIRST, SHARE, SHARES = 10_000, 2_000, 11
"""Where the ports begin, and how many each process of pytest-xdist has for itself.

All lie below those that the kernel gives to connections and to whoever asks for any port. So nobody takes one before
something listens there, or while that is started again.
"""

_share = FIRST + SHARE * (int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % SHARES)
_places = itertools.count(os.getpid())


def free_port() -> int:
    """Return a port of this machine that nothing uses, and that no other test is given soon."""
    while True:
        port = _share + next(_places) % SHARE
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port


def has_ipv6() -> bool:
    """Return whether a program can listen at [::1]."""
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True
