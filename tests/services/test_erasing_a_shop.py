"""Erasing a shop takes as long for each order of a large one as of a small one: no statement reads a table whole."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import event

from house import House
from ordercall.sandbox.orders import make_order
from ordercall.storage.records.reports import Door, Incoming
from ordercall.storage.tables import metadata
from ringing import rung

pytestmark = pytest.mark.sqlite

ABOUT_ORDERS = {name for name, table in metadata.tables.items() if "shopify_id" in table.c}
GROW = {*ABOUT_ORDERS, "calls", "contacts", "procrastinate_jobs", "procrastinate_events"}
"""The tables that have rows for each order."""

OF_WHAT_IS_LEFT = ("reports_with_a_body", "deliveries_with_a_body")
"""Indexes that an erasure has emptied before its first order."""


def a_shop(house: House) -> None:
    for number in (1, 2):
        order = house.receive(make_order(number))
        with house.db.begin() as tx:
            rung(tx, order, now=house.now, contact=f"card {number}")
    heard = Incoming(door=Door.API, sender="API", body=b'{"phone": "+915550000041"}', received_at=house.now)
    house.reports.receive(heard)


def plans(house: House, asked: list[tuple[str, Any]]) -> list[str]:
    """Return how each statement finds its rows."""
    with house.db.read() as tx:
        driver: Any = tx.connection.driver_connection
        return [
            row[3] for statement, given in asked for row in driver.execute(f"EXPLAIN QUERY PLAN {statement}", given)
        ]


def test_no_statement_reads_a_table_whole_that_grows_with_the_orders(house: House) -> None:
    a_shop(house)
    house.pass_time(seconds=1)
    house.receive({"shop_id": 1, "shop_domain": "sandbox-shop.myshopify.com", "id": 1}, "shop/redact")
    [(job, _)] = house.jobs("answer_privacy_request")
    asked: list[tuple[str, Any]] = []

    @event.listens_for(house.db.engine, "before_cursor_execute")
    def _note(_conn: Any, _cursor: Any, statement: str, given: Any, _context: Any, many: bool) -> None:
        if re.match("SELECT|UPDATE|DELETE", statement):
            asked.append((statement, given[0] if many else given))

    house.shop.answer_privacy_request(job["request_id"])

    found = plans(house, asked)
    whole = {plan for plan in found if (scan := re.match(r"SCAN (\w+)", plan)) and scan[1] in GROW}
    assert {plan for plan in whole if not plan.endswith(OF_WHAT_IS_LEFT)} == set()
    assert len(found) > 50
