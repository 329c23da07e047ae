"""The network that the fleet's tests stand on: hosts apart from the machine, with cables that can be pulled."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from network import SWITCH, Host, Network, namespaces

from waiting import until

pytestmark = pytest.mark.fleet

RUN = Path(__file__).with_name("run")
PORT = 4000


@contextmanager
def listening(host: Host) -> Iterator[None]:
    with host.entered():
        server = socket.create_server(("", PORT))
    with server:
        yield


def test_hosts_reach_each_other_until_a_cable_is_pulled_and_again_when_it_is_back(network: Network) -> None:
    first, second = network.host("left"), network.host("right")
    with listening(second):
        until(lambda: first.reaches(second.address, PORT), "the cables carry")
        assert second.reaches("127.0.0.1", PORT)
        assert not first.reaches("127.0.0.1", PORT)  # each has a loopback of its own

        with second.cut():
            assert not first.reaches(second.address, PORT)

        until(lambda: first.reaches(second.address, PORT), "the cable carries again")


def test_a_host_can_fall_silent_towards_one_other_alone(network: Network) -> None:
    first, second, third = (network.host(name) for name in ("north", "south", "east"))
    with listening(third):
        until(lambda: first.reaches(third.address, PORT), "the cables carry")
        with third.silent_towards(first):
            assert not first.reaches(third.address, PORT)
            until(lambda: second.reaches(third.address, PORT), "the other one hears it")

        until(lambda: first.reaches(third.address, PORT), "it speaks again")


def test_a_host_knows_no_way_out_of_the_network(network: Network) -> None:
    host = network.host("lonely")

    routes = host.run("ip", "route")

    assert routes.split()[0] == f"{SWITCH.rsplit('.', 1)[0]}.0/24"
    assert len(routes.splitlines()) == 1


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGKILL])
def test_nothing_of_a_run_outlives_it(end: signal.Signals) -> None:
    there = "nsenter --net=/run/netns/left-behind"
    stay = f"ip netns add left-behind && {there} true && echo up && {there} sleep 1000 & wait"
    with subprocess.Popen(
        [RUN, "sh", "-c", stay],
        stdout=subprocess.PIPE,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # ignored where a shell's background runs us
    ) as run:
        assert run.stdout
        run.stdout.readline()

        os.killpg(run.pid, end) if end == signal.SIGINT else run.kill()

        assert run.stdout.read() == b""  # ends only when the last process that could write has ended
    assert "left-behind" not in namespaces()
