"""A refused credential is a state of the installation: one alarm, one look a minute, and all goes on by itself."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace

import pytest

from house import House
from ordercall.domain.orders.order import Status
from ordercall.errors import CredentialsRefused
from ordercall.jobs.tasks import begin
from ordercall.sandbox.orders import make_order
from ordercall.sandbox.provider import Call
from ordercall.storage.records import refused_credentials

CAMPAIGN, IN_FLIGHT = "sandbox-campaign", 16
LOGGER = "ordercall.services.credential_watch"


def refused(house: House) -> list[str]:
    """Return the settings that the pages would show as refused."""
    with house.db.read() as tx:
        return [one.setting for one in refused_credentials.all_of(tx)]


def together(work: Callable[[int], object], shopify_ids: Iterable[int]) -> list[int]:
    """Do it for all of them, as many at once as a worker does; return those that were refused the credential."""

    def refuses(shopify_id: int) -> bool:
        try:
            work(shopify_id)
        except CredentialsRefused:
            return True
        return False

    ids = list(shopify_ids)
    with ThreadPoolExecutor(IN_FLIGHT) as threads:
        return [shopify_id for shopify_id, is_refused in zip(ids, threads.map(refuses, ids), strict=True) if is_refused]


def test_200_contacts_survive_a_token_that_is_refused_in_their_middle(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, LOGGER)
    ids = [house.receive(make_order(number)) for number in range(1, 201)]
    good, made = house.kalimera.token, house.kalimera.contacts

    def revoke(_call: Call) -> None:
        house.kalimera.token = good if len(made) < 20 else "Bearer another"

    def refusals() -> int:
        return len([call for call in house.kalimera.calls if call.status == 401])

    house.kalimera.on_call.append(revoke)
    waiting = together(house.sync.sync, ids)
    assert len(made) + len(waiting) == 200
    assert 1 <= refusals() <= IN_FLIGHT

    for _minute in range(3):
        before = refusals()
        house.pass_time(minutes=1)
        assert together(house.sync.sync, waiting) == waiting
        assert refusals() == before + 1
    assert refused(house) == ["KALIMERA_AUTH_TOKEN"]
    assert Counter(house.states()[order_id] for order_id in waiting) == {("queued", None): len(waiting)}

    house.kalimera.on_call.remove(revoke)
    house.kalimera.token = good
    for _minute in range(2):  # in the first one order looks, while all the others come too early
        house.pass_time(minutes=1)
        waiting = together(house.sync.sync, waiting)
    house.campaigns.flush(CAMPAIGN)

    assert len({listing.phone for listing in house.kalimera.listings}) == 200
    assert house.kalimera.repeats == []
    assert refused(house) == []
    assert [record.levelname for record in caplog.records if record.name == LOGGER] == ["ERROR", "WARNING"]


def test_who_waits_for_a_campaign_goes_on_waiting(house: House) -> None:
    order_id = house.receive(make_order(1))
    house.sync.sync(order_id)
    house.kalimera.switch("unauthorized")

    house.campaigns.flush(CAMPAIGN)
    house.campaigns.flush(CAMPAIGN)
    calls = [call.status for call in house.kalimera.calls]
    house.kalimera.switch("normal")
    house.pass_time(minutes=1)
    house.campaigns.flush(CAMPAIGN)

    assert calls == [201, 401]
    assert house.states()[order_id] == ("on_campaign", None)


APP = {"SHOPIFY_CLIENT_ID": "sandbox-client-id", "SHOPIFY_CLIENT_SECRET": "sandbox-client-secret"}


class TestShopify:
    """The same for orders that are to be cancelled."""

    def failed(self, house: House) -> list[int]:
        orders = [make_order(number) for number in range(1, 9)]
        for order in orders:
            house.shopify.add(order)
            house.receive(order)
            house.orders.change_status(order["id"], Status.FAILED, by="a test")
        return [order["id"] for order in orders]

    def cancel_states(self, house: House, ids: list[int]) -> set[str]:
        return {house.order(order_id).cancel_state for order_id in ids}

    def test_cancellations_survive_a_token_that_is_refused(self, house: House) -> None:
        ids = self.failed(house)
        house.shopify.switch("unauthorized")

        together(house.cancels.cancel, ids)
        at_once = len(house.shopify.calls)
        for _minute in range(3):
            house.pass_time(minutes=1)
            together(house.cancels.cancel, ids)
        looks = len(house.shopify.calls) - at_once
        told, states = refused(house), self.cancel_states(house, ids)
        house.shopify.switch("normal")
        waiting = ids
        for _minute in range(2):
            house.pass_time(minutes=1)
            waiting = together(house.cancels.cancel, waiting)

        assert 1 <= at_once <= len(ids)
        assert looks == 3
        assert (told, states) == (["SHOPIFY_ACCESS_TOKEN"], {"queued"})
        assert self.cancel_states(house, ids) == {"done"}
        assert refused(house) == []


class TestAnAppOfTheDevDashboard(TestShopify):
    """It gets its token by itself, and so the pair is what can be refused."""

    @pytest.fixture
    def shopify_settings(self) -> dict[str, str]:
        return APP | {"SHOPIFY_ACCESS_TOKEN": ""}

    def test_cancellations_survive_a_token_that_is_refused(self, house: House) -> None:
        ids = self.failed(house)
        house.shopify.tokens.app_installed = False

        assert together(house.cancels.cancel, ids[:1]) == ids[:1]
        house.pass_time(minutes=1)
        before = len(house.shopify.calls)
        for order_id in ids:
            together(house.cancels.cancel, [order_id])
        looks = len(house.shopify.calls) - before
        told = refused(house)
        house.shopify.tokens.app_installed = True
        house.pass_time(minutes=1)
        for order_id in ids:
            assert together(house.cancels.cancel, [order_id]) == []

        assert looks == 1
        assert told == ["SHOPIFY_CLIENT_ID and SHOPIFY_CLIENT_SECRET"]
        assert self.cancel_states(house, ids) == {"done"}
        assert refused(house) == []

    def test_a_new_token_that_is_refused_as_well_is_looked_at_once_a_minute(self, house: House) -> None:
        ids, scopes_of = self.failed(house), house.shopify.tokens.scopes_of
        house.shopify.tokens.scopes_of = lambda token: None  # type: ignore[method-assign]

        for _minute in range(2):
            for order_id in ids:
                assert together(house.cancels.cancel, [order_id]) == [order_id]
            house.pass_time(minutes=1)
        grant, read, new_grant, read_anew, *look = [call.path for call in house.shopify.calls]
        house.shopify.tokens.scopes_of = scopes_of  # type: ignore[method-assign]
        for order_id in ids:
            assert together(house.cancels.cancel, [order_id]) == []

        assert (grant, read) == (new_grant, read_anew)
        assert look == [read, grant, read]
        assert self.cancel_states(house, ids) == {"done"}


def test_a_restart_with_another_token_looks_at_once(house: House) -> None:
    order_id = house.receive(make_order(1))
    house.kalimera.token = "Bearer the new one"
    together(house.sync.sync, [order_id])
    told = refused(house)

    settings = replace(house.settings, kalimera_auth_token="Bearer the new one")
    with closing(House(settings, house.db, house.kalimera, house.shopify, house.gate)) as restarted:
        restarted.sync.sync(order_id)
        restarted.campaigns.flush(CAMPAIGN)

    assert told == ["KALIMERA_AUTH_TOKEN"]
    assert house.states()[order_id] == ("on_campaign", None)
    assert refused(house) == []


def test_a_worker_that_starts_forgets_what_an_earlier_one_was_refused(house: House) -> None:
    """Nothing may be left that asks: its one order was decided by hand."""
    order_id = house.receive(make_order(1))
    house.kalimera.switch("unauthorized")
    together(house.sync.sync, [order_id])
    house.orders.change_status(order_id, Status.SUCCESS, by="Asha")
    told = refused(house)

    with closing(House(house.settings, house.db, house.kalimera, house.shopify, house.gate)) as restarted:
        begin(restarted.worker.jobs, restarted.worker)

    assert told == ["KALIMERA_AUTH_TOKEN"]
    assert refused(house) == []


def test_a_worker_that_registers_again_keeps_what_it_was_refused_itself(house: House) -> None:
    order_id = house.receive(make_order(1))
    house.kalimera.switch("unauthorized")

    begin(house.worker.jobs, house.worker)
    together(house.sync.sync, [order_id])
    begin(house.worker.jobs, house.worker)

    assert refused(house) == ["KALIMERA_AUTH_TOKEN"]


def test_an_alarm_that_cannot_be_stored_loses_no_answer_and_comes_with_the_next(house: House) -> None:
    order_id = house.receive(make_order(1))
    with house.db.begin() as tx:
        tx.exec_driver_sql("ALTER TABLE refused_credentials RENAME TO elsewhere")
    house.sync.sync(order_id)
    house.kalimera.switch("unauthorized")
    house.campaigns.flush(CAMPAIGN)
    with house.db.begin() as tx:
        tx.exec_driver_sql("ALTER TABLE elsewhere RENAME TO refused_credentials")
    house.pass_time(minutes=1)
    house.campaigns.flush(CAMPAIGN)

    assert "Kalimera_Contact_Created" in house.events(order_id)
    assert refused(house) == ["KALIMERA_AUTH_TOKEN"]
