"""The cancel belt under whatever programs, persons, shop, policy and clock do, in any order.

No program's word cancels a Success or a parcel; what is undone in time is never sent, nothing leaves before its time,
no more leave in an hour than the policy allows, none after a word that the customer wants the order, and whatever is
not cancelled is where a person sees it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from belting import a_minute_passes, buckle, cancel_jobs, rung_order, say
from house import House
from ordercall.domain.orders.order import CancelState, Status
from ordercall.domain.policy.rules import Belt, Cancels
from ordercall.errors import InvalidRequest, ProviderError
from ordercall.sandbox.provider import Mode
from ordercall.storage.reads import needs_you
from ordercall.storage.records.orders import set_contacts
from ordercall.storage.records.reports import Door
from properties import few

pytestmark = pytest.mark.random

HOUR = timedelta(hours=1)
MOST_ORDERS = 4
"""Enough to use up the number of an hour and to have some left."""

rules = st.fixed_dictionaries(
    {},
    optional={
        "delay": st.sampled_from([timedelta(0), timedelta(minutes=10)]),
        "most_an_hour": st.sampled_from([0, 1, 2]),
        "cancel": st.sampled_from([Cancels.ON, Cancels.ON, Cancels.OFF]),
        "evidence": st.booleans(),
        "paid": st.booleans(),
        "edited": st.booleans(),
        "other_number": st.booleans(),
    },
)
places = st.integers(0, MOST_ORDERS - 1)
doors = st.sampled_from([Door.API, Door.ADDRESS])
modes = st.sampled_from([*[Mode.NORMAL] * 3, Mode.FAILING])
changes = st.sampled_from(
    [
        {"fulfillment_status": "partial"},
        {"financial_status": "paid"},
        {"total_price": "123.45"},
        {"phone": "+915559900001"},
    ]
)

TOO_MANY = 429
"""A cancel that came too soon after others has certainly not been done: it is queued as before, and can be undone."""


@dataclass
class Known:
    """What the test knows of an order.

    Attributes:
        by_program: its cancel is only a program's word.
        before: its status until then.
        undone: a person had undone its cancel until then, and nobody has decided since.
        due: before this nothing of a program's may leave.
        released: a person let it leave whatever the number.
        wanted: after the refusal its customer said that they want it, or may be asked.
        told: what the shop has told of it since its customer was rung.
    """

    status: Status = Status.PLACED
    by_program: bool = False
    forced: bool = False
    quoted: bool = False
    before: Status = Status.PLACED
    is_undone: bool = False
    undone: bool = False
    due: datetime | None = None
    released: bool = False
    wanted: bool = False
    told: set[str] = field(default_factory=set)
    asked_shopify: bool = False

    def speaks(self, belt: Belt, *, has_contact: bool) -> list[str]:
        """Return what speaks against a program's word, as the documentation has it."""
        against = {
            "a parcel": "fulfillment_status" in self.told,
            "what was decided": self.before in (Status.SUCCESS, Status.RETURNED) and not self.forced,
            "what a person undid": self.undone and not self.forced,
            "what its customer wants after all": self.wanted,
            "anything while cancels are off": belt.cancel is Cancels.OFF,
            "without the customer's words": belt.evidence and not self.quoted,
            "what is paid": belt.paid and "financial_status" in self.told,
            "what was edited": belt.edited and has_contact and not self.told.isdisjoint({"total_price"}),
            "by another number": belt.other_number and "phone" in self.told,
        }
        return [what for what, is_so in against.items() if is_so]


class Day:
    """A shop, and what left it."""

    def __init__(self, house: House, serial: Iterator[int]) -> None:
        self.house, self.serial = house, serial
        self.house.shopify.switch(Mode.NORMAL)
        self.belt = Belt()
        self.orders: dict[int, Known] = {}
        self.left: list[tuple[datetime, int]] = []
        self.minutes = 0
        buckle(house)
        house.worker.belt.go_on(by="whoever looks after what an earlier example left")
        house.now += timedelta(days=1)
        for _ in range(MOST_ORDERS):
            self.orders[rung_order(house, next(serial))] = Known()
        with house.db.begin() as tx:
            set_contacts(tx, {order_id: f"contact of {order_id}" for order_id in self.orders})

    def order_at(self, place: int) -> int:
        return list(self.orders)[place % len(self.orders)]

    def state(self, order_id: int) -> Any:
        return self.house.order(order_id)

    @contextmanager
    def changing(self, order_id: int) -> Iterator[Known]:
        """Let something set an order's status, and note what that means for its cancel."""
        known, was = self.orders[order_id], self.state(order_id)
        yield known
        now = self.state(order_id)
        known.status = Status(now.confirmation_status)
        if known.status is Status.FAILED and was.confirmation_status != "Failed":
            known.before, known.undone = Status(was.confirmation_status), known.is_undone
        if known.status is not Status.PLACED:
            known.is_undone = False

    def the_policy_changes(self, chosen: dict[str, Any]) -> None:
        self.belt = Belt(**chosen)
        buckle(self.house, **chosen)

    def a_program_says(self, place: int, status: Status, force: bool, quoted: bool) -> None:
        order_id = self.order_at(place)
        words = {"quote": "nahi chahiye"} if quoted else {}
        with self.changing(order_id) as known:
            received = say(self.house, order_id, status=status, force=force, **words)
        known.wanted |= status is not Status.FAILED
        self.note_word(known, received.changes.get(order_id), forced=force, quoted=quoted)

    def an_agent_reports(self, place: int, answer: str, door: Door) -> None:
        order_id = self.order_at(place)
        with self.changing(order_id) as known:
            received = say(self.house, door=door, shopify_id=order_id, answer=answer)
        known.wanted |= answer != "refused"
        self.note_word(known, received.changes.get(order_id), forced=False)

    def a_program_refuses(self, place: int) -> None:
        self.a_program_says(place, Status.FAILED, force=False, quoted=True)

    def note_word(self, known: Known, became: Status | None, *, forced: bool, quoted: bool = False) -> None:
        if became is Status.FAILED:
            known.by_program, known.forced, known.released, known.wanted = True, forced, False, False
            known.quoted, known.asked_shopify = quoted, False
            known.due = self.house.now + self.belt.delay

    def a_person_sets(self, place: int, status: Status) -> None:
        order_id = self.order_at(place)
        with self.changing(order_id) as known:
            self.house.orders.change_status(order_id, status, by="Asha")
        if status is Status.FAILED:
            known.by_program = False
        known.is_undone = False

    def a_person_has_it_called_again(self, place: int) -> None:
        order_id = self.order_at(place)
        with suppress(InvalidRequest):
            self.house.again.request(order_id, by="Asha", confirmed=True)
            self.orders[order_id].wanted, self.orders[order_id].is_undone = True, False

    def a_person_undoes(self, place: int) -> None:
        order_id = self.order_at(place)
        with self.changing(order_id) as known, suppress(InvalidRequest):
            self.house.orders.undo_cancel(order_id, by="Asha")
            now = self.state(order_id)
            assert known.by_program, "a person's own cancel was undone"
            assert now.confirmation_status == known.before
            assert now.cancel_state in (None, CancelState.QUEUED), "it waits for its time"  # its job will find nothing
            assert not known.asked_shopify, "it was undone too late"
            known.is_undone = known.before is Status.PLACED

    def a_person_lets_them_go_on(self) -> None:
        frozen = [one for one in self.orders if self.state(one).cancel_state == CancelState.FROZEN]
        assert self.house.worker.belt.go_on(by="Asha") == len(frozen)
        for order_id in frozen:
            self.orders[order_id].released = True

    def the_shop_tells(self, place: int, change: dict[str, str]) -> None:
        order_id = self.order_at(place)
        self.minutes += 1
        later = (datetime.now(UTC) + timedelta(minutes=self.minutes)).isoformat()
        body = json.loads(self.house.bodies(order_id)[-1] or b"") | change | {"updated_at": later}
        self.house.receive(body, "orders/updated")
        self.orders[order_id].told |= change.keys()

    def a_worker_works(self, minutes: int, mode: str) -> None:
        a_minute_passes(self.house, minutes)
        jobs = cancel_jobs(self.house)
        for order_id in self.orders:
            if order_id in jobs:
                self.work_on(order_id, mode)

    def work_on(self, order_id: int, mode: str) -> None:
        before, asked = self.state(order_id), len(self.house.shopify.calls)
        self.house.shopify.fail_next(1, Mode.NORMAL)
        self.house.shopify.fail_next(1, mode)
        ended = False
        with suppress(ProviderError):  # also that Shopify is left alone for a while after its faults
            self.house.cancels.cancel(order_id)
            ended = True
        self.house.shopify.switch(Mode.NORMAL)
        if any(call.method == "POST" and call.status != TOO_MANY for call in self.house.shopify.calls[asked:]):
            self.it_left(order_id, before)
        elif ended and before.cancel_state == CancelState.QUEUED:
            self.it_stayed(order_id, before)

    def it_left(self, order_id: int, before: Any) -> None:
        known, now = self.orders[order_id], self.house.now
        known.asked_shopify = True
        assert before.confirmation_status == "Failed", "what was taken back has left"
        if not known.by_program:
            return
        against = known.speaks(self.belt, has_contact=before.contact_id is not None)
        assert not against, f"a program's word cancelled {against}"
        if before.cancel_state != CancelState.QUEUED:
            return  # Shopify may have been asked before
        assert known.due is None or now >= known.due, "it left before its time"
        if not known.released and self.belt.most_an_hour:
            frozen = [one for one in self.orders if self.state(one).cancel_state == CancelState.FROZEN]
            assert not frozen, "it left while others wait for a person"
        if not known.released:
            self.left = [(at, one) for at, one in self.left if one != order_id] + [(now, order_id)]
            within = [one for at, one in self.left if at > now - HOUR]
            assert self.belt.most_an_hour == 0 or len(within) <= self.belt.most_an_hour

    def it_stayed(self, order_id: int, before: Any) -> None:
        known, now = self.orders[order_id], self.state(order_id)
        if before.confirmation_status != "Failed":
            return
        assert known.by_program, "a person's cancel was held back"
        against = known.speaks(self.belt, has_contact=before.contact_id is not None)
        assert (now.cancel_state == CancelState.FROZEN) is not bool(against), "nothing spoke against it"
        assert against or (self.belt.most_an_hour and not known.released), "no number an hour was reached"

    def whatever_is_not_cancelled_is_seen(self) -> None:
        rows = {order_id: self.state(order_id) for order_id in self.orders}
        states = {
            one: CancelState.of(row.cancel_state) for one, row in rows.items() if row.confirmation_status == "Failed"
        }
        with self.house.db.read() as tx:
            listed = {order.shopify_id for order in needs_you.page(tx, before=None, after=None).rows}
            frozen = self.house.worker.belt.frozen(tx)
        jobs = cancel_jobs(self.house)
        assert None not in states.values()
        assert frozen == sum(row.cancel_state == CancelState.FROZEN for row in rows.values())
        for order_id, state in states.items():
            assert state is not None
            assert (order_id in listed) is state.left_to_a_person
            assert not state.under_way or order_id in jobs
        waiting = {one for one, row in rows.items() if row.cancel_state == CancelState.DELAYED}
        assert waiting <= states.keys()


happenings = st.one_of(
    st.tuples(st.just(Day.a_program_refuses), places),
    st.tuples(st.just(Day.a_program_refuses), places),
    st.tuples(st.just(Day.a_program_says), places, st.sampled_from(Status), st.booleans(), st.booleans()),
    st.tuples(st.just(Day.an_agent_reports), places, st.sampled_from(["refused", "confirmed", "unclear"]), doors),
    st.tuples(st.just(Day.an_agent_reports), places, st.sampled_from(["refused", "confirmed", "ji"]), doors),
    st.tuples(st.just(Day.a_person_has_it_called_again), places),
    st.tuples(st.just(Day.a_worker_works), st.sampled_from([0, 1, 9, 10, 61]), modes),
    st.tuples(st.just(Day.a_worker_works), st.sampled_from([0, 1, 9, 10, 61]), modes),
    st.tuples(st.just(Day.a_person_sets), places, st.sampled_from(Status)),
    st.tuples(st.just(Day.a_person_undoes), places),
    st.tuples(st.just(Day.a_person_lets_them_go_on)),
    st.tuples(st.just(Day.the_shop_tells), places, changes),
    st.tuples(st.just(Day.the_policy_changes), rules),
)


@pytest.fixture
def serial() -> Iterator[int]:
    """Numbers for orders, which no two examples share."""
    return iter(range(1, 100_000))


@few(40)
@given(chosen=rules, happened=st.lists(happenings, min_size=12, max_size=20))
def test_no_programs_word_cancels_what_the_belt_holds(
    house: House, serial: Iterator[int], chosen: dict[str, Any], happened: list[Any]
) -> None:
    day = Day(house, serial)
    day.the_policy_changes(chosen)

    for what, *arguments in happened:
        what(day, *arguments)
        day.whatever_is_not_cancelled_is_seen()
