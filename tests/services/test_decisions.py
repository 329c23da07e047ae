"""What is decided about an order's call is kept as it was, and the policy in force decides whether it rings."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from house import House
from ordercall.config import read_settings
from ordercall.domain.calls.call import CallState, Waits
from ordercall.domain.calls.calling import CallingHours, Language
from ordercall.domain.policy.rules import Agent, Payment, Policy
from ordercall.errors import ConfigurationError
from ordercall.sandbox.orders import make_order
from ordercall.services import policy_service
from ordercall.storage.records import decisions, policies
from ordercall.storage.records.decisions import Taken
from ordercall.storage.tables import calls


def taken(house: House, order_id: int) -> list[Taken]:
    with house.db.read() as tx:
        return decisions.of_order(tx, order_id)


def in_force(house: House) -> policies.Published:
    with house.db.read() as tx:
        found = policies.newest(tx)
    assert found is not None
    return found


def publish(house: House, **parts: Any) -> int:
    """Publish the policy in force with other parts, as a person would."""
    version, _ = policy_service.publish(house.db, replace(in_force(house).policy, **parts), by="a test", now=house.now)
    return version


NIGHTLY = (CallingHours(time(0), time(0, 10)),) * 7


def close(house: House) -> int:
    return publish(house, when=replace(in_force(house).policy.when, week=NIGHTLY))


def test_an_order_is_decided_about_when_it_comes_and_nothing_new_is_kept_while_that_stands(house: House) -> None:
    order_id = house.receive(make_order(1))
    house.sync.sync(order_id)
    house.campaigns.flush("sandbox-campaign")

    [decision] = taken(house, order_id)
    assert (decision.answer, decision.reason, decision.campaign_id) == ("call", None, "sandbox-campaign")
    assert decision.policy == in_force(house).policy.version
    assert house.states() == {order_id: ("on_campaign", None)}


def test_a_change_that_speaks_against_the_call_is_kept_as_another_decision(house: House) -> None:
    order_id = house.receive(make_order(1))
    house.sync.sync(order_id)
    house.receive(make_order(1) | {"test": True, "updated_at": "2027-01-01T00:00:00+05:30"}, "orders/updated")

    assert [(each.answer, each.reason) for each in taken(house, order_id)] == [("never", "test_order"), ("call", None)]


def test_decisions_are_erased_with_their_customer(house: House) -> None:
    order_id = house.receive(make_order(1))
    house.sync.sync(order_id)
    assert taken(house, order_id)

    house.request_erasure(order_id)
    house.do_erasures()

    assert taken(house, order_id) == []


def test_the_first_version_is_what_the_settings_say(house: House) -> None:
    found = in_force(house)

    assert (found.policy.version, found.by) == (1, "settings")
    assert found.policy == replace(policy_service.policy_of(house.settings), version=1)
    assert found.locks == policy_service.locks_of(house.settings)


def test_a_policy_that_is_published_before_the_list_is_asked_decides_about_the_order(house: House) -> None:
    order_id = house.receive(make_order(1))
    house.sync.sync(order_id)
    house.while_kalimera_answers(lambda: close(house))  # the campaign is being set by the version before

    house.campaigns.flush("sandbox-campaign")

    assert house.kalimera.listings == []
    assert house.states() == {order_id: ("waiting_for_hours", None)}
    assert any(said.startswith("Outside the calling hours: waits until ") for said in house.messages(order_id))


def test_a_clock_that_moves_on_between_two_looks_keeps_nobody_from_their_call(house: House) -> None:
    house.step = timedelta(milliseconds=1)
    order_id = house.receive(make_order(7))

    house.sync.sync(order_id)
    house.campaigns.flush("sandbox-campaign")

    assert house.states() == {order_id: ("on_campaign", None)}


def test_after_a_pause_the_order_goes_on_by_the_version_that_was_in_force(house: House) -> None:
    house.pauses.pause(by="Asha")
    order_id = house.receive(make_order(1))
    house.sync.sync(order_id)
    assert house.states() == {order_id: ("waiting_for_hours", None)}

    house.pauses.resume(by="Asha")
    house.pass_time(minutes=2)
    house.sync.sync(order_id)
    house.campaigns.flush("sandbox-campaign")

    assert house.states() == {order_id: ("on_campaign", None)}
    assert taken(house, order_id)[0].policy == in_force(house).policy.version == 1


@pytest.mark.parametrize(
    ("parts", "waits", "begins"),
    [
        (None, Waits.PAUSE, "Calling is paused: waits until it goes on."),
        ({"delay": timedelta(hours=1)}, Waits.DELAY, "The policy has more time pass before the call: waits until "),
        ({"week": NIGHTLY}, Waits.HOURS, "Outside the calling hours: waits until "),
    ],
)
def test_a_planned_call_says_what_it_waits_for(
    house: House, parts: dict[str, Any] | None, waits: Waits, begins: str
) -> None:
    if parts is None:
        house.pauses.pause(by="Asha")
    else:
        publish(house, when=replace(in_force(house).policy.when, **parts))
    order_id = house.receive(make_order(1))
    house.sync.sync(order_id)

    [call] = house.calls_of(order_id)
    assert (call.state, call.waits) == (CallState.PLANNED, waits)
    assert (call.not_before is None) == (waits is Waits.PAUSE)
    assert house.messages(order_id)[-1].startswith(begins)


def test_a_call_bears_the_version_of_the_policy_by_which_it_rings(house: House) -> None:
    order_id = house.receive(make_order(1))
    version = publish(house, who=replace(in_force(house).policy.who, countries=("IN",)))
    house.sync.sync(order_id)
    house.campaigns.flush("sandbox-campaign")

    with house.db.read() as tx:
        assert tx.execute(select(calls.c.policy_version)).scalars().all() == [version]


def test_an_order_that_was_known_in_part_is_judged_as_one_that_has_just_come(house: House) -> None:
    publish(house, who=replace(in_force(house).policy.who, countries=("DE",)))
    whole = make_order(1)
    order_id = house.receive({name: whole[name] for name in ("id", "name", "updated_at")})
    assert house.states() == {order_id: ("not_called", "partly_known")}

    house.receive(whole)

    assert house.states() == {order_id: ("not_called", "other_country")}


def test_an_order_on_its_way_is_not_called_once_the_policy_leaves_it_out(house: House) -> None:
    order_id = house.receive(make_order(1))
    house.sync.sync(order_id)
    publish(house, who=replace(in_force(house).policy.who, countries=("DE",)))

    house.campaigns.flush("sandbox-campaign")

    assert house.states() == {order_id: ("not_called", "other_country")}


def test_a_call_that_a_person_asks_for_is_not_bound_by_whom_the_policy_calls(house: House) -> None:
    publish(house, who=replace(in_force(house).policy.who, countries=("DE",)))
    order_id = house.receive(make_order(1))
    assert house.states() == {order_id: ("not_called", "other_country")}

    house.orders.request_sync(order_id, by="admin")
    house.sync.sync(order_id)
    house.campaigns.flush("sandbox-campaign")

    assert house.states() == {order_id: ("on_campaign", None)}
    assert [each.asked for each in taken(house, order_id)] == [True, False]


def test_what_the_environment_holds_stays_whatever_a_person_publishes(house: House) -> None:
    settings = read_settings(_environment("CALLING_HOURS", "10:00-12:00"))
    policy_service.bring_in_force(house.db, settings, house.now)
    held = in_force(house)

    publish(
        house, when=replace(held.policy.when, week=(CallingHours.parse("00:00-24:00"),) * 7, window=timedelta(hours=1))
    )

    after = in_force(house).policy.when
    assert (after.same_each_day, after.window) == (CallingHours.parse("10:00-12:00"), timedelta(hours=1))


def test_of_an_agent_the_environment_holds_the_id_that_it_names_and_a_person_the_other(house: House) -> None:
    policy_service.bring_in_force(house.db, read_settings({"KALIMERA_CAMPAIGN_ID": "held"}), house.now)
    written = replace(in_force(house).policy, agents=(Agent(language=Language.HINDI, agent_id="x", campaign_id="y"),))

    policy_service.publish(house.db, written, by="a test", now=house.now)
    policy_service.bring_in_force(house.db, read_settings({"KALIMERA_CAMPAIGN_ID": "held"}), house.now)

    found = in_force(house)
    assert found.locks == {
        "agents.en.campaign_id": "KALIMERA_CAMPAIGN_ID",
        "agents.hi.campaign_id": "KALIMERA_CAMPAIGN_ID",
    }
    assert [(agent.agent_id, agent.campaign_id) for agent in found.policy.agents] == [("", "held"), ("x", "held")]


def test_a_start_with_other_values_publishes_what_changed(house: House) -> None:
    before = in_force(house).policy.version
    settings = read_settings(_environment("MAX_ORDER_AGE_HOURS", "48"))

    policy_service.bring_in_force(house.db, settings, house.now)
    policy_service.bring_in_force(house.db, settings, house.now)

    found = in_force(house)
    assert (found.policy.version, found.by) == (before + 1, "environment")
    assert "who.max_age_hours: 24 → 48" in found.changed


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("MAX_ORDER_AGE_HOURS", "48", "MAX_ORDER_AGE_HOURS is another here"),
        ("KALIMERA_AGENT_ID_EN", "x", "KALIMERA_AGENT_ID_EN and KALIMERA_CAMPAIGN_ID is another here"),
    ],
)
def test_a_worker_whose_values_differ_from_those_of_a_living_one_refuses(
    house: House, name: str, value: str, said: str
) -> None:
    settings = read_settings(_environment(name, value))

    with pytest.raises(ConfigurationError, match=said):
        policy_service.bring_in_force(house.db, settings, house.now, others_live=True)


def test_a_draft_that_changes_nothing_makes_no_version(house: House) -> None:
    before = in_force(house).policy

    assert policy_service.publish(house.db, before, by="a test", now=house.now) == (before.version, [])


def test_only_what_is_to_be_collected_is_called_where_the_policy_says_so(house: House) -> None:
    publish(house, who=replace(in_force(house).policy.who, payment=Payment.TO_COLLECT))

    paid = {"payment_gateway_names": ["razorpay"], "financial_status": "paid", "total_outstanding": "0.00"}
    prepaid, on_delivery = house.receive(make_order(1, **paid)), house.receive(make_order(2))

    assert house.states() == {prepaid: ("not_called", "paid"), on_delivery: ("queued", None)}


def _environment(name: str, value: str) -> dict[str, str]:
    """Return what a start is told: the agents and campaign of the sandbox, and one more variable."""
    agents = {"KALIMERA_AGENT_ID_EN": "sandbox-agent-english", "KALIMERA_AGENT_ID_HI": "sandbox-agent-hindi"}
    return agents | {"KALIMERA_CAMPAIGN_ID": "sandbox-campaign", name: value}


def test_a_policy_without_an_agent_names_the_setting_that_is_missing() -> None:
    assert Policy().missing == ["KALIMERA_AGENT_ID_EN", "KALIMERA_AGENT_ID_HI", "KALIMERA_CAMPAIGN_ID"]
