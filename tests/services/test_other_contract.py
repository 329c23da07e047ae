"""A Kalimera with other names, by the file that the product and the sandbox are both told: from order to list."""

from __future__ import annotations

from pathlib import Path

import pytest

from house import House
from ordercall.sandbox.orders import make_order
from ordercall.sandbox.other_names import OtherNames

CONTRACT = """
[contact]
phone = "msisdn"
name = "full_name"
email = ""
metadata = "custom"

[metadata]
shopify_id = "order_id"

[campaign]
agent_id = "bot"
start_time = "opens"

[campaign_contacts]
campaign_ids = "campaigns"
contact_ids = "people"

[look_up]
phone = "msisdn"
campaign_id = "campaign"

[answer]
contact_id = "created.customer.ref"
"""


@pytest.fixture
def contract(tmp_path: Path) -> Path:
    file = tmp_path / "kalimera.toml"
    file.write_text(CONTRACT)
    return file


@pytest.fixture
def shopify_settings(contract: Path) -> dict[str, str]:
    return {"KALIMERA_CONTRACT": str(contract)}


def bring(house: House, **changes: object) -> int:
    order_id = house.receive(make_order(1001, **changes))
    house.sync.sync(order_id)
    house.campaigns.flush("sandbox-campaign")
    return order_id


def test_an_order_reaches_the_list_of_a_kalimera_with_other_names(house: House, contract: Path) -> None:
    house.kalimera.names = OtherNames.in_file(str(contract))

    order_id = bring(house, state="Gujarat")

    [listing] = house.kalimera.listings
    assert listing.agent_id == "sandbox-agent-hindi"
    assert house.kalimera.card(listing.contact_id)["shopify_id"] == order_id
    assert house.order(order_id).calling_state == "on_campaign"


def test_a_contact_that_exists_there_is_used_again(house: House, contract: Path) -> None:
    house.kalimera.names = OtherNames.in_file(str(contract))
    first = bring(house)
    second = house.receive(make_order(1001) | {"id": first + 1})

    house.sync.sync(second)

    assert house.order(second).contact_id == house.order(first).contact_id


def test_a_kalimera_with_other_names_does_not_understand_ours(house: House) -> None:
    house.kalimera.names = OtherNames({"contact": {"phone": "telephone"}})

    order_id = bring(house)

    assert house.order(order_id).calling_reason == "kalimera_refused"
