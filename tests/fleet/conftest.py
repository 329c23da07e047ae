"""What a fleet's test starts from: a network of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from network import Network


@pytest.fixture
def network() -> Iterator[Network]:
    made = Network()
    yield made
    made.close()
