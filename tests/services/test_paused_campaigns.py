"""A campaign that a person pauses at Kalimera: nothing is sent to it, and its orders go on once it runs again."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from adding import CAMPAIGN, adds, contact_of, synced

from databases import ask
from house import House
from ordercall.domain.orders.order import Status
from ordercall.sandbox.kalimera import Campaign
from ordercall.sandbox.provider import Mode
from ordercall.services import policy_service

PAUSED = [{"status": "paused"}, {"data": {"campaign": {"state": "ON_HOLD"}}}, {"is_paused": True}]
RUNNING = [
    *({"status": "running"}, {"success": True, "data": {"state": "ACTIVE"}}, {"is_paused": False}),
    *({"status": "success", "campaign": {"agent_id": "sandbox-agent-en"}}, {"status": "completed"}),
]
SHOWS_NOTHING: list[tuple[Any, int]] = [
    *(({}, 200), ({"success": True}, 200), ({"status": "success", "data": None}, 200), ("OK", 200)),
    *(({"message": "No"}, 404), ({"message": "No"}, 405), ({"message": "Down"}, 500)),
]
WAITS, CALLED = ("waiting_for_hours", None), ("on_campaign", None)


def show(house: House, shown: Any, status: int = 200) -> None:
    house.gate.answers("GET", f"/kalimera/campaign/{CAMPAIGN}", shown, status)


def flush(house: House, **later: float) -> None:
    house.pass_time(**later)
    house.campaigns.flush(CAMPAIGN)


def paused(house: House, shown: Any = PAUSED[0], *, orders: int = 1) -> list[int]:
    """Have an order called, the campaign paused by hand, and others come after that; return those."""
    synced(house, 1)
    house.campaigns.flush(CAMPAIGN)
    show(house, shown)
    waiting = [synced(house, number) for number in range(2, 2 + orders)]
    house.campaigns.flush(CAMPAIGN)
    return waiting


def states(house: House, order_ids: list[int]) -> set[tuple[str, str | None]]:
    found = house.states()
    return {found[order_id] for order_id in order_ids}


def looks(house: House) -> int:
    return house.gate.answered["GET", f"/kalimera/campaign/{CAMPAIGN}"]


def sent(house: House) -> tuple[int, int]:
    """Return how many updates and additions have come."""
    return house.kalimera.campaign.updates, len(adds(house))


@pytest.mark.parametrize("shown", PAUSED, ids=str)
def test_an_order_of_a_campaign_that_a_person_paused_waits_and_nothing_is_sent(
    house: House, shown: dict[str, Any]
) -> None:
    waiting = paused(house, shown)

    assert (states(house, waiting), sent(house)) == ({WAITS}, (1, 1))
    assert house.messages(waiting[0])[-1] == "Its campaign is paused at Kalimera: waits until it goes on."


@pytest.mark.parametrize("running", RUNNING, ids=str)
def test_all_orders_go_on_by_themselves_once_it_is_seen_running(house: House, running: dict[str, Any]) -> None:
    waiting = paused(house, orders=5)
    show(house, running)

    flush(house, minutes=1)

    assert states(house, waiting) == {CALLED}
    assert len(adds(house)) == 2
    assert len(adds(house)[1]["contact_ids"]) == 5


def test_the_next_look_comes_by_itself_within_a_minute(house: House) -> None:
    paused(house)

    later = [at for _, at in house.jobs("flush_campaign") if at and at > house.now]
    assert later
    assert max(later) <= house.now + timedelta(minutes=1)


@pytest.mark.parametrize("answer", SHOWS_NOTHING, ids=str)
def test_a_look_that_shows_nothing_starts_nothing(house: House, answer: tuple[Any, int]) -> None:
    waiting = paused(house)
    show(house, *answer)

    for _ in range(3):
        flush(house, minutes=1)

    assert (states(house, waiting), sent(house)) == ({WAITS}, (1, 1))


def test_it_is_looked_at_once_a_minute_however_many_orders_come(house: House) -> None:
    paused(house)
    before = looks(house)

    for number in range(10, 20):
        synced(house, number)
        flush(house, seconds=5)

    assert looks(house) == before


def test_it_is_not_looked_at_less_often_after_the_clock_was_put_back(house: House) -> None:
    waiting = paused(house)
    show(house, RUNNING[0])

    flush(house, hours=-3)

    assert states(house, waiting) == {CALLED}


@pytest.mark.parametrize("later", [{"minutes": 2}, {"hours": 3}, {"days": 2}], ids=str)
def test_a_worker_that_starts_anew_knows_that_it_is_paused(house: House, later: dict[str, float]) -> None:
    """Out of its window a campaign may say so by itself: only who saw it within the window knows better."""
    waiting = paused(house)
    house.restart_worker()

    flush(house, **later)

    assert (states(house, waiting), sent(house)) == ({WAITS}, (1, 1))


def test_a_worker_that_starts_anew_has_all_go_on_that_waited(house: House) -> None:
    waiting = paused(house, orders=3)
    house.restart_worker()
    show(house, RUNNING[0])

    flush(house, minutes=2)

    assert states(house, waiting) == {CALLED}


def test_a_campaign_that_says_so_only_since_its_window_is_over_is_set_again(house: House) -> None:
    synced(house, 1)
    house.campaigns.flush(CAMPAIGN)
    house.pass_time(hours=3)
    show(house, PAUSED[0])
    order_id = synced(house, 2)

    house.campaigns.flush(CAMPAIGN)

    assert (house.states()[order_id], house.kalimera.campaign.updates) == (CALLED, 2)


def test_an_update_that_got_no_answer_is_not_repeated_on_a_campaign_that_was_paused_meanwhile(house: House) -> None:
    synced(house, 1)
    house.campaigns.flush(CAMPAIGN)
    house.pass_time(minutes=40)  # so that the window is to be moved
    order_id = synced(house, 2)
    house.kalimera.fail_next(1, Mode.NORMAL)
    house.kalimera.fail_next(1, Mode.LOST)
    house.campaigns.flush(CAMPAIGN)
    updates = house.kalimera.campaign.updates
    show(house, PAUSED[0])

    flush(house, minutes=2)

    assert (house.states()[order_id], house.kalimera.campaign.updates) == (WAITS, updates)


def test_who_may_be_on_its_list_is_looked_up_while_it_is_paused(house: House) -> None:
    [order_id] = paused(house)
    with house.db.begin() as tx:
        ask(tx, "UPDATE listings SET state = 'adding', changed_at = 0 WHERE shopify_id = ?", order_id)
        ask(tx, "UPDATE calls SET state = 'placing' WHERE state = 'planned'")
    house.kalimera.campaign.contact_ids.add(contact_of(house, order_id))

    flush(house, minutes=1)

    assert house.states()[order_id] == CALLED


def test_a_pause_of_all_calls_does_not_end_the_window_of_a_campaign_that_a_person_paused(house: House) -> None:
    """Ending it is an update, too; once it runs again its window is ended."""
    paused(house)
    house.pauses.pause(by="a person")
    house.campaigns.flush(CAMPAIGN)
    assert house.kalimera.campaign.updates == 1

    show(house, RUNNING[0])
    flush(house, minutes=1)

    assert house.kalimera.campaign.updates == 2


def test_orders_that_waited_too_long_are_judged_anew(house: House) -> None:
    waiting = paused(house, orders=2)
    house.orders.change_status(waiting[0], Status.SUCCESS, by="a person")
    show(house, RUNNING[0])

    flush(house, minutes=1)

    assert states(house, waiting[1:]) == {CALLED}
    assert house.states()[waiting[0]] != CALLED


def test_a_person_who_says_that_it_runs_is_believed_out_of_its_window(house: House) -> None:
    waiting = paused(house)
    house.pass_time(hours=3)

    house.pauses.campaign_goes_on(CAMPAIGN)
    house.campaigns.flush(CAMPAIGN)

    assert states(house, waiting) == {CALLED}


def test_a_person_who_says_that_it_runs_starts_nothing_that_is_seen_paused_within_its_window(house: House) -> None:
    waiting = paused(house)

    house.pauses.campaign_goes_on(CAMPAIGN)
    house.campaigns.flush(CAMPAIGN)

    assert (states(house, waiting), sent(house)) == ({WAITS}, (1, 1))


def test_who_was_corrected_meanwhile_waits_for_it_as_before(house: House) -> None:
    [order_id] = paused(house)
    corrected = {"phone": "+915550000190", "updated_at": "2036-11-24T13:00:00+05:30"}
    house.receive(json.loads(house.bodies(order_id)[0] or b"") | corrected, "orders/updated")
    house.sync.sync(order_id)

    flush(house, minutes=1)
    assert (states(house, [order_id]), sent(house)) == ({WAITS}, (1, 1))
    show(house, RUNNING[0])
    flush(house, minutes=1)

    assert (states(house, [order_id]), house.kalimera.listings[-1].phone) == ({CALLED}, "+915550000190")


def test_whose_agent_rings_on_another_campaign_by_now_does_not_wait_for_this_one(house: House) -> None:
    waiting = paused(house, orders=2)
    house.kalimera.campaigns["another"] = Campaign("another")
    house.settings = replace(house.settings, kalimera_campaign_id="another")
    policy_service.bring_in_force(house.db, house.settings, house.now)
    house.restart_worker()

    flush(house, minutes=1)
    for order_id in waiting:
        house.sync.sync(order_id)
    house.campaigns.flush("another")

    assert (states(house, waiting), house.kalimera.campaign.updates) == ({CALLED}, 1)


def test_one_alarm_names_the_campaign(house: House, caplog: pytest.LogCaptureFixture) -> None:
    paused(house, orders=3)
    flush(house, minutes=1)
    flush(house, minutes=1)

    alarms = [record.getMessage() for record in caplog.records if "is paused at Kalimera" in record.getMessage()]
    assert [CAMPAIGN in alarm for alarm in alarms] == [True]
