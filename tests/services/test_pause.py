"""Pausing all calls: nobody is put on a campaign meanwhile, whatever is under way, and all go on afterwards."""

from __future__ import annotations

from datetime import timedelta

import pytest

from house import House
from ordercall.domain.calls.pausing import Ending, Outcome
from ordercall.errors import InvalidRequest
from ordercall.sandbox.orders import make_order
from ordercall.storage.records import pauses
from ordercall.storage.records.pauses import Effect

CAMPAIGN = "sandbox-campaign"


def receive(house: House, number: int, state: str = "Kerala") -> int:
    return house.receive(make_order(number, state=state))


def synced(house: House, number: int, state: str = "Kerala") -> int:
    """Return the id of an order that waits for its campaign."""
    order_id = receive(house, number, state)
    house.sync.sync(order_id)
    return order_id


def effect(house: House) -> Effect:
    with house.db.read() as tx:
        return pauses.effect(tx, house.now)


def test_while_calls_are_paused_nobody_is_put_on_a_campaign(house: House) -> None:
    waiting, pause = synced(house, 1), house.pauses.pause(by="Asha", why=" The price is wrong. ")
    later = synced(house, 2)

    house.campaigns.flush(CAMPAIGN)

    assert (pause.by, pause.why, pause.since, pause.until) == ("Asha", "The price is wrong.", house.now, None)
    assert house.kalimera.listings == []
    assert house.states() == dict.fromkeys((waiting, later), ("waiting_for_hours", None))
    assert effect(house) == Effect(waiting=2, ringing=0, ring_until=None)


def test_those_who_waited_are_called_once_somebody_resumes(house: House) -> None:
    waiting = synced(house, 1)
    house.pauses.pause(by="Asha")
    house.campaigns.flush(CAMPAIGN)
    later = receive(house, 2)
    house.sync.sync(later)

    ended = house.pauses.resume(by="Bela")
    campaigns = {arguments["campaign_id"] for arguments, at in house.jobs("flush_campaign") if at is None}
    house.sync.sync(later)
    house.campaigns.flush(CAMPAIGN)

    assert ended
    assert campaigns == {CAMPAIGN}
    assert house.states() == dict.fromkeys((waiting, later), ("on_campaign", None))
    assert house.pauses.resume(by="Chitra") is None


def test_a_pause_ends_by_itself_at_its_time(house: House) -> None:
    order_id = synced(house, 1)
    house.pauses.pause(by="Asha", until=house.now + timedelta(minutes=30))
    house.campaigns.flush(CAMPAIGN)
    before = house.states()[order_id]
    house.pass_time(minutes=30)

    house.campaigns.flush(CAMPAIGN)

    assert before == ("waiting_for_hours", None)
    assert house.states()[order_id] == ("on_campaign", None)
    assert house.pauses.current() is None
    assert house.pauses.resume(by="Asha") is None


def test_until_kalimera_is_told_who_is_on_the_campaign_may_still_be_rung(house: House) -> None:
    synced(house, 1)
    house.campaigns.flush(CAMPAIGN)

    house.pauses.pause(by="Asha")

    asked = (Ending(CAMPAIGN, Outcome.ASKED, None),)
    assert effect(house) == Effect(0, ringing=1, ring_until=house.now + timedelta(hours=2), endings=asked)


def test_a_pause_between_the_campaigns_update_and_the_addition_lets_nobody_through(house: House) -> None:
    order_id = synced(house, 1)
    house.while_kalimera_answers(lambda: house.pauses.pause(by="Asha"))

    house.campaigns.flush(CAMPAIGN)

    assert house.kalimera.listings == []
    assert house.states()[order_id] == ("waiting_for_hours", None)


def test_a_pause_in_the_midst_of_a_batch_that_is_cut_in_pieces_stops_the_pieces(house: House) -> None:
    """The first addition is refused as a whole, and is to be sent again in halves."""
    orders = [synced(house, number) for number in range(1, 5)]
    house.kalimera.forget_contact(house.order(orders[0]).customer_phone)

    def pause_at_the_addition() -> None:
        house.while_kalimera_answers(lambda: house.pauses.pause(by="Asha"))

    house.while_kalimera_answers(pause_at_the_addition)

    house.campaigns.flush(CAMPAIGN)

    assert [call.method for call in house.kalimera.calls if call.path.endswith("/campaign/contacts")] == ["POST"]
    assert house.kalimera.listings == []
    assert house.states() == dict.fromkeys(orders, ("waiting_for_hours", None))


def test_a_second_pause_takes_the_place_of_the_first_and_counts_from_its_begin(house: House) -> None:
    began = house.now
    house.pauses.pause(by="Asha", why="one", until=house.now + timedelta(hours=1))
    house.pass_time(minutes=10)

    pause = house.pauses.pause(by="Bela", why="two")

    assert house.pauses.current() == pause
    assert (pause.since, pause.by, pause.why, pause.until) == (began, "Bela", "two", None)
    house.pauses.resume(by="Bela")
    assert house.pauses.current() is None


def test_a_pause_that_ended_does_not_begin_anew(house: House) -> None:
    house.pauses.pause(by="Asha", until=house.now + timedelta(hours=1))
    house.pass_time(hours=2)

    assert house.pauses.pause(by="Bela").since == house.now


def test_a_pause_cannot_end_in_the_past(house: House) -> None:
    with pytest.raises(InvalidRequest, match="end of the pause is past"):
        house.pauses.pause(by="Asha", until=house.now)

    assert house.pauses.current() is None


def test_a_pause_publishes_no_version(house: House) -> None:
    with house.db.read() as tx:
        before = house.decisions.policy(tx)

    house.pauses.pause(by="Asha")

    with house.db.read() as tx:
        paused = house.decisions.policy(tx)
    assert (before.when.paused, paused.when.paused) == (False, True)
    assert before.version == paused.version
