"""The network that the fleet's tests stand on: hosts apart from the machine, with cables that can be pulled."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from network import SWITCH, Host, Network, namespaces

pytestmark = pytest.mark.fleet

RUN = Path(__file__).with_name("run")
LISTEN = "import socket; s = socket.create_server(('', 4000)); print('up', flush=True)\nwhile True: s.accept()"
CONNECT = "import socket, sys; socket.create_connection((sys.argv[1], 4000), timeout=1)"


def reaches(host: Host, address: str) -> bool:
    command = host.command(sys.executable, "-S", "-c", CONNECT, address)
    return subprocess.run(command, capture_output=True).returncode == 0


def test_hosts_reach_each_other_until_a_cable_is_pulled_and_again_when_it_is_back(network: Network) -> None:
    first, second = network.host("first"), network.host("second")
    server = second.command(sys.executable, "-S", "-c", LISTEN)
    with subprocess.Popen(server, stdout=subprocess.PIPE, text=True) as listening:
        assert listening.stdout
        listening.stdout.readline()
        assert reaches(first, second.address)
        assert reaches(second, "127.0.0.1")
        assert not reaches(first, "127.0.0.1")  # each has a loopback of its own

        second.cut()
        assert not reaches(first, second.address)

        second.mend()
        assert reaches(first, second.address)
        listening.kill()


def test_a_host_knows_no_way_out_of_the_network(network: Network) -> None:
    host = network.host("first")

    routes = subprocess.run(host.command("ip", "route"), capture_output=True, text=True, check=True).stdout

    assert routes.split()[0] == f"{SWITCH.rsplit('.', 1)[0]}.0/24"
    assert len(routes.splitlines()) == 1


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGKILL])
def test_nothing_of_a_run_outlives_it(end: signal.Signals) -> None:
    stay = (
        "ip netns add left-behind; ip netns exec left-behind true; echo up; ip netns exec left-behind sleep 1000 & wait"
    )
    with subprocess.Popen([RUN, "sh", "-c", stay], stdout=subprocess.PIPE, start_new_session=True) as run:
        assert run.stdout
        run.stdout.readline()

        os.killpg(run.pid, end) if end == signal.SIGINT else run.kill()

        assert run.stdout.read() == b""  # ends only when the last process that could write has ended
    assert "left-behind" not in namespaces()
