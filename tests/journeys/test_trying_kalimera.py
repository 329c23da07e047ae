"""The first real call beside a whole installation, at a Kalimera whose names are not ours."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from installation import HTTP, TOKEN, Installation
from ordercall.sandbox.kalimera import FakeKalimera, Listing
from ordercall.sandbox.orders import make_order
from ordercall.sandbox.other_names import OtherNames
from waiting import LONG, until

pytestmark = pytest.mark.journey

PHONE = "+919000000002"
FIRST_CALL = "/settings/first-call"
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


@pytest.mark.sqlite
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


@pytest.mark.sqlite
def test_a_number_is_rung_from_its_page_by_the_worker(shop: Installation, kalimera: FakeKalimera) -> None:
    shop.run("calls", "pause")
    with httpx.Client(base_url=shop.url, timeout=LONG, trust_env=False, follow_redirects=True) as person:
        send(person, "/login", "/login", username="admin", password="admin")
        page = str(send(person, FIRST_CALL, FIRST_CALL, phone=PHONE, language="hi").url)
        until(lambda: "Waits for your yes." in person.get(page).text, "Kalimera was looked at")
        assert kalimera.listings == []

        send(person, page, f"{page}/agree")
        until(lambda: kalimera.listings, "the number is on the list")
        said = {"contact_id": kalimera.listings[0].contact_id, "connection": "no_answer"}
        HTTP.post(f"{shop.url}/api/outcomes", json=said, headers={"X-App-Token": TOKEN}).raise_for_status()
        until(lambda: "The agent has reported." in person.get(page).text, "the report is shown")

    assert [(entry.phone, entry.agent_id) for entry in kalimera.listings] == [(PHONE, "sandbox-agent-hindi")]
    assert shop.rows("SELECT count(*) FROM orders") == [(0,)]


def send(person: httpx.Client, page: str, path: str, **said: str) -> httpx.Response:
    """Send a form as it stands on a page."""
    [token, *_] = re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', person.get(page).text)
    return person.post(path, data={"csrf_token": token} | said).raise_for_status()
