"""Orders of one customer to which anything happens: no card that counts as theirs tells of who is not called by it."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from random import Random
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from databases import ask
from house import House
from ordercall.domain.calls.call import CallState
from ordercall.domain.calls.calling import INDIA
from ordercall.domain.orders.order import Status
from ordercall.errors import InvalidRequest, ProviderError
from ordercall.providers import outgoing
from ordercall.sandbox.orders import make_order
from ordercall.sandbox.provider import Call, Mode
from properties import few
from rounds import CAMPAIGN, report

pytestmark = pytest.mark.random

MORNING = datetime(2026, 11, 24, 10, tzinfo=INDIA)
ADDED = """SELECT call_orders.shopify_id, orders.confirmation_status, calls.contact_id, call_orders.on_card
           FROM calls JOIN call_orders USING (call_id) JOIN orders USING (shopify_id) WHERE calls.state = 'placing'"""


class Customer:
    """Three orders of one customer, and the cards by which they were rung wrongly."""

    def __init__(self, house: House, first: int) -> None:
        self.house, self.first, self.changes = house, first, 0
        self.wrong, self.joint = list[str](), 0
        house.now = MORNING
        house.kalimera.several_contacts = True
        house.kalimera.switch(Mode.NORMAL)
        house.pauses.resume(by="Asha")
        house.publish("attempts", together=True, number=3, gaps=(timedelta(hours=1),))
        house.kalimera.on_call[:] = [self.look]
        self.ids = [house.receive(self.order(number)) for number in range(3)]

    def order(self, number: int, **changes: Any) -> dict[str, Any]:
        one = make_order(self.first)
        same = {key: one[key] for key in ("phone", "customer", "shipping_address", "billing_address")}
        return make_order(self.first + number) | same | changes

    def look(self, call: Call) -> None:
        """Note an addition by a card that counts as its orders' own and tells of others, or of fewer."""
        if call.method != "POST" or not call.path.endswith("/campaign/contacts"):
            return
        with self.house.db.read() as tx:
            added = [row for row in ask(tx, ADDED) if row.contact_id in call.body["contact_ids"]]
        for contact in {row.contact_id for row in added}:
            card = self.house.kalimera.card(contact)
            told = {one["shopify_id"] for one in card.get("orders", [card])}
            rung = {row.shopify_id for row in added if row.contact_id == contact}
            self.joint += len(rung) > 1
            if all(row.on_card for row in added if row.contact_id == contact) and told != rung:
                self.wrong.append(f"the card of {told} rings for {rung}")
            if len(rung) > 1 and not all(row.on_card for row in added if row.contact_id == contact):
                self.wrong.append(f"{rung} ring by a card that is not theirs")
        self.wrong += [f"{row.shopify_id} is {row.confirmation_status}" for row in added if row[1] != Status.PLACED]

    def happens(self, what: str, argument: Any) -> None:
        with suppress(InvalidRequest, ProviderError):
            getattr(self, what)(argument)

    def is_brought(self, which: tuple[int, str]) -> None:
        """Bring an order to Kalimera; the answer to its first request is another than usual."""
        number, mode = which
        self.house.kalimera.switch(Mode.NORMAL)
        self.house.kalimera.fail_next(1, mode)
        self.house.sync.sync(self.ids[number])

    def dies(self, number: int) -> None:
        """Have a worker die that has announced an order's card, which may have been made."""
        with self.house.db.begin() as tx:
            self.house.sync.prepare(tx, [self.ids[number]])

    def dies_with_a_card(self, number: int) -> None:
        """Have a worker die that has made an order's card and stored nothing of it."""
        with self.house.db.begin() as tx:
            ready = self.house.sync.prepare(tx, [self.ids[number]])
        for one in ready:
            outgoing.run(self.house.sync.contact_for(one))

    def are_added(self, mode: str) -> None:
        def once(call: Call) -> None:
            if once in self.house.kalimera.on_call and call.path.endswith("/campaign/contacts") and call.body:
                self.house.kalimera.on_call.remove(once)
                call.mode = mode

        self.house.kalimera.on_call.append(once)
        self.house.campaigns.flush(CAMPAIGN)
        self.house.calls.see_silence()
        self.house.kalimera.on_call[:] = [self.look]

    def time_passes(self, minutes: int) -> None:
        self.house.run_until(self.house.now + timedelta(minutes=minutes))

    def is_reported(self, which: tuple[int, str]) -> None:
        report(self.house, self.ids[which[0]], answer=which[1])

    def are_paused(self, yes: bool) -> None:
        self.house.pauses.pause(by="Asha") if yes else self.house.pauses.resume(by="Asha")

    def is_asked_for(self, number: int) -> None:
        self.house.again.request(self.ids[number], by="Asha", confirmed=self.order_is_placed(number))

    def order_is_placed(self, number: int) -> bool:
        return bool(self.house.order(self.ids[number]).confirmation_status == Status.PLACED)

    def shopify_says(self, which: tuple[int, dict[str, Any]]) -> None:
        self.changes += 1
        later = f"2036-11-24T13:{self.changes:02}:00+05:30"
        self.house.receive(self.order(which[0], updated_at=later, **which[1]), "orders/updated")

    ANYTHING: ClassVar[tuple[tuple[str, tuple[Any, ...]], ...]] = (
        ("is_brought", tuple((number, mode) for number in range(3) for mode in ("normal", "normal", "lost", "busy"))),
        ("are_added", (Mode.NORMAL, Mode.NORMAL, Mode.LOST, Mode.BUSY)),
        ("dies", (0, 1, 2)),
        ("dies_with_a_card", (0, 1, 2)),
        ("time_passes", (5, 61, 140)),
        ("is_reported", tuple((number, said) for number in range(3) for said in ("confirmed", "refused"))),
        ("are_paused", (True, False)),
        ("is_asked_for", (0, 1, 2)),
        (
            "shopify_says",
            tuple(
                (number, changes)
                for number in range(3)
                for changes in ({"cancelled_at": "2026-11-24T12:00:00+05:30"}, {"phone": "+915550000190"}, {})
            ),
        ),
    )


def anything(chance: Random) -> tuple[str, Any]:
    what, arguments = chance.choice(Customer.ANYTHING)
    return what, chance.choice(arguments)


@few(60)
@given(seed=st.integers(0, 2**32))
def test_no_card_of_their_own_tells_of_who_is_not_called_by_it(house: House, seed: int) -> None:
    chance = Random(seed)  # noqa: S311 - nothing is secret here
    customer = Customer(house, 1 + 3 * len(house.states()))
    customer.happens("is_brought", (0, "normal"))
    for _ in range(10):
        customer.happens(*anything(chance))
        if chance.random() < 0.3:
            customer.happens("is_brought", (chance.randrange(3), "normal"))

        assert customer.wrong == []
        for order_id in customer.ids:
            assert sum(call.state.live for call in house.calls_of(order_id)) <= 1


def test_they_are_rung_for_together(house: House) -> None:
    """Or the test above could not fail."""
    customer = Customer(house, 1)

    customer.happens("is_brought", (0, "normal"))
    customer.happens("are_added", Mode.NORMAL)

    assert customer.joint == 1
    assert [house.calls_of(order_id)[0].state for order_id in customer.ids] == [CallState.PLACED] * 3
