"""What the worker examines for a page: as the command does, within its time, and nothing that may not be stored."""

from __future__ import annotations

import socket
from datetime import UTC, datetime

import pytest
from practice import Practice, bad

from ordercall.doctor import CHECKS, OF_THE_MACHINE, Finding, examine_in_worker
from ports import free_port

HUSH = "hush-q7Wd92kLx0aVt5Zr8Pm3"

pytestmark = pytest.mark.sqlite


def examined(practice: Practice, *, seconds: float = 30.0, **changes: str) -> list[Finding]:
    return list(examine_in_worker(practice.settings(**changes), lambda: datetime.now(UTC), seconds=seconds))


def test_the_worker_finds_what_the_command_finds_but_what_needs_the_machine(practice: Practice) -> None:
    practice.make_database()
    practice.beat(datetime.now(UTC))

    ours, all_of_it = ({found.check for found in found} for found in (examined(practice), practice.examine()))

    assert CHECKS.keys() >= OF_THE_MACHINE
    assert all_of_it - ours == {"settings", "database", "disk"} | ({"proxy"} & all_of_it)
    assert ours <= all_of_it


def test_a_check_that_hangs_is_told_of_and_those_after_it_are_carried_out(practice: Practice) -> None:
    practice.make_database()
    with socket.create_server(("127.0.0.1", 0)) as never_answers:
        silent = f"http://127.0.0.1:{never_answers.getsockname()[1]}/contact"
        found = examined(practice, seconds=1.0, KALIMERA_CONTACT_URL=silent)

    [late] = [each for each in found if each.check == "Kalimera" and "No end" in each.message]
    assert (late.message, late.mend) == ("No end of this check within 1 s.", "Run: ordercall doctor")
    assert found[-1].check == list(CHECKS)[-1]


def test_what_an_address_says_of_a_password_or_a_key_is_not_told(practice: Practice) -> None:
    address = f"http://shop:S3cret@127.0.0.1:{free_port()}/contact?key=S3cret"

    for found in (practice.examine(KALIMERA_CONTACT_URL=address), examined(practice, KALIMERA_CONTACT_URL=address)):
        assert ("Kalimera", "FAIL") in bad(found)
        assert "S3cret" not in str(found)


def test_a_secret_that_a_finding_happens_to_name_is_hidden(practice: Practice) -> None:
    practice.make_database()

    found = examined(practice, KALIMERA_CAMPAIGN_ID=HUSH, SYNC_API_TOKEN=HUSH)

    [agents] = [each.message for each in found if "campaigns and agents are set" in each.message]
    assert "by campaign •••" in agents
    assert "hush" not in str(found)
