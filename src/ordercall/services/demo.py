"""The sandbox's orders beside real ones: nothing is done for those of the other kind, and its own can be removed."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from itertools import batched

from sqlalchemy import Connection

from ordercall.config import SANDBOX_CAMPAIGN, SANDBOX_STORE, Settings
from ordercall.domain.activity import Event
from ordercall.errors import SandboxSilent
from ordercall.jobs.engine import JobEngine
from ordercall.storage.engine.database import Database
from ordercall.storage.engine.dialects import dialect
from ordercall.storage.records import activity, demo, orders
from ordercall.storage.records.stored_order import StoredOrder

SHOPIFYS = "Shopify's settings"
"""What a real order lacks where the sandbox is on, whose settings all lead to itself."""

SLICE = 200
"""Orders that one transaction removes: few, so that no webhook waits long."""

SECONDS_TO_FORGET = 5.0
"""The timeout for the sandbox, on this machine, to forget its orders."""


def is_foreign(order: StoredOrder, settings: Settings) -> bool:
    """Return whether a stored order is the sandbox's while this installation is real, or the other way round."""
    return order.is_demo is not settings.sandboxed


class DemoService:
    """Counts and removes the orders that the sandbox placed."""

    def __init__(self, db: Database, jobs: JobEngine, settings: Settings, clock: Callable[[], datetime]) -> None:
        self._db = db
        self._jobs = jobs
        self._settings = settings
        self._clock = clock

    def number(self, tx: Connection) -> int:
        """Count the sandbox's orders, up to 1,000."""
        return demo.number(tx)

    def remove(self, *, by: str) -> int:
        """Remove the sandbox's orders with all that belongs to them, and return how many there were.

        A removal that is cut off leaves whole orders behind; the next goes on with them.

        Raises:
            SandboxSilent: the sandbox runs and does not answer; nothing was removed.
        """
        if self._settings.sandboxed:
            _let_the_sandbox_forget(self._settings.sandbox_port)
        removed = 0
        while number := self._remove_some():
            removed += number
        if self._settings.sandboxed or self._settings.shopify_store_domain != SANDBOX_STORE:
            self._remove_shop()
        if removed:
            with self._db.begin() as tx:
                message = f"{removed:,} demo orders of the sandbox removed by {by}."
                activity.record(tx, None, Event.DEMO_REMOVED, message, now=self._clock(), actor=by)
        return removed

    def _remove_some(self) -> int:
        with self._db.begin() as tx:
            ids = demo.some(tx, SLICE)
            # A transaction that stores a webhook of one of them commits first.
            dialect(tx).take_advisory_locks(tx, map(orders.lock_name, ids))
            orders.find_all_to_change(tx, ids)
            demo.remove(tx, ids)
            self._jobs.forget_orders(tx, ids)
        return len(ids)

    def _remove_shop(self) -> None:
        """Remove what the sandbox's shop left beside its orders. A real shop of that name keeps what is its own."""
        with self._db.read() as tx:
            strays = demo.deliveries_without_an_order(tx, SANDBOX_STORE)
        for some in batched(strays, SLICE):
            with self._db.begin() as tx:
                demo.remove_deliveries(tx, some)
        with self._db.begin() as tx:
            demo.remove_shop(tx, SANDBOX_STORE, SANDBOX_CAMPAIGN)


def _let_the_sandbox_forget(port: int) -> None:
    """Or its orders would be found again when its shop is next read. Where it does not run, it knows none."""
    from ordercall.providers.connections import Connections, NoAnswer, NotSent  # late: the web process asks nobody else

    try:
        with closing(Connections(SECONDS_TO_FORGET, {"Content-Type": "application/json"})) as http:
            http.ask_and_wait("POST", f"http://127.0.0.1:{port}/orders/forget", body=b"{}")
    except NotSent:
        return
    except NoAnswer as error:
        raise SandboxSilent(
            "The sandbox did not answer, so no demo order was removed: its orders would only come back. "
            "Try again in a minute, or stop the sandbox and then remove them."
        ) from error
