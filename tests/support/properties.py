"""How hypothesis tries a property: the same examples each time, however slow the machine is, and nothing is kept."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

EXAMPLES = int(os.environ.get("ORDERCALL_TEST_EXAMPLES", "100"))
"""The most examples of a property. A second Python takes few (.ci/run): what differs there is the language."""

always = settings(
    deadline=None,
    derandomize=True,
    database=None,
    max_examples=EXAMPLES,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
"""A fixture is made once for all examples, so each of them begins with an order of its own."""


def few(examples: int) -> settings:
    """Return the same with fewer examples, for a property of which each takes long."""
    return settings(always, max_examples=min(examples, EXAMPLES))
