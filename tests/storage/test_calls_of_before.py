"""Orders of a version that wrote no calls down get calls that say what is known of them, and nobody is rung for it."""

from __future__ import annotations

import gzip
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import insert, text

from databases import PostgresCopies
from ordercall.domain.calls.call import CallState
from ordercall.domain.calls.calling import CallingState
from ordercall.storage.engine.database import Database
from ordercall.storage.engine.postgres_database import PostgresDatabase
from ordercall.storage.engine.sqlite_database import SQLiteDatabase
from ordercall.storage.records import calls
from ordercall.storage.tables import listings, orders

LANDED = Path(__file__).with_name("landed")
NOW = time.time()
SOON, LONG_AGO = NOW + 3_600, NOW - 86_400

KNOWN: dict[str, tuple[str | None, dict[str, Any], CallState | None]] = {
    "received": (None, {"calling_state": "queued"}, CallState.PLANNED),
    "for the morning": (None, {"calling_state": "waiting_for_hours"}, CallState.PLANNED),
    "in the queue": ("waiting", {"calling_state": "queued"}, CallState.PLANNED),
    "asked for again": ("parked", {"calling_state": "queued"}, CallState.PLANNED),
    "cut off": ("adding", {"calling_state": "queued", "window_end": SOON}, CallState.IN_DOUBT),
    "answer lost": ("unknown", {"calling_state": "queued", "window_end": LONG_AGO}, CallState.IN_DOUBT),
    "rings": ("listed", {"calling_state": "on_campaign", "window_end": SOON}, CallState.PLACED),
    "silent": ("listed", {"calling_state": "on_campaign", "window_end": LONG_AGO}, CallState.UNANSWERED),
    "of no known window": ("listed", {"calling_state": "on_campaign"}, CallState.UNANSWERED),
    "decided": ("listed", {"confirmation_status": "Success", "window_end": SOON}, CallState.OVERTAKEN),
    "decided in doubt": ("unknown", {"confirmation_status": "Failed"}, CallState.OVERTAKEN),
    "erased": ("listed", {"erased_at": LONG_AGO, "window_end": SOON}, CallState.OVERTAKEN),
    "refused": ("parked", {"calling_state": "failed", "calling_reason": "kalimera_refused"}, CallState.REJECTED),
    "no contact": (None, {"calling_state": "failed", "calling_reason": "kalimera_refused"}, CallState.REJECTED),
    "nobody knows": (
        "parked",
        {"calling_state": "failed", "calling_reason": "outcome_unknown"},
        CallState.ENDED_UNKNOWN,
    ),
    "not called": (None, {"calling_state": "not_called", "calling_reason": "no_phone"}, None),
    "settings": (None, {"calling_state": "failed", "calling_reason": "settings_missing"}, None),
    "the original's": (None, {"calling_state": "on_campaign"}, None),
}
"""The order's place on its campaign, its row, and the state of the call that it gets."""


@contextmanager
def opened(place: Path | str) -> Iterator[Database]:
    with closing(SQLiteDatabase(place) if isinstance(place, Path) else PostgresDatabase(place)) as database:
        yield database


@pytest.fixture(
    params=[pytest.param("sqlite", marks=pytest.mark.sqlite), pytest.param("postgres", marks=pytest.mark.postgres)]
)
def before(request: pytest.FixtureRequest, path: Path) -> Path | str:
    """A database of schema 0022 with an order of each kind."""
    if request.param == "sqlite":
        path.write_bytes(gzip.decompress((LANDED / "0022.db.gz").read_bytes()))
        place: Path | str = path
    else:
        copies: PostgresCopies = request.getfixturevalue("databases")
        place = copies.bare()
        with psycopg.connect(place) as connection:
            connection.execute(gzip.decompress((LANDED / "0022.postgres.sql.gz").read_bytes()))
    with opened(place) as database, database.begin() as tx:
        for number, (listing, row, _) in enumerate(KNOWN.values(), start=1):
            of_all = {"shopify_id": number, "confirmation_status": "Placed", "customer_phone": f"+91555{number:07}"}
            tx.execute(insert(orders).values(of_all | row))
            if listing:
                of_it = {"campaign_id": "main", "language": "hi", "contact_id": f"c{number}", "changed_at": LONG_AGO}
                tx.execute(
                    insert(listings).values({"id": 100 + number, "shopify_id": number, "state": listing} | of_it)
                )
    return place


def number_of(kind: str) -> int:
    return list(KNOWN).index(kind) + 1


def test_each_order_gets_the_call_that_is_known_of_it(before: Path | str) -> None:
    with opened(before) as database:
        database.upgrade()
        with database.read() as tx:
            found = {kind: calls.of_order(tx, number_of(kind)) for kind in KNOWN}

    assert {kind: [call.state for call in of_it] for kind, of_it in found.items()} == {
        kind: [state] if state else [] for kind, (_, _, state) in KNOWN.items()
    }
    assert all(call.is_before for of_it in found.values() for call in of_it)


def test_a_call_of_before_says_whom_it_rang_and_a_planned_one_nothing(before: Path | str) -> None:
    with opened(before) as database:
        database.upgrade()
        with database.read() as tx:
            (rings,), (waits,) = (calls.of_order(tx, number_of(kind)) for kind in ("rings", "in the queue"))

    assert (rings.contact_id, rings.campaign_id, rings.language) == (f"c{number_of('rings')}", "main", "hi")
    assert rings.window_end == rings.may_ring_until
    assert (waits.contact_id, waits.campaign_id, waits.window_end) == (None, None, None)


def test_every_order_on_its_way_has_a_live_call_and_nobody_else_a_planned_one(before: Path | str) -> None:
    with opened(before) as database:
        database.upgrade()
        with database.read() as tx:
            states = tx.execute(text("SELECT shopify_id, calling_state, confirmation_status FROM orders")).all()
            last = calls.latest_of(tx, [row.shopify_id for row in states])

    on_its_way = {
        row.shopify_id
        for row in states
        if row.confirmation_status == "Placed" and CallingState.of(row.calling_state) in ("queued", "waiting_for_hours")
    }
    assert on_its_way <= {number for number, call in last.items() if call.state.live}
    assert {number for number, call in last.items() if call.state is CallState.PLANNED} <= on_its_way


def test_a_further_call_sorts_behind_that_of_before(before: Path | str) -> None:
    with opened(before) as database:
        database.upgrade()
        with database.begin() as tx:
            calls.plan_missing(tx, [number_of("silent")], now=calls.of_order(tx, number_of("silent"))[0].planned_at)
            states = [call.state for call in calls.of_order(tx, number_of("silent"))]

    assert states == [CallState.PLANNED, CallState.UNANSWERED]
