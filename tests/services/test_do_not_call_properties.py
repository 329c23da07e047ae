"""Whatever happens in whatever order, no call begins for a number that is on the do-not-call list."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from databases import add_trigger, ask, forget_triggers
from house import House
from ordercall.domain.do_not_call import Source
from ordercall.errors import InvalidRequest, ProviderError
from ordercall.sandbox.orders import FIRST_ID, make_order
from ordercall.sandbox.provider import Call, Mode
from ordercall.storage.records.reports import Door, Incoming
from properties import few

pytestmark = pytest.mark.random

ANSWERS = ("normal", "normal", "normal", "lost", "failing", "busy", "unprocessable")


@pytest.fixture
def shopify_settings() -> dict[str, str]:
    return {"CALLING_HOURS": "09:00-21:00"}


@pytest.fixture
def watched(house: House) -> Iterator[House]:
    """A house whose database writes down itself which calls begin."""
    with house.db.begin() as tx:
        tx.exec_driver_sql("CREATE TABLE begun (phone TEXT)")
        begins = "OLD.state = 'planned' AND NEW.state = 'placing'"
        add_trigger(tx, "AFTER UPDATE ON calls", begins, "INSERT INTO begun VALUES (NEW.phone)")
    yield house
    with house.db.begin() as tx:
        forget_triggers(tx, "calls")
        tx.exec_driver_sql("DROP TABLE begun")


def begun(house: House) -> list[str]:
    with house.db.read() as tx:
        return list(ask(tx, "SELECT phone FROM begun").scalars())


class Day:
    """The orders of two customers, and what may happen to them."""

    def __init__(self, house: House, chance: Random) -> None:
        self.house, self.chance, self.orders = house, chance, list[int]()
        first = 100 * (1 + len(house.states()))
        self.numbers, self.phones = iter(range(first, first + 100)), [f"+9198{first:07}{n}" for n in (0, 1)]
        self.listed: dict[str, int] = {}
        """By the numbers on the list, how many calls of theirs had begun when they came there."""
        house.kalimera.switch(Mode.NORMAL)
        house.kalimera.on_call.clear()

    def happens(self, depth: int = 0) -> None:
        """Let one thing happen; what is refused, or must be tried again, has happened too."""
        kinds = [self.orders_come, self.work, self.is_listed, self.is_reported, self.time_passes, self.is_asked_for]
        kinds += [self.may_be_called, self.is_corrected]
        with suppress(InvalidRequest, ProviderError):
            self.chance.choice(kinds)(depth)

    def orders_come(self, _: int) -> None:
        self.orders.append(self.house.receive(make_order(next(self.numbers), phone=self.chance.choice(self.phones))))

    def work(self, depth: int) -> None:
        """Run the jobs; while one of their requests is under way, something else may happen."""
        answer, meanwhile = self.chance.choice(ANSWERS), self.chance.choice((True, False))

        def first(call: Call) -> None:
            if first in self.house.kalimera.on_call and call.method != "GET":
                self.house.kalimera.on_call.remove(first)
                if meanwhile and depth == 0:
                    self.happens(depth + 1)
                call.mode = answer

        self.house.kalimera.on_call.append(first)
        try:
            for order_id in self.orders:
                with suppress(ProviderError):
                    self.house.sync.sync(order_id)
            self.house.campaigns.flush("sandbox-campaign")
        finally:
            self.house.kalimera.on_call.clear()

    def is_listed(self, _: int) -> None:
        phone = self.chance.choice(self.phones)
        self.house.numbers.add([phone], Source.API, by="API")
        self.listed.setdefault(phone, begun(self.house).count(phone))

    def is_reported(self, _: int) -> None:
        phone = self.chance.choice(self.phones)
        self._report(phone=phone, do_not_call=True, final=self.chance.choice((True, False)))
        self.listed.setdefault(phone, begun(self.house).count(phone))

    def may_be_called(self, _: int) -> None:
        phone = self.chance.choice(self.phones)
        assert self.house.numbers.remove(phone, by="admin") is (phone in self.listed)
        self.listed.pop(phone, None)

    def time_passes(self, _: int) -> None:
        self.house.pass_time(minutes=self.chance.choice((3, 600)))
        self.house.calls.see_silence()

    def is_asked_for(self, _: int) -> None:
        if self.orders:
            self.house.orders.request_sync(self.chance.choice(self.orders), by="Asha")

    def is_corrected(self, _: int) -> None:
        if self.orders:
            number = self.chance.choice(self.orders) - FIRST_ID
            later = f"2036-11-24T13:00:{len(self.house.states()) % 60:02}+05:30"
            phone = self.chance.choice(self.phones)
            self.house.receive(make_order(number, phone=phone, updated_at=later), "orders/updated")

    def _report(self, **said: Any) -> None:
        body = json.dumps(said | {"report_id": str(next(self.numbers))}).encode()
        self.house.reports.receive(Incoming(door=Door.API, sender="API", body=body, received_at=self.house.now))


@few(60)
@given(seed=st.integers(0, 2**32))
def test_no_call_begins_for_a_listed_number(watched: House, seed: int) -> None:
    today = Day(watched, Random(seed))  # noqa: S311 - nothing is secret here
    today.orders_come(0)
    for _ in range(12):
        today.happens()

        now = begun(watched)
        assert {phone: now.count(phone) for phone in today.listed} == today.listed


def test_the_calls_that_begin_are_seen(watched: House) -> None:
    """Or the test above could not fail."""
    order_id = watched.receive(make_order(1, phone="+915550000041"))
    watched.sync.sync(order_id)
    watched.campaigns.flush("sandbox-campaign")

    assert begun(watched) == ["+915550000041"]
