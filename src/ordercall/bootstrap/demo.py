"""The sandbox and the orders that it placed, as far as a person or the sandbox itself asks about them."""

from __future__ import annotations

import json
from contextlib import closing
from typing import Any

from ordercall.bootstrap.parts import open_database, utc_now
from ordercall.config import Settings
from ordercall.jobs.engine import JobEngine
from ordercall.sandbox.server import Earlier
from ordercall.services.demo import DemoService
from ordercall.storage.engine.opening import database_at
from ordercall.storage.records import demo

RECALLED = 500
"""Orders that the sandbox knows again after a start: ten times as many as its page shows."""


def earlier_orders(settings: Settings) -> Earlier:
    """Return what the sandbox should know of the database when it starts."""
    with closing(open_database(settings)) as db, db.read() as tx:
        rows = demo.latest(tx, RECALLED)
        bodies = demo.bodies(tx, [row.shopify_id for row in rows])
        empty = not rows and not demo.any_real(tx)
    latest_body: dict[int, dict[str, Any]] = {}
    for shopify_id, raw in bodies:
        body = json.loads(raw)
        if body["updated_at"] >= latest_body.get(shopify_id, body)["updated_at"]:
            latest_body[shopify_id] = body
    return Earlier(
        orders=[
            (latest_body[row.shopify_id] | {"cancelled_at": row.shopify_cancelled_at}, row.confirmation_status)
            for row in reversed(rows)
            if row.shopify_id in latest_body
        ],
        last_number=_number(rows[0].order_name) if rows else 0,
        place_first=empty and settings.sandboxed,
    )


def holds_real_orders(settings: Settings) -> bool:
    """Return whether the database has an order that the sandbox did not place.

    Beside such orders the sandbox stays off. It would call and cancel them for show, and take its own shop for theirs:
    what it had read there would count as read, and what their shop did meanwhile would never be looked for.
    """
    with closing(database_at(settings.database_url, settings.database_path)) as db:
        db.make_ready()
        with db.read() as tx:
            return demo.any_real(tx)


def _number(name: str | None) -> int:
    digits = (name or "").removeprefix("#")
    return int(digits) if digits.isdecimal() else 0


def remove_demo_orders(settings: Settings) -> int:
    """Remove the orders that the sandbox placed, and return how many there were. Webhooks are taken in meanwhile."""
    with closing(open_database(settings)) as db:
        return DemoService(db, JobEngine(db), settings, utc_now).remove(by="a person")
