"""The first real call beside a whole installation, at a Kalimera whose names are not ours."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from installation import HTTP, TOKEN, Installation
from ordercall.sandbox.kalimera import FakeKalimera, Listing
from ordercall.sandbox.orders import make_order
from ordercall.sandbox.other_names import OtherNames
from waiting import until

pytestmark = pytest.mark.journey

PHONE = "+919000000002"
CONTRACT = """
[contact]
phone = "msisdn"
metadata = "custom"
[campaign]
agent_id = "bot"
[campaign_contacts]
contact_ids = "people"
[answer]
contact_id = "made.customer.ref"
"""


@pytest.fixture
def shop(install: Callable[..., Installation], kalimera: FakeKalimera, tmp_path: Path) -> Installation:
    """An installation that runs, and was told the names of this Kalimera."""
    (file := tmp_path / "kalimera.toml").write_text(CONTRACT)
    kalimera.names = OtherNames.in_file(str(file))
    installation = install(KALIMERA_CONTRACT=str(file))
    installation.start()
    installation.wait_for_workers()
    return installation


def test_a_shop_calls_by_the_names_of_its_contract(shop: Installation, kalimera: FakeKalimera) -> None:
    shop.deliver(make_order(1001, state="Gujarat"))

    until(shop.on_campaign, "the order is on the campaign")

    assert [entry.agent_id for entry in kalimera.listings] == ["sandbox-agent-hindi"]


def test_a_number_is_tried_while_calls_are_paused_and_its_report_is_shown(
    shop: Installation, kalimera: FakeKalimera
) -> None:
    def agent_reports(listing: Listing) -> None:
        said = {"contact_id": listing.contact_id, "connection": "no_answer"}
        assert HTTP.post(f"{shop.url}/api/outcomes", json=said, headers={"X-App-Token": TOKEN}).status_code == 200

    kalimera.on_listed.append(agent_reports)
    with pytest.raises(AssertionError, match="A worker is at work"):
        shop.run("kalimera", "try", PHONE, "--yes")
    shop.run("calls", "pause")

    shown = shop.run("kalimera", "try", PHONE, "--yes", "--wait", "1")

    assert '"people"' in shown
    assert '"connection": "no_answer"' in shown
    assert "Fate: Needs a person." in shown
    assert [entry.phone for entry in kalimera.listings] == [PHONE]
    assert shop.rows("SELECT count(*) FROM orders") == [(0,)]
