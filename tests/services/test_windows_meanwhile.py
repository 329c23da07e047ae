"""What happens while a pause ends a window: calls that go on, additions, dying workers, other workers and shops."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from databases import ask
from house import House
from ordercall.domain.calls.call import CallState, Follows
from ordercall.domain.calls.pausing import Outcome
from ordercall.sandbox.orders import make_order
from ordercall.sandbox.provider import Mode
from ordercall.storage.records import campaigns, window_endings
from rounds import CAMPAIGN, effect, go_on, last, pause, placed, puts, states, sweep

GRACE, HINDI = timedelta(minutes=16), "hindi"


@pytest.fixture
def shopify_settings() -> dict[str, str]:
    return {"CALLING_HOURS": "09:00-21:00", "KALIMERA_CAMPAIGN_ID_HI": HINDI}


def test_a_resume_before_the_put_leaves_the_window_open(house: House) -> None:
    placed(house)
    house.pauses.pause(by="Asha")
    house.pauses.resume(by="Bela")

    house.campaigns.flush(CAMPAIGN)

    assert puts(house) == 1


def test_a_pause_that_has_ended_by_itself_ends_no_window(house: House) -> None:
    placed(house)
    house.pauses.pause(by="Asha", until=house.now + timedelta(minutes=1))
    house.pass_time(minutes=2)

    house.campaigns.flush(CAMPAIGN)

    assert puts(house) == 1


def test_a_resume_during_the_put_calls_those_again_whom_it_cut_off(house: House) -> None:
    order_id = placed(house)
    house.pauses.pause(by="Asha")
    house.while_kalimera_answers(lambda: house.pauses.resume(by="Bela"))
    house.campaigns.flush(CAMPAIGN)

    sweep(house)
    go_on(house, order_id)

    assert (last(house, order_id).state, len(house.kalimera.listings)) == (CallState.PLACED, 2)


def test_a_pause_during_the_addition_ends_the_window_of_those_who_were_added(house: House) -> None:
    order_id = house.receive(make_order(1, state="Kerala"))
    house.sync.sync(order_id)

    def at_the_addition() -> None:
        house.while_kalimera_answers(lambda: house.pauses.pause(by="Asha"))

    house.while_kalimera_answers(at_the_addition)
    house.campaigns.flush(CAMPAIGN)
    house.campaigns.flush(CAMPAIGN)

    assert len(house.kalimera.listings) == 1
    assert (last(house, order_id).window_end, effect(house).cut_off) == (house.now, 1)


def test_a_window_that_opens_for_nobody_is_ended_too(house: House) -> None:
    house.sync.sync(house.receive(make_order(1, state="Kerala")))
    house.while_kalimera_answers(lambda: house.pauses.pause(by="Asha"))
    house.campaigns.flush(CAMPAIGN)
    house.campaigns.flush(CAMPAIGN)

    assert house.kalimera.listings == []
    assert house.kalimera.campaign.end == house.now


def test_where_nothing_is_open_nobody_is_told(house: House) -> None:
    house.sync.sync(house.receive(make_order(1, state="Kerala")))
    pause(house)

    assert (puts(house), effect(house).endings) == (0, ())


def test_what_a_dying_worker_had_begun_to_tell_is_told_once_more_and_makes_nobody_silent(house: House) -> None:
    order_id = placed(house)
    house.pauses.pause(by="Asha")
    with house.db.begin() as tx:
        campaigns.announce_update(tx, CAMPAIGN, now=house.now)
        window_endings.may_cut_off(tx, CAMPAIGN, house.now)
    house.pass_time(minutes=1)

    house.campaigns.flush(CAMPAIGN)

    call = last(house, order_id)
    assert (puts(house), call.window_end, call.cut_off_at) == (2, house.now, house.now)
    assert house.kalimera.campaign.agent_id == "sandbox-agent-english"


def test_who_may_have_been_cut_off_by_a_dying_worker_is_rung_again_after_their_own_window(house: House) -> None:
    order_id = placed(house)
    house.pauses.pause(by="Asha")
    with house.db.begin() as tx:
        window_endings.may_cut_off(tx, CAMPAIGN, house.now)
    house.pauses.resume(by="Asha")

    sweep(house, timedelta(hours=2) + GRACE)

    assert (last(house, order_id).state, last(house, order_id).follows) == (CallState.PLANNED, Follows.PAUSE)


def test_a_pause_passes_a_flush_that_waits_for_its_next_try(house: House) -> None:
    placed(house)
    with house.db.begin() as tx:
        house.worker.jobs.flush_campaign(tx, CAMPAIGN, at=house.now + timedelta(minutes=5))
    house.pauses.pause(by="Asha")

    with house.db.read() as tx:
        lines = ask(tx, "SELECT queueing_lock, priority FROM procrastinate_jobs WHERE task_name = 'flush_campaign'")
        priorities = {row[0].removeprefix(f"flush:{CAMPAIGN}"): row[1] for row in lines}

    assert priorities[":pause"] > priorities[":later"]


def test_an_open_window_that_nobody_told_is_found_by_the_net(house: House) -> None:
    placed(house)
    house.pauses.pause(by="Asha")
    with house.db.begin() as tx:
        tx.exec_driver_sql("DELETE FROM procrastinate_jobs")

    house.campaigns.wake()

    assert len(house.jobs("flush_campaign")) == 1


def test_times_are_whole_seconds_and_in_order(house: House) -> None:
    placed(house)
    house.now = datetime.fromisoformat("2026-11-24T12:00:00.999999+05:30")
    pause(house)

    assert house.kalimera.campaign.end == house.now.replace(microsecond=0)
    assert effect(house).endings[0].outcome is Outcome.ENDED


def test_what_another_worker_announced_meanwhile_keeps_the_calls_open(house: House) -> None:
    order_id = placed(house)
    until = last(house, order_id).may_ring_until
    house.pauses.pause(by="Asha")

    def another_worker_tells() -> None:
        with house.db.begin() as tx:
            campaigns.announce_update(tx, CAMPAIGN, now=house.now + timedelta(seconds=5))

    house.while_kalimera_answers(another_worker_tells)
    house.campaigns.flush(CAMPAIGN)

    assert last(house, order_id).may_ring_until == until
    assert effect(house).endings[0].outcome is Outcome.ASKED


def test_a_shop_tells_nothing_of_a_sandboxs_orders(house: House) -> None:
    order_id = placed(house)
    with house.db.begin() as tx:
        ask(tx, "UPDATE orders SET is_demo = 1")
    pause(house)

    assert (puts(house), last(house, order_id).cut_off_at, effect(house).endings) == (1, None, ())


def test_a_campaign_of_which_nothing_was_heard_for_a_day_is_left_alone(house: House) -> None:
    with house.db.begin() as tx:
        campaigns.announce_update(tx, CAMPAIGN, now=house.now - timedelta(days=1))
        campaigns.announce_update(tx, HINDI, now=house.now - timedelta(hours=23))

    house.pauses.pause(by="Asha")

    assert [ending.campaign_id for ending in effect(house).endings] == [HINDI]


@pytest.mark.parametrize("then", [Mode.NORMAL, Mode.THROTTLED], ids=["and again", "and then is busy"])
def test_an_end_that_kalimera_took_and_did_not_show_makes_nobody_silent(house: House, then: Mode) -> None:
    order_id = placed(house)
    as_before = {"end_time": "2026-11-24T14:00:00+05:30"}
    house.gate.says_once("PUT", f"/kalimera/campaign/{CAMPAIGN}", as_before)
    house.kalimera.fail_next(1, Mode.NORMAL)
    house.kalimera.fail_next(1, then)
    if then is Mode.NORMAL:
        house.gate.answers("PUT", f"/kalimera/campaign/{CAMPAIGN}", as_before)
    house.pass_time(minutes=30)
    pause(house)
    house.pauses.resume(by="Asha")

    sweep(house, timedelta(hours=2) + GRACE)

    assert states(house, order_id) == [CallState.PLANNED, CallState.ENDED_UNKNOWN]
