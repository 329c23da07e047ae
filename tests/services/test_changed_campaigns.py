"""A campaign that somebody changed at Kalimera, by hand or by another program."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from adding import ASIDE, CAMPAIGN, adds, synced

from house import House


@pytest.mark.parametrize(
    "shown",
    [
        {"agent_id": "somebody-elses"},
        {"data": {"agent": {"id": "somebody-elses"}}},
        {"data": [{"assistant_id": "somebody-elses"}]},
        {"end_time": 1_795_990_000},
    ],
)
def test_a_campaign_that_was_given_another_agent_by_hand_is_set_again_before_anybody_is_added(
    house: House, shown: dict[str, Any]
) -> None:
    synced(house, 1)
    house.campaigns.flush(CAMPAIGN)
    house.gate.answers("GET", f"/kalimera/campaign/{CAMPAIGN}", shown)
    synced(house, 2)

    house.campaigns.flush(CAMPAIGN)

    assert house.kalimera.campaign.updates == 2


def test_a_campaign_whose_window_was_moved_by_hand_is_set_again(house: House) -> None:
    synced(house, 1)
    house.campaigns.flush(CAMPAIGN)
    house.kalimera.campaign.end = house.now
    synced(house, 2)

    house.campaigns.flush(CAMPAIGN)

    assert house.kalimera.campaign.updates == 2


@pytest.mark.parametrize("status", [404, 405, 500])
def test_a_campaign_that_is_not_shown_is_looked_at_once_and_no_order_waits_for_that(house: House, status: int) -> None:
    ids = []
    for number in (1, 2, 3):
        house.gate.answers("GET", f"/kalimera/campaign/{CAMPAIGN}", {"message": "No"}, status)
        ids.append(synced(house, number))
        house.campaigns.flush(CAMPAIGN)

    assert [house.states()[order_id] for order_id in ids] == [("on_campaign", None)] * 3
    assert house.kalimera.campaign.updates == 1


def test_an_answer_with_the_campaign_as_it_was_before_has_it_set_once_more(house: House) -> None:
    order_id = synced(house, 1)
    before = {"success": True, "campaign": {"agent_id": "sandbox-agent-before", "end_time": "2026-11-01T10:00:00Z"}}
    house.gate.says_once("PUT", f"/kalimera/campaign/{CAMPAIGN}", before)

    house.campaigns.flush(CAMPAIGN)

    assert (house.states()[order_id], house.kalimera.campaign.updates) == (("on_campaign", None), 2)


@pytest.mark.parametrize(
    "answer", [{"agent_id": "somebody-elses"}, {"data": {"agentId": 7}}, {"end_time": "2026-11-25T04:00:00+05:30"}]
)
def test_an_update_whose_answers_show_something_else_rings_nobody(house: House, answer: dict[str, Any]) -> None:
    order_id = synced(house, 1)
    house.gate.answers("PUT", f"/kalimera/campaign/{CAMPAIGN}", answer)

    house.campaigns.flush(CAMPAIGN)

    assert (house.states()[order_id], adds(house)) == (ASIDE, [])
    assert f"shows another agent or window than was sent. See to the campaign {CAMPAIGN}" in (
        house.order(order_id).calling_detail
    )


@pytest.mark.parametrize(
    "answer", [{"agent": "Asha"}, {"agent_name": "Asha"}, {"end": "2026-12-31T00:00:00"}, {"agent_id": None}, "OK"]
)
def test_an_answer_that_names_other_things_is_no_contradiction(house: House, answer: Any) -> None:
    order_id = synced(house, 1)
    house.gate.says_once("PUT", f"/kalimera/campaign/{CAMPAIGN}", answer)

    house.campaigns.flush(CAMPAIGN)

    assert (house.states()[order_id], house.kalimera.campaign.updates) == (("on_campaign", None), 1)


@pytest.mark.parametrize("written", ["{:%Y-%m-%dT%H:%M:%S}", "{:%Y-%m-%dT%H:%M:%SZ}"])
def test_an_end_that_is_written_in_the_policys_zone_is_the_one_that_was_sent(house: House, written: str) -> None:
    house.publish("when", zone=(zone := ZoneInfo("Asia/Dubai")))
    shown = {"end_time": written.format((house.now + timedelta(hours=2)).astimezone(zone))}
    house.gate.says_once("PUT", f"/kalimera/campaign/{CAMPAIGN}", shown)
    house.gate.answers("GET", f"/kalimera/campaign/{CAMPAIGN}", shown)

    for number in (1, 2):
        order_id = synced(house, number)
        house.campaigns.flush(CAMPAIGN)
        assert house.states()[order_id] == ("on_campaign", None)

    assert house.kalimera.campaign.updates == 1
