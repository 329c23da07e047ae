"""Days on which anything happens to an order in any order: no state follows another that its table forbids."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from databases import add_trigger, forget_triggers
from house import House
from ordercall.domain.calls.call import CALL_TRANSITIONS, CallState
from ordercall.domain.calls.calling import INDIA, CallingState, Reason, calling_sources
from ordercall.domain.orders.order import CANCEL_TRANSITIONS, STATUS_TRANSITIONS, CancelState, Status
from ordercall.errors import InvalidRequest, ProviderError
from ordercall.sandbox.orders import make_order
from ordercall.sandbox.provider import Call, Mode
from properties import few

pytestmark = pytest.mark.random

NOON = datetime(2026, 11, 24, 12, tzinfo=INDIA)
KALIMERA_TOKEN = "Bearer sandbox-token"
COLUMNS = ("confirmation_status", "calling_state", "cancel_state")


@pytest.fixture
def shopify_settings() -> dict[str, str]:
    return {"CALLING_HOURS": "09:00-21:00"}


@pytest.fixture
def watched(house: House) -> Iterator[House]:
    """A house whose database writes down each move itself."""
    with house.db.begin() as tx:
        tx.exec_driver_sql("CREATE TABLE moves (what TEXT, was TEXT, became TEXT, reason TEXT)")
        for column in COLUMNS:
            changed = f"coalesce(OLD.{column}, '') <> coalesce(NEW.{column}, '')"
            values = f"'{column}', OLD.{column}, NEW.{column}, NEW.calling_reason"
            add_trigger(tx, "AFTER UPDATE ON orders", changed, f"INSERT INTO moves VALUES ({values})")  # noqa: S608 - names of columns
        of_a_call = "INSERT INTO moves VALUES ('call', OLD.state, NEW.state, NULL)"
        add_trigger(tx, "AFTER UPDATE ON calls", "OLD.state <> NEW.state", of_a_call)
    yield house
    with house.db.begin() as tx:  # or the next test that is given this database finds it
        forget_triggers(tx, "orders")
        forget_triggers(tx, "calls")
        tx.exec_driver_sql("DROP TABLE moves")


def moves(house: House) -> set[tuple[Any, ...]]:
    with house.db.read() as tx:
        return {tuple(row) for row in tx.exec_driver_sql("SELECT * FROM moves")}


def allowed(what: str, was: str | None, became: str | None, reason: str | None) -> bool:
    if what == "confirmation_status":
        return Status.of(became) in STATUS_TRANSITIONS[Status.of(was)]
    if what == "cancel_state":
        return CancelState.of(became) in CANCEL_TRANSITIONS[CancelState.of(was)]
    if what == "call":
        return CallState.of(became) in CALL_TRANSITIONS[CallState.of(was)]
    state = CallingState.of(became)
    return state is not None and CallingState.of(was) in calling_sources(state, Reason.of(reason))


class Day:
    """One order, and what may happen to it."""

    def __init__(self, house: House, number: int) -> None:
        self.house, self.number, self.minutes = house, number, 0
        house.now = NOON
        house.kalimera.switch(Mode.NORMAL)
        house.shopify.switch(Mode.NORMAL)
        house.kalimera.on_call.clear()
        house.shopify.on_call.clear()
        house.shopify.add(make_order(number))
        self.order_id = house.receive(make_order(number))

    def happens(self, what: str, argument: Any) -> None:
        """Let one thing happen; what is refused, or must be tried again, has happened too."""
        with suppress(InvalidRequest, ProviderError):
            getattr(self, what)(argument)

    def status(self, wanted: Status) -> None:
        self.house.orders.change_status(self.order_id, wanted, by="Asha")

    def ask_to_sync(self, _: Any) -> None:
        self.house.orders.request_sync(self.order_id, by="Asha")

    def work(self, attempt: tuple[str, str, tuple[str, Any] | None]) -> None:
        """Run a job. While its first request that does something is under way, something else may happen."""
        job, answer, meanwhile = attempt
        kalimera, shopify = self.house.kalimera, self.house.shopify

        def first(call: Call) -> None:
            if first in kalimera.on_call and call.method != "GET":
                kalimera.on_call.remove(first)
                shopify.on_call.remove(first)
                if meanwhile:
                    self.happens(*meanwhile)
                kalimera.token = "Bearer another" if answer == "unprocessable" else kalimera.token
                call.mode = answer

        kalimera.on_call.append(first)
        shopify.on_call.append(first)
        try:
            self.JOBS[job](self)
        finally:
            kalimera.token = KALIMERA_TOKEN
            if first in kalimera.on_call:
                kalimera.on_call.remove(first)
                shopify.on_call.remove(first)

    JOBS: ClassVar[dict[str, Callable[[Day], None]]] = {
        "sync": lambda day: day.house.sync.sync(day.order_id),
        "flush": lambda day: day.house.campaigns.flush("sandbox-campaign"),
        "cancel": lambda day: day.house.cancels.cancel(day.order_id),
        "give up the sync": lambda day: day.house.sync.give_up(day.order_id),
        "give up the cancellation": lambda day: day.house.cancels.give_up(day.order_id),
    }

    def shopify_says(self, changes: dict[str, Any]) -> None:
        self.minutes += 1
        later = (datetime.now(UTC) + timedelta(minutes=self.minutes)).isoformat()
        self.house.receive(make_order(self.number, updated_at=later, **changes), "orders/updated")

    def kalimera_forgets(self, _: Any) -> None:
        phone = self.house.order(self.order_id).customer_phone
        if phone in self.house.kalimera.contacts:
            self.house.kalimera.forget_contact(phone)

    def time_passes(self, hours: int) -> None:
        self.house.pass_time(hours=hours)

    def see_silence(self, _: Any) -> None:
        self.house.calls.see_silence()

    def erase(self, _: Any) -> None:
        self.house.request_erasure(self.order_id)
        self.house.do_erasures()


SAID = (
    {"phone": None},
    {"phone": "+915550000042"},
    {"state": "Gujarat"},
    {"fulfillment_status": "fulfilled"},
    {"cancelled_at": "2026-11-24T12:00:00+05:30"},
)
ANSWERS = (*["normal"] * 4, *["unprocessable"] * 4, "lost", "failing", "busy")
"""Three bad ones in a row open the circuit breaker, and nothing is asked for a second."""
CHANGES: tuple[tuple[str, tuple[Any, ...]], ...] = (
    ("status", tuple(Status)),
    ("ask_to_sync", (None,)),
    ("shopify_says", SAID),
    ("kalimera_forgets", (None,)),
    ("time_passes", (1, 9)),
    ("erase", (None,)),
    ("see_silence", (None,)),
)


RUNG = [("work", (job, "normal", None)) for job in ("sync", "flush")]
"""What brings an order to its campaign."""


def change(chance: Random) -> tuple[str, Any]:
    what, arguments = chance.choice(CHANGES)
    return what, chance.choice(arguments)


def attempt(chance: Random, *, within: bool = False) -> tuple[str, Any]:
    """Return a job, the answer to what it asks for, and what happens until that comes: another job's attempt too."""
    happens = (None,) if within else (None, change(chance), attempt(chance, within=True))
    return "work", (chance.choice([*Day.JOBS]), chance.choice(ANSWERS), chance.choice(happens))


@few(60)
@given(seed=st.integers(0, 2**32))
def test_whatever_happens_no_state_follows_another_that_its_table_forbids(watched: House, seed: int) -> None:
    chance = Random(seed)  # noqa: S311 - nothing is secret here
    today = Day(watched, 1 + len(watched.states()))
    for what, argument in chance.choice([RUNG[:1], RUNG, [("status", Status.FAILED)]]):
        today.happens(what, argument)
    for _ in range(5):
        today.happens(*attempt(chance))
        today.happens(*change(chance))

        assert calls_agree(today)

    assert [move for move in moves(watched) if not allowed(*move)] == []


def calls_agree(today: Day) -> bool:
    """Return whether a call is planned or under way just where the order's own state says that it is on its way."""
    order, (last, *_) = today.house.order(today.order_id), [*today.house.calls_of(today.order_id), None]
    if CallingState(order.calling_state).on_its_way:
        return last is not None and (last.state.live or last.state is CallState.OVERTAKEN)
    return last is None or last.state is not CallState.PLANNED


def test_the_moves_of_a_busy_day_are_seen(watched: House) -> None:
    """Or the test above could not fail."""
    today = Day(watched, 1)
    for what, argument in [*RUNG, ("status", Status.FAILED), ("work", ("cancel", "normal", None))]:
        today.happens(what, argument)

    assert {(was, became) for _, was, became, _ in moves(watched)} == {
        ("queued", "on_campaign"),
        ("Placed", "Failed"),
        (None, "queued"),
        ("queued", "sending"),
        ("sending", "done"),
        ("planned", "placing"),
        ("placing", "placed"),
        ("placed", "overtaken"),
    }
