"""The calls of the orders: one statement a move, and never two of an order that are planned or open."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, event, insert, select, update
from sqlalchemy.exc import IntegrityError

from ordercall.domain.calls.call import CALL_TRANSITIONS, MAY_RING, Answer, CallState, Waits
from ordercall.domain.calls.calling import CallWindow, Language
from ordercall.domain.policy.rules import After
from ordercall.storage.engine.database import Database
from ordercall.storage.reads.past_calls import ends_of_calls
from ordercall.storage.records import calls, campaigns
from ordercall.storage.records.call_answers import Spoken, answer
from ordercall.storage.records.campaigns import CampaignSettings
from ordercall.storage.tables import call_orders, orders
from ordercall.storage.tables import calls as table
from properties import few

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
WINDOW = CallWindow(NOON, NOON + timedelta(hours=2))
TERMS = calls.Terms("main", Language.HINDI, CampaignSettings("agent-hindi", WINDOW))
MANY = range(1, 501)


@pytest.fixture(scope="module")
def database(module_database: Database) -> Database:
    with module_database.begin() as tx:
        rows = [{"shopify_id": number, "customer_phone": f"+9155500{number:05}"} for number in MANY]
        tx.execute(insert(orders), rows)
    return module_database


@pytest.fixture
def tx(database: Database) -> Iterator[Connection]:
    """Give a transaction that is undone."""
    with database.engine.connect() as tx:
        yield tx


def begin(tx: Connection, *numbers: int) -> set[int]:
    contacts = {number: f"c{number}" for number in numbers}
    campaigns.wait_for_place(tx, contacts, campaign_id="main", language=Language.HINDI, now=NOON)
    return calls.begin(tx, numbers, TERMS, now=NOON)


def stands(tx: Connection, state: CallState, number: int = 1) -> None:
    """Have the order's one call stand in this state."""
    calls.plan(tx, [number], now=NOON)
    begin(tx, number)
    tx.execute(update(table).values(state=state))
    tx.execute(update(call_orders).values(is_live=int(state.live)))


def last(tx: Connection, number: int = 1) -> calls.Call:
    return calls.latest_of(tx, [number])[number]


def test_a_planned_call_says_what_kalimera_is_told_when_it_begins(tx: Connection) -> None:
    calls.plan(tx, [1], now=NOON)

    assert begin(tx, 1) == {1}

    begun, phone = last(tx), tx.execute(select(table.c.phone)).scalar()
    assert (begun.state, begun.attempt, begun.contact_id, phone) == (CallState.PLACING, 1, "c1", "+915550000001")
    assert (begun.campaign_id, begun.language, begun.agent_id) == ("main", Language.HINDI, "agent-hindi")
    assert (begun.window_start, begun.window_end, begun.may_ring_until) == (NOON, WINDOW.end, WINDOW.end)


def test_a_call_begins_once(tx: Connection) -> None:
    calls.plan(tx, [1], now=NOON)
    begin(tx, 1)

    assert begin(tx, 1) == set()


@pytest.mark.parametrize("live", [state for state in CallState if state.live])
def test_an_order_with_a_live_call_gets_no_second(tx: Connection, live: CallState) -> None:
    stands(tx, live)

    calls.plan_missing(tx, [1], now=NOON)

    assert [call.state for call in calls.of_order(tx, 1)] == [live]


@pytest.mark.parametrize("ended", [state for state in CallState if not state.live])
def test_what_may_have_rung_counts_as_an_attempt(tx: Connection, ended: CallState) -> None:
    stands(tx, ended)
    attempt = 1 if ended in (CallState.REJECTED, CallState.WITHDRAWN) else 2

    calls.plan_missing(tx, [1, 2], now=NOON, asked_by="Asha")

    assert [(call.state, call.attempt) for call in calls.of_order(tx, 1)] == [(CallState.PLANNED, attempt), (ended, 1)]
    assert (last(tx).asked_by, last(tx, 2).attempt) == ("Asha", 1)


def test_the_database_itself_refuses_two_live_calls_of_an_order(tx: Connection) -> None:
    calls.plan(tx, [1], now=NOON)

    with pytest.raises(IntegrityError):
        calls.plan(tx, [1], now=NOON)


@pytest.mark.parametrize("target", [state for state in CallState if state is not CallState.ANSWERED])
@pytest.mark.parametrize("was", CallState)
def test_a_live_call_moves_as_its_table_says(tx: Connection, was: CallState, target: CallState) -> None:
    stands(tx, was)
    allowed = was.live and target in CALL_TRANSITIONS[was]

    moved = calls.move(tx, [1, 2], target, now=NOON)

    assert (moved, last(tx).state) == ([1] if allowed else [], target if allowed else was)


@pytest.mark.parametrize("was", CallState)
def test_a_report_is_taken_where_the_customer_may_have_been_rung(tx: Connection, was: CallState) -> None:
    stands(tx, was)
    allowed = CallState.ANSWERED in CALL_TRANSITIONS[was]

    assert bool(answer(tx, [Spoken(1, Answer.REFUSED)], now=NOON)) is allowed

    assert (last(tx).state, last(tx).answer) == ((CallState.ANSWERED, Answer.REFUSED) if allowed else (was, None))


def test_a_report_is_of_the_last_call_that_may_have_rung(tx: Connection) -> None:
    stands(tx, CallState.UNANSWERED)
    calls.plan_missing(tx, [1], now=NOON)

    assert answer(tx, [Spoken(1, Answer.CONFIRMED)], now=NOON)

    assert [call.state for call in calls.of_order(tx, 1)] == [CallState.PLANNED, CallState.ANSWERED]


def test_who_comes_second_moves_nothing(tx: Connection) -> None:
    stands(tx, CallState.PLACED)
    answer(tx, [Spoken(1, Answer.CONFIRMED)], now=NOON)

    assert not answer(tx, [Spoken(1, Answer.REFUSED)], now=NOON)
    assert calls.move(tx, [1], CallState.OVERTAKEN, now=NOON) == []
    assert last(tx).answer is Answer.CONFIRMED


def test_a_deferred_call_says_until_when_and_why(tx: Connection) -> None:
    calls.plan(tx, [1, 2], now=NOON)

    calls.defer(tx, [1], NOON + timedelta(hours=9), Waits.HOURS)

    assert (last(tx).not_before, last(tx).waits) == (NOON + timedelta(hours=9), Waits.HOURS)
    assert (last(tx, 2).not_before, last(tx, 2).waits) == (None, None)


# Silence


@pytest.mark.parametrize(("after", "ended"), [(-1, True), (0, False), (1, False)])
def test_a_call_is_over_when_its_own_window_was_over_long_enough(tx: Connection, after: int, ended: bool) -> None:
    stands(tx, CallState.PLACED)
    calls.campaign_told(tx, "main", "agent-hindi", WINDOW.end + timedelta(hours=1))

    before = WINDOW.end - timedelta(seconds=after)
    over = calls.end(tx, calls.silent(tx, CallState.PLACED, before), CallState.UNANSWERED, now=NOON)

    assert [call.shopify_id for call in over] == ([1] if ended else [])
    assert (calls.live_of(tx, [1]) == {}) is ended


def test_a_second_look_at_silence_finds_nothing(tx: Connection) -> None:
    stands(tx, CallState.PLACED)
    found = calls.silent(tx, CallState.PLACED, WINDOW.end + timedelta(seconds=1))
    calls.end(tx, found, CallState.UNANSWERED, now=NOON)

    assert calls.end(tx, found, CallState.UNANSWERED, now=NOON) == []


# What a campaign is told later


@pytest.mark.parametrize("state", CallState)
def test_an_open_call_may_ring_as_long_as_its_campaign_is_told(tx: Connection, state: CallState) -> None:
    stands(tx, state)
    later = WINDOW.end + timedelta(minutes=5)

    calls.campaign_told(tx, "main", "agent-hindi", later)
    calls.campaign_told(tx, "another", "agent-hindi", later + timedelta(hours=1))

    assert last(tx).may_ring_until == (later if state in MAY_RING else WINDOW.end)
    assert (last(tx).window_end, last(tx).agent_unsure) == (WINDOW.end, False)


def test_a_shorter_window_does_not_take_back_what_may_have_begun(tx: Connection) -> None:
    stands(tx, CallState.PLACED)

    calls.campaign_told(tx, "main", "agent-hindi", NOON)

    assert last(tx).may_ring_until == WINDOW.end


def test_a_call_whose_campaign_gets_another_agent_is_unsure_of_its_own_from_then_on(tx: Connection) -> None:
    stands(tx, CallState.PLACED)

    calls.campaign_told(tx, "main", "agent-english", WINDOW.end)
    calls.campaign_told(tx, "main", "agent-hindi", WINDOW.end)

    assert (last(tx).agent_id, last(tx).agent_unsure) == ("agent-hindi", True)


# Whatever comes, in whatever order


MOVES = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["plan", "begin", "silence", "doubt over", "answer"]), st.none()),
        st.tuples(st.just("move"), st.sampled_from(CallState)),
    ),
    max_size=20,
)


@few(40)
@given(moves=MOVES)
def test_no_row_of_moves_leaves_two_live_calls_or_a_move_that_the_table_forbids(
    database: Database, moves: list[tuple[str, CallState | None]]
) -> None:
    with database.engine.connect() as tx:
        for what, target in moves:
            before = {call.call_id: call.state for call in calls.of_order(tx, 1)}
            happens(tx, what, target)
            after = {call.call_id: call.state for call in calls.of_order(tx, 1)}
            assert all(
                then == before[one] or then in CALL_TRANSITIONS[before[one]] for one, then in changed(before, after)
            )
            assert {after[one] for one in after.keys() - before.keys()} <= {CallState.PLANNED}
            live = [one for one, state in after.items() if state.live]
            assert live == list(calls.live_of(tx, [1]).values())
            assert len(live) <= 1


def changed(before: dict[str, CallState], after: dict[str, CallState]) -> list[tuple[str, CallState]]:
    return [(one, state) for one, state in after.items() if one in before]


def happens(tx: Connection, what: str, target: CallState | None) -> None:
    over = WINDOW.end + timedelta(days=1)
    if what == "plan":
        calls.plan_missing(tx, [1], now=NOON)
    elif what == "begin":
        begin(tx, 1)
    elif what == "silence":
        calls.end(tx, calls.silent(tx, CallState.PLACED, over), CallState.UNANSWERED, now=NOON)
    elif what == "doubt over":
        calls.end(tx, calls.silent(tx, CallState.IN_DOUBT, over), CallState.ENDED_UNKNOWN, now=NOON)
    elif what == "answer":
        answer(tx, [Spoken(1, Answer.CONFIRMED)], now=NOON)
    elif target is not None:
        calls.move(tx, [1], target, now=NOON)


# What a batch costs


def statements(tx: Connection, work: str, numbers: range) -> int:
    """Return how many statements a step of so many orders takes, be they asked past SQLAlchemy."""
    seen: list[str] = []
    driver = tx.connection.driver_connection
    listen = lambda *arguments: seen.append(arguments[2])  # noqa: E731
    if isinstance(driver, sqlite3.Connection):
        driver.set_trace_callback(lambda said: None if said.startswith(("--", "BEGIN")) else seen.append(said))
    else:
        event.listen(tx.engine, "before_cursor_execute", listen)
    try:
        match work:
            case "plan":
                calls.plan(tx, numbers, now=NOON)
            case "begin":
                calls.begin(tx, list(numbers), TERMS, now=NOON)
            case "placed" | "overtaken":
                calls.move(tx, list(numbers), CallState(work), now=NOON)
    finally:
        if isinstance(driver, sqlite3.Connection):
            driver.set_trace_callback(None)
        else:
            event.remove(tx.engine, "before_cursor_execute", listen)
    return len(seen)


def test_a_step_of_five_hundred_orders_takes_the_statements_of_one(tx: Connection) -> None:
    steps = ("plan", "begin", "placed", "overtaken")

    alone = {step: statements(tx, step, range(1, 2)) for step in steps}
    together = {step: statements(tx, step, range(2, 501)) for step in steps}

    assert together == alone == {"plan": 2, "begin": 2, "placed": 2, "overtaken": 3}


@pytest.mark.parametrize(("other", "in_vain"), [(CallState.UNANSWERED, 1), (CallState.ANSWERED, 0)])
def test_a_joint_call_is_counted_once_and_reached_nobody_if_none_of_its_orders_was_heard_of(
    tx: Connection, other: CallState, in_vain: int
) -> None:
    calls.plan(tx, [1, 2], now=NOON)
    begin(tx, 1, 2)
    tx.execute(update(table).values(rings_with="joint", state=CallState.UNANSWERED))
    tx.execute(update(table).where(table.c.call_id == last(tx, 2).call_id).values(state=other))

    number, ends = ends_of_calls(tx, datetime.fromtimestamp(0, UTC), most=10)

    assert (number, ends[After.SILENCE]) == (1, in_vain)
