"""An order as it is stored: a type for each column, and what stands there that is of none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, insert

from ordercall.domain.calls.calling import CallingState, CallWindow, Language, Reason
from ordercall.domain.calls.decision import History, ShopFacts
from ordercall.domain.calls.forecast import foresee
from ordercall.domain.orders.order import (
    CancelChoices,
    CancelReason,
    CancelState,
    Fulfilment,
    Order,
    OrderFacts,
    Status,
)
from ordercall.domain.policy.rules import Policy
from ordercall.storage.engine.database import Database
from ordercall.storage.reads import past_orders
from ordercall.storage.records import orders
from ordercall.storage.records.orders import NewOrder
from ordercall.storage.records.stored_order import JUDGED, StoredOrder
from ordercall.storage.tables import orders as table
from properties import few
from random_policies import policies

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
FOLDED = {"window_start", "window_end", "cancel_reason", "cancel_restock", "cancel_email"}
ASKED_OF_THE_DATABASE_ALONE = {"calling_changed_at"}
TEXTS = st.none() | st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=20)
AMOUNTS = st.none() | st.decimals(-(10**9), 10**9, places=2)
TIMES = st.none() | st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
SAID = {
    "str | None": TEXTS,
    "int | None": st.none() | st.integers(0, 1_000),
    "Decimal | None": AMOUNTS,
    "datetime | None": TIMES,
    "bool": st.booleans(),
    "Fulfilment": st.sampled_from(Fulfilment),
    "bool | None": st.booleans(),
}
ORDERS = st.builds(
    Order,
    shopify_id=st.just(1),
    gateways=st.just("COD"),
    **{
        each.name: SAID[str(each.type)]
        for each in fields(OrderFacts)
        if each.name not in ("shopify_id", "gateways", "placed_at")
    },
)


@pytest.fixture(scope="module")
def database(module_database: Database) -> Database:
    return module_database


@pytest.fixture
def tx(database: Database) -> Iterator[Connection]:
    """Give a transaction that is undone, so that each test finds the table empty."""
    with database.engine.connect() as tx:
        yield tx


def stored(tx: Connection, **columns: Any) -> StoredOrder:
    tx.execute(delete(table))
    tx.execute(insert(table).values({"shopify_id": 1, "confirmation_status": "Placed"} | columns))
    found = orders.find(tx, 1)
    assert found is not None
    return found


def test_every_column_has_its_place() -> None:
    names = {each.name for each in fields(StoredOrder)}

    assert set(table.columns.keys()) - names == FOLDED | ASKED_OF_THE_DATABASE_ALONE


def test_every_field_is_filled(tx: Connection) -> None:
    found = stored(tx)

    assert [each.name for each in fields(StoredOrder) if not hasattr(found, each.name)] == []


@few(40)
@given(order=ORDERS)
def test_what_was_read_of_a_body_is_what_is_known_afterwards(tx: Connection, order: Order) -> None:
    tx.execute(delete(table))
    new = NewOrder(order=order, status=Status.PLACED, calling=CallingState.QUEUED, reason=None, received_at=NOON)
    orders.add_all(tx, [new])

    found = orders.find(tx, 1)

    assert {each.name: getattr(found, each.name) for each in fields(OrderFacts)} == {
        each.name: getattr(order, each.name) for each in fields(OrderFacts)
    } | {"placed_at": NOON}


@few(40)
@given(order=ORDERS, policy=policies)
def test_what_a_policy_judges_of_an_order_is_it_as_it_arrived(tx: Connection, order: Order, policy: Policy) -> None:
    tx.execute(delete(table))
    new = NewOrder(order=order, status=Status.FAILED, calling=CallingState.QUEUED, reason=None, received_at=NOON)
    orders.add_all(tx, [new])
    whole = orders.find(tx, 1)
    assert whole is not None
    unpaid = {
        "financial_status": "pending",
        "total_outstanding": whole.total_price,
        "current_outstanding": whole.current_total_price,
    }
    nothing_yet = dict.fromkeys(("shopify_cancelled_at", "shopify_deleted_at", "closed_at"))
    arrived = replace(whole, fulfillment_status=Fulfilment.NOTHING, **nothing_yet, **(unpaid if whole.is_cod else {}))

    [past] = past_orders.latest(tx, NOON, 2)

    for read, same in ((past.now, whole), (past.then, arrived)):
        assert {one.name: getattr(read, one.name) for one in JUDGED} == {
            one.name: getattr(same, one.name) for one in JUDGED
        }
    came = History(came_at=NOON)
    assert foresee(past.then, came, ShopFacts(), policy, NOON) == foresee(arrived, came, ShopFacts(), policy, NOON)


def test_what_we_write_ourselves_is_of_its_kind(tx: Connection) -> None:
    end = NOON + timedelta(hours=2)

    found = stored(
        tx,
        confirmation_status="Failed",
        status_changed_at=NOON.timestamp(),
        status_changed_by="API",
        calling_state="not_called",
        calling_reason="no_phone",
        language="hi",
        window_start=NOON.timestamp(),
        window_end=end.timestamp(),
        cancel_state="refused",
        cancel_reason="fraud",
        cancel_restock=0,
        cancel_email=1,
        cancel_asked_at=NOON.timestamp(),
        erased_at=end.timestamp(),
    )

    assert (found.confirmation_status, found.status_changed_at) == (Status.FAILED, NOON)
    assert (found.calling_state, found.calling_reason) == (CallingState.NOT_CALLED, Reason.NO_PHONE)
    assert (found.language, found.window) == (Language.HINDI, CallWindow(NOON, end))
    assert (found.cancel_state, found.cancel_asked_at) == (CancelState.REFUSED, NOON)
    assert found.cancel_choices == CancelChoices(reason=CancelReason.FRAUD, restock=False, email=True)
    assert found.erased_at == end


def test_where_nobody_chose_an_order_is_cancelled_by_the_defaults(tx: Connection) -> None:
    assert stored(tx).cancel_choices == CancelChoices()


@pytest.mark.parametrize("word", ["Confirmed", "placed", "PLACED ", ""])
def test_a_status_that_is_none_of_the_four_is_known_as_the_word_that_it_is(tx: Connection, word: str) -> None:
    found = stored(tx, confirmation_status=word)

    assert (found.confirmation_status, found.status_word) == (None, word)


@pytest.mark.parametrize("column", ["calling_state", "calling_reason", "cancel_state", "language", "cancel_reason"])
def test_a_word_of_ours_that_this_version_does_not_know_is_read_as_none(tx: Connection, column: str) -> None:
    found = stored(tx, **{column: "a word of a later version"})

    assert found == stored(tx)


@pytest.mark.parametrize("word", ["teleported", "FULFILLED"])
def test_a_word_for_the_shipping_that_is_new_to_us_means_that_nothing_has_left(tx: Connection, word: str) -> None:
    assert stored(tx, fulfillment_status=word).fulfillment_status is Fulfilment.NOTHING


@pytest.mark.parametrize(
    ("columns", "expected"),
    [({}, None), ({"gateways": "Razorpay"}, False), ({"financial_status": "pending", "is_cod": 1}, True)],
)
def test_the_way_of_payment_is_known_where_something_was_told_of_the_payment(
    tx: Connection, columns: dict[str, Any], *, expected: bool | None
) -> None:
    assert stored(tx, **columns).is_cod is expected


@pytest.mark.sqlite
def test_what_the_original_program_left_in_columns_of_another_kind_is_unknown_or_shown_as_text(tx: Connection) -> None:
    stored(tx)
    odd = ("12,50", b"\xffA", "yesterday", 1768633200, float("inf"))
    tx.exec_driver_sql(
        "UPDATE orders SET total_price = ?, order_name = ?, placed_at = ?, created_at = ?, status_changed_at = ?", odd
    )

    found = orders.find(tx, 1)

    assert found is not None
    assert (found.total_price, found.order_name, found.placed_at) == (None, "\ufffdA", None)
    assert (found.created_at, found.status_changed_at) == ("1768633200", None)


def test_an_amount_is_the_number_that_was_sent(tx: Connection) -> None:
    assert stored(tx, total_price=0.1 + 0.2).total_price == Decimal("0.30000000000000004")


def test_two_states_of_one_status_are_told_apart(tx: Connection) -> None:
    versions = {stored(tx, status_changed_at=at).version for at in (None, 1.5, 1.25)}

    assert len(versions) == 3
    assert "Placed 1.5" in versions
