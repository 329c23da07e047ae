"""A move of an order from one state to another: one statement, which finds the order where it may come from."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, insert, select

from ordercall.domain.calls.calling import CallingState, Language, Reason, calling_sources
from ordercall.domain.orders.order import CANCEL_TRANSITIONS, STATUS_TRANSITIONS, CancelState, Status
from ordercall.storage.engine.database import Database
from ordercall.storage.records import orders
from ordercall.storage.tables import orders as table
from properties import few

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
OF_ANOTHER_VERSION = "a word of another version"


@pytest.fixture
def tx(module_database: Database) -> Iterator[Connection]:
    """Give a transaction that is undone."""
    with module_database.engine.connect() as tx:
        yield tx


def stands(tx: Connection, **columns: Any) -> None:
    """Have one order, whose states are these words."""
    tx.execute(delete(table))
    tx.execute(insert(table).values({"shopify_id": 1, "confirmation_status": "Placed"} | columns))


def stored(tx: Connection, column: str) -> Any:
    return tx.execute(select(table.c[column])).scalar_one()


@pytest.mark.parametrize("target", Status)
@pytest.mark.parametrize("was", [OF_ANOTHER_VERSION, *Status])
def test_a_status_moves_as_its_table_says(tx: Connection, was: str, target: Status) -> None:
    allowed = target in STATUS_TRANSITIONS[Status.of(was)]
    stands(tx, confirmation_status=was)

    moved = 1 in orders.move_status(tx, [1], target, by="Asha", now=NOON)

    assert (moved, stored(tx, "confirmation_status")) == (allowed, target if allowed else was)
    assert stored(tx, "status_changed_by") == ("Asha" if allowed else None)


@pytest.mark.parametrize("reason", [None, Reason.KALIMERA_REFUSED, Reason.OUTCOME_UNKNOWN])
@pytest.mark.parametrize("target", CallingState)
@pytest.mark.parametrize("was", [None, OF_ANOTHER_VERSION, *CallingState])
def test_a_calling_state_moves_as_its_table_says(
    tx: Connection, was: str | None, target: CallingState, reason: Reason | None
) -> None:
    allowed = CallingState.of(was) in calling_sources(target, reason)
    stands(tx, calling_state=was, calling_reason="no_phone")

    moved = orders.move_calling(tx, [1, 2], target, now=NOON, reason=reason)

    assert (moved, stored(tx, "calling_state")) == ([1] if allowed else [], target if allowed else was)
    assert stored(tx, "calling_reason") == (reason if allowed else "no_phone")


@pytest.mark.parametrize("target", [None, *CancelState])
@pytest.mark.parametrize("was", [None, OF_ANOTHER_VERSION, *CancelState])
def test_a_cancel_state_moves_as_its_table_says(tx: Connection, was: str | None, target: CancelState | None) -> None:
    allowed = target in CANCEL_TRANSITIONS[CancelState.of(was)]
    stands(tx, cancel_state=was, cancel_job="a job")

    moved = orders.move_cancel(tx, 1, target)

    assert (moved, stored(tx, "cancel_state")) == (allowed, target if allowed else was)
    assert stored(tx, "cancel_job") == (None if allowed else "a job")


def test_a_cancel_state_moves_only_from_where_the_caller_left_it(tx: Connection) -> None:
    stands(tx, cancel_state=CancelState.WORKING, cancel_job="a job")

    assert not orders.move_cancel(tx, 1, CancelState.UNKNOWN, among={CancelState.SENDING})
    assert stored(tx, "cancel_job") == "a job"


def test_an_order_on_its_campaign_gets_no_other_route(tx: Connection) -> None:
    stands(tx, calling_state=CallingState.ON_CAMPAIGN, language="hi")

    orders.set_route(tx, [1], Language.ENGLISH, "main", now=NOON)

    assert (stored(tx, "calling_state"), stored(tx, "language")) == ("on_campaign", "hi")


MOVES = st.lists(
    st.one_of(
        st.tuples(st.just("status"), st.sampled_from(Status), st.none()),
        st.tuples(st.just("calling"), st.sampled_from(CallingState), st.none() | st.sampled_from(Reason)),
        st.tuples(st.just("cancel"), st.none() | st.sampled_from(CancelState), st.none()),
    ),
    max_size=20,
)


@few(40)
@given(moves=MOVES)
def test_no_row_of_moves_leads_where_a_table_forbids_it(tx: Connection, moves: list[tuple[str, Any, Any]]) -> None:
    stands(tx)
    for what, target, reason in moves:
        before = orders.find(tx, 1)
        assert before is not None
        if what == "status":
            orders.move_status(tx, [1], target, by="Asha", now=NOON)
        elif what == "calling":
            orders.move_calling(tx, [1], target, now=NOON, reason=reason)
        else:
            orders.move_cancel(tx, 1, target)
        after = orders.find(tx, 1)
        assert after is not None
        status, calling, cancel = before.confirmation_status, before.calling_state, before.cancel_state
        assert after.confirmation_status == status or after.confirmation_status in STATUS_TRANSITIONS[status]
        assert after.calling_state in (None, calling) or calling in calling_sources(after.calling_state, reason)
        assert after.cancel_state == cancel or after.cancel_state in CANCEL_TRANSITIONS[cancel]
