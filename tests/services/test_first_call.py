"""The first real call, step by step, against a Kalimera over real HTTP: what it does there, and what keeps it away."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from databases import ask
from house import House
from ordercall.domain.activity import ProviderCall
from ordercall.domain.calls.first_call import Step
from ordercall.domain.do_not_call import Source
from ordercall.domain.reports.fates import Fate, Why
from ordercall.jobs.engine import JobEngine
from ordercall.providers.kalimera.client import KalimeraClient
from ordercall.sandbox.orders import fictional_phone, make_order
from ordercall.sandbox.other_names import OtherNames
from ordercall.services.first_call import FirstCall
from ordercall.services.first_call_check import BY
from ordercall.storage.records import paused_campaigns
from ordercall.storage.records.campaigns import last_settings
from ordercall.storage.records.reports import Door, Incoming

NUMBER = 1001
PHONE = fictional_phone(7)


@pytest.fixture
def first_call(house: House) -> Iterator[Callable[[str], FirstCall]]:
    """Make the call to a number, by the first agent."""
    opened: list[KalimeraClient] = []

    def make(phone: str = PHONE) -> FirstCall:
        seen: list[ProviderCall] = []
        opened.append(KalimeraClient(house.settings, witness=seen.append))
        with house.db.read() as tx:
            agent = house.decisions.policy(tx).agents[0]
        jobs = JobEngine(house.db)
        return FirstCall(house.settings, house.db, jobs, opened[-1], seen, house.decisions, agent, phone, house.clock)

    yield make
    for client in opened:
        client.close()


def take_all(call: FirstCall) -> list[Step]:
    return [take() for take in (call.token, call.campaign, call.set_agent, call.contact, call.listing)]


def bring(house: House, **changes: Any) -> int:
    order_id = house.receive(make_order(NUMBER, **changes))
    house.sync.sync(order_id)
    house.campaigns.flush("sandbox-campaign")
    return order_id


def report(house: House, body: str) -> None:
    house.reports.receive(Incoming(door=Door.API, sender="an agent", body=body.encode(), received_at=house.clock()))


def test_every_step_goes_well_and_the_number_is_on_the_list(house: House, first_call: Callable[..., FirstCall]) -> None:
    steps = take_all(first_call())

    assert [step.failed for step in steps] == [""] * 5
    assert [(entry.phone, entry.agent_id) for entry in house.kalimera.listings] == [(PHONE, "sandbox-agent-english")]


def test_it_touches_no_order(house: House, first_call: Callable[..., FirstCall]) -> None:
    take_all(first_call())

    with house.db.read() as tx:
        query = "SELECT (SELECT count(*) FROM orders), (SELECT count(*) FROM calls), (SELECT count(*) FROM listings)"
        assert tuple(ask(tx, query).one()) == (0, 0, 0)


def test_its_card_is_marked_as_a_test(house: House, first_call: Callable[..., FirstCall]) -> None:
    take_all(first_call())

    [listing] = house.kalimera.listings
    assert house.kalimera.card(listing.contact_id)["order_name"] == "TEST"


def test_every_request_is_shown_with_its_answer_and_nothing_personal(
    house: House, first_call: Callable[..., FirstCall]
) -> None:
    calls = [call for step in take_all(first_call()) for call in step.calls]

    assert [call.method for call in calls] == [call.method for call in house.kalimera.calls]
    assert all(call.status in (200, 201) for call in calls)
    assert PHONE not in str([(call.request, call.response) for call in calls])


def test_whoever_sets_the_campaign_next_sets_it_anew(house: House, first_call: Callable[..., FirstCall]) -> None:
    bring(house)
    house.pass_time(hours=3)
    take_all(first_call())

    with house.db.read() as tx:
        assert last_settings(tx, "sandbox-campaign") is None


def test_the_window_is_open_for_half_an_hour(house: House, first_call: Callable[..., FirstCall]) -> None:
    take_all(first_call())

    campaign = house.kalimera.campaign
    assert campaign.start == house.now
    assert campaign.end == house.now + timedelta(minutes=30)


# -- what keeps it away


def test_a_campaign_on_which_customers_may_be_rung_is_left_alone(
    house: House, first_call: Callable[..., FirstCall]
) -> None:
    bring(house)

    [refusal] = first_call().refusals()
    assert refusal.startswith("Customers may be rung on campaign sandbox-campaign until 14:00 India time")


def test_a_campaign_that_a_person_paused_is_left_alone(house: House, first_call: Callable[..., FirstCall]) -> None:
    with house.db.begin() as tx:
        paused_campaigns.begin(tx, "sandbox-campaign", now=house.now)

    [refusal] = first_call().refusals()
    assert refusal.startswith("A person has paused the campaign sandbox-campaign at Kalimera")


@pytest.mark.parametrize(("state", "keeps_away"), [("waiting", False), ("adding", True), ("unknown", True)])
def test_customers_who_may_be_on_the_campaign_keep_it_away(
    house: House, first_call: Callable[..., FirstCall], state: str, keeps_away: bool
) -> None:
    house.sync.sync(house.receive(make_order(NUMBER)))
    with house.db.begin() as tx:
        ask(tx, "UPDATE listings SET state = ?", state)

    told = [line.startswith("Customers who may be on campaign") for line in first_call().refusals()]
    assert told == [True] * keeps_away


def test_the_number_of_an_order_that_waits_for_its_answer_is_not_taken(
    house: House, first_call: Callable[..., FirstCall]
) -> None:
    bring(house)
    house.pass_time(hours=3)

    [refusal] = first_call(fictional_phone(NUMBER)).refusals()
    assert refusal.startswith("An order of this number waits for what came of its call")
    assert first_call().refusals() == []


@pytest.mark.sqlite
def test_a_worker_at_work_keeps_it_away_unless_calls_are_paused(
    house: House, first_call: Callable[..., FirstCall]
) -> None:
    with house.db.begin() as tx:
        ask(tx, "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (?)", datetime.now(UTC).isoformat())

    working = first_call().refusals()
    house.pauses.pause(by="a person")

    assert [line.startswith("A worker is at work") for line in working] == [True]
    assert first_call().refusals() == []


def test_a_number_that_is_listed_while_a_person_thinks_is_not_rung(
    house: House, first_call: Callable[..., FirstCall]
) -> None:
    call = first_call()
    assert call.doubts() == []
    house.numbers.add([PHONE], Source.PERSON, by="a person")

    assert call.set_agent().failed == "This number is on the do-not-call list."
    assert house.kalimera.calls == []


def test_a_number_that_is_listed_before_the_last_step_is_not_rung(
    house: House, first_call: Callable[..., FirstCall]
) -> None:
    call = first_call()
    before = [call.set_agent(), call.contact()]
    house.numbers.add([PHONE], Source.PERSON, by="a person")

    assert [step.failed for step in before] == ["", ""]
    assert call.listing().failed == "This number is on the do-not-call list."
    assert house.kalimera.listings == []


def test_what_a_person_has_confirmed_is_no_hindrance(house: House, first_call: Callable[..., FirstCall]) -> None:
    house.numbers.add([PHONE], Source.PERSON, by="a person")
    call = first_call()
    call.confirmed.update(call.doubts())

    assert [step.failed for step in take_all(call)] == [""] * 5


# -- what is found out


def test_a_phone_that_may_have_one_contact_is_found_out(house: House, first_call: Callable[..., FirstCall]) -> None:
    take_all(first_call())
    again = first_call()

    assert [step.failed for step in take_all(again)] == [""] * 5
    assert again.found_out == ["K5: a phone has one contact; another one is refused."]


def test_a_phone_that_may_have_several_contacts_is_found_out(
    house: House, first_call: Callable[..., FirstCall]
) -> None:
    house.kalimera.several_contacts = True
    take_all(first_call())
    again = first_call()
    take_all(again)

    assert again.found_out == ["K5: a phone may have several contacts."]


def test_a_phone_whose_contact_is_answered_again_has_one(house: House, first_call: Callable[..., FirstCall]) -> None:
    take_all(first_call())
    [made] = house.kalimera.contacts.values()
    house.gate.answers("POST", "/kalimera/contact", {"id": made["contact_id"]})
    house.pass_time(hours=1)

    take_all(call := first_call())

    assert call.found_out == ["K5: a phone has one contact; another one is answered with it."]


@pytest.mark.parametrize("status", [200, 400])
def test_the_contact_of_a_customer_is_not_rung(house: House, first_call: Callable[..., FirstCall], status: int) -> None:
    order_id = bring(house)
    report(house, json.dumps({"shopify_id": order_id, "answer": "confirmed"}))
    house.pass_time(hours=3)
    answer = {"id": house.order(order_id).contact_id, "error": "It exists already" if status == 400 else None}
    house.gate.answers("POST", "/kalimera/contact", answer, status)

    step = take_all(first_call())[3]

    assert "by which another number was rung" in step.failed


def test_a_campaign_that_is_not_shown_is_told(house: House, first_call: Callable[..., FirstCall]) -> None:
    house.kalimera.campaign_lookup = False

    steps = take_all(first_call())

    assert [step.failed for step in steps] == [""] * 5
    assert "Its list is not shown" in " ".join(steps[1].not_understood)
    assert "Its agent or window is not shown" in " ".join(steps[2].not_understood)
    assert "It is not seen on the campaign's list." in steps[4].not_understood


def test_those_who_stand_on_the_list_already_are_told_of(house: House, first_call: Callable[..., FirstCall]) -> None:
    first, again = first_call(), first_call()
    before = first.campaign()
    take_all(again)
    after = first_call().campaign()

    said = [any("rung when it opens (K2)" in line for line in step.not_understood) for step in (before, after)]
    assert said == [False, True]


def test_a_name_that_is_another_there_ends_it_with_the_remedy(
    house: House, first_call: Callable[..., FirstCall]
) -> None:
    house.kalimera.names = OtherNames({"contact": {"phone": "msisdn"}})

    step = first_call().contact()

    assert "msisdn" in step.failed
    assert "say in KALIMERA_CONTRACT what it is called there" in step.failed


def test_an_id_that_stands_elsewhere_ends_it_with_the_remedy(
    house: House, first_call: Callable[..., FirstCall]
) -> None:
    house.kalimera.names = OtherNames({"answer": {"contact_id": "made.ref"}})

    step = first_call().contact()

    assert "made is not known; nothing is done with it." in step.not_understood
    assert step.failed.startswith("Say in KALIMERA_CONTRACT, [answer] contact_id, where its id stands")


# -- the report


@pytest.mark.parametrize(
    "names", ['"phone": "{phone}"', '"contact_id": "{contact}"', '"shopify_id": {order}', '"x": 1']
)
def test_the_report_of_the_call_is_shown_as_it_was_mapped(
    house: House, first_call: Callable[..., FirstCall], names: str
) -> None:
    call = first_call()
    take_all(call)
    [listing] = house.kalimera.listings
    order = house.kalimera.card(listing.contact_id)["shopify_id"]
    said = names.format(phone=PHONE, contact=listing.contact_id, order=order)
    report(house, f'{{{said}, "connection": "no_answer"}}')

    found = call.report()

    assert found is not None
    assert (found.fate, found.said["connection"]) == (Fate.NEEDS_A_PERSON, "no_answer")
    assert found.why is (Why.NO_IDS if "x" in names else Why.UNKNOWN_IDS)
    assert PHONE not in (call.shown(found) or PHONE)


def handled(house: House) -> list[str | None]:
    with house.db.read() as tx:
        return list(ask(tx, "SELECT handled_by FROM reports ORDER BY id").scalars())


def test_its_report_is_no_open_matter(house: House, first_call: Callable[..., FirstCall]) -> None:
    call = first_call()
    take_all(call)
    report(house, f'{{"phone": "{PHONE}", "answer": "confirmed"}}')

    call.report()

    assert handled(house) == [BY]


def test_another_report_is_not_taken_for_its_own(house: House, first_call: Callable[..., FirstCall]) -> None:
    report(house, f'{{"phone": "{PHONE}", "answer": "refused"}}')
    order_id = bring(house)
    house.pass_time(hours=3)
    call = first_call()
    take_all(call)
    report(house, f'{{"shopify_id": {order_id}, "answer": "confirmed"}}')
    report(house, f'{{"phone": "{fictional_phone(9)}", "answer": "confirmed"}}')

    assert call.report() is None
    assert handled(house) == [None] * 3


def test_without_a_report_nothing_is_found(first_call: Callable[..., FirstCall]) -> None:
    assert first_call().report() is None
