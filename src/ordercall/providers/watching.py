"""What is measured and told of a request to a provider."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from ordercall import trail
from ordercall.errors import CredentialsRefused, OutcomeUnknown, ProviderBusy, ProviderRefused
from ordercall.measures import PROVIDER_SECONDS

ANSWERED, CUT_OFF = "answered", "cut_off"
"""An answer of the 200 series, whatever a provider says in it; a fault of ours, or a worker that leaves."""

OUTCOMES: dict[type[BaseException], str] = {
    ProviderBusy: "busy",
    CredentialsRefused: "locked_out",
    ProviderRefused: "refused",
    OutcomeUnknown: "unknown",
}


@contextmanager
def watched(provider: str, operation: str) -> Iterator[None]:
    """Measure the request that is made in the block."""
    started, outcome = time.monotonic(), ANSWERED
    try:
        yield
    except BaseException as error:
        outcome = OUTCOMES.get(type(error), CUT_OFF)
        raise
    finally:
        took = time.monotonic() - started
        PROVIDER_SECONDS.observe(took, provider, operation, outcome)
        trail.tell("request", provider=provider, operation=operation, outcome=outcome, milliseconds=round(took * 1000))
