"""What was sent is written down, also when the database is busy or away at that very moment."""

from __future__ import annotations

import threading

import pytest

from databases import lock_out
from house import House
from ordercall.errors import DatabaseBusy
from ordercall.sandbox.orders import make_order
from ordercall.sandbox.provider import Mode
from waiting import until

CAMPAIGN = "sandbox-campaign"
LOCKED_SECONDS = 0.5


@pytest.fixture
def database_options() -> dict[str, float]:
    return {"patience": 0.05}


def lock_for_a_while(house: House) -> None:
    lock = lock_out(house.db)

    def let_go() -> None:
        lock.rollback()
        lock.close()

    threading.Timer(LOCKED_SECONDS, let_go).start()


def test_who_was_added_while_the_database_was_busy_is_not_added_again(house: House) -> None:
    house.kalimera.campaign_lookup = False
    *earlier, second = (house.receive(make_order(number, state="Kerala")) for number in (1, 2, 3))
    for order_id in earlier:  # the second shows that the campaign cannot be looked at, so nothing is asked but to add
        house.sync.sync(order_id)
        house.campaigns.flush(CAMPAIGN)
    house.sync.sync(second)

    house.while_kalimera_answers(lambda: lock_for_a_while(house))
    house.campaigns.flush(CAMPAIGN)
    house.campaigns.flush(CAMPAIGN)

    assert house.kalimera.repeats == []
    assert house.states()[second] == ("on_campaign", None)


def test_who_may_have_been_added_while_the_database_was_busy_waits_for_a_person(house: House) -> None:
    house.kalimera.campaign_lookup = False
    *earlier, second = (house.receive(make_order(number, state="Kerala")) for number in (1, 2, 3))
    for order_id in earlier:
        house.sync.sync(order_id)
        house.campaigns.flush(CAMPAIGN)
    house.sync.sync(second)
    house.kalimera.fail_next(1, Mode.LOST)

    house.while_kalimera_answers(lambda: lock_for_a_while(house))
    until(lambda: is_flushed(house), "the database takes it")
    until(lambda: is_flushed(house), "the database takes it")

    assert house.kalimera.repeats == []
    assert house.states()[second] == ("failed", "outcome_unknown")


def is_flushed(house: House) -> bool:
    """Flush as the worker does, which leaves to its next look what the database was too busy for."""
    try:
        house.campaigns.flush(CAMPAIGN)
    except DatabaseBusy:
        return False
    return True
