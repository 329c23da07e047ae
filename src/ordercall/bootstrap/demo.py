"""The sandbox and the orders that it placed, as far as a person or the sandbox itself asks about them."""

from __future__ import annotations

from contextlib import closing

from ordercall.bootstrap.parts import open_database, utc_now
from ordercall.config import Settings
from ordercall.jobs.engine import JobEngine
from ordercall.services.demo import DemoService


def remove_demo_orders(settings: Settings) -> int:
    """Remove the orders that the sandbox placed, and return how many there were. Webhooks are taken in meanwhile."""
    with closing(open_database(settings)) as db:
        return DemoService(db, JobEngine(db), settings, utc_now).remove(by="a person")
