"""The activity log of the orders, as it is stored."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, event, insert, text
from sqlalchemy.exc import IntegrityError

from ordercall.domain.activity import Event, ProviderCall
from ordercall.domain.calls.calling import INDIA
from ordercall.storage.engine.database import Database
from ordercall.storage.records import activity
from ordercall.storage.records.activity import Entry
from ordercall.storage.tables import orders
from properties import few

NOW = datetime(2026, 11, 23, 6, 30, 15, 123_456, tzinfo=UTC)
FAR = 2**53 + 1
CALL = ProviderCall("POST", "/contact", 201, 48, {"phone": "•••02"}, {"id": "c-1", "note": "कुर्ता"})


@pytest.fixture(scope="module")
def database(module_database: Database) -> Database:
    with module_database.begin() as tx:
        tx.execute(insert(orders), [{"shopify_id": number} for number in (1, 2, FAR)])
    return module_database


@pytest.fixture
def tx(database: Database) -> Iterator[Connection]:
    """Give a transaction that is undone, so that each test finds stored orders and an empty log."""
    with database.engine.connect() as tx:
        yield tx


def rows(tx: Connection) -> list[tuple[Any, ...]]:
    return [
        tuple(row) for row in tx.execute(text("SELECT shopify_id, event_type, message, actor FROM logs ORDER BY id"))
    ]


def test_an_entry_is_stored_in_the_columns_of_the_original_program(tx: Connection) -> None:
    activity.record(tx, 1, Event.SYNC_SUCCESS, "On the campaign.", now=NOW)

    stored = tx.execute(text("SELECT id, shopify_id, timestamp, event_type, message FROM logs")).one()
    assert re.fullmatch(r"2026-11-23T06:30:15\.123\d{3}\+00:00", stored.timestamp)
    assert (stored.shopify_id, stored.event_type, stored.message) == (1, "Kalimera_Sync_Success", "On the campaign.")


def test_a_time_is_stored_with_its_zone(tx: Connection) -> None:
    activity.record(tx, 1, Event.SYNC_SUCCESS, "On the campaign.", now=NOW.astimezone(INDIA))

    stored = tx.execute(text("SELECT timestamp FROM logs")).scalar_one()
    assert datetime.fromisoformat(stored) - NOW < timedelta(milliseconds=1)


@few(40)
@given(st.lists(st.tuples(st.integers(0, 900), st.sampled_from([UTC, INDIA])), max_size=30))
def test_entries_sort_by_their_time_as_they_were_written(database: Database, steps: list[tuple[int, Any]]) -> None:
    with database.engine.connect() as tx:
        for number, (milliseconds, zone) in enumerate(steps):
            at = (NOW + timedelta(milliseconds=milliseconds)).astimezone(zone)
            activity.record(tx, 1, Event.SYNC_SUCCESS, str(number), now=at)

        found = tx.execute(text("SELECT message FROM logs ORDER BY timestamp")).scalars().all()

    assert found == [str(number) for number in range(len(steps))]


def test_an_entry_says_who_caused_it(tx: Connection) -> None:
    activity.record(tx, 1, Event.STATUS_UPDATED, "Placed → Success.", now=NOW, actor="admin")
    activity.record(tx, 1, Event.SYNC_SUCCESS, "On the campaign.", now=NOW)

    assert [row[3] for row in rows(tx)] == ["admin", None]


def test_an_entry_keeps_the_call_behind_it(tx: Connection) -> None:
    activity.record(tx, 1, Event.CONTACT_CREATED, "Contact c-1 created.", now=NOW, call=CALL)

    stored = tx.execute(text("SELECT detail FROM logs")).scalar_one()
    assert json.loads(stored) == CALL.to_json()
    assert "कुर्ता" in stored


def test_an_entry_without_a_call_has_no_detail(tx: Connection) -> None:
    activity.record(tx, 1, Event.SYNC_SUCCESS, "On the campaign.", now=NOW)

    assert tx.execute(text("SELECT detail FROM logs")).scalar_one() is None


def test_an_entry_may_be_about_no_order(tx: Connection) -> None:
    activity.record(tx, None, Event.WEBHOOK_RECEIVED, "A delivery without an order.", now=NOW)

    assert rows(tx) == [(None, "Shopify_Webhook_Received", "A delivery without an order.", None)]


def test_an_entry_about_an_order_that_was_never_stored_is_refused(tx: Connection) -> None:
    with pytest.raises(IntegrityError):
        activity.record(tx, 999, Event.SYNC_SUCCESS, "On the campaign.", now=NOW)


def test_one_step_is_written_for_each_order_that_it_was_for(tx: Connection) -> None:
    activity.record_for_all(tx, iter([2, 1]), Event.CONTACT_LISTED, "Listed.", now=NOW, actor="worker", call=CALL)

    listed = "Kalimera_Contact_Added_To_List"
    assert rows(tx) == [(2, listed, "Listed.", "worker"), (1, listed, "Listed.", "worker")]


def test_entries_are_written_in_their_order(tx: Connection) -> None:
    first = Entry(1, Event.WEBHOOK_RECEIVED, "Received.", NOW, "Shopify")
    second = Entry(2, Event.NOT_CALLED, "Not called.", NOW)

    activity.record_all(tx, [first, second])

    assert [row[1] for row in rows(tx)] == ["Shopify_Webhook_Received", "Order_Not_Called"]


def test_no_entries_are_nothing(tx: Connection) -> None:
    activity.record_all(tx, [])
    activity.record_for_all(tx, [], Event.CONTACT_LISTED, "Listed.", now=NOW)

    assert rows(tx) == []


def test_an_orders_entries_come_newest_first_and_are_its_own(tx: Connection) -> None:
    for number, shopify_id in enumerate([1, 2, 1, 1]):
        activity.record(tx, shopify_id, Event.SYNC_SUCCESS, str(number), now=NOW)

    assert [entry.message for entry in activity.of_order(tx, 1)] == ["3", "2", "0"]


def test_entries_come_in_the_order_of_writing_whatever_their_time(tx: Connection) -> None:
    activity.record(tx, 1, Event.AGENT_SELECTED, "first", now=NOW)
    activity.record(tx, 1, Event.SYNC_SUCCESS, "second", now=NOW - timedelta(seconds=5))

    assert [entry.message for entry in activity.of_order(tx, 1)] == ["second", "first"]


def test_entries_are_read_a_part_at_a_time(tx: Connection) -> None:
    for number in range(7):
        activity.record(tx, 1, Event.SYNC_ERROR if number % 2 else Event.SYNC_SUCCESS, str(number), now=NOW)

    newest = activity.of_order(tx, 1, limit=3)
    troubles = activity.of_order(tx, 1, problems=True, limit=2)

    assert [entry.message for entry in newest] == ["6", "5", "4"]
    assert [entry.message for entry in activity.of_order(tx, 1, before=newest[-1].id, limit=3)] == ["3", "2", "1"]
    assert [entry.message for entry in troubles] == ["5", "3"]
    assert [entry.message for entry in activity.of_order(tx, 1, before=troubles[-1].id, problems=True)] == ["1"]


@pytest.mark.sqlite
@pytest.mark.parametrize(("problems", "index"), [(False, "logs_by_order"), (True, "logs_of_problems")])
def test_a_part_of_a_long_log_is_found_without_reading_the_rest(tx: Connection, problems: bool, index: str) -> None:
    asked: list[str] = []
    event.listen(tx, "before_cursor_execute", lambda _tx, _cursor, statement, *_: asked.append(statement))

    activity.of_order(tx, 1, before=9, problems=problems)

    plan = [
        row[3] for row in tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked[0]}", (1, 9, 50, 0)[: asked[0].count("?")])
    ]
    assert plan == [f"SEARCH logs USING INDEX {index} (shopify_id=? AND id<?)"]


def test_an_order_beyond_a_float_has_its_own_entries(tx: Connection) -> None:
    activity.record(tx, FAR, Event.SYNC_SUCCESS, "On the campaign.", now=NOW)

    assert [entry.shopify_id for entry in activity.of_order(tx, FAR)] == [FAR]
    assert activity.of_order(tx, FAR - 1) == []


@pytest.mark.parametrize("message", ["", "x" * 100_000, "it's; DROP TABLE logs; --", "🛍️ कुर्ता", "two\nlines"])
def test_any_message_comes_back_as_it_was_written(tx: Connection, message: str) -> None:
    activity.record(tx, 1, Event.SYNC_ERROR, message, now=NOW)

    assert [entry.message for entry in activity.of_order(tx, 1)] == [message]
