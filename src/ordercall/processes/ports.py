"""The two ports of an installation: whether they are free, and by which name a browser of this machine finds them."""

from __future__ import annotations

import errno
import socket
import sys

from ordercall.config import Settings
from ordercall.errors import ConfigurationError

LOOPBACK = "127.0.0.1"
NEIGHBOUR_SECONDS = 0.5
"""How long [::1] may take to answer: a port of this machine says yes or no at once, unless a firewall swallows it."""
EXAMPLES = {"PORT": 5050, "SANDBOX_PORT": 5051}
AIRPLAY_PORTS = (5000, 7000)
"""What the AirPlay Receiver of macOS listens at."""


def refuse_taken_ports(settings: Settings, *, sandbox: bool) -> None:
    """Say that a port is taken in a sentence, before anything is served and a server says it in a trace.

    Args:
        sandbox: whether the sandbox is started as well.

    Raises:
        ConfigurationError: nothing can listen at HOST and PORT, or the sandbox cannot at SANDBOX_PORT.
    """
    wanted = {"PORT": (settings.host, settings.port)}
    if sandbox:
        wanted["SANDBOX_PORT"] = (LOOPBACK, settings.sandbox_port)
    faults = [fault for name, (host, port) in wanted.items() if (fault := _fault(name, host, port))]
    if sandbox and settings.port == settings.sandbox_port:
        faults.append(f"PORT and SANDBOX_PORT are both {settings.port}. {another_port('SANDBOX_PORT', settings.port)}")
    if faults:
        raise ConfigurationError(faults)


def find_local_name(settings: Settings) -> str:
    """Return the name by which a browser of this machine finds this installation, before it listens.

    For ``localhost`` a browser tries [::1] first, where another program may listen while 127.0.0.1 is ours: the
    AirPlay Receiver of macOS does.
    """
    ports = [settings.port, settings.sandbox_port] if settings.sandboxed else [settings.port]
    return LOOPBACK if any(_is_listened_to("::1", port) for port in ports) else "localhost"


def _is_listened_to(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=NEIGHBOUR_SECONDS).close()
    except OSError:
        return False
    return True


def _fault(name: str, host: str, port: int) -> str | None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as error:
        if error.errno in (errno.EADDRINUSE, errno.EACCES):
            return f"{name} is {port}, and nothing can listen there: {error.strerror}. {another_port(name, port)}"
        return (
            f"HOST is {host}, and nothing can listen there: {error.strerror}. It must be an address of this machine:"
            f" {LOOPBACK} for this machine alone, 0.0.0.0 for whoever reaches it."
        )
    return None


def another_port(name: str, port: int) -> str:
    """Return how to take another port than *port* for the setting *name*."""
    other = EXAMPLES[name] + (10 if port == EXAMPLES[name] else 0)
    way_out = f"Take another, for example {other}: `{name}={other} make run`, or a line {name}={other} in .env."
    if sys.platform == "darwin" and port in AIRPLAY_PORTS:
        way_out += (
            f" On macOS the AirPlay Receiver holds {port} until it is switched off in System Settings, General,"
            " AirDrop & Handoff."
        )
    return way_out
