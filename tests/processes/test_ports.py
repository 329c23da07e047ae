"""What is said of a port that is taken, and where a browser of this machine is sent."""

from __future__ import annotations

import errno
import os
import socket
import sys
from dataclasses import replace

import pytest

from ordercall.config import Settings, read_settings
from ordercall.errors import ConfigurationError
from ordercall.processes.ports import another_port, find_local_name, refuse_taken_ports
from ordercall.sandbox.server import sandbox_beside
from ports import free_port, has_ipv6


def refusals(*, sandbox: bool = True, **settings: str) -> list[str]:
    """Return what is wrong with these ports, one sentence each."""
    free = {"PORT": str(free_port()), "SANDBOX_PORT": str(free_port())}
    try:
        refuse_taken_ports(read_settings(free | settings), sandbox=sandbox)
    except ConfigurationError as refused:
        return refused.faults
    return []


def test_free_ports_are_not_refused() -> None:
    assert refusals() == []


@pytest.mark.parametrize(("name", "other"), [("PORT", 5050), ("SANDBOX_PORT", 5051)])
def test_a_taken_port_is_refused_with_a_way_out(name: str, other: int) -> None:
    with socket.create_server(("127.0.0.1", free_port())) as taken:
        port = taken.getsockname()[1]
        said = refusals(**{name: str(port)})

    assert said == [
        f"{name} is {port}, and nothing can listen there: Address already in use. "
        f"Take another, for example {other}: `{name}={other} make run`, or a line {name}={other} in .env."
    ]


def test_the_way_out_is_never_the_port_that_is_taken() -> None:
    assert "`PORT=5060 make run`" in another_port("PORT", 5050)


@pytest.mark.parametrize(
    ("platform", "port", "named"), [("darwin", 5000, True), ("darwin", 5001, False), ("linux", 5000, False)]
)
def test_what_holds_port_5000_on_macos_is_named_there(
    monkeypatch: pytest.MonkeyPatch, platform: str, port: int, named: bool
) -> None:
    monkeypatch.setattr(sys, "platform", platform)

    assert ("On macOS the AirPlay Receiver holds 5000" in another_port("PORT", port)) is named


def test_the_port_of_a_sandbox_that_is_not_started_may_be_taken() -> None:
    with socket.create_server(("127.0.0.1", free_port())) as taken:
        assert refusals(sandbox=False, SANDBOX_PORT=str(taken.getsockname()[1])) == []


def test_both_ports_may_not_be_the_same() -> None:
    port = str(free_port())

    [said] = refusals(PORT=port, SANDBOX_PORT=port)

    assert said.startswith(f"PORT and SANDBOX_PORT are both {port}. Take another, for example 5051: ")


def test_an_address_of_another_machine_is_refused_with_a_way_out() -> None:
    assert refusals(HOST="192.0.2.1") == [
        f"HOST is 192.0.2.1, and nothing can listen there: {os.strerror(errno.EADDRNOTAVAIL)}. It must be an address"
        " of this machine: 127.0.0.1 for this machine alone, 0.0.0.0 for whoever reaches it."
    ]


def settings_beside(another_programs: str) -> Settings:
    """Return free ports, beside another program that listens at [::1] on one of them, as far as they say where."""
    environment = {"PORT": str(free_port()), "SANDBOX_PORT": str(free_port()), "ORDERCALL_SANDBOXED": "1"}
    with socket.create_server(("::1", int(environment[another_programs])), family=socket.AF_INET6):
        settings = read_settings(environment)
        return replace(settings, local_name=find_local_name(settings))


@pytest.mark.skipif(not has_ipv6(), reason="without IPv6 nobody can listen at [::1]")
@pytest.mark.parametrize("name", ["PORT", "SANDBOX_PORT"])
def test_a_browser_is_sent_past_another_program_that_listens_at_localhost_first(name: str) -> None:
    settings = settings_beside(name)

    assert settings.local_url == f"http://127.0.0.1:{settings.port}"
    assert settings.sandbox_url == f"http://127.0.0.1:{settings.sandbox_port}"


def test_a_browser_is_sent_to_localhost_when_nobody_else_listens_there() -> None:
    settings = read_settings({"PORT": str(free_port()), "SANDBOX_PORT": str(free_port()), "ORDERCALL_SANDBOXED": "1"})

    assert find_local_name(settings) == "localhost"
    assert settings.local_url == f"http://localhost:{settings.port}"


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("0.0.0.0", "http://localhost:5000"),
        ("::", "http://localhost:5000"),
        ("::1", "http://[::1]:5000"),
        ("192.0.2.1", "http://192.0.2.1:5000"),
    ],
)
def test_a_browser_is_sent_to_the_address_that_is_listened_at(host: str, url: str) -> None:
    assert read_settings({"HOST": host}).local_url == url


def test_the_sandbox_links_to_the_pages_by_the_same_name() -> None:
    sandbox = sandbox_beside({"ORDERCALL_LOCAL_NAME": "127.0.0.1", "PORT": "5000"})

    page = sandbox.test_client().get("/", base_url="http://127.0.0.1:5001").text

    assert 'href="http://127.0.0.1:5000/"' in page
