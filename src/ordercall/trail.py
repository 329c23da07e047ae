"""What a line of the log is about: one id for all that is done for an order, whichever process does it.

It is made of the order's number, which the webhook's body, each job and each report name anyway. So nothing has to
carry it from one to the next, and it is the same after a crash, in another worker and in a webhook that comes next
week. The line of a webhook says its own id beside it.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

_about: ContextVar[str] = ContextVar("about", default="")

_ODD = re.compile(r"[^\w:./+-]", re.ASCII)
LONGEST = 100
"""Characters of an id that somebody else has made; a longer one is none."""

logger = logging.getLogger(__name__)
"""Says of each webhook, job, request and report that it is over: in JSON alone, see ``logs``."""


def of_order(shopify_id: object) -> str:
    return f"order-{shopify_id}"


def of_job(arguments: Mapping[str, Any]) -> str:
    """Return what a job with these arguments is about; empty for one that is about no order, nor anything alike."""
    for name, kind in (("shopify_id", "order"), ("run_id", "run"), ("trial_id", "trial"), ("call_id", "first-call")):
        if name in arguments:
            return f"{kind}-{arguments[name]}"
    return f"campaign-{plain(arguments['campaign_id'])}" if "campaign_id" in arguments else ""


def plain(written: object) -> str:
    """Return an id that somebody else has made without anything that no id has in it."""
    return _ODD.sub("", str(written))[:LONGEST]


@contextmanager
def about(what: str) -> Iterator[None]:
    """Have the lines that are logged in the block, and in what it starts in another thread or loop, be about this."""
    token = _about.set(what or _about.get())
    try:
        yield
    finally:
        _about.reset(token)


def current() -> str:
    """Return what is worked on here; empty where that is nothing in particular."""
    return _about.get()


def is_told() -> bool:
    """Return whether anybody reads :func:`tell`: it is asked where many things are over at once."""
    return logger.isEnabledFor(logging.INFO)


def tell(event: str, *, about: str = "", **fields: object) -> None:
    """Say that something is over.

    Args:
        about: what it was about; default: what is worked on here.
        fields: what more there is to say, by name: numbers, and words of this program. Nothing of a person.
    """
    if is_told():
        logger.info(event, extra={"fields": fields, "about": about})
