"""Where Kalimera does not show its contacts: only a creation that may have happened counts as one."""

from __future__ import annotations

import pytest

from databases import ask
from house import House
from ordercall.errors import OutcomeUnknown, ProviderBusy
from ordercall.sandbox.orders import make_order
from ordercall.sandbox.provider import Mode
from outcomes import created_twice

CONTACTS = "/kalimera/contact"


def hide(house: House, status: int = 404) -> None:
    house.gate.answers("GET", CONTACTS, {"message": "Cannot GET /contact"}, status)


def kept(house: House) -> list[tuple[str, str | None]]:
    """Return state and id of what is known of each phone."""
    with house.db.read() as tx:
        return [tuple(row) for row in ask(tx, "SELECT state, contact_id FROM contacts")]


def lose_a_creation(house: House) -> int:
    """Return the id of an order whose contact was made, which no answer told."""
    order_id = house.receive(make_order(1))
    house.kalimera.fail_next(1, Mode.LOST)
    with pytest.raises(OutcomeUnknown):
        house.sync.sync(order_id)
    return order_id


def meet(house: House, mode: str, order_id: int) -> None:
    """Have the order tried while Kalimera answers like this, and wait a minute."""
    house.kalimera.switch(mode)
    with pytest.raises(ProviderBusy):
        house.sync.sync(order_id)
    house.kalimera.switch(Mode.NORMAL)
    house.pass_time(minutes=1, seconds=1)


@pytest.mark.parametrize("mode", [Mode.BUSY, Mode.THROTTLED, "unauthorized"])
def test_an_order_that_only_met_busy_answers_goes_on_as_if_it_had_never_been_tried(house: House, mode: str) -> None:
    hide(house)
    order_id = house.receive(make_order(1))
    house.kalimera.retry_after = 0.0

    for _ in range(2):  # a third would open the circuit breaker, which time of ours does not shut
        meet(house, mode, order_id)
        assert kept(house) == []
    house.sync.sync(order_id)

    assert [state for state, _ in kept(house)] == ["known"]
    assert house.states()[order_id] == ("queued", None)
    assert [call.status for call in house.kalimera.calls][-1] == 201


def test_busy_answers_after_a_lost_one_leave_it_known_that_a_contact_may_have_been_made(house: House) -> None:
    hide(house)
    order_id = lose_a_creation(house)

    for _ in range(3):
        meet(house, Mode.BUSY, order_id)
        assert kept(house) == [("creating", None)]
    house.sync.sync(order_id)

    assert house.states()[order_id] == ("queued", None)
    assert [state for state, _ in kept(house)] == ["known"]


def test_a_contact_that_was_made_in_spite_of_a_lost_one_is_not_made_a_third_time_after_a_busy_answer(
    house: House,
) -> None:
    order_id = house.receive(make_order(1))
    with house.db.begin() as tx:
        ask(
            tx, "INSERT INTO contacts (phone, state, changed_at) SELECT customer_phone, 'creating again', 0 FROM orders"
        )

    house.kalimera.fail_next(1, Mode.NORMAL)  # it shows that there is none
    house.kalimera.fail_next(1, Mode.BUSY)
    with pytest.raises(ProviderBusy):
        house.sync.sync(order_id)

    assert kept(house) == [("creating again", None)]


def test_a_look_that_is_busy_takes_nothing_back_of_a_creation_that_may_have_happened(house: House) -> None:
    hide(house, 503)
    order_id = house.receive(make_order(1))
    house.kalimera.fail_next(1, Mode.LOST)

    for _ in range(2):
        with pytest.raises(ProviderBusy):
            house.sync.sync(order_id)
        assert kept(house) == [("creating", None)]

    assert created_twice(house.kalimera) == []


def test_an_order_with_a_contact_of_its_own_takes_nothing_back_that_another_one_announced(house: House) -> None:
    order_id = house.receive(make_order(1))
    house.sync.sync(order_id)
    with house.db.begin() as tx:
        ask(tx, "DELETE FROM listings")
        ask(tx, "UPDATE contacts SET state = 'creating', contact_id = NULL")

    with house.db.begin() as tx:
        ready = house.sync.prepare(tx, [order_id])
        house.sync.take_back(tx, ready)

    assert [one.shopify_id for one in ready] == [order_id]
    assert kept(house) == [("creating", None)]
