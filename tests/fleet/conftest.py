"""What a fleet's test starts from: a network of its own, and on it a shop that runs on two hosts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fleet import Fleet, Machines
from network import SWITCH, Network

from makers import KALIMERA_TOKEN
from ordercall.sandbox.app import create_sandbox
from ordercall.sandbox.kalimera import FakeKalimera
from ordercall.sandbox.server import run_in_thread
from ordercall.sandbox.shopify import FakeShopify


@pytest.fixture(scope="session")
def network() -> Network:
    return Network()


@pytest.fixture(scope="session")
def machines(network: Network) -> Iterator[Machines]:
    made = Machines(network)
    made.start_postgres()
    yield made
    made.postgres.remove()


@pytest.fixture
def kalimera() -> FakeKalimera:
    """A Kalimera whose every answer takes 100 ms."""
    made = FakeKalimera(token=KALIMERA_TOKEN)
    made.delay = 0.1
    return made


@pytest.fixture
def fleet(machines: Machines, kalimera: FakeKalimera, tmp_path: Path) -> Iterator[Fleet]:
    """A shop of its own, whose processes run."""
    sandbox_app = create_sandbox(kalimera, FakeShopify(token="sandbox-access-token"))
    with run_in_thread(sandbox_app, host=SWITCH) as sandbox:
        made = Fleet(machines, tmp_path, sandbox)
        try:
            made.start()
            yield made
        finally:
            made.end()
