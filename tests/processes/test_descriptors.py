"""How many connections a process bears, by what its limit allows."""

from __future__ import annotations

import subprocess
import sys

import pytest

from ordercall.processes.descriptors import MOST_CONNECTIONS, OTHERS

ASK = "from ordercall.processes.descriptors import allow_connections; print(allow_connections())"


@pytest.mark.parametrize(
    ("limits", "connections"),
    [
        ("ulimit -Hn 4096; ulimit -Sn 1024", MOST_CONNECTIONS),
        ("ulimit -n 4096", MOST_CONNECTIONS),
        ("ulimit -n 1024", 1_024 - OTHERS),
        ("ulimit -n 200", 1),
    ],
)
def test_the_limit_is_raised_as_far_as_it_may_be(limits: str, connections: int) -> None:
    command = f'{limits}; exec "$0" -c "$1"'
    done = subprocess.run(["sh", "-c", command, sys.executable, ASK], capture_output=True, text=True)

    assert done.stdout == f"{connections}\n"
