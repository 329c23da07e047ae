"""A request that was given up must not arrive after all, when the network is back and somebody else does the work."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any
from urllib.parse import urlsplit

import pytest
from network import SWITCH, Host, Network

from makers import KALIMERA_TOKEN, make_settings
from ordercall.errors import OutcomeUnknown
from ordercall.providers.kalimera.client import KalimeraClient
from ordercall.providers.outgoing import run
from ordercall.sandbox.app import create_sandbox
from ordercall.sandbox.kalimera import FakeKalimera
from ordercall.sandbox.server import run_in_thread
from waiting import until

pytestmark = pytest.mark.fleet


def test_nothing_is_left_to_be_sent_of_a_request_that_was_given_up(network: Network) -> None:
    host = network.host("impatient")
    with run_in_thread(create_sandbox(FakeKalimera(token=KALIMERA_TOKEN)), host=SWITCH) as sandbox:
        kalimera = KalimeraClient(
            make_settings(
                KALIMERA_AUTH_TOKEN=KALIMERA_TOKEN,
                KALIMERA_CONTACT_URL=f"{sandbox.url}/kalimera/contact",
                KALIMERA_TIMEOUT_SECONDS="2",
            )
        )
        until(lambda: host.reaches(SWITCH, urlsplit(sandbox.url).port or 0), "the cable carries")
        assert run(entered(host, kalimera.find_contact("+919000000001"))) is None  # its connection is kept open

        with host.cut():
            with pytest.raises(OutcomeUnknown):
                run(kalimera.find_contact("+919000000001"))
            until(lambda: connections(host) == "", "the kernel has given it up too", seconds=20)
        kalimera.close()


async def entered(host: Host, look: Coroutine[Any, Any, str | None]) -> str | None:
    """Look from within the host: the thread of the outgoing requests is what has to be there."""
    with host.entered():
        return await look


def connections(host: Host) -> str:
    """Return what the kernel of a host still has to do with the switch, closed by its program or not.

    A connection in TIME-WAIT is done: it only keeps its port from being taken too soon.
    """
    states = ["state", "all", "exclude", "time-wait"]
    return host.run("ss", "--no-header", "--tcp", *states, "dst", SWITCH)
