"""A pause ends the open windows by one PUT each: nobody is rung any more, and nobody's silence comes of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from house import House
from ordercall.domain.calls.call import CallState, Follows, Waits
from ordercall.domain.calls.pausing import Ending, Outcome
from ordercall.domain.orders.order import Status
from ordercall.sandbox.kalimera import Campaign
from ordercall.sandbox.orders import make_order
from ordercall.sandbox.provider import Mode
from ordercall.storage.records.pauses import Effect
from rounds import CAMPAIGN, effect, go_on, last, pause, placed, puts, report, states, sweep

PUT = ("PUT", f"/kalimera/campaign/{CAMPAIGN}")
GRACE, HINDI = timedelta(minutes=16), "hindi"


@pytest.fixture
def shopify_settings() -> dict[str, str]:
    return {"CALLING_HOURS": "09:00-21:00", "KALIMERA_CAMPAIGN_ID_HI": HINDI}


# -- Kalimera takes it


def test_one_put_ends_the_open_window_now(house: House) -> None:
    order_id = placed(house)
    house.pass_time(minutes=30)
    pause(house)

    campaign, call = house.kalimera.campaign, last(house, order_id)
    assert (campaign.start, campaign.end) == (house.now - timedelta(minutes=1), house.now)
    assert campaign.agent_id == "sandbox-agent-english"
    assert (call.state, call.window_end, call.may_ring_until) == (CallState.PLACED, house.now, house.now)
    assert effect(house) == Effect(0, 0, None, cut_off=1, endings=(Ending(CAMPAIGN, Outcome.ENDED, None),))
    house.campaigns.flush(CAMPAIGN)
    assert puts(house) == 2


def test_each_campaign_is_told_with_its_own_agent_and_one_refusal_holds_up_no_other(house: House) -> None:
    house.kalimera.campaigns[HINDI] = Campaign(HINDI)
    placed(house)
    order_id = house.receive(make_order(2, state="Gujarat"))
    house.sync.sync(order_id)
    house.campaigns.flush(HINDI)
    house.gate.answers(*PUT, {"message": "No"}, 422)
    house.pauses.pause(by="Asha")
    for arguments, _ in house.jobs("flush_campaign"):
        house.campaigns.flush(arguments["campaign_id"])

    hindi = house.kalimera.campaigns[HINDI]
    assert {one.campaign_id: one.outcome for one in effect(house).endings} == {
        CAMPAIGN: Outcome.REFUSED,
        HINDI: Outcome.ENDED,
    }
    assert (hindi.agent_id, hindi.end, effect(house).ringing) == ("sandbox-agent-hindi", house.now, 1)


def test_who_was_cut_off_is_rung_after_the_pause_and_no_attempt_is_used_up(house: House) -> None:
    house.publish("attempts", number=2, gaps=(timedelta(hours=1),))
    order_id = placed(house)
    pause(house)

    sweep(house)
    again = last(house, order_id)
    assert states(house, order_id) == [CallState.PLANNED, CallState.ENDED_UNKNOWN]
    assert (again.follows, again.attempt) == (Follows.PAUSE, 1)
    assert "Call_Unanswered" not in house.events(order_id)
    go_on(house, order_id)
    assert (last(house, order_id).waits, len(house.kalimera.listings)) == (Waits.PAUSE, 1)

    house.pauses.resume(by="Asha")
    go_on(house, order_id)
    assert (last(house, order_id).state, len(house.kalimera.listings)) == (CallState.PLACED, 2)

    sweep(house, timedelta(hours=2) + GRACE)
    assert states(house, order_id)[:2] == [CallState.PLANNED, CallState.UNANSWERED]
    assert (last(house, order_id).follows, last(house, order_id).attempt) == (Follows.SILENCE, 2)


def test_a_pause_of_seconds_rings_nobody_who_may_still_be_talking(house: House) -> None:
    order_id = placed(house)
    pause(house)
    house.pauses.resume(by="Asha")
    go_on(house, order_id)
    house.calls.see_silence()
    assert (last(house, order_id).state, len(house.kalimera.listings)) == (CallState.PLACED, 1)

    sweep(house)
    go_on(house, order_id)
    assert (last(house, order_id).state, len(house.kalimera.listings)) == (CallState.PLACED, 2)


def test_a_campaign_that_goes_on_meanwhile_does_not_keep_a_cut_off_call_open(house: House) -> None:
    order_id, other = placed(house), 2
    pause(house)
    cut_at = house.now
    house.pauses.resume(by="Asha")
    house.pass_time(minutes=2)
    go_on(house, house.receive(make_order(other, state="Kerala")))

    assert puts(house) == 3
    assert last(house, order_id).may_ring_until == cut_at


@pytest.mark.parametrize(
    ("after", "word", "status"),
    [(timedelta(minutes=5), "confirmed", Status.SUCCESS), (timedelta(hours=1), "refused", Status.FAILED)],
    ids=["in the grace", "later"],
)
def test_an_answer_from_before_the_pause_counts(house: House, after: timedelta, word: str, status: Status) -> None:
    order_id = placed(house)
    pause(house)
    sweep(house, after)

    report(house, order_id, answer=word)

    assert house.order(order_id).confirmation_status == status
    assert not [call for call in house.calls_of(order_id) if call.state.live]


def test_who_was_rung_in_vain_before_the_pause_has_used_up_that_attempt(house: House) -> None:
    order_id = placed(house)
    pause(house)
    report(house, order_id, connection="no_answer")

    sweep(house)

    assert states(house, order_id) == [CallState.UNANSWERED]


def test_many_calls_that_were_cut_off_say_nothing_of_the_road_back(house: House) -> None:
    ids = [house.receive(make_order(number, state="Kerala")) for number in range(1, 22)]
    for order_id in ids:
        house.sync.sync(order_id)
    house.campaigns.flush(CAMPAIGN)
    pause(house)

    sweep(house)

    assert {last(house, order_id).follows for order_id in ids} == {Follows.PAUSE}


def test_a_call_that_was_cut_off_while_nobody_could_hear_is_a_persons(house: House) -> None:
    order_id = placed(house)
    pause(house)
    house.calls.see_silence()
    house.pass_time(minutes=30)  # nobody runs

    house.calls.see_silence()

    assert states(house, order_id) == [CallState.ENDED_UNKNOWN]
    assert house.order(order_id).calling_reason == "not_heard"


def test_a_call_whose_own_window_was_over_is_silent_all_the_same(house: House) -> None:
    order_id = placed(house)
    house.run_until(house.now + timedelta(hours=2, minutes=5))
    pause(house)

    sweep(house)

    assert states(house, order_id) == [CallState.UNANSWERED]


# -- Kalimera does not take it


def test_a_refusal_keeps_the_end_and_its_words_are_shown(house: House) -> None:
    order_id = placed(house)
    until = last(house, order_id).may_ring_until
    house.gate.answers(*PUT, {"message": "end_time must be in the future"}, 422)
    pause(house)

    [ending] = effect(house).endings
    assert (ending.outcome, "end_time must be in the future" in (ending.words or "")) == (Outcome.REFUSED, True)
    assert (effect(house).ringing, effect(house).ring_until) == (1, until)
    call = last(house, order_id)
    assert (call.window_end, call.may_ring_until, call.cut_off_at) == (until, until, None)
    house.campaigns.flush(CAMPAIGN)
    assert puts(house) == 1

    sweep(house, timedelta(hours=2) + GRACE)
    assert states(house, order_id) == [CallState.UNANSWERED]


def test_an_unclear_answer_keeps_the_end_makes_nobody_silent_and_is_asked_again(house: House) -> None:
    order_id = placed(house)
    until = last(house, order_id).may_ring_until
    house.kalimera.fail_next(1, Mode.LOST)
    pause(house)

    assert [ending.outcome for ending in effect(house).endings] == [Outcome.UNCLEAR]
    assert (effect(house).ringing, last(house, order_id).may_ring_until) == (1, until)
    assert [at for _, at in house.jobs("flush_campaign") if at]

    house.pauses.resume(by="Asha")
    sweep(house, timedelta(hours=2) + GRACE)
    assert (states(house, order_id), last(house, order_id).follows) == (
        [CallState.PLANNED, CallState.ENDED_UNKNOWN],
        Follows.PAUSE,
    )


def test_the_next_try_after_an_unclear_answer_ends_the_window(house: House) -> None:
    order_id = placed(house)
    house.kalimera.fail_next(1, Mode.LOST)
    pause(house)
    house.pass_time(seconds=10)

    house.campaigns.flush(CAMPAIGN)

    assert (last(house, order_id).window_end, effect(house).ringing) == (house.now, 0)


def test_a_busy_kalimera_is_asked_again_and_the_reason_is_shown(house: House) -> None:
    order_id = placed(house)
    house.kalimera.fail_next(1, Mode.THROTTLED)
    pause(house)

    [ending] = effect(house).endings
    assert (ending.outcome, bool(ending.words)) == (Outcome.ASKED, True)
    assert last(house, order_id).cut_off_at is None
    assert [at for _, at in house.jobs("flush_campaign") if at]


def test_a_refused_token_leaves_it_to_be_told(house: House) -> None:
    placed(house)
    house.kalimera.token = "Bearer another"
    pause(house)

    [ending] = effect(house).endings
    assert (ending.outcome, "401" in (ending.words or "")) == (Outcome.ASKED, True)
    assert [at for _, at in house.jobs("flush_campaign") if at]
