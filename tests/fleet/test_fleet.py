"""A shop on two hosts: whatever dies or is cut off, nothing is lost, and nobody is called twice or wrongly."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from typing import Any

import psycopg
import pytest
from fleet import Fleet, Machines

from installation import mixed_orders
from ordercall.sandbox.kalimera import FakeKalimera
from ordercall.storage.engine.postgres_database import connection_parameters
from outcomes import created_twice, repeated_requests, wrongly_listed
from waiting import LONG, until
from workers import slow_after

pytestmark = pytest.mark.fleet

LONGER = 2 * LONG
"""More seconds than anything here takes, on a machine however busy."""


def test_a_worker_that_is_killed_for_good_loses_nothing_of_800_orders(fleet: Fleet, kalimera: FakeKalimera) -> None:
    orders = mixed_orders(800)
    with ThreadPoolExecutor(1) as aside:
        with slow_after(kalimera, contacts=300):
            answers = aside.submit(fleet.deliver, orders)
            until(lambda: len(kalimera.contacts) >= 300, "the fleet is in the middle of its work", seconds=LONGER)
            fleet.freeze_the_second()
        fleet.workers[1].kill()

        assert answers.result() == {200: 800}
    until(lambda: fleet.on_campaign() == 800, "all are on the campaign", seconds=LONGER)

    until(lambda: fleet.taken_over_by(fleet.workers[0]), "the jobs of the dead one are taken over", seconds=LONGER)
    assert len(kalimera.contacts) == 800
    assert_nobody_called_twice_or_wrongly(orders, kalimera)


def everybody(fleet: Fleet) -> AbstractContextManager[None]:
    return fleet.machines.second.cut()


def the_database_alone(fleet: Fleet) -> AbstractContextManager[None]:
    return fleet.machines.database.silent_towards(fleet.machines.second)


@pytest.mark.parametrize("cut_off_from", [everybody, the_database_alone])
def test_a_worker_that_is_cut_off_does_no_harm_and_comes_back(
    fleet: Fleet, kalimera: FakeKalimera, cut_off_from: Callable[[Fleet], AbstractContextManager[None]]
) -> None:
    orders = mixed_orders(300)
    with ThreadPoolExecutor(1) as aside:
        with slow_after(kalimera, contacts=100):
            answers = aside.submit(fleet.deliver, orders)
            until(lambda: len(kalimera.contacts) >= 100, "the fleet is at work", seconds=LONGER)
            fleet.freeze_the_second()
        with cut_off_from(fleet):
            fleet.thaw_the_second()
            assert answers.result() == {200: 300}
            until(lambda: fleet.on_campaign() == 300, "the other one did what was left", seconds=LONGER)
            until(lambda: fleet.taken_over_by(fleet.workers[0]), "its jobs are taken over", seconds=LONGER)
    until(lambda: fleet.beating() == 2, "the worker that was cut off is back", seconds=LONGER)
    assert_nobody_called_twice_or_wrongly(orders, kalimera)

    fleet.workers[0].kill()
    fleet.deliver(mixed_orders(20, first=1_001))
    until(lambda: fleet.on_campaign() == 320, "it works again, alone", seconds=LONGER)


def test_when_postgres_restarts_under_load_webhooks_are_kept_or_sent_again_and_all_drains(
    fleet: Fleet, kalimera: FakeKalimera
) -> None:
    orders = mixed_orders(400)
    with ThreadPoolExecutor(2) as aside:
        before = aside.submit(fleet.deliver, orders[:300])
        until(lambda: fleet.stored() > 100, "webhooks are coming in", seconds=LONGER)
        fleet.machines.postgres.stop()
        during = aside.submit(fleet.deliver, orders[300:])
        until(lambda: 503 in fleet.answers, "a webhook was answered 503", seconds=LONGER)
        fleet.machines.start_postgres()
        before.result(), during.result()

    assert set(fleet.answers) == {200, 503}
    assert fleet.stored() == fleet.answers[200] == 400
    until(lambda: fleet.on_campaign() == 400, "all are on the campaign", seconds=LONGER)
    assert_nobody_called_twice_or_wrongly(orders, kalimera)
    assert fleet.running == 3  # nothing of ours had to be started again


def test_the_server_lets_go_of_a_client_that_vanished_in_the_middle_of_a_pipeline(machines: Machines) -> None:
    url = f"{machines.postgres.url}/postgres"
    with machines.second.entered():
        client = psycopg.connect(**connection_parameters(url))

    def doing() -> list[tuple[Any, ...]]:
        with psycopg.connect(url) as connection:
            backend = "SELECT wait_event FROM pg_stat_activity WHERE pid = %s"
            return connection.execute(backend, [client.info.backend_pid]).fetchall()

    client.pgconn.enter_pipeline_mode()
    client.pgconn.send_query_params(b"SELECT pg_sleep(1)", None)
    client.pgconn.send_flush_request()
    client.pgconn.flush()
    until(lambda: doing() == [("PgSleep",)], "the server has got half of the pipeline")

    with machines.second.cut():
        until(lambda: doing() == [], "it has given up this client", seconds=LONGER)
    client.pgconn.finish()


def assert_nobody_called_twice_or_wrongly(orders: list[dict[str, Any]], kalimera: FakeKalimera) -> None:
    """After one accident: whoever was being added at that moment may be added again, nothing else happens twice."""
    assert wrongly_listed(orders, kalimera) == []
    assert repeated_requests(kalimera) <= 1
    assert created_twice(kalimera) == []
