"""What the end of a campaign's window means for its calls: shortened only after a clear yes, and never made longer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, insert, select

from ordercall.domain.calls.call import MAY_RING, CallState
from ordercall.storage.engine.database import Database
from ordercall.storage.records import calls, window_endings
from ordercall.storage.records.call_ids import new_call_id
from ordercall.storage.tables import calls as table
from properties import few

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
STATES = st.sampled_from([state for state in CallState if state is not CallState.PLANNED])
MOMENTS = st.integers(-200, 200).map(lambda minutes: (NOW + timedelta(minutes=minutes)).timestamp())


@dataclass(frozen=True)
class Ends:
    """What is stored of a call's end."""

    campaign: str
    state: CallState
    window_end: float
    may_ring_until: float
    cut_off_at: float | None = None


@st.composite
def some_calls(draw: st.DrawFn) -> list[Ends]:
    ends = st.tuples(MOMENTS, MOMENTS).map(sorted)
    kinds = st.tuples(st.sampled_from(["main", "other"]), STATES, ends)
    return [Ends(campaign, state, *both) for campaign, state, both in draw(st.lists(kinds, min_size=1, max_size=6))]


@pytest.fixture(scope="module")
def tx(module_database: Database) -> Iterator[Connection]:
    """Give a transaction that is undone."""
    with module_database.engine.connect() as tx:
        yield tx


def stored(tx: Connection) -> list[Ends]:
    columns = table.c.campaign_id, table.c.state, table.c.window_end, table.c.may_ring_until, table.c.cut_off_at
    rows = tx.execute(select(*columns).order_by(table.c.call_id))
    return [Ends(campaign, CallState(state), *rest) for campaign, state, *rest in rows]


def store(tx: Connection, wanted: list[Ends]) -> None:
    tx.execute(delete(table))
    rows = [
        {
            **{"call_id": new_call_id(), "state": one.state, "campaign_id": one.campaign, "agent_id": "agent"},
            **{"planned_at": 0, "changed_at": 0, "window_end": one.window_end, "may_ring_until": one.may_ring_until},
        }
        for one in wanted
    ]
    tx.execute(insert(table), rows)


def is_open(one: Ends) -> bool:
    """Return whether it is a call of the campaign whose own window goes on."""
    return one.campaign == "main" and one.state in MAY_RING and one.window_end > NOW.timestamp()


@few(25)
@given(before=some_calls())
def test_no_end_moves_before_kalimera_says_yes_and_a_no_leaves_nothing_behind(
    tx: Connection, before: list[Ends]
) -> None:
    store(tx, before)

    window_endings.may_cut_off(tx, "main", NOW)
    announced = stored(tx)
    window_endings.did_not_cut_off(tx, "main", NOW)

    assert [one.cut_off_at is not None for one in announced] == [is_open(one) for one in before]
    assert [(one.window_end, one.may_ring_until) for one in announced] == [
        (one.window_end, one.may_ring_until) for one in before
    ]
    assert stored(tx) == before


@few(25)
@given(before=some_calls())
def test_after_a_yes_nobody_on_the_campaign_rings_and_no_other_end_has_moved(
    tx: Connection, before: list[Ends]
) -> None:
    store(tx, before)
    moment = NOW.timestamp()

    window_endings.may_cut_off(tx, "main", NOW)
    window_endings.cut_off(tx, "main", NOW)

    after = stored(tx)
    over = {CallState.REJECTED, CallState.WITHDRAWN, CallState.ANSWERED}
    for was, one in zip(before, after, strict=True):
        here = was.campaign == "main" and was.state not in over
        assert one.may_ring_until == (min(was.may_ring_until, moment) if here else was.may_ring_until)
        assert one.window_end == (moment if is_open(was) else was.window_end)
        assert one.cut_off_at == (moment if is_open(was) else None)

    calls.campaign_told(tx, "main", "agent", NOW + timedelta(hours=2))  # it goes on for others
    assert {one.may_ring_until for one in stored(tx) if one.cut_off_at is not None} <= {moment}
