"""Where Kalimera rings by itself who was not reached (``KALIMERA_RINGS_AGAIN``): no call of ours follows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from belting import say
from house import House
from ordercall.config import read_settings
from ordercall.domain.calls.call import CallState
from ordercall.domain.policy.rules import Attempts
from ordercall.services import policy_service
from ordercall.storage.records import policies
from ordercall.storage.records.reports import Door
from rounds import placed, report, silence, states


@pytest.fixture
def shopify_settings() -> dict[str, str]:
    return {"KALIMERA_RINGS_AGAIN": "redials"}


def test_an_attempt_that_reached_nobody_leaves_the_call_open_for_the_next(house: House) -> None:
    order_id = placed(house)
    heard = [say(house, door=Door.API, shopify_id=order_id, connection="no_answer") for _ in range(2)]

    assert [one.fate for one in heard] == ["kept", "kept"]
    assert states(house, order_id) == [CallState.PLACED]
    report(house, order_id, answer="confirmed")
    assert states(house, order_id) == [CallState.ANSWERED]


def test_attempts_in_vain_are_a_silence_once_the_window_is_over(house: House) -> None:
    order_id = placed(house)
    report(house, order_id, connection="no_answer")
    silence(house, order_id)

    assert states(house, order_id) == [CallState.UNANSWERED]


@pytest.mark.parametrize(("value", "number"), [("no", 3), ("redials", 1), ("next-window", 1), ("both", 1)])
def test_no_call_follows_by_itself_where_kalimera_rings_again(house: House, value: str, number: int) -> None:
    settings = read_settings({"KALIMERA_RINGS_AGAIN": value})
    policy_service.bring_in_force(house.db, settings, house.now)
    with house.db.read() as tx:
        found = policies.newest(tx)
    assert found is not None

    written = replace(found.policy, attempts=Attempts(number=3))
    policy_service.publish(house.db, written, by="Asha", now=house.now)
    with house.db.read() as tx:
        after = policies.newest(tx)

    assert after is not None
    assert after.policy.attempts.number == number
    assert after.locks.get("attempts.number") == (None if value == "no" else "KALIMERA_RINGS_AGAIN")
