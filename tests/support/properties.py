"""How hypothesis tries a property: the same examples each time, however slow the machine is, and nothing is kept."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

always = settings(
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
"""A fixture is made once for all examples, so each of them begins with an order of its own."""
