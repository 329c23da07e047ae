"""A shop whose Kalimera is not set up any more, such as a copy of its database on another machine."""

from __future__ import annotations

import pytest

from databases import ask
from house import House
from ordercall.sandbox.orders import make_order
from ordercall.storage.records import campaigns
from ordercall.storage.records.campaigns import ListingState

CAMPAIGN = "sandbox-campaign"


@pytest.fixture
def shopify_settings() -> dict[str, str]:
    return {"KALIMERA_AUTH_TOKEN": ""}


def test_who_waits_for_the_campaign_goes_on_waiting_and_kalimera_is_not_asked(house: House) -> None:
    order_id = house.receive(make_order(1))
    with house.db.begin() as tx:
        columns = "(shopify_id, campaign_id, language, contact_id, state, changed_at)"
        ask(tx, f"INSERT INTO listings {columns} VALUES (?, ?, 'en', 'c', 'waiting', 1)", order_id, CAMPAIGN)  # noqa: S608

    house.campaigns.flush(CAMPAIGN)

    with house.db.read() as tx:
        assert campaigns.place_of(tx, order_id) is ListingState.WAITING
    assert house.kalimera.calls == []
