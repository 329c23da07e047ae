"""Rounds of calls in which anything may happen: nobody is rung at a wrong time, more often than agreed, or for ever."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from random import Random
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from databases import ask
from house import House, StoredCall
from ordercall.domain.calls.call import CallState, Follows
from ordercall.domain.calls.calling import INDIA
from ordercall.domain.orders.order import Fulfilment, Status
from ordercall.errors import InvalidRequest
from ordercall.sandbox.orders import make_order
from ordercall.sandbox.provider import Call, Mode
from ordercall.storage.records import pauses
from properties import few
from rounds import CAMPAIGN, go_on, report

pytestmark = pytest.mark.random

NOON = datetime(2026, 11, 24, 12, tzinfo=INDIA)
MOST = 4
"""Calls by itself that a policy of these tests has."""


@pytest.fixture
def shopify_settings() -> dict[str, str]:
    return {"CALLING_HOURS": "09:00-21:00"}


class Rounds:
    """One order, all that may happen to it, and who was added to the campaign when they should not have been."""

    def __init__(self, house: House, number: int) -> None:
        self.house, self.number, self.corrected, self.asked = house, number, 0, 0
        self.additions, self.pauses, self.wrong = 0, 0, list[str]()
        house.now = NOON
        house.kalimera.switch(Mode.NORMAL)
        house.kalimera.on_call[:] = [self.look]
        house.pauses.resume(by="Asha")
        house.publish("attempts", number=MOST - 1)
        self.order_id = house.receive(make_order(number, state="Kerala"))

    def look(self, call: Call) -> None:
        """Note an addition, and what should have kept it from leaving."""
        if call.method != "POST" or not call.path.endswith("/campaign/contacts"):
            return
        house, order = self.house, self.house.order(self.order_id)
        if order.contact_id not in call.body["contact_ids"]:
            return
        with house.db.read() as tx:
            paused = pauses.current(tx, house.now)
            despite = ask(
                tx,
                "SELECT asked_despite FROM calls JOIN call_orders USING (call_id) WHERE shopify_id = ? AND is_live = 1",
                self.order_id,
            ).scalar()
        self.additions += 1
        against = {
            "outside the hours": not 9 <= house.now.astimezone(INDIA).hour < 21,
            "paused": paused is not None,
            "shipped": Fulfilment.of(order.fulfillment_status or "").has_left if order.fulfillment_status else False,
            "cancelled": order.shopify_cancelled_at is not None,
            "decided": order.confirmation_status not in (Status.PLACED, despite),
        }
        self.wrong += [what for what, is_so in against.items() if is_so]

    def happens(self, what: str, argument: Any) -> None:
        with suppress(InvalidRequest):
            getattr(self, what)(argument)

    def work(self, mode: str) -> None:
        """Let the worker do all that it may have to do, the jobs of earlier plans too; one answer comes otherwise."""

        def once(call: Call) -> None:
            if once in self.house.kalimera.on_call and call.path.endswith("/campaign/contacts") and call.body:
                self.house.kalimera.on_call.remove(once)
                call.mode = mode

        self.house.kalimera.on_call.append(once)
        with suppress(Exception):
            self.house.sync.sync(self.order_id)
        self.house.campaigns.flush(CAMPAIGN)
        self.house.calls.see_silence()
        if once in self.house.kalimera.on_call:
            self.house.kalimera.on_call.remove(once)

    def time_passes(self, minutes: int) -> None:
        self.house.run_until(self.house.now + timedelta(minutes=minutes))

    def is_reported(self, said: dict[str, Any]) -> None:
        if "callback" in said:
            said = {"callback_at": (self.house.now + timedelta(hours=said["callback"])).isoformat()}
        report(self.house, self.order_id, **said)

    def is_asked_for(self, confirmed: bool) -> None:
        before = len(self.house.calls_of(self.order_id))
        self.house.again.request(self.order_id, by="Asha", confirmed=confirmed)
        self.asked += len(self.house.calls_of(self.order_id)) - before

    def are_paused(self, yes: bool) -> None:
        if yes:
            self.pauses += 1
            self.house.pauses.pause(by="Asha")
        else:
            self.house.pauses.resume(by="Asha")

    def is_published(self, change: tuple[str, dict[str, Any]]) -> None:
        part, changes = change
        self.house.publish(part, **changes)

    def gets(self, status: Status) -> None:
        self.house.orders.change_status(self.order_id, status, by="Asha")

    def shopify_says(self, changes: dict[str, Any]) -> None:
        self.corrected += 1
        later = f"2036-11-24T13:{self.corrected:02}:00+05:30"
        self.house.receive(make_order(self.number, state="Kerala", updated_at=later, **changes), "orders/updated")

    LIKELY: ClassVar[tuple[tuple[str, tuple[Any, ...]], ...]] = (
        ("work", (Mode.NORMAL, Mode.NORMAL, Mode.NORMAL, Mode.LOST, Mode.BUSY)),
        ("time_passes", (5, 61, 140, 140, 300, 700)),
        (
            "is_reported",
            (
                *({"connection": word} for word in ("no_answer", "busy", "voicemail")),
                *({"callback": hours} for hours in (1, 3, 20)),
                *({"language": word, "completion": "completed"} for word in ("hi", "en")),
                {"answer": "unclear"},
                {"answer": "confirmed"},
            ),
        ),
        ("is_asked_for", (True, False)),
    )
    RARE: ClassVar[tuple[tuple[str, tuple[Any, ...]], ...]] = (
        ("is_published", tuple(("attempts", {"number": number}) for number in range(1, MOST + 1))),
        ("are_paused", (True, False)),
        ("gets", tuple(Status)),
        (
            "shopify_says",
            (
                {"fulfillment_status": "fulfilled"},
                {"cancelled_at": "2026-11-24T12:00:00+05:30"},
                {"phone": None},
                *({"phone": f"+9155500001{last:02}"} for last in range(3)),
            ),
        ),
    )

    def number_of(self, wanted: Callable[[Follows | None], bool]) -> int:
        """Return how many calls follow another for such a reason; one that was withdrawn is none."""
        found = self.house.calls_of(self.order_id)
        return sum(call.state is not CallState.WITHDRAWN and wanted(call.follows) for call in found)


def is_silence(call: StoredCall) -> bool:
    return call.state is CallState.UNANSWERED and call.reason is None


def anything(chance: Random) -> tuple[str, Any]:
    what, arguments = chance.choice(Rounds.RARE if chance.random() < 0.2 else Rounds.LIKELY)
    return what, chance.choice(arguments)


@few(40)
@given(seed=st.integers(0, 2**32))
def test_nobody_is_rung_at_a_wrong_time_or_more_often_than_agreed(house: House, seed: int) -> None:
    chance = Random(seed)  # noqa: S311 - nothing is secret here
    rounds = Rounds(house, 1 + len(house.states()))
    rounds.work(Mode.NORMAL)
    for _ in range(14):
        rounds.happens(*anything(chance))
        if chance.random() < 0.5:
            rounds.happens("work", Mode.NORMAL)

        assert rounds.wrong == []
        assert rounds.number_of(lambda why: why is Follows.SILENCE) <= MOST - 1
        assert rounds.number_of(lambda why: why is not None and why.by_customer) <= 2
        assert sum(call.state.live for call in house.calls_of(rounds.order_id)) <= 1
        assert rounds.number_of(lambda why: why is Follows.ASKED) <= rounds.asked
        assert rounds.number_of(lambda why: why is Follows.PAUSE) <= rounds.pauses
        assert not [call for call in house.calls_of(rounds.order_id) if call.cut_off_at and is_silence(call)]


@few(15)
@given(seed=st.integers(0, 2**32))
def test_left_to_itself_every_order_comes_to_the_end_of_its_calls(house: House, seed: int) -> None:
    chance = Random(seed)  # noqa: S311 - nothing is secret here
    rounds = Rounds(house, 1 + len(house.states()))
    for _ in range(8):
        rounds.happens(*anything(chance))
    house.pauses.resume(by="Asha")

    for _ in range(2 * MOST + 8):
        house.run_until(house.now + timedelta(hours=7))
        go_on(house, rounds.order_id)
        house.calls.see_silence()

    assert rounds.wrong == []
    assert not any(call.state.live for call in house.calls_of(rounds.order_id))


def test_the_rounds_come_to_what_they_are_to_bound(house: House) -> None:
    """Or the tests above could not fail."""
    rounds = Rounds(house, 1)
    for _ in range(12):
        rounds.happens("work", Mode.NORMAL)
        rounds.happens("time_passes", 140)
        rounds.happens("work", Mode.NORMAL)
        rounds.happens("time_passes", 61)

    assert rounds.number_of(lambda why: why is Follows.SILENCE) == MOST - 2
    assert rounds.additions == MOST - 1
