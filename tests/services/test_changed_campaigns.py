"""A campaign that somebody changed at Kalimera, by hand or by another program."""

from __future__ import annotations

from typing import Any

import pytest
from adding import CAMPAIGN, synced

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
