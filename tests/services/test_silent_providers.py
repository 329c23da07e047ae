"""A provider that does not answer: since when is stored, outlives its worker, and ends with the first answer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from house import House
from ordercall.bootstrap.worker import worker_services
from ordercall.errors import OutcomeUnknown, ProviderBusy
from ordercall.jobs.tasks import Services
from ordercall.sandbox.orders import make_order
from ordercall.sandbox.provider import Mode
from ordercall.services.standstill_service import CatchingUp, look_for_catching_up
from ordercall.storage.records import silent_providers


@pytest.fixture
def later_worker(house: House) -> Iterator[Services]:
    with worker_services(house.settings, house.db, house.clock) as services:
        yield services


def silent(house: House) -> dict[str, float]:
    with house.db.read() as tx:
        return silent_providers.all_of(tx)


def fall_silent(house: House) -> float:
    """Let Kalimera answer none of three orders; return since when it is silent."""
    house.kalimera.mode = Mode.DOWN
    for number in (1, 2, 3):
        order_id = house.receive(make_order(number, phone=f"+91987654321{number}"))
        with pytest.raises((OutcomeUnknown, ProviderBusy)):
            house.sync.sync(order_id)
    since = house.now.timestamp()
    house.worker.outages.store()
    return since


def test_since_when_a_provider_is_silent_is_stored_once(house: House) -> None:
    house.worker.outages.store()
    before = silent(house)
    since = fall_silent(house)
    house.pass_time(minutes=7)
    house.worker.outages.store()

    assert before == {}
    assert silent(house) == {"Kalimera": since}


def test_a_later_worker_keeps_the_time_and_its_first_answer_ends_it(house: House, later_worker: Services) -> None:
    since = fall_silent(house)
    house.pass_time(minutes=7)
    later_worker.outages.take_up()
    later_worker.outages.store()
    asks = later_worker.sync.breaker.admits()
    after_restart = silent(house)
    house.kalimera.mode = Mode.NORMAL

    later_worker.sync.sync(house.receive(make_order(4)))
    later_worker.outages.store()

    assert asks == 1
    assert after_restart == {"Kalimera": since}
    assert silent(house) == {}


def test_what_a_worker_stored_that_is_gone_ends_with_anothers_answer(house: House, later_worker: Services) -> None:
    later_worker.sync.sync(house.receive(make_order(4)))
    fall_silent(house)
    house.kalimera.mode = Mode.NORMAL

    later_worker.outages.take_up()
    later_worker.sync.sync(house.receive(make_order(5)))
    later_worker.outages.store()

    assert silent(house) == {}


def test_a_provider_that_comes_back_and_goes_again_is_silent_since_then(house: House) -> None:
    first = fall_silent(house)
    with house.db.begin() as tx:
        silent_providers.end(tx, "Kalimera", now=house.now, waited=3)
        silent_providers.begin(tx, "Kalimera", now=house.now + timedelta(minutes=1))
        silent_providers.begin(tx, "Kalimera", now=house.now + timedelta(minutes=2))

    assert silent(house) == {"Kalimera": first + 60}
    with house.db.read() as tx:
        assert silent_providers.find_return(tx, "Kalimera") is None


def test_those_that_waited_through_an_outage_are_counted_until_they_have_gone(
    house: House, later_worker: Services
) -> None:
    fall_silent(house)
    house.kalimera.mode = Mode.NORMAL
    house.pass_time(minutes=7)
    later_worker.outages.take_up()
    later_worker.sync.sync(house.receive(make_order(4, phone="+919876543214")))
    later_worker.outages.store()
    house.pass_time(seconds=30)

    with house.db.read() as tx:
        found = look_for_catching_up(tx, house.now)
        back = silent_providers.find_return(tx, "Kalimera")

    assert back is not None
    assert found == CatchingUp(back.at, waited=back.waited, to_go=back.waited)
    assert back.waited >= 3
