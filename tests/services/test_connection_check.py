"""A check of the connections: asked for once, carried out by the worker, kept with when it ended."""

from __future__ import annotations

from house import House
from ordercall.bootstrap.web import web_context
from ordercall.domain.findings import Finding, Grade
from ordercall.services.connection_check import ConnectionCheckService
from ordercall.storage.records import connection_checks


def service(house: House) -> ConnectionCheckService:
    return web_context(house.settings, house.db, house.clock).check


def test_a_check_is_queued_once_however_often_it_is_asked_for(house: House) -> None:
    check = service(house)

    before = check.state().under_way
    check.ask()
    check.ask()

    assert (before, check.state().under_way) == (False, True)
    assert len(house.jobs("check_connections")) == 1


def test_what_the_worker_finds_of_both_providers_is_kept_in_one_row(house: House) -> None:
    house.worker.check_connections()
    first = service(house).state().last
    house.pass_time(minutes=5)
    house.kalimera.token = "another"
    house.worker.check_connections()
    second = service(house).state().last

    assert first
    assert second
    assert second.ended_at - first.ended_at == 300
    assert Finding("Kalimera token", Grade.OK, "accepted") in first.findings
    assert ("Kalimera token", Grade.FAILURE) in {(found.check, found.grade) for found in second.findings}
    assert {"Shopify token", "queue", "calling hours"} <= {found.check for found in second.findings}


def test_nothing_is_known_before_anybody_asked(house: House) -> None:
    with house.db.read() as tx:
        assert connection_checks.last(tx) is None
