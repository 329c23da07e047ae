"""A number that is listed and a call that begins at the same moment, on two machines: one waits for the other."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from databases import ask
from house import House
from ordercall.bootstrap.parts import number_keys
from ordercall.domain.do_not_call import Source, Why
from ordercall.sandbox.orders import make_order
from ordercall.storage.records import do_not_call
from waiting import LONG, until

pytestmark = pytest.mark.postgres

PHONE = "+915550000041"
WAITING = (
    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


def somebody_waits(house: House) -> bool:
    with house.db.read() as tx:
        return bool(ask(tx, WAITING).scalar())


def test_a_number_is_listed_once_the_calls_that_begin_without_it_have_begun(house: House) -> None:
    with ThreadPoolExecutor(1) as another_machine:
        with house.db.begin() as tx:
            do_not_call.hold(tx)
            listing = another_machine.submit(house.numbers.add, [PHONE], Source.API, by="API")
            until(lambda: somebody_waits(house), "the listing waits for the calls that begin")
            assert not listing.done()

        assert listing.result(LONG) == [PHONE]


def test_a_call_waits_for_the_listing_under_way_and_does_not_begin(house: House) -> None:
    order_id = house.receive(make_order(1, phone=PHONE))
    house.sync.sync(order_id)

    with ThreadPoolExecutor(1) as another_machine:
        with house.db.begin() as tx:
            do_not_call.take(tx)
            keys = number_keys(house.settings)
            do_not_call.add(tx, keys, [PHONE], Source.API, by="API", ends_at=None, why=Why.ASKED, now=house.now)
            flush = another_machine.submit(house.campaigns.flush, "sandbox-campaign")
            until(lambda: somebody_waits(house), "the call waits for the listing")
        flush.result(LONG)

    assert house.kalimera.listings == []
    assert house.states() == {order_id: ("not_called", "do_not_call")}


def test_many_that_list_the_same_number_while_it_is_rung_never_block_each_other(house: House) -> None:
    ids = [house.receive(make_order(number, phone=PHONE)) for number in range(1, 6)]
    for order_id in ids[:3]:
        house.sync.sync(order_id)

    with ThreadPoolExecutor(6) as machines:
        listing = [machines.submit(house.numbers.add, [PHONE], Source.API, by="API") for _ in range(3)]
        working = [machines.submit(house.sync.sync, order_id) for order_id in ids[3:]]
        working.append(machines.submit(house.campaigns.flush, "sandbox-campaign"))
        news = [found for each in listing for found in each.result(LONG)]
        for each in working:
            each.result(LONG)
    house.campaigns.flush("sandbox-campaign")

    assert news == [PHONE]
    assert {house.states()[order_id][1] for order_id in ids} == {"do_not_call"}
